//! Progress of work over many runs: a bar on a terminal, now and then a line elsewhere.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::session::Verbosity;
use crate::run::RunSource;
use crate::units;

/// Work that is done before this shows nothing.
const FIRST_SIGHT: Duration = Duration::from_millis(300);
/// How often the bar is drawn anew: often enough to be seen to live.
const REDRAW: Duration = Duration::from_millis(200);
/// A log gets its first line after this time, and then one in three times as long: an hour is some hundred lines.
const FIRST_LINE: Duration = Duration::from_secs(10);

/// What is under way in this process, for whoever has to end it.
static CURRENT: Mutex<Option<Arc<Tally>>> = Mutex::new(None);

/// How far the work is.
#[derive(Debug)]
struct Tally {
    verb: &'static str,
    began: Instant,
    total: usize,
    /// 0 where sizes are not known.
    total_bytes: u64,
    done: AtomicUsize,
    done_bytes: AtomicU64,
    bar: ProgressBar,
}

/// A bar on stderr, lines, or silence.
pub struct Progress {
    tally: Arc<Tally>,
    ticker: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Work over these runs; the remaining time follows from their sizes.
    pub fn of_runs(verb: &'static str, runs: &[RunSource], verbosity: Verbosity) -> Self {
        let bytes = runs.iter().map(RunSource::bytes).sum();
        Self::begin(verb, runs.len(), bytes, verbosity)
    }

    /// Work over `total` runs of which the sizes are not known.
    pub fn new(verb: &'static str, total: usize, verbosity: Verbosity) -> Self {
        Self::begin(verb, total, 0, verbosity)
    }

    fn begin(verb: &'static str, total: usize, total_bytes: u64, verbosity: Verbosity) -> Self {
        let is_bar = std::io::stderr().is_terminal() && verbosity == Verbosity::Normal;
        let bar = ProgressBar::hidden();
        let tally = Arc::new(Tally {
            verb,
            began: Instant::now(),
            total,
            total_bytes,
            done: AtomicUsize::new(0),
            done_bytes: AtomicU64::new(0),
            bar,
        });
        *current() = Some(tally.clone());
        let ticker = (!verbosity.is_quiet()).then(|| tick(tally.clone(), is_bar)).flatten();
        Self { tally, ticker }
    }

    /// One more is done, of this many bytes.
    pub fn step(&self, bytes: u64) {
        self.tally.done.fetch_add(1, Ordering::Relaxed);
        self.tally.done_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub fn finish(self) {
        if let Some((end, thread)) = self.ticker {
            drop(end);
            // Nothing but drawing happens in it.
            let _ = thread.join();
        }
        self.tally.bar.finish_and_clear();
    }
}

/// Takes the bar off the terminal, before something else is said there.
pub fn clear() {
    if let Some(tally) = current().as_ref() {
        tally.bar.finish_and_clear();
    }
}

/// ` after 12 of 500 runs`, or nothing when nothing has begun.
pub fn so_far() -> String {
    let tally = current();
    tally.as_ref().map_or_else(String::new, |tally| format!(" after {}", tally.counted()))
}

fn current() -> std::sync::MutexGuard<'static, Option<Arc<Tally>>> {
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread that shows the tally from time to time until the sender is dropped. None where no thread can be had:
/// then the work is done without being shown.
fn tick(tally: Arc<Tally>, is_bar: bool) -> Option<(Sender<()>, JoinHandle<()>)> {
    let (end, ended) = channel();
    let show = move || {
        let (mut pause, later) = if is_bar { (FIRST_SIGHT, REDRAW) } else { (FIRST_LINE, 3 * FIRST_LINE) };
        while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            tally.show(is_bar);
            pause = later;
        }
    };
    let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(show).ok()?;
    Some((end, thread))
}

impl Tally {
    fn show(&self, is_bar: bool) {
        let text = format!("{}{}", self.counted(), self.outlook(self.began.elapsed().as_secs_f64()));
        if !is_bar {
            super::say(&format!("{}: {text}", self.verb));
            return;
        }
        if self.bar.is_hidden() && self.bar.length().is_none() {
            self.unhide();
        }
        self.bar.set_position(self.done.load(Ordering::Relaxed) as u64);
        self.bar.set_message(text);
        self.bar.tick();
    }

    fn unhide(&self) {
        if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:20}] {wide_msg}") {
            self.bar.set_style(style.progress_chars("=> "));
        }
        self.bar.set_prefix(self.verb);
        self.bar.set_length(self.total as u64);
        self.bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
    }

    /// `12 of 500 runs`.
    fn counted(&self) -> String {
        format!("{} of {} runs", self.done.load(Ordering::Relaxed), self.total)
    }

    /// `, 4.2/s, 85 MB/s, 1 min 30 s left`; nothing before the first is done.
    fn outlook(&self, elapsed_s: f64) -> String {
        let done = self.done.load(Ordering::Relaxed);
        if done == 0 || elapsed_s <= 0.0 {
            return String::new();
        }
        let bytes = self.done_bytes.load(Ordering::Relaxed);
        let mut text = format!(", {:.1}/s", done as f64 / elapsed_s);
        let share = if self.total_bytes > 0 && bytes > 0 {
            text.push_str(&format!(", {:.1} MB/s", bytes as f64 / 1e6 / elapsed_s));
            bytes as f64 / self.total_bytes as f64
        } else {
            done as f64 / self.total as f64
        };
        if share < 1.0 {
            text.push_str(&format!(", {} left", units::duration_s((elapsed_s / share - elapsed_s).ceil())));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remaining_time_follows_from_the_bytes_that_are_done() {
        let progress = Progress::begin("analyzing", 500, 1_000_000_000, Verbosity::Quiet);
        assert_eq!(progress.tally.counted(), "0 of 500 runs");
        assert_eq!(progress.tally.outlook(3.0), "");
        (0..10).for_each(|_| progress.step(25_000_000));
        assert_eq!(progress.tally.counted(), "10 of 500 runs");
        assert_eq!(progress.tally.outlook(20.0), ", 0.5/s, 12.5 MB/s, 1 min 0 s left");
        progress.finish();
    }

    #[test]
    fn without_sizes_it_follows_from_the_runs() {
        let progress = Progress::new("simulating", 4, Verbosity::Quiet);
        progress.step(0);
        assert_eq!(progress.tally.outlook(2.0), ", 0.5/s, 6 s left");
        (0..3).for_each(|_| progress.step(0));
        assert_eq!(progress.tally.outlook(8.0), ", 0.5/s");
        progress.finish();
    }
}
