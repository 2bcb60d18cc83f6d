//! 4 Advice: verdicts → recommendations, by a table of rules. None without evidence, no finding twice.
//!
//! A rule looks at the facts and makes findings (`finding`); findings that say the same are merged into the most
//! specific one and put in order (`merge`). What a rule may say at most stands in `[advice.rules]` of the settings.

use crate::config::Config;

mod breaker;
mod brief;
mod bursts;
mod cache;
mod cache_tiers;
mod component;
mod custom;
mod facts;
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
mod recommendation;
mod regression;
mod remedies;
mod requests;
mod resources;
mod rules;
mod trends;
mod waiting;
mod words;

#[cfg(test)]
mod tests;

pub use facts::Facts;
pub use recommendation::Recommendation;

/// What to do, gravest first; empty for a run with nothing to mend. `config` is that of the run, its own targets
/// applied.
pub fn recommend(facts: &Facts<'_>, config: &Config) -> Vec<Recommendation> {
    merge::merge(rules::candidates(facts, config))
}
