//! A recommendation: one thing to do, the number behind it, and what it would gain.

use serde::Serialize;

use crate::judge::Severity;
use crate::summary::Measured;
use crate::units::Unit;

/// One thing to do, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recommendation {
    /// Name of the rule: `cache_tier_below_target`, `breaker_flaps`, …
    pub rule: String,
    /// What it is about: `cache_l1`, `lightrag`, `circuit_breaker`, `resources`, `request`, …
    pub subject: String,
    pub severity: Severity,
    /// The whole of it as one text: number, target, action.
    pub text: String,
    /// The same in some ten words: number, target, core of the action.
    #[serde(skip)]
    pub brief: String,
    /// The number that gave rise to it, and the target it misses.
    pub number: f64,
    pub unit: Unit,
    pub target: Option<f64>,
    /// What the recording shows, one sentence each.
    pub evidence: Vec<String>,
    pub action: String,
    /// What it would gain, where the recording tells.
    pub expected_effect: Measured<String>,
}
