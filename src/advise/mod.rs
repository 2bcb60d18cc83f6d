//! 4 Advice: verdicts → recommendations, by a table of rules. None without evidence, no finding twice.
//!
//! A rule looks at the facts and makes findings (`finding`); findings that say the same are merged into the most
//! specific one and put in order (`merge`). What a rule may say at most stands in `[advice.rules]` of the settings.

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::judge::{
    ComponentHealth, Correlation, Leak, Regression, Severity, Steadiness, TargetVerdict, Trend,
};
use crate::summary::{Measured, RunSummary};

mod breaker;
mod bursts;
mod cache;
mod cache_tiers;
mod custom;
mod failures;
mod fallback;
mod finding;
mod lightrag;
mod lightrag_modes;
mod load;
mod merge;
mod missed;
mod quality;
mod queueing;
mod regression;
mod requests;
mod resources;
mod rules;
mod trends;
mod words;

#[cfg(test)]
mod tests;

/// One thing to do, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// Name of the rule: `cache_tier_below_target`, `breaker_flaps`, …
    pub rule: String,
    /// What it is about: `cache_l1`, `lightrag`, `circuit_breaker`, `resources`, `request`, …
    pub subject: String,
    pub severity: Severity,
    /// The whole of it as one text: number, target, action.
    pub text: String,
    /// The number that gave rise to it, and the target it misses.
    pub number: f64,
    pub unit: String,
    pub target: Option<f64>,
    /// What the recording shows, one sentence each.
    pub evidence: Vec<String>,
    pub action: String,
    /// What it would gain, where the recording tells.
    pub expected_effect: Measured<String>,
}

/// What recommendations rest on.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Of the judged window.
    pub summary: &'a RunSummary,
    pub targets: &'a [TargetVerdict],
    pub health: &'a [ComponentHealth],
    pub trends: &'a [Trend],
    pub leak: &'a Measured<Leak>,
    pub correlation: &'a Measured<Correlation>,
    /// Where a baseline was asked for.
    pub regression: Option<&'a Regression>,
    pub steadiness: Option<&'a Steadiness>,
}

/// What to do, gravest first; empty for a run with nothing to mend. `config` is that of the run, its own targets
/// applied.
pub fn recommend(facts: &Facts<'_>, config: &Config) -> Vec<Recommendation> {
    merge::merge(rules::candidates(facts, config))
}
