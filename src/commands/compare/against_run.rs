//! What each run is compared with: a baseline, or one run that is measured first.

use std::path::{Path, PathBuf};

use crate::analysis::{Against, Failure, Windows};
use crate::baseline::{Baseline, RunRecord};
use crate::cli::compare::CompareArgs;
use crate::commands::pipeline::{find_runs, for_each_run, judge_run, measure_run};
use crate::commands::say_error;
use crate::commands::session::Session;
use crate::comparison::{Reference, RunRegression};
use crate::exit_code::ExitCode;
use crate::judge::WindowChoice;
use crate::library::{names_of, reference};
use crate::report::printable;
use crate::run::{RunFile, RunSource};
use crate::summary::Measured;

/// What was asked for, ready to be compared with.
pub struct Asked {
    pub against: Against,
    pub reference: Reference,
    /// Where the run of `--against` lies.
    path: Option<PathBuf>,
}

impl Asked {
    /// Is the run at `path` the one that the others are compared with?
    pub fn is_reference(&self, path: &Path) -> bool {
        self.path.is_some() && self.path == place(path)
    }
}

/// Why the run that the others are compared with is not compared.
pub fn not_with_itself() -> Measured<RunRegression> {
    Measured::undefined("it is the run that the others are compared with")
}

/// What `compared` is compared with.
///
/// # Errors
/// With the exit code, when `--against` names several runs.
pub fn resolve(
    args: &CompareArgs,
    compared: &[RunSource],
    baseline: Against,
    choice: &WindowChoice,
    session: &Session,
) -> Result<Asked, ExitCode> {
    if let Some(argument) = &args.against {
        return against_run(argument, named(argument, compared), args, choice, session);
    }
    let reference = reference(&baseline);
    Ok(Asked { against: baseline, reference, path: None })
}

/// The run: by its id among those that are compared, else as every argument is looked up.
fn named(argument: &str, compared: &[RunSource]) -> (Vec<RunSource>, Vec<Failure>) {
    let mut with_id = compared.iter().filter(|run| run.run_id == argument);
    match (with_id.next(), with_id.next()) {
        (Some(run), None) if !Path::new(argument).exists() => (vec![run.clone()], Vec::new()),
        _ => find_runs(&[argument.to_owned()]),
    }
}

fn against_run(
    argument: &str,
    (runs, failures): (Vec<RunSource>, Vec<Failure>),
    args: &CompareArgs,
    choice: &WindowChoice,
    session: &Session,
) -> Result<Asked, ExitCode> {
    if runs.len() > 1 {
        let message = format!("--against {argument} means {} runs", runs.len());
        say_error(
            &printable(&message),
            Some("name one run; a baseline may hold several: `cmo-metrics baseline save`"),
        );
        return Err(ExitCode::Usage);
    }
    let path = runs.first().and_then(|run| place(&run.path));
    let shown = runs.first().map(|run| run.path.display().to_string());
    match measure(&runs, failures, choice, session) {
        Err(reason) => {
            let reason = format!("--against {argument}: {reason}");
            let reference = Reference::Fault { reason: reason.clone() };
            Ok(Asked { against: Against::Fault(reason), reference, path: None })
        }
        Ok(baseline) => {
            let options = args.judge.against.options();
            let reference = Reference::Run {
                run_id: baseline.name.clone(),
                path: shown.unwrap_or_default(),
                fail_on: options.fail_on,
                allow_different: names_of(&options.allow_different),
            };
            Ok(Asked { against: Against::Baseline { baseline, options }, reference, path })
        }
    }
}

/// The run as a baseline of its own; the reason where it cannot be one.
fn measure(
    runs: &[RunSource],
    failures: Vec<Failure>,
    choice: &WindowChoice,
    session: &Session,
) -> Result<Baseline, String> {
    let record = |run: &RunFile, windows: Windows| {
        let is_complete = run.metadata().complete != Some(false);
        let analysis = judge_run(run, windows, &Against::Nothing, session)?;
        let config = &session.layers.config;
        Ok((is_complete, RunRecord::of(&analysis.summary, analysis.steadiness.is_trusted, config)))
    };
    let measure = |run: &RunFile| measure_run(run, choice, session);
    let (records, failures) = for_each_run("measuring", runs, failures, session, measure, record);
    if let Some(failure) = failures.first() {
        let remedy = failure.remedy.as_ref().map(|remedy| format!(" ({remedy})")).unwrap_or_default();
        return Err(format!("{}{remedy}", failure.message));
    }
    let Some((is_complete, record)) = records.into_iter().next() else {
        return Err("there is no such run".to_owned());
    };
    if !is_complete {
        return Err("its recording is incomplete".to_owned());
    }
    let provenance = &session.provenance;
    let name = record.run_id.clone();
    Baseline::new(&name, &provenance.generated_at, &provenance.tool, vec![record])
        .map_err(|error| error.to_string())
}

/// The same file, however it was named.
fn place(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}
