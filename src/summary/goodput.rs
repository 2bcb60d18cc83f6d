//! Goodput: the requests that kept every limit of their times.

use serde::Serialize;

use super::Measured;

/// Successful requests that kept the tightest limits of their times among the targets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Goodput {
    /// Of the response time, of the time to first token, and of the time per output token, ms.
    pub limit_ms: Measured<f64>,
    pub ttft_limit_ms: Measured<f64>,
    pub tpot_limit_ms: Measured<f64>,
    pub good: u64,
    /// Requests that were started, answered or not.
    pub sent: u64,
    /// good / sent, 0..1.
    pub share: Measured<f64>,
    /// good / window.
    pub per_s: Measured<f64>,
}
