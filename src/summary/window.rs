//! The window of a run that its numbers are of.

use serde::Serialize;

use super::Measured;

/// A part of a run on the clock.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Window {
    /// `whole`, `steady` or `chosen`.
    pub name: String,
    /// From the first start to the last end of the run's requests (of all its events where it has no
    /// requests), µs since 1970.
    pub start_us: i64,
    pub end_us: i64,
    /// Length that rates are divided by, s. Undefined when the window has no length.
    pub duration_s: Measured<f64>,
    /// True when `duration_s` is the test's own declaration (`totals.duration_s`), not the events'.
    pub duration_is_declared: bool,
}
