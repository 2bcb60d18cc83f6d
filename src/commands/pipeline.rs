//! From files to verdicts: what every command that judges runs has in common.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::DATA_DIR;
use super::progress::Progress;
use super::quarantine::{Suspect, bad_targets, no_such_window, our_bug, sort_out, unreadable};
use super::session::Session;
use crate::analysis::{Against, Analysis, ExitOfAll, Failure, Windows};
use crate::exit_code::ExitCode;
use crate::judge::{self, WindowChoice, WindowError};
use crate::measure::{self, WindowSpan};
use crate::report::printable;
use crate::run::{self, RunFile, RunSource};
use crate::summary::RunSummary;

/// Finds the runs; none of them is open yet. Runs that share an id are refused, since their reports would share a
/// folder.
pub(super) fn find_runs(arguments: &[String]) -> (Vec<RunSource>, Vec<Failure>) {
    let (mut runs, mut failures) = (Vec::new(), Vec::new());
    for run in run::locate(arguments, Path::new(DATA_DIR)) {
        match run {
            Ok(run) => runs.push(run),
            Err(error) => failures.push(unreadable(&error)),
        }
    }
    (runs, failures)
}

/// Opens each run and does `work` on it, as many at once as there are threads and no more: of 500 runs, the files and
/// footers of a few are open. Says its progress with `verb`. What `work` yields comes in the order of the runs; runs
/// that yield nothing join the failures.
pub(super) fn for_each_run<T: Send>(
    verb: &'static str,
    runs: &[RunSource],
    failures: Vec<Failure>,
    session: &Session,
    work: impl Fn(&RunFile) -> Result<T, Failure> + Sync,
) -> (Vec<T>, Vec<Failure>) {
    let progress = Progress::of_runs(verb, runs, session.verbosity);
    let next = AtomicUsize::new(0);
    let done = on_each_thread(runs.len(), || {
        let mut done = Vec::new();
        while let Some((place, source)) = take_next(&next, runs) {
            done.push((place, attempt(source, session, &work)));
            progress.step(source.bytes());
        }
        done
    });
    progress.finish();
    let mut results: Vec<(usize, Result<T, Suspect>)> = done.into_iter().flatten().collect();
    results.sort_by_key(|(place, _)| *place);
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

/// What `work` yields on each thread. Not a parallel iterator over runs: in that, a thread that waits for a part of one
/// run would begin with another, and so on.
///
/// Where there are runs enough, each thread works alone: parts of a run that are read by several must be put together
/// again, which costs more than it gives as long as all threads have a run of their own.
fn on_each_thread<T: Send>(runs: usize, work: impl Fn() -> T + Sync) -> Vec<T> {
    let threads = rayon::current_num_threads();
    if threads == 1 || runs < threads * ENOUGH_RUNS_PER_THREAD {
        return rayon::broadcast(|_| work());
    }
    std::thread::scope(|scope| {
        let alone = || {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
            match pool {
                Ok(pool) => pool.install(&work),
                // Then it shares the pool of all.
                Err(_) => work(),
            }
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(alone)).collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined.map(|yielded| yielded.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

/// With fewer runs for each thread, some would wait for the last run at the end.
const ENOUGH_RUNS_PER_THREAD: usize = 3;

fn take_next<'a>(next: &AtomicUsize, runs: &'a [RunSource]) -> Option<(usize, &'a RunSource)> {
    let place = next.fetch_add(1, Ordering::Relaxed);
    runs.get(place).map(|run| (place, run))
}

/// Whatever happens in one run, the others go on.
fn attempt<T>(
    source: &RunSource,
    session: &Session,
    work: impl Fn(&RunFile) -> Result<T, Failure>,
) -> Result<T, Suspect> {
    let attempt = || -> Result<T, Suspect> {
        let run = RunFile::open(source, &session.layers.config.run)?;
        work(&run).map_err(|failure| match run.check_unchanged() {
            Ok(()) => Suspect::from(failure),
            Err(changed) => Suspect::from(changed),
        })
    };
    catch_unwind(AssertUnwindSafe(attempt)).unwrap_or_else(|_| Err(our_bug(&source.path).into()))
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
        super::say_error(&printable(reason), None);
        // It counts also where there is no run.
        code = code.max(ExitCode::CouldNotJudge);
    }
    say_failures(failures);
    if exit_zero { ExitCode::Clean } else { code }
}

/// Says what kept runs from being judged, and which reports were not written.
pub(super) fn say_failures(failures: &[Failure]) {
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
pub(super) fn after_printing(printing: std::io::Result<()>, what: &str, code: ExitCode) -> ExitCode {
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
    let recording = measure::read(run, config).map_err(|error| unreadable(&error))?;
    let read = started.elapsed();
    let prepared = recording.prepare();
    let course = prepared.course();
    let steadiness =
        judge::find_window(&course, choice, config).map_err(|error| no_such_window(run, &error))?;
    let span = WindowSpan {
        name: steadiness.window.clone(),
        start_us: steadiness.start_us,
        end_us: steadiness.end_us,
    };
    let (whole, judged) = prepared.measure(course, &span);
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
    // The calls are not needed any more: what follows works on a thousandth of them.
    drop(prepared);
    drop(recording);
    let windows = Windows { whole, judged, steadiness };
    Analysis::of(windows, against, config).map_err(|error| bad_targets(run, &error))
}

fn started_requests(summary: &RunSummary) -> u64 {
    summary.requests.counts.finished + summary.requests.counts.unfinished
}
