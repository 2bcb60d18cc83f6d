//! Calls to language models: outcomes, times, tokens, cost.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Distribution, Measured, OutcomeCounts};

/// Calls of a model component.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lightrag {
    pub overall: ModelCalls,
    /// By query mode, sorted.
    pub by_mode: Vec<ModeShare>,
    /// Finished calls by failure word: every configured category stands here, also with 0.
    pub errors: BTreeMap<String, u64>,
}

/// One query mode.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModeShare {
    pub mode: String,
    /// Share of all finished calls, 0..1.
    pub share: Measured<f64>,
    pub calls: ModelCalls,
}

/// Calls to a language model: outcomes, times, tokens, cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelCalls {
    pub counts: OutcomeCounts,
    /// ok / (ok + failed), 0..1.
    pub success_rate: Measured<f64>,
    pub response_times: Distribution,
    pub mean_tokens_in: Measured<f64>,
    pub mean_tokens_out: Measured<f64>,
    /// Mean output tokens / mean input tokens.
    pub token_ratio: Measured<f64>,
    pub total_tokens_in: Measured<u64>,
    pub total_tokens_out: Measured<u64>,
    /// USD.
    pub total_cost_usd: Measured<f64>,
    /// Per finished call.
    pub cost_per_query_usd: Measured<f64>,
    /// Total cost / successful calls.
    pub cost_per_success_usd: Measured<f64>,
    /// Time to first token, ms.
    pub mean_ttft_ms: Measured<f64>,
    /// Waiting for a slot, ms.
    pub mean_queue_ms: Measured<f64>,
}
