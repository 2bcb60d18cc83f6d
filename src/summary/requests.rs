//! The requests end to end: totals, times, rates and failures.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Distribution, Measured, OutcomeCounts};

/// The requests of the run, end to end.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequestSummary {
    /// Of all requests that were sent, whatever part of the run is judged for its speed, unless somebody cut it out; so are
    /// totals and success.
    pub counts: OutcomeCounts,
    /// What the rates come from: the declared totals where the run has them, else the events.
    pub totals: Totals,
    /// ok / (ok + failed), 0..1.
    pub success_rate: Measured<f64>,
    /// Over all finished requests that have a duration. Like all times of requests from when they were meant to be sent,
    /// where the run says so (`scheduled_ts`).
    pub all: Distribution,
    pub ok: Distribution,
    pub failed: Distribution,
    /// From the sending, where any request was sent later than it was meant to be.
    pub from_sending: Measured<Distribution>,
    /// Finished requests per component that answered them.
    pub answered_by: BTreeMap<String, u64>,
    /// Distinct `user_id`s.
    pub distinct_users: Measured<u64>,
    /// Mean gap between a user's answer and that user's next request, ms.
    pub think_time_ms: Measured<f64>,
    /// Time-weighted mean of the requests in flight over the window, wherever they started.
    pub mean_in_flight: Measured<f64>,
    /// Sum of `cost_usd` over all components but `request` (over `request` where only it has costs), USD.
    pub cost_usd: Measured<f64>,
}

/// Numbers of requests that the rates come from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Totals {
    pub requests: u64,
    pub ok: Measured<u64>,
    pub failed: Measured<u64>,
    /// True when they were declared in the metadata (`totals`), not counted in the events.
    pub declared: bool,
}

/// Requests per second of the window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Throughput {
    /// Requests that ended in the window, wherever they started / window.
    pub mean_per_s: Measured<f64>,
    pub ok_per_s: Measured<f64>,
    pub failed_per_s: Measured<f64>,
    /// Most requests finished in one whole second of the clock.
    pub peak_per_s: Measured<f64>,
    /// Requests finished per second over the last configured seconds of the window.
    pub recent_per_s: Measured<f64>,
    /// Requests started per second between the first and the last start in the window: what waits for the last answers does
    /// not count.
    pub offered_per_s: Measured<f64>,
    /// Configured rate of an open-loop run.
    pub target_per_s: Measured<f64>,
}

/// Failures of one component with one outcome word.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ErrorCategory {
    pub component: String,
    pub category: String,
    pub count: u64,
    /// Share of the component's finished calls, 0..1.
    pub share: f64,
    /// Start of the first and of the last such call, µs since 1970.
    pub first_us: i64,
    pub last_us: i64,
    /// `detail` of the first such call that has one.
    pub example: Option<String>,
    /// Most failures of this kind that ended in one second of the clock.
    pub peak_per_s: u64,
    /// Durations of these failures. A timeout's duration is a lower bound of what it would have taken.
    pub durations: Distribution,
    /// True for the configured words that mean "cut off while waiting".
    pub durations_are_lower_bounds: bool,
}
