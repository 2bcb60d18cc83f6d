//! The numbers of a run that can be compared with those of another run, each with what its uncertainty rests on.

use serde::{Deserialize, Serialize};

use super::Measured;
use crate::units::Unit;

/// One number of a run, ready to be compared. `component/name` identifies it among the runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparableMetric {
    /// `request`, a component, or `cache`, `circuit_breaker`, `fallback_system`, `resources`.
    pub component: String,
    /// `ok_p95_ms`, `success_rate`, `error_rate.timeout`, …
    pub name: String,
    pub unit: Unit,
    /// Over the judged window. Undefined when the run has no such number; then it cannot be compared.
    pub value: Measured<f64>,
    /// Calls or samples behind it.
    pub samples: u64,
    /// Undefined when the value has no known uncertainty: "too few samples: …".
    pub spread: Measured<Spread>,
    /// The longest stretch without any of its samples, as a share of the window; of what counts per time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_pause: Option<f64>,
    /// Users of a closed loop that never came back, where there are any; of what counts per time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_users: Option<LostUsers>,
}

/// Users who wait at the end of the load for an answer that is long due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LostUsers {
    pub lost: u64,
    /// Of so many in all.
    pub of: u64,
}

/// What the uncertainty of a number rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Spread {
    /// The same number of each contiguous batch of whole seconds, in time order.
    Batches { values: Vec<f64> },
    /// A share: `hits` of `of` calls, which are worth `effective` independent ones.
    Share { hits: u64, of: u64, effective: f64 },
    /// An estimate that brings its own standard error.
    Estimate { standard_error: f64, degrees_of_freedom: f64 },
}

impl ComparableMetric {
    /// `component/name`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.component, self.name)
    }
}
