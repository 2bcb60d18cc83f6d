//! LightRAG: failures beyond the target, and answers that take long.

use super::Facts;
use super::failures;
use super::finding::{Cause, Finding};
use super::missed::{miss_below, missed, severity_by_health};
use super::words::counted;
use super::{requests, waiting};
use crate::config::Config;
use crate::metrics::LIGHTRAG;
use crate::summary::ModeShare;
use crate::units::{Unit, count};

/// Success below its target.
pub fn success_below_target(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(missed) = missed(facts, "lightrag_success_rate") else { return Vec::new() };
    let Some(lightrag) = facts.summary.lightrag.value() else { return Vec::new() };
    let counts = &lightrag.overall.counts;
    let mut finding = missed
        .finding(LIGHTRAG, Cause::Failures, "LightRAG success rate", config)
        .at_least(severity_by_health(facts, LIGHTRAG))
        .because(failures::told(facts.summary, LIGHTRAG))
        .act(action(facts, config))
        .gaining(failures::without_most_frequent(facts.summary, LIGHTRAG, (counts.ok, counts.failed)));
    finding.evidence.extend(worst_mode(&lightrag.by_mode));
    vec![finding]
}

/// The mode with the highest share of failures, however few its calls are: their number stands beside it.
fn worst_mode(modes: &[ModeShare]) -> Option<String> {
    let known: Vec<(f64, &ModeShare)> =
        modes.iter().filter_map(|mode| Some((mode.calls.success_rate.number()?, mode))).collect();
    // Of equal ones that with more calls.
    let (_, worst) = known.iter().min_by(|a, b| {
        let calls = |mode: &ModeShare| mode.calls.counts.finished;
        a.0.total_cmp(&b.0).then_with(|| calls(b.1).cmp(&calls(a.1)))
    })?;
    let counts = &worst.calls.counts;
    (known.len() > 1 && counts.failed > 0).then(|| {
        format!(
            "Worst mode: {}, {} of {} failed.",
            worst.mode,
            count(counts.failed),
            counted(counts.ok + counts.failed, "call")
        )
    })
}

fn action(facts: &Facts<'_>, config: &Config) -> String {
    if failures::are_cut_off(facts.summary, LIGHTRAG) && waiting::waits(facts.summary, LIGHTRAG, config) {
        return "Raise its concurrency (`MAX_ASYNC`, workers of the model server) or refuse calls early when the queue \
                is full: its calls time out while they wait for a slot, and a longer deadline only makes the queue \
                longer."
            .to_owned();
    }
    failures::remedies(facts.summary, LIGHTRAG, &config.advice)
        .unwrap_or_else(|| "Review its errors by category and mend the most frequent one first.".to_owned())
}

/// Mean response time beyond what healthy allows.
pub fn slow(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(lightrag) = facts.summary.lightrag.value() else { return Vec::new() };
    let times = &lightrag.overall.all;
    let limit_ms = config.health.lightrag.healthy.mean_at_most_ms;
    let (Some(limit_ms), Some(mean_ms)) = (limit_ms, times.mean_ms.number()) else { return Vec::new() };
    if times.n < config.advice.min_calls || mean_ms <= limit_ms {
        return Vec::new();
    }
    let print = |value| Unit::Milliseconds.print(value);
    let headline = format!(
        "LightRAG mean response time ({}) above the {} of a healthy one.",
        print(mean_ms),
        print(limit_ms)
    );
    let slowest = lightrag
        .by_mode
        .iter()
        .filter_map(|mode| Some((mode.calls.all.mean_ms.number()?, mode)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let mut finding = Finding::new(LIGHTRAG, Cause::Slow, (mean_ms, Unit::Milliseconds), headline)
        .missing(limit_ms, miss_below(mean_ms, limit_ms), &config.advice)
        .joining(LIGHTRAG, Cause::Queue)
        .because(slowest.map(|(slowest_ms, mode)| {
            let calls = counted(mode.calls.all.n, "call");
            format!("Its slowest mode is {}: {} in the mean of {calls}.", mode.mode, print(slowest_ms))
        }))
        .act(
            "Lower `top_k`, `max_total_tokens` and the length of answers, stream the answer, and send questions that \
             need no graph to `naive` mode.",
        );
    if requests::makes_the_tail(facts, LIGHTRAG, config) {
        finding = finding.joining("request", Cause::Slow);
    }
    if failures::are_cut_off(facts.summary, LIGHTRAG) && waiting::waits(facts.summary, LIGHTRAG, config) {
        finding = finding.joining(LIGHTRAG, Cause::Failures);
    }
    vec![finding]
}
