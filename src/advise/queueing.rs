//! Calls that wait for their turn, and calls that are made again and again.

use super::Facts;
use super::failures;
use super::finding::{Cause, Finding};
use super::missed::miss_below;
use super::requests;
use super::waiting::{Waiting, more_slots};
use super::words::label;
use crate::config::Config;
use crate::judge;
use crate::metrics::BREAKER;
use crate::summary::{Component, Measured};
use crate::units::{Unit, count};

/// Components whose calls spend too much of their time in a queue.
///
/// Breakers are left out here and below: they mirror the calls that they guard, and what is said of those need not be
/// said of them.
pub fn calls_queue(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let limit = config.advice.queue_share_below;
    let of = |component: &Component| {
        let waiting = Waiting::of(component, config).filter(|waiting| waiting.share() > limit)?;
        let name = component.component.as_str();
        let print = |value| Unit::Milliseconds.print(value);
        let headline = format!(
            "{} calls wait {} of {} for a slot ({}, limit {}).",
            label(name),
            print(waiting.queue_ms),
            print(waiting.mean_ms),
            Unit::Ratio.print(waiting.share()),
            Unit::Ratio.print(limit),
        );
        let mut finding = Finding::new(name, Cause::Queue, (waiting.share(), Unit::Ratio), headline)
            .missing(limit, miss_below(waiting.share(), limit), &config.advice)
            .because([format!(
                "{} calls in the judged window, {} of them in flight or waiting at any moment.",
                count(component.calls.all.n),
                in_flight(component).unwrap_or_else(|| "an unknown number".to_owned()),
            )])
            .act(more_slots(facts.summary, name))
            .gaining(Measured::Value(format!(
                "Without the wait its mean time would be {} instead of {}.",
                print(waiting.mean_ms - waiting.queue_ms),
                print(waiting.mean_ms),
            )));
        if requests::makes_the_tail(facts, name, config) {
            finding = finding.joining("request", Cause::Slow);
        }
        // The fallback's finding says which of its levels to strengthen.
        if name == "perplexity" {
            finding = finding.joining("fallback_system", Cause::Failures);
        }
        // Calls that time out in the queue fail because of it.
        if failures::are_cut_off(facts.summary, name) {
            finding = finding.joining(name, Cause::Failures);
        }
        Some(finding)
    };
    facts
        .summary
        .components
        .iter()
        .filter(|component| component.component != BREAKER)
        .filter_map(of)
        .collect()
}

/// Little's law: calls per second times seconds per call.
fn in_flight(component: &Component) -> Option<String> {
    let per_s = component.calls.throughput_per_s.number()?;
    Some(Unit::Number.print(per_s * component.calls.all.mean_ms.number()? / 1000.0))
}

/// Components of whose calls too many are retries.
pub fn retry_storm(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let limit = config.advice.retry_share_below;
    let retries = facts.summary.retries.iter().filter(|retries| {
        let is_told = retries.calls >= config.advice.min_calls
            || judge::is_surely_above(
                retries.share,
                retries.calls,
                limit,
                config.target_conditions.proof_alpha,
            );
        retries.component != BREAKER && is_told && retries.share > limit
    });
    retries
        .map(|retries| {
            let name = retries.component.as_str();
            let headline = format!(
                "{}: {} of its {} calls are retries ({}, limit {}).",
                label(name),
                count(retries.retried),
                count(retries.calls),
                Unit::Ratio.print(retries.share),
                Unit::Ratio.print(limit),
            );
            Finding::new(name, Cause::Retries, (retries.share, Unit::Ratio), headline)
                .missing(limit, miss_below(retries.share, limit), &config.advice)
                .because([format!("A call was tried up to {} times.", retries.highest_attempt)])
                .because(failures::told(facts.summary, name))
                .act(format!(
                    "Cap the retries: one per request, exponential backoff with jitter, {}a retry budget shared by all \
                     requests.",
                    if facts.summary.breaker.value().is_some() {
                        "none for timeouts while the circuit breaker is not closed, and "
                    } else {
                        "and "
                    }
                ))
                .gaining(Measured::Value(format!(
                    "Without retries {} fewer calls would have reached it.",
                    Unit::Ratio.print(retries.share),
                )))
        })
        .collect()
}
