//! Any component and its operations: outcomes, times, cost.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Distribution, Measured, ModelCalls};
use crate::contract::OutcomeClass;

/// How many rows had which outcome. Classes as in the run file's contract.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OutcomeCounts {
    /// Calls with an outcome or a duration.
    pub finished: u64,
    /// Outcome `ok` or `hit`.
    pub ok: u64,
    /// Every outcome that is not `ok`, `hit`, `miss` or `blocked`, and what was never answered.
    pub failed: u64,
    /// Of these, without an answer when the load ended, though it was long due.
    pub unanswered: u64,
    pub miss: u64,
    pub blocked: u64,
    /// Calls in flight when the load ended.
    pub unfinished: u64,
    /// Finished calls without an outcome.
    pub unknown: u64,
    /// Finished calls by outcome word.
    pub by_outcome: BTreeMap<String, u64>,
}

impl OutcomeCounts {
    /// All calls that were started.
    pub fn sent(&self) -> u64 {
        self.finished + self.unanswered + self.unfinished
    }

    /// Is an outcome word of class failed?
    pub fn is_failure_word(word: &str) -> bool {
        OutcomeClass::of(word) == OutcomeClass::Failed
    }
}

/// One component, whatever it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Component {
    pub component: String,
    pub calls: ComponentCalls,
    /// By operation, sorted; rows without an operation are in `calls` only.
    pub operations: Vec<Operation>,
}

/// One operation of a component.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Operation {
    pub operation: String,
    pub calls: ComponentCalls,
}

/// Calls of a component or of one of its operations.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComponentCalls {
    /// Of all calls that were sent, whatever part of the run is judged for its speed, unless somebody cut it out; so is
    /// success.
    pub counts: OutcomeCounts,
    /// ok / (ok + failed), 0..1.
    pub success_rate: Measured<f64>,
    /// Calls that ended in the window, wherever they started / window.
    pub throughput_per_s: Measured<f64>,
    pub all: Distribution,
    pub ok: Distribution,
    pub failed: Distribution,
    /// One per outcome word that is not of class ok.
    pub by_category: BTreeMap<String, Distribution>,
    /// USD.
    pub total_cost_usd: Measured<f64>,
    pub total_tokens_in: Measured<u64>,
    pub total_tokens_out: Measured<u64>,
    pub mean_queue_ms: Measured<f64>,
    /// Cost / finished calls.
    pub cost_per_query_usd: Measured<f64>,
    /// Cost / successful calls.
    pub cost_per_success_usd: Measured<f64>,
    /// Undefined where no successful call has a first token or tokens: most components have none.
    pub model: Measured<Box<ModelCalls>>,
}

/// What tells which calls belong to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedBy {
    RequestId,
    /// Nothing: look-ups are those of the first tier, hits those of all tiers.
    FirstTier,
    /// Nothing: requests entered are the attempts at the first level.
    Levels,
}

/// How many of a component's finished calls are not the first attempt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Retries {
    pub component: String,
    /// Finished calls that carry their attempt.
    pub calls: u64,
    /// Of these, the second attempt or a later one.
    pub retried: u64,
    /// retried / calls, 0..1.
    pub share: f64,
    pub highest_attempt: u32,
}
