//! From files to verdicts: what every command that judges runs has in common.

use std::path::Path;
use std::time::Instant;

use super::progress::Progress;
use super::session::Session;
use crate::analysis::{Against, Analysis, ExitOfAll, Failure, Windows};
use crate::cli::judge::DATA_DIR;
use crate::exit_code::ExitCode;
use crate::judge::WindowChoice;
use crate::library::{self, Error};
use crate::report::printable;
use crate::run::{RunFile, RunSource};

/// Finds the runs; none of them is open yet.
pub fn find_runs(arguments: &[String]) -> (Vec<RunSource>, Vec<Failure>) {
    library::find_runs(arguments, Path::new(DATA_DIR))
}

/// Does `measure` and then `judge` with each run, and says its progress with `verb`.
pub fn for_each_run<M: Send, T: Send>(
    verb: &'static str,
    runs: &[RunSource],
    failures: Vec<Failure>,
    session: &Session,
    measure: impl Fn(&RunFile) -> Result<M, Failure> + Sync,
    judge: impl Fn(&RunFile, M) -> Result<T, Failure> + Sync,
) -> (Vec<T>, Vec<Failure>) {
    let progress = Progress::of_runs(verb, runs, session.verbosity);
    let place = (&session.layers.config, &*session.rooms);
    let done = |run: &RunSource| progress.step(run.bytes());
    let found = library::for_each_run(runs, failures, place, measure, judge, done);
    progress.finish();
    found
}

/// Says on stderr what kept runs from being judged, and ends with the worst code of all.
pub fn conclude(analyses: &[Analysis], failures: &[Failure], against: &Against, exit_zero: bool) -> ExitCode {
    let mut code = ExitOfAll::of(analyses, failures).code;
    if let Against::Fault(reason) = against {
        super::say_error(&printable(reason), None);
        // It counts also where there is no run.
        code = code.max(ExitCode::CouldNotJudge);
    }
    say_failures(failures);
    if exit_zero { ExitCode::Clean } else { code }
}

/// Says what kept runs from being judged, and which reports were not written.
pub fn say_failures(failures: &[Failure]) {
    /// A disk that is full is so for every report: all of them are in the JSON, a few say enough here.
    const UNWRITTEN_TOLD: usize = 3;
    let mut unwritten = 0;
    for failure in failures {
        if failure.kind == Failure::NOT_WRITTEN {
            unwritten += 1;
        }
        if failure.kind != Failure::NOT_WRITTEN || unwritten <= UNWRITTEN_TOLD {
            super::say_error(&printable(&failure.message), failure.remedy.as_deref());
        }
    }
    if unwritten > UNWRITTEN_TOLD {
        super::say_error(
            &format!("and {} more reports could not be written", unwritten - UNWRITTEN_TOLD),
            None,
        );
    }
}

/// The exit code after what was found should have been printed: where that failed it is said, and is never 0.
pub fn after_printing(printing: std::io::Result<()>, what: &str, code: ExitCode) -> ExitCode {
    match printing {
        Ok(()) => code,
        Err(error) => {
            super::say_error(
                &format!("cannot print {what}: {error}"),
                Some("is the disk behind stdout full?"),
            );
            code.max(ExitCode::Unexpected)
        }
    }
}

/// Measures the run and the window of it that is judged; says how long it took.
///
/// # Errors
/// When the run cannot be read, or has none of the window that was asked for.
pub fn measure_run(run: &RunFile, choice: &WindowChoice, session: &Session) -> Result<Windows, Failure> {
    let started = Instant::now();
    let failed = |error: Error| error.failure();
    let recording = library::read(run, &session.layers.config, &session.rooms).map_err(failed)?;
    let read = started.elapsed();
    let windows = library::measure_recording(run, recording, choice, &session.rooms).map_err(failed)?;
    session.verbosity.detail(|| {
        let rows = windows.whole.data_quality.rows_total;
        let because = &windows.steadiness.because;
        let measured = started.elapsed();
        format!(
            "{}: {rows} rows, read in {read:.0?}, measured in {measured:.0?}; judged {because}",
            run.run_id()
        )
    });
    Ok(windows)
}

/// Judges what was measured of a run.
///
/// # Errors
/// When the run overrides what is no target.
pub fn judge_run(
    run: &RunFile,
    windows: Windows,
    against: &Against,
    session: &Session,
) -> Result<Analysis, Failure> {
    library::judge(run, windows, against, &session.layers.config).map_err(|error| error.failure())
}
