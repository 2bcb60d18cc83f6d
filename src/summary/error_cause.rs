//! Failures of one component that have one cause.

use serde::Serialize;

/// Failed calls with one outcome word, operation and text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ErrorCause {
    pub component: String,
    pub category: String,
    /// None where the calls name none, or where causes are pooled.
    pub operation: Option<String>,
    /// What the calls said; `(other)` where texts or causes are pooled.
    pub detail: Option<String>,
    pub count: u64,
    /// Share of the component's finished calls, 0..1.
    pub share: f64,
    /// Start of the first and of the last such call, µs since 1970.
    pub first_us: i64,
    pub last_us: i64,
    /// True for the configured words that mean "cut off while waiting".
    #[serde(skip)]
    pub durations_are_lower_bounds: bool,
}
