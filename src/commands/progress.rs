//! Progress of work over many runs: a bar on a terminal, nothing elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use super::session::Verbosity;

/// Fewer runs than this are done before a bar could be read.
const FEWEST: usize = 3;

/// A bar on stderr, or silence.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(verb: &'static str, total: usize, verbosity: Verbosity) -> Self {
        let is_shown = verbosity == Verbosity::Normal && total >= FEWEST && std::io::stderr().is_terminal();
        let bar = if is_shown { ProgressBar::new(total as u64) } else { ProgressBar::hidden() };
        if let Ok(style) =
            ProgressStyle::with_template("{prefix} [{bar:24}] {pos}/{len} {per_sec} eta {eta} {msg:.20}")
        {
            bar.set_style(style);
        }
        bar.set_prefix(verb);
        Self { bar }
    }

    /// One more is done.
    pub(super) fn step(&self, what: &str) {
        self.bar.set_message(what.to_owned());
        self.bar.inc(1);
    }

    pub(super) fn finish(self) {
        self.bar.finish_and_clear();
    }
}
