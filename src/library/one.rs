//! One run: open → read → measure → judge.

use std::path::Path;

use super::error::Error;
use crate::analysis::{Against, Analysis, Windows};
use crate::config::Config;
use crate::judge::{self, WindowChoice, WindowError};
use crate::measure::{self, Recording, Rooms, WindowSpan};
use crate::memory;
use crate::run::{self, RunError, RunFile};
use crate::summary::RunSummary;

/// What is asked of an analysis, beside the settings.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which part is judged; looked for unless it is chosen.
    pub window: WindowChoice,
    /// What the run is compared with.
    pub against: Against,
}

/// Measures and judges the run at `path`: a file, or the folder of one run. The window that is judged is looked for.
///
/// ```
/// use cmo_metrics::{Config, analyze};
///
/// let analysis = analyze("data/load_10.parquet", &Config::defaults())?;
/// assert_eq!(analysis.summary.identity.run_id, "load_10");
/// let requests = &analysis.summary.requests;
/// println!("P95 {:?} ms, {} recommendations", requests.all.value_ms(0.95), analysis.recommendations.len());
/// # Ok::<(), cmo_metrics::Error>(())
/// ```
///
/// # Errors
/// When there is no run, or not one, it cannot be read, or it cannot be judged.
pub fn analyze(path: impl AsRef<Path>, config: &Config) -> Result<Analysis, Error> {
    analyze_with(path, &Options::default(), config)
}

/// The same with a window of one's own choice, or against a baseline.
///
/// ```
/// use cmo_metrics::{Config, Options, WindowChoice, analyze_with};
///
/// let window = WindowChoice { from_s: Some(5.0), to_s: Some(15.0), ..WindowChoice::default() };
/// let options = Options { window, ..Options::default() };
/// let analysis = analyze_with("data/load_10.parquet", &options, &Config::defaults())?;
/// assert_eq!(analysis.summary.window.name.word(), "chosen");
/// # Ok::<(), cmo_metrics::Error>(())
/// ```
///
/// # Errors
/// As [`analyze`], and when the run has none of the window.
pub fn analyze_with(path: impl AsRef<Path>, options: &Options, config: &Config) -> Result<Analysis, Error> {
    let run = open(path, config)?;
    let windows = measure(&run, &options.window, config)?;
    judge(&run, windows, &options.against, config)
}

/// Opens the run at `path` and checks its files; no row is read yet.
///
/// # Errors
/// When there is no run, or not one, or its files cannot be used.
pub fn open(path: impl AsRef<Path>, config: &Config) -> Result<RunFile, Error> {
    let path = path.as_ref();
    let mut found = run::locate(&[path.display().to_string()], Path::new("."));
    match (found.pop(), found.len()) {
        (Some(source), 0) => Ok(RunFile::open(&source?, &config.run)?),
        (Some(_), others) => Err(Error::Several { path: path.to_owned(), runs: others + 1 }),
        (None, _) => Err(RunError::EmptyFolder { path: path.to_owned() }.into()),
    }
}

/// Measures the run and the window of it that is judged.
///
/// # Errors
/// When the run cannot be read, or has none of the window that was asked for.
pub fn measure(run: &RunFile, choice: &WindowChoice, config: &Config) -> Result<Windows, Error> {
    let rooms = Rooms::default();
    measure_recording(run, read(run, config, &rooms)?, choice, &rooms)
}

/// Reads all of the run, where it fits into the memory; of many runs each in the room of the one before.
///
/// # Errors
/// When it does not fit, or cannot be read.
pub fn read<'a>(run: &'a RunFile, config: &Config, rooms: &Rooms) -> Result<Recording<'a>, Error> {
    memory::look_at(run.rows_total(), config.run.memory_bytes_per_row)
        .map_err(|error| Error::refused(run, error))?;
    Ok(measure::read(run, config, rooms)?)
}

/// Measures what was read of the run, and gives its room back.
///
/// # Errors
/// When the run has none of the window that was asked for, or was written while it was read.
pub fn measure_recording(
    run: &RunFile,
    recording: Recording<'_>,
    choice: &WindowChoice,
    rooms: &Rooms,
) -> Result<Windows, Error> {
    let prepared = recording.prepare();
    let steadiness = judge::find_window(prepared.timeline(), &prepared, choice, &recording.config)
        .map_err(|error| Error::refused(run, error))?;
    let span =
        WindowSpan { name: steadiness.window, start_us: steadiness.start_us, end_us: steadiness.end_us };
    let (whole, judged) = prepared.measure(&span);
    rooms.take_back(recording);
    run.check_unchanged()?;
    if choice.is_made() && started_requests(&judged) == 0 && started_requests(&whole) > 0 {
        let length_s = whole.window.end_us.saturating_sub(whole.window.start_us) as f64 / 1e6;
        return Err(Error::refused(run, WindowError::NoRequests { length_s }));
    }
    Ok(Windows { whole, judged, steadiness })
}

/// Judges what was measured of a run.
///
/// # Errors
/// When the run overrides what is no target.
pub fn judge(run: &RunFile, windows: Windows, against: &Against, config: &Config) -> Result<Analysis, Error> {
    Analysis::of(windows, against, config).map_err(|error| Error::refused(run, error))
}

fn started_requests(summary: &RunSummary) -> u64 {
    summary.requests.counts.sent()
}
