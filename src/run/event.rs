//! One row of a run file, as the makers of runs (`record`, `simulate`) fill it in.

/// One event. Times are µs since 1970 (UTC), durations ms; `None` is a null in the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Event {
    /// Start of the call; for a sample, the instant it was taken. µs since 1970.
    pub ts: i64,
    pub component: String,
    pub operation: Option<String>,
    pub outcome: Option<String>,
    pub duration_ms: Option<f64>,
    pub value: Option<f64>,
    pub instance: Option<String>,
    pub request_id: Option<u64>,
    pub user_id: Option<u32>,
    pub answered_by: Option<String>,
    pub attempt: Option<u8>,
    /// µs since 1970.
    pub scheduled_ts: Option<i64>,
    pub queue_ms: Option<f64>,
    pub tokens_in: Option<u32>,
    pub tokens_out: Option<u32>,
    pub ttft_ms: Option<f64>,
    pub cost_usd: Option<f64>,
    pub quality: Option<f64>,
    pub key: Option<u64>,
    pub detail: Option<String>,
}
