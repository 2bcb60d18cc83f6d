//! From files to verdicts: what every command that judges runs has in common.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Instant;

use super::lanes;
use super::memory;
use super::progress::Progress;
use super::quarantine::{Suspect, bad_targets, no_such_window, our_bug, sort_out, too_large, unreadable};
use super::session::Session;
use crate::analysis::{Against, Analysis, ExitOfAll, Failure, Windows};
use crate::cli::judge::DATA_DIR;
use crate::exit_code::ExitCode;
use crate::judge::{self, WindowChoice, WindowError};
use crate::measure::{self, WindowSpan};
use crate::report::printable;
use crate::run::{self, RunFile, RunSource};
use crate::summary::RunSummary;

/// Finds the runs; none of them is open yet. Runs that share an id are refused, since their reports would share a
/// folder.
pub fn find_runs(arguments: &[String]) -> (Vec<RunSource>, Vec<Failure>) {
    let (mut runs, mut failures) = (Vec::new(), Vec::new());
    for run in run::locate(arguments, Path::new(DATA_DIR)) {
        match run {
            Ok(run) => runs.push(run),
            Err(error) => failures.push(unreadable(&error)),
        }
    }
    (runs, failures)
}

/// Opens each run, does `measure` with it and then `judge` with what was measured, a few runs at once and no more: of 500
/// runs, the files and footers of a few are open. Says its progress with `verb`. What comes of it is in the order of the
/// runs; runs of which nothing comes join the failures.
pub fn for_each_run<M: Send, T: Send>(
    verb: &'static str,
    runs: &[RunSource],
    failures: Vec<Failure>,
    session: &Session,
    measure: impl Fn(&RunFile) -> Result<M, Failure> + Sync,
    judge: impl Fn(&RunFile, M) -> Result<T, Failure> + Sync,
) -> (Vec<T>, Vec<Failure>) {
    let progress = Progress::of_runs(verb, runs, session.verbosity);
    session.rooms.expect(runs.len());
    let open = |run: &RunSource| -> Result<(RunFile, M), Suspect> {
        let file = RunFile::open(run, &session.layers.config.run)?;
        let measured = measure(&file).map_err(|failure| suspect(&file, failure))?;
        Ok((file, measured))
    };
    let first = |index: usize, run: &RunSource| (index, attempt(run, || open(run)));
    let then = |(index, begun): (usize, Result<(RunFile, M), Suspect>)| {
        let run = &runs[index];
        let result = begun.and_then(|(file, measured)| {
            attempt(run, || judge(&file, measured).map_err(|failure| suspect(&file, failure)))
        });
        progress.step(run.bytes());
        (index, result)
    };
    let mut results: Vec<(usize, Result<T, Suspect>)> = lanes::pass(runs, first, then);
    progress.finish();
    results.sort_by_key(|(index, _)| *index);
    let mut yields = Vec::new();
    let mut suspects: Vec<Suspect> = failures.into_iter().map(Suspect::from).collect();
    for (_, result) in results {
        match result {
            Ok(found) => yields.push(found),
            Err(suspect) => suspects.push(suspect),
        }
    }
    (yields, sort_out(suspects))
}

/// Whatever happens in one run, the others go on.
fn attempt<T>(run: &RunSource, work: impl FnOnce() -> Result<T, Suspect>) -> Result<T, Suspect> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(our_bug(&run.path).into()))
}

/// A file that changes while it is read may fail in any way.
fn suspect(run: &RunFile, failure: Failure) -> Suspect {
    match run.check_unchanged() {
        Ok(()) => Suspect::from(failure),
        Err(changed) => Suspect::from(changed),
    }
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

/// Measures the run and the window of it that is judged.
///
/// # Errors
/// When the run cannot be read, or has none of the window that was asked for.
pub fn measure_run(run: &RunFile, choice: &WindowChoice, session: &Session) -> Result<Windows, Failure> {
    let config = &session.layers.config;
    let started = Instant::now();
    memory::look_at(run.rows_total(), config.run.memory_bytes_per_row)
        .map_err(|error| too_large(run, &error))?;
    let recording = measure::read(run, config, &session.rooms).map_err(|error| unreadable(&error))?;
    let read = started.elapsed();
    let prepared = recording.prepare();
    let steadiness = judge::find_window(prepared.timeline(), choice, config)
        .map_err(|error| no_such_window(run, &error))?;
    let span = WindowSpan {
        name: steadiness.window.clone(),
        start_us: steadiness.start_us,
        end_us: steadiness.end_us,
    };
    let (whole, judged) = prepared.measure(&span);
    session.rooms.take_back(recording);
    run.check_unchanged().map_err(|error| unreadable(&error))?;
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
    Ok(Windows { whole, judged, steadiness })
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
    Analysis::of(windows, against, &session.layers.config).map_err(|error| bad_targets(run, &error))
}

fn started_requests(summary: &RunSummary) -> u64 {
    summary.requests.counts.finished + summary.requests.counts.unfinished
}
