//! What a component's calls wait for a slot, and what helps them.

use super::words::label;
use crate::config::Config;
use crate::summary::{Component, RunSummary};

/// What a component's calls wait, ms, and take altogether.
pub struct Waiting {
    pub queue_ms: f64,
    pub mean_ms: f64,
}

impl Waiting {
    /// Of a component with enough calls; the queue is part of the duration.
    pub fn of(component: &Component, config: &Config) -> Option<Self> {
        let calls = &component.calls;
        let (queue_ms, mean_ms) = (calls.mean_queue_ms.number()?, calls.all.mean_ms.number()?);
        let makes_sense = calls.all.n >= config.advice.min_calls && mean_ms > 0.0 && queue_ms <= mean_ms;
        makes_sense.then_some(Self { queue_ms, mean_ms })
    }

    pub fn share(&self) -> f64 {
        self.queue_ms / self.mean_ms
    }
}

/// Do the calls of this component wait for a part of their time that is too large?
pub fn waits(summary: &RunSummary, component: &str, config: &Config) -> bool {
    let found = summary.components.iter().find(|found| found.component == component);
    let waiting = found.and_then(|found| Waiting::of(found, config));
    waiting.is_some_and(|waiting| waiting.share() > config.advice.queue_share_below)
}

/// What helps calls that wait, as a sentence.
pub fn more_slots(summary: &RunSummary, component: &str) -> String {
    let knobs = match component {
        "lightrag" => "`MAX_ASYNC`, workers of the model server",
        "perplexity" => "the provider's rate limit, concurrent connections",
        _ => "workers, connection pool",
    };
    let caches = if summary.cache.value().is_some() { "better caches, and " } else { "" };
    format!(
        "Give {} more slots ({knobs}), or let fewer calls reach it: {caches}a limit on concurrent calls that refuses early \
         instead of queueing.",
        label(component),
    )
}
