//! What users see: requests that fail, and the slow end of the response times.

use super::Facts;
use super::component;
use super::failures;
use super::finding::{Cause, Finding};
use super::missed::{Missed, missed};
use super::waiting;
use super::words::label;
use crate::config::Config;
use crate::metrics::{LIGHTRAG, REQUEST};
use crate::summary::{Measured, RunSummary, SlowTimeSpent, TimeExcess};
use crate::units::{Unit, count};

const UNATTRIBUTED: &str = "unattributed";

/// Success below the target that applies to the run.
pub fn success_rate_below_target(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let names = ["success_rate", "success_rate_under_stress"];
    let Some(missed) = names.iter().find_map(|name| missed(facts, name)) else { return Vec::new() };
    let totals = &facts.summary.requests.totals;
    let counts = (totals.ok.value().copied().unwrap_or(0), totals.failed.value().copied().unwrap_or(0));
    let action = success_action(facts.summary, config);
    let effect = if totals.declared {
        Measured::undefined("the events are a sample of the declared totals")
    } else {
        failures::without_most_frequent(facts.summary, REQUEST, counts)
    };
    vec![
        missed
            .finding(REQUEST, Cause::Failures, "Success rate of the requests", config)
            .because([format!("{} of {} requests failed.", count(counts.1), count(counts.0 + counts.1))])
            .because(failures::told(facts.summary, REQUEST))
            .because(component::failing(facts.summary).into_iter().take(PARTS).map(component::told))
            .act(action)
            .gaining(effect),
    ]
}

/// Failing parts that are named.
const PARTS: usize = 2;

fn success_action(summary: &RunSummary, config: &Config) -> String {
    if let (Some(_), Some(error)) = (summary.fallback.value(), failures::dominant(summary, REQUEST)) {
        return format!(
            "Trace the {} that ended in {} to the level of the fallback chain that gave up last, and strengthen that \
             level: its concurrency, its rate limit, a last answer that is always there.",
            count(error.count),
            error.category,
        );
    }
    let failed = summary.requests.counts.failed;
    // What fails as often as every other request does is where they fail.
    let part =
        component::failing(summary).into_iter().next().filter(|part| part.calls.counts.failed * 2 >= failed);
    let (component, where_from) = match part {
        Some(part) => (part.component.as_str(), format!("Start with {}. ", label(&part.component))),
        None => (REQUEST, String::new()),
    };
    match failures::remedies(summary, component, &config.advice) {
        Some(remedies) => format!("{where_from}{remedies}"),
        None => {
            "Review the failures by category and trace each to the component that gave up last.".to_owned()
        }
    }
}

/// P95 above its target, most of the tail brought by one component.
pub fn tail_from_one_component(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(missed) = missed(facts, "p95_response_time_ms") else { return Vec::new() };
    let Some(slow) = facts.summary.slow_time_spent.value() else { return Vec::new() };
    let Some(worst) = tail_maker(slow, config) else { return Vec::new() };
    let waits = waiting::waits(facts.summary, &worst.component, config);
    let waiting = if waits { ", whose calls wait for a slot" } else { "" };
    let headline = format!(
        "{} Most of what slow requests take longer than the others is {}{waiting} ({}).",
        missed.sentence("P95 response time"),
        place(worst),
        // The others may have taken less time than usual.
        Unit::Ratio.print(worst.share.min(1.0)),
    );
    vec![
        p95_finding(facts, &missed, config)
            .because(slow_told(slow))
            .act(tail_action(facts.summary, worst, waits))
            .gaining(without_excess(slow, worst))
            .with_headline(headline),
    ]
}

/// The component that brings most of what makes slow requests slow.
fn tail_maker<'a>(slow: &'a SlowTimeSpent, config: &Config) -> Option<&'a TimeExcess> {
    let worst = slow.excess.iter().max_by(|a, b| a.share.total_cmp(&b.share));
    worst.filter(|worst| worst.share >= config.advice.tail_share && worst.excess_ms > 0.0)
}

/// Is this the component that a finding about the P95 names?
pub fn makes_the_tail(facts: &Facts<'_>, component: &str, config: &Config) -> bool {
    let slow =
        facts.summary.slow_time_spent.value().filter(|_| missed(facts, "p95_response_time_ms").is_some());
    slow.and_then(|slow| tail_maker(slow, config)).is_some_and(|worst| worst.component == component)
}

