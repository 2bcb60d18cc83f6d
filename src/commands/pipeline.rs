//! From files to verdicts: what every command that judges runs has in common.

use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;

use super::DATA_DIR;
use super::progress::Progress;
use super::session::Session;
use crate::analysis::{Against, Analysis, ExitOfAll, Failure, Windows};
use crate::exit_code::ExitCode;
use crate::judge::{self, WindowChoice, WindowError};
use crate::measure::{self, WindowSpan};
use crate::run::{self, RunError, RunFile};
use crate::summary::RunSummary;

/// Finds and opens the runs. Runs that share an id are refused, since their reports would share a folder.
pub(super) fn open_runs(arguments: &[String], session: &Session) -> (Vec<RunFile>, Vec<Failure>) {
    let opened: Vec<Result<RunFile, RunError>> = run::locate(arguments, Path::new(DATA_DIR))
        .into_par_iter()
        .map(|source| RunFile::open(&source?, &session.layers.config.run))
        .collect();
    let (mut runs, mut failures) = (Vec::new(), Vec::new());
    for run in opened {
        match run {
            Ok(run) => runs.push(run),
            Err(error) => failures.push(unreadable(error)),
        }
    }
    (runs, failures)
}

/// Does `work` on every run, several at once, and says its progress with `verb`. Runs that yield nothing join the
/// failures.
pub(super) fn for_each_run<T: Send>(
    verb: &'static str,
    runs: Vec<RunFile>,
    mut failures: Vec<Failure>,
    session: &Session,
    work: impl Fn(&RunFile) -> Result<T, Failure> + Sync,
) -> (Vec<T>, Vec<Failure>) {
    let progress = Progress::new(verb, runs.len(), session.verbosity);
    let results: Vec<Result<T, Failure>> = runs
        .into_par_iter()
        .map(|run| {
            let result = work(&run);
            progress.step(run.run_id());
            result
        })
        .collect();
    progress.finish();
    let mut yields = Vec::new();
    for result in results {
        match result {
            Ok(found) => yields.push(found),
            Err(failure) => failures.push(failure),
        }
    }
    (yields, failures)
}

/// Says on stderr what kept runs from being judged, and ends with the worst code of all.
pub(super) fn conclude(
    analyses: &[Analysis],
    failures: &[Failure],
    against: &Against,
    exit_zero: bool,
) -> ExitCode {
    let mut code = ExitOfAll::of(analyses, failures).code;
    if let Against::Fault(reason) = against {
        super::say_error(reason, None);
        // It counts also where there is no run.
        code = code.max(ExitCode::CouldNotJudge);
    }
    for failure in failures {
        super::say_error(&failure.message, failure.remedy.as_deref());
    }
    if exit_zero { ExitCode::Clean } else { code }
}

/// Measures the run, finds the window that is judged, measures and judges it.
///
/// # Errors
/// When the run cannot be read, has none of the window that was asked for, or overrides what is no target.
pub(super) fn analyze_run(
    run: &RunFile,
    choice: &WindowChoice,
    against: &Against,
    session: &Session,
) -> Result<Analysis, Failure> {
    let config = &session.layers.config;
    let started = Instant::now();
    let recording = measure::read(run, config).map_err(unreadable)?;
    let read = started.elapsed();
    let prepared = recording.prepare();
    let whole = prepared.whole();
    let steadiness =
        judge::find_window(&whole, choice, config).map_err(|error| no_such_window(run, &error))?;
    let span = WindowSpan {
        name: steadiness.window.clone(),
        start_us: steadiness.start_us,
        end_us: steadiness.end_us,
    };
    let judged = prepared.judged(&whole, &span);
    if choice.is_made() && started_requests(&judged) == 0 && started_requests(&whole) > 0 {
        let length_s = whole.window.end_us.saturating_sub(whole.window.start_us) as f64 / 1e6;
        return Err(no_such_window(run, &WindowError::NoRequests { length_s }));
    }
    session.verbosity.detail(|| {
        let rows = whole.data_quality.rows_total;
        let because = &steadiness.because;
        let measured = started.elapsed();
        format!(
            "{}: {rows} rows, read in {read:.0?}, measured in {measured:.0?}; judged {because}",
            run.run_id()
        )
    });
    Analysis::of(Windows { whole, judged, steadiness }, against, config).map_err(|error| Failure {
        run: run.run_id().to_owned(),
        message: format!("{}: {error}", run.run_id()),
        remedy: Some("mend `targets` in the run's metadata".to_owned()),
        exit_code: ExitCode::CouldNotJudge,
    })
}

fn started_requests(summary: &RunSummary) -> u64 {
    summary.requests.counts.finished + summary.requests.counts.unfinished
}

fn unreadable(error: RunError) -> Failure {
    Failure {
        run: error.path().display().to_string(),
        message: error.to_string(),
        remedy: Some(error.remedy()),
        exit_code: ExitCode::CouldNotJudge,
    }
}

fn no_such_window(run: &RunFile, error: &WindowError) -> Failure {
    Failure {
        run: run.run_id().to_owned(),
        message: format!("{}: {error}", run.run_id()),
        remedy: Some(error.remedy().to_owned()),
        exit_code: error.exit_code(),
    }
}
