//! `analyze`: each run on its own: find → open → measure → judge → report.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::ValueHint;
use rayon::prelude::*;

use super::DATA_DIR;
use super::progress::Progress;
use super::session::Session;
use crate::analysis::{Analysis, Failure};
use crate::exit_code::ExitCode;
use crate::measure;
use crate::report::{self, Format};
use crate::run::{self, RunError, RunFile};

/// Measure and judge runs, each on its own.
///
/// Writes reports/<run id>/ for each run (report.json, timeseries.csv and Parquet tables) and prints a summary.
/// A run that cannot be read is reported, the others are analysed, and the exit code is 3.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  cmo-metrics analyze\n  cmo-metrics analyze data/load_50.parquet --out /tmp/reports\n  \
                        cmo-metrics analyze 'data/load_*' --format markdown > nightly.md"
)]
pub struct AnalyzeArgs {
    /// Run files, folders, globs, or ids of runs in data/
    #[arg(default_value = DATA_DIR, value_name = "RUNS", value_hint = ValueHint::AnyPath)]
    pub runs: Vec<String>,
    /// Root of the reports; each run gets its own folder in it
    #[arg(long, value_name = "DIR", default_value = "reports", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// End with 0 whatever was found; errors of usage still count
    #[arg(long)]
    pub exit_zero: bool,
}

/// Analyses the runs and writes their reports.
///
/// # Errors
/// When the summary cannot be printed. A run that fails is part of the result, not an error.
pub fn run(args: &AnalyzeArgs, session: &Session, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let (runs, mut failures) = open_runs(&args.runs, session);
    let progress = Progress::new("analyzing", runs.len(), session.verbosity);
    let results: Vec<Result<Analysis, Failure>> = runs
        .into_par_iter()
        .map(|run| {
            let result = analyze(&run, args, session);
            progress.step(run.run_id());
            result
        })
        .collect();
    progress.finish();
    let mut analyses = Vec::new();
    for result in results {
        match result {
            Ok(analysis) => analyses.push(analysis),
            Err(failure) => failures.push(failure),
        }
    }
    let code = exit_code(&analyses, &failures);
    let printed = report::summary(args.format, &analyses, &failures, &args.out, &session.provenance);
    if !(session.verbosity.is_quiet() && args.format == Format::Text) {
        super::print(out, &printed).context("cannot print the summary")?;
    }
    for failure in &failures {
        super::say_error(&failure.message, failure.remedy.as_deref());
    }
    Ok(if args.exit_zero { ExitCode::Clean } else { code })
}

/// Finds and opens the runs. Runs that share an id are refused, since their reports would share a folder.
fn open_runs(arguments: &[String], session: &Session) -> (Vec<RunFile>, Vec<Failure>) {
    let opened: Vec<Result<RunFile, RunError>> = run::locate(arguments, Path::new(DATA_DIR))
        .into_par_iter()
        .map(|source| RunFile::open(&source?, &session.layers.config.run))
        .collect();
    let (mut runs, mut failures) = (Vec::new(), Vec::new());
    for run in opened {
        match run {
            Ok(run) => runs.push(run),
            Err(error) => failures.push(failure(error)),
        }
    }
    (runs, failures)
}

fn analyze(run: &RunFile, args: &AnalyzeArgs, session: &Session) -> Result<Analysis, Failure> {
    let started = std::time::Instant::now();
    let summary = measure::measure(run, &session.layers.config).map_err(failure)?;
    let measured = started.elapsed();
    let mut analysis = Analysis::of(summary, &session.layers.config).map_err(|error| Failure {
        run: run.run_id().to_owned(),
        message: format!("{}: {error}", run.run_id()),
        remedy: Some("mend `targets` in the run's metadata".to_owned()),
        exit_code: ExitCode::CouldNotJudge,
    })?;
    let folder = args.out.join(run.run_id());
    let written = report::files(&analysis, &session.provenance)
        .map_err(anyhow::Error::from)
        .and_then(|files| report::replace_folder(&folder, &files).map_err(anyhow::Error::from));
    written.map_err(|error| Failure {
        run: run.run_id().to_owned(),
        message: format!("{}: its report could not be written: {error}", run.run_id()),
        remedy: None,
        exit_code: ExitCode::Unexpected,
    })?;
    session.verbosity.detail(|| {
        let rows = analysis.summary.data_quality.rows_total;
        let total = started.elapsed();
        format!("{}: {rows} rows, measured in {measured:.0?}, report written after {total:.0?}", run.run_id())
    });
    // Long series are in the report by now; what is printed does not need them.
    analysis.summary.series = Default::default();
    Ok(analysis)
}

fn failure(error: RunError) -> Failure {
    Failure {
        run: error.path().display().to_string(),
        message: error.to_string(),
        remedy: Some(error.remedy()),
        exit_code: ExitCode::CouldNotJudge,
    }
}

/// The worst of all runs: a failed gate before a run that could not be judged before an error of ours.
fn exit_code(analyses: &[Analysis], failures: &[Failure]) -> ExitCode {
    let verdicts = analyses.iter().map(|analysis| analysis.exit().code);
    let faults = failures.iter().map(|failure| failure.exit_code);
    verdicts.chain(faults).max().unwrap_or(ExitCode::CouldNotJudge)
}
