//! `simulate`: writes runs with known truth.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::interruption;
use super::progress::Progress;
use super::session::{Session, Verbosity};
use super::{say_error, say_printable};
use crate::cli::judge::DATA_DIR;
use crate::cli::simulate::SimulateArgs;
use crate::exit_code::ExitCode;
use crate::run::RunId;
use crate::simulate::corpus::{self, Corpus};
use crate::simulate::{Length, Parameters, Plan, Scenario};

/// Writes the run or the corpus. What was written is said on stderr.
///
/// # Errors
/// A file cannot be written.
pub fn run(args: &SimulateArgs, session: &Session) -> anyhow::Result<ExitCode> {
    interruption::watch("simulate")?;
    let plans = match plans(args) {
        Ok(plans) => plans,
        Err(message) => return Ok(refuse(&message, None)),
    };
    if !args.force
        && let Some((path, _)) = plans.iter().find(|(path, _)| path.exists())
    {
        let remedy = "name another file, or replace it with --force";
        return Ok(refuse(&format!("{} exists", path.display()), Some(remedy)));
    }
    for folder in plans.iter().filter_map(|(path, _)| path.parent()) {
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    write(&plans, session.verbosity)?;
    Ok(ExitCode::Clean)
}

fn refuse(message: &str, remedy: Option<&str>) -> ExitCode {
    say_error(message, remedy);
    ExitCode::Usage
}

fn write(plans: &[(PathBuf, Plan)], verbosity: Verbosity) -> anyhow::Result<()> {
    let progress = Progress::new("simulating", plans.len(), verbosity);
    let written = corpus::write(plans, |_| progress.step(0));
    progress.finish();
    for run in written? {
        if !verbosity.is_quiet() {
            say_printable(&format!("{}: {} events, {} bytes", run.path.display(), run.rows, run.bytes));
        }
    }
    Ok(())
}

/// The runs that are asked for with their files, or why there are none.
fn plans(args: &SimulateArgs) -> Result<Vec<(PathBuf, Plan)>, String> {
    let started_at_us = args.start.as_microsecond();
    if let (Some(folder), Some(events_per_run)) = (&args.corpus, args.events) {
        let corpus = Corpus {
            folder: folder.clone(),
            runs: args.runs,
            events_per_run,
            seed: args.seed,
            started_at_us,
        };
        return corpus.plans().map_err(|error| error.to_string());
    }
    let scenario = args.scenario.ok_or("name a scenario, or a folder with --corpus")?;
    let run_id = run_id(args, scenario);
    let path = args.out.clone().unwrap_or_else(|| Path::new(DATA_DIR).join(format!("{run_id}.parquet")));
    let plan = Plan::new(Parameters {
        users: args.users,
        length: Length::Seconds(args.duration),
        rate_per_s: args.rate,
        seed: args.seed,
        started_at_us,
        run_id: run_id.to_string(),
        effect: args.effect,
        utilisation: args.utilisation,
        fault_at_s: args.fault_at,
        service_factor: args.service_factor,
        response_factor: args.response_factor,
        lost_share: args.lost_share,
        has_phases: !args.no_phases,
        ..Parameters::new(scenario)
    });
    Ok(vec![(path, plan.map_err(|error| error.to_string())?)])
}

fn run_id(args: &SimulateArgs, scenario: Scenario) -> RunId {
    if let Some(name) = &args.name {
        return name.clone();
    }
    match args.out.as_deref().and_then(Path::file_stem) {
        Some(stem) => RunId::from_file_name(&stem.to_string_lossy()),
        None => RunId::from_file_name(&format!("{scenario}_users_{}_seed_{}", args.users, args.seed)),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Common;
    use crate::run::verify;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: SimulateArgs,
    }

    fn parse(words: &[&str]) -> Result<SimulateArgs, clap::Error> {
        Line::try_parse_from([&["simulate"], words].concat()).map(|line| line.args)
    }

    fn session() -> Session {
        Session::new(&Common { config: None, quiet: true, ascii: false, jobs: None, verbose: false }).unwrap()
    }

    fn run_line(words: &[&str]) -> ExitCode {
        run(&parse(words).unwrap(), &session()).unwrap()
    }

    #[test]
    fn the_run_is_named_by_its_name_or_its_file_or_its_arguments() {
        let target = |words: &[&str]| {
            let args = parse(words).unwrap();
            let (path, _) = plans(&args).unwrap().remove(0);
            (path.display().to_string(), run_id(&args, args.scenario.unwrap()).to_string())
        };
        let expect = |path: &str, id: &str| (path.to_owned(), id.to_owned());
        let default = expect("data/drift_users_20_seed_3.parquet", "drift_users_20_seed_3");
        assert_eq!(target(&["drift", "--users", "20", "--seed", "3"]), default);
        assert_eq!(target(&["leak", "--name", "l1"]), expect("data/l1.parquet", "l1"));
        assert_eq!(target(&["leak", "--out", "x/my run.parquet"]), expect("x/my run.parquet", "my_run"));
        assert_eq!(target(&["leak", "--out", "x.parquet", "--name", "y"]), expect("x.parquet", "y"));
    }

    #[test]
    fn what_does_not_fit_together_is_refused_before_anything_is_written() {
        for words in [
            &[][..],
            &["calm"],
            &["healthy", "--corpus", "c", "--events", "10000"],
            &["--corpus", "c"],
            &["--corpus", "c", "--events", "10000", "--users", "5"],
            &["healthy", "--runs", "3"],
            &["healthy", "--name", "../x"],
            &["healthy", "--start", "yesterday"],
        ] {
            assert!(parse(words).is_err(), "{words:?}");
        }
        assert_eq!(run_line(&["healthy", "--users", "0"]), ExitCode::Usage);
        assert_eq!(run_line(&["healthy", "--duration", "nan"]), ExitCode::Usage);
        assert_eq!(run_line(&["--corpus", "c", "--events", "10"]), ExitCode::Usage);
    }

    #[test]
    fn a_run_that_exists_is_replaced_only_when_forced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/run.parquet");
        let out = path.to_str().unwrap();
        let line = ["healthy", "--duration", "5", "--out", out];
        assert_eq!(run_line(&line), ExitCode::Clean);
        let before = fs::read(&path).unwrap();
        assert_eq!(run_line(&[&line[..], &["--seed", "2"]].concat()), ExitCode::Usage);
        assert!(fs::read(&path).unwrap() == before);
        assert_eq!(run_line(&[&line[..], &["--seed", "2", "--force"]].concat()), ExitCode::Clean);
        assert!(fs::read(&path).unwrap() != before);
    }

    #[test]
    fn a_corpus_with_one_run_in_the_way_writes_none() {
        let folder = tempfile::tempdir().unwrap();
        let in_the_way = folder.path().join("corpus_002_users_200.parquet");
        fs::write(&in_the_way, "mine").unwrap();
        let line = ["--corpus", folder.path().to_str().unwrap(), "--runs", "2", "--events", "10000"];
        assert_eq!(run_line(&line), ExitCode::Usage);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(run_line(&[&line[..], &["--force"]].concat()), ExitCode::Clean);
        for run in fs::read_dir(folder.path()).unwrap() {
            assert_eq!(verify(&run.unwrap().path()).unwrap(), crate::run::Integrity::Verified);
        }
    }
}
