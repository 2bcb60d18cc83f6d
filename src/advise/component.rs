//! Components of any name whose calls fail: those of which no other rule speaks.

use super::Facts;
use super::failures;
use super::finding::{Cause, Finding};
use super::missed::{is_proven_below, miss_of_share, missed};
use super::words::{counted, label};
use crate::config::Config;
use crate::metrics::{BREAKER, LIGHTRAG, REQUEST};
use crate::summary::{Component, RunSummary};
use crate::units::{Unit, count};

/// The requests, what mirrors other calls, and the levels of the fallback chain have rules of their own.
const SPOKEN_OF: [&str; 5] = [REQUEST, BREAKER, LIGHTRAG, "perplexity", "cache_fallback"];

/// The components without a rule of their own whose calls failed; most failures first.
pub fn failing(summary: &RunSummary) -> Vec<&Component> {
    let mut parts: Vec<&Component> = summary
        .components
        .iter()
        .filter(|part| !SPOKEN_OF.contains(&part.component.as_str()) && part.calls.counts.failed > 0)
        .collect();
    // Stable: of equal ones in the order of their names.
    parts.sort_by_key(|part| std::cmp::Reverse(part.calls.counts.failed));
    parts
}

pub fn told(part: &Component) -> String {
    let counts = &part.calls.counts;
    let finished = counted(counts.finished, "call");
    format!("{}: {} of {finished} failed.", label(&part.component), count(counts.failed))
}

/// No more than a part of a component's calls succeed, whether or not the requests do.
pub fn component_fails(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let limit = config.advice.component_success_above;
    let of = |part: &Component| {
        let name = part.component.as_str();
        let counts = &part.calls.counts;
        let rate = part.calls.success_rate.number().filter(|rate| *rate <= limit)?;
        let of = counts.ok + counts.failed;
        let is_told = of >= config.advice.min_calls || is_proven_below(rate, of, limit, config);
        let headline = format!(
            "{} fails: {} of {} succeeded, limit {}.",
            label(name),
            count(counts.ok),
            counted(of, "call"),
            Unit::Ratio.print(limit)
        );
        let remedies = failures::remedies(facts.summary, name, &config.advice);
        let mut finding = Finding::new(name, Cause::Failures, (rate, Unit::Ratio), headline)
            .missing(limit, miss_of_share(rate, limit), &config.advice)
            .because(failures::told(facts.summary, name))
            .act(remedies.unwrap_or_else(|| "Look at its failures by category.".to_owned()))
            .gaining(failures::without_most_frequent(facts.summary, name, (counts.ok, counts.failed)));
        // Where the requests fail for it, one finding says both.
        if missed(facts, "success_rate").is_some() || missed(facts, "success_rate_under_stress").is_some() {
            finding = finding.joining(REQUEST, Cause::Failures);
        }
        is_told.then_some(finding)
    };
    failing(facts.summary).into_iter().filter_map(of).collect()
}
