//! Circuit breakers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Measured;
use crate::contract::BreakerRule;

/// All circuit breakers of the run together, and each.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Breaker {
    pub breakers: Vec<BreakerInstance>,
    /// Calls that came to a breaker.
    pub requests: u64,
    pub blocked: u64,
    /// (requests − blocked) / requests · 100, %.
    pub availability_percent: Measured<f64>,
    /// Recoveries that reached closed / (those + those that fell back to open), 0..1.
    pub recovery_success_rate: Measured<f64>,
    pub opened: u64,
    pub cost_activations: u64,
    /// USD.
    pub cost_blocked_usd: Measured<f64>,
}

/// One circuit breaker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BreakerInstance {
    /// The row's `instance`, or `default` where it is null.
    pub name: String,
    /// What it decides by, as its settings in the metadata say.
    pub rule: BreakerRule,
    pub requests: u64,
    pub blocked: u64,
    pub availability_percent: Measured<f64>,
    pub recovery_success_rate: Measured<f64>,
    pub recoveries_succeeded: u64,
    pub recoveries_failed: u64,
    /// `closed->open`, `open->half_open`, `half_open->closed`, `half_open->open` → count; all four stand here.
    pub transitions: BTreeMap<String, u64>,
    /// State → seconds: `closed`, `half_open`, `open`; null without a state row or transition.
    pub time_in_state_s: Measured<BTreeMap<String, f64>>,
    pub cost_activations: u64,
    pub cost_blocked_usd: Measured<f64>,
    /// Each opening with the failure rate before it.
    pub openings: Vec<BreakerChange>,
    /// Each closing with the failure rate before it.
    pub closings: Vec<BreakerChange>,
    /// Mean duration of the breaker's calls in the configured window before an opening, ms.
    pub mean_ms_before_opening: Measured<f64>,
    /// … and after a recovery, ms.
    pub mean_ms_after_recovery: Measured<f64>,
    /// The states that it was in, one after the other; not part of `report.json`, which counts their time.
    #[serde(skip)]
    pub states: Vec<StateSpan>,
}

/// A time in which a breaker was in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateSpan {
    /// µs since 1970.
    pub from_us: i64,
    pub to_us: i64,
    pub state: BreakerState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    Closed,
    HalfOpen,
    Open,
}

/// A breaker that opened or closed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BreakerChange {
    /// µs since 1970.
    pub at_us: i64,
    /// The failure rate that the breaker says it saw (the row's `value`), 0..1.
    pub reported_failure_rate: Option<f64>,
    /// failed / (ok + failed) of the recorded calls that ended in the configured window before it, 0..1.
    pub measured_failure_rate: Measured<f64>,
    /// Calls in that window.
    pub calls: u64,
    /// The row's `detail`.
    pub cause: Option<String>,
}
