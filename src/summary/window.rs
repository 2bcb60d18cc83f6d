//! The window of a run that its numbers are of.

use serde::{Deserialize, Serialize};

use super::Measured;

/// Which part of a run a window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowName {
    Whole,
    /// What is left without ramps and warm-up, or all of a run that is steady.
    Steady,
    /// By hand or by a marker of the run.
    Chosen,
}

impl WindowName {
    /// As it stands in reports and tables.
    pub fn word(self) -> &'static str {
        match self {
            WindowName::Whole => "whole",
            WindowName::Steady => "steady",
            WindowName::Chosen => "chosen",
        }
    }
}

/// A part of a run on the clock.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Window {
    pub name: WindowName,
    /// Of the whole run: from the first request to the end of the load (from the first to the last event where it has no
    /// requests), µs since 1970.
    pub start_us: i64,
    pub end_us: i64,
    /// Length that rates are divided by, s. Undefined when the window has no length.
    pub duration_s: Measured<f64>,
    /// True when `duration_s` is the test's own declaration (`totals.duration_s`), not the events'.
    pub duration_is_declared: bool,
}

impl Window {
    /// Does all of the time from `start_us` on lie in it, which is `width_ms` long? So do ticks and seconds: with all that
    /// ended in them, wherever it started.
    pub fn holds_all(&self, start_us: i64, width_ms: u32) -> bool {
        start_us >= self.start_us && start_us.saturating_add(i64::from(width_ms) * 1000) <= self.end_us
    }
}
