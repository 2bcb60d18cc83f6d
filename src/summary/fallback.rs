//! The chain LightRAG, Perplexity, cached answer.

use serde::Serialize;

use super::{CountedBy, Distribution, Measured};

/// The chain LightRAG → Perplexity → cached answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fallback {
    /// In chain order; a level without attempts has zero counts and null rates.
    pub levels: Vec<FallbackLevel>,
    /// Requests with at least one attempt at any level.
    pub requests_entered: u64,
    /// Of these, requests that a level answered.
    pub requests_answered: Measured<u64>,
    /// answered / entered, 0..1.
    pub overall_success: Measured<f64>,
    pub counted_by: CountedBy,
    /// Attempts that carry no `request_id`; where others do, these are in the levels only.
    pub attempts_without_id: u64,
    /// Mean cost per answered request over all levels, USD.
    pub cost_per_answer_usd: Measured<f64>,
    /// success / (1 + mean cost per answered request).
    pub cost_efficiency: Measured<f64>,
    /// Requests that went past the first level / entered, 0..1.
    pub activation_rate: Measured<f64>,
}

/// One level of the chain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FallbackLevel {
    /// `lightrag`, `perplexity`, `cache_fallback`.
    pub level: String,
    pub attempts: u64,
    pub successes: u64,
    pub success_rate: Measured<f64>,
    pub response_times: Distribution,
    pub total_cost_usd: Measured<f64>,
    pub mean_quality: Measured<f64>,
    /// Mean quality less that of the level before it.
    pub quality_change: Measured<f64>,
}
