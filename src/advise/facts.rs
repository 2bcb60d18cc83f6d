//! The facts that rules look at: what was measured of a run, and the verdicts on it.

use crate::judge::{ComponentHealth, Correlation, Leak, Regression, Steadiness, TargetVerdict, Trend};
use crate::summary::{Measured, RunSummary};

/// What recommendations rest on.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Of the judged window.
    pub summary: &'a RunSummary,
    pub targets: &'a [TargetVerdict],
    pub health: &'a [ComponentHealth],
    pub trends: &'a [Trend],
    pub leak: &'a Measured<Leak>,
    pub correlation: &'a Measured<Correlation>,
    /// Where a baseline was asked for.
    pub regression: Option<&'a Regression>,
    pub steadiness: Option<&'a Steadiness>,
}
