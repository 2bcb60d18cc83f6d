//! Where the time of the requests went, and the slowest of them.

use std::collections::BTreeMap;

use serde::Serialize;

/// Where the time of the requests went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TimeSpent {
    /// Requests that could be attributed (finished, with a duration and a `request_id` of their own).
    pub requests: u64,
    /// Requests left out, by reason.
    pub left_out: BTreeMap<String, u64>,
    /// Sum of their durations, ms.
    pub total_ms: f64,
    /// Component (and `unattributed`) → share; they add up to 1. Largest first, ties by name.
    pub shares: Vec<TimeShare>,
}

/// One component's part of the requests' time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TimeShare {
    pub component: String,
    pub total_ms: f64,
    /// 0..1.
    pub share: f64,
}

/// Where the time of the slow requests went, and how much more of it than in the others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SlowTimeSpent {
    /// Requests that took longer than this, ms, are slow.
    pub above_ms: f64,
    pub slow: TimeSpent,
    /// Per component: its mean time in a slow request less its mean time in the others; the excesses add up to the
    /// excess of the whole. Largest first.
    pub excess: Vec<TimeExcess>,
}

/// One component's part of what makes slow requests slow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TimeExcess {
    pub component: String,
    /// Mean per slow request less mean per other request, ms; may be negative.
    pub excess_ms: f64,
    /// Of the whole excess; they add up to 1.
    pub share: f64,
}

/// One of the slowest requests.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SlowRequest {
    /// Start, µs since 1970.
    pub start_us: i64,
    pub duration_ms: f64,
    pub request_id: Option<u64>,
    pub user_id: Option<u32>,
    pub operation: Option<String>,
    pub outcome: Option<String>,
    pub answered_by: Option<String>,
    /// The component calls that carry its id, by start.
    pub chain: Vec<ChainCall>,
}

/// A component call within a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChainCall {
    pub component: String,
    pub operation: Option<String>,
    pub outcome: Option<String>,
    /// Start after the request's start, ms.
    pub offset_ms: f64,
    pub duration_ms: Option<f64>,
}