fn place(excess: &TimeExcess) -> String {
    if excess.component == UNATTRIBUTED {
        "time in no recorded component".to_owned()
    } else {
        format!("time in {}", label(&excess.component))
    }
}

fn slow_told(slow: &SlowTimeSpent) -> Vec<String> {
    let print = |value| Unit::Milliseconds.print(value);
    let of = |excess: &TimeExcess| {
        format!(
            "In a request slower than {} {} takes {} more than in the others.",
            print(slow.above_ms),
            place(excess),
            print(excess.excess_ms),
        )
    };
    // What adds next to nothing is not worth a sentence.
    let adds = |excess: &&TimeExcess| excess.excess_ms > 0.0 && excess.share >= 0.01;
    slow.excess.iter().filter(adds).map(of).collect()
}

fn tail_action(summary: &RunSummary, worst: &TimeExcess, waits: bool) -> String {
    if waits {
        return waiting::more_slots(summary, &worst.component);
    }
    let has_fallback = summary.fallback.value().is_some();
    let caches = if summary.cache.value().is_some() { ", and cache more answers" } else { "" };
    match worst.component.as_str() {
        UNATTRIBUTED => {
            "Record the missing parts of a request (pre- and post-processing, serialisation, waiting for \
                         the event loop) as components of their own, then look again."
                .to_owned()
        }
        LIGHTRAG => {
            let deadline = if has_fallback { ", set a deadline from which the fallback answers" } else { "" };
            format!(
                "Shorten LightRAG's slow calls: lower `top_k` and `max_total_tokens`, give it more slots \
                 (`MAX_ASYNC`){deadline}{caches}."
            )
        }
        "perplexity" => {
            "Shorten the way through the fallback: a shorter deadline for LightRAG, more concurrency or a \
                         higher rate limit for Perplexity, and a cached answer before it."
                .to_owned()
        }
        other => format!(
            "Shorten the slow calls of {}: look at its own P95, its pool of connections and what it waits for.",
            label(other),
        ),
    }
}

/// The slow requests' mean if the component were as fast in them as in the others.
fn without_excess(slow: &SlowTimeSpent, worst: &TimeExcess) -> Measured<String> {
    let mean = Measured::ratio(slow.slow.total_ms, slow.slow.requests as f64, "no slow request");
    mean.map(|mean_ms| {
        format!(
            "If it were as fast in the slow requests as in the others, their mean would fall from {} to {}.",
            Unit::Milliseconds.print(mean_ms),
            Unit::Milliseconds.print((mean_ms - worst.excess_ms).max(0.0)),
        )
    })
}

/// P95 above its target.
pub fn p95_above_target(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(missed) = missed(facts, "p95_response_time_ms") else { return Vec::new() };
    let longest = facts.summary.time_spent.value().and_then(|spent| spent.shares.first());
    let action = match longest.map(|share| share.component.as_str()) {
        None | Some(UNATTRIBUTED) => {
            "Record the components of the requests with their `request_id`, so that the slow part can be named, and \
             look at the slowest requests."
                .to_owned()
        }
        Some(component) => format!(
            "Start with {}, where most of the requests' time goes: {}shorter calls, more slots.",
            label(component),
            if facts.summary.cache.value().is_some() { "fewer calls through better caches, " } else { "" },
        ),
    };
    vec![p95_finding(facts, &missed, config).act(action)]
}

fn p95_finding(facts: &Facts<'_>, missed: &Missed<'_>, config: &Config) -> Finding {
    let all = &facts.summary.requests.all;
    let print = |value| Unit::Milliseconds.print(value);
    let others = all.value_ms(0.5).zip(all.value_ms(0.99)).map(|(p50_ms, p99_ms)| {
        format!("P50 is {}, P99 {}, over {} requests.", print(p50_ms), print(p99_ms), count(all.n))
    });
    let longest = facts.summary.time_spent.value().and_then(|spent| spent.shares.first()).map(|share| {
        let place = match share.component.as_str() {
            UNATTRIBUTED => "no recorded component".to_owned(),
            component => label(component),
        };
        format!("Of the requests' time {} is spent in {place}.", Unit::Ratio.print(share.share))
    });
    missed.finding(REQUEST, Cause::Slow, "P95 response time", config).because(others).because(longest)
}
