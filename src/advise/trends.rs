//! What got worse while the run went on.

use super::Facts;
use super::finding::{Cause, Finding};
use crate::config::Config;
use crate::judge::{Trend, TrendWord};
use crate::units::{Scale, Unit, duration_s};

/// Metrics that degrade over the judged window.
pub fn degrading(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let is_degrading = |trend: &&Trend| trend.direction.value() == Some(&TrendWord::Degrading);
    facts.trends.iter().filter(is_degrading).filter_map(|trend| finding(trend, facts, config)).collect()
}

fn finding(trend: &Trend, facts: &Facts<'_>, config: &Config) -> Option<Finding> {
    let (subject, cause, what, action) = place(&trend.metric);
    // More requests take more CPU: that is no fault of the service.
    if cause == Cause::Cpu && is_improving(facts, "throughput") {
        return None;
    }
    // Growing memory is judged by its floor, where that could be judged.
    if cause == Cause::Memory && facts.leak.value().is_some_and(|leak| !leak.suspected) {
        return None;
    }
    let evidence = trend.evidence.value()?;
    let change = evidence.change.number()?;
    let print = |size: f64| match evidence.change_scale {
        Scale::Points => format!("{} points", Unit::Number.print(size.abs() * 100.0)),
        _ => Unit::Ratio.print(size.abs()),
    };
    let verb = if change >= 0.0 { "rises" } else { "falls" };
    let length_s = evidence.points as f64 * evidence.bin_s;
    let headline = format!(
        "{what} {verb} by {} over the judged {}, more than the {} that count as stable.",
        print(change),
        duration_s(length_s.round()),
        print(evidence.margin),
    );
    let unit = trend.unit;
    let slope =
        format!("Slope {} per minute over {} points.", unit.print(evidence.slope_per_min), evidence.points);
    let miss = if evidence.margin > 0.0 { change.abs() / evidence.margin - 1.0 } else { 0.0 };
    let mut finding = Finding::new(subject, cause, (change, Unit::Ratio), headline)
        .missing(evidence.margin, miss, &config.advice)
        .because([slope])
        .act(action);
    if cause == Cause::HitRate {
        for tier in ["cache_l1", "cache_l2", "cache_l3"] {
            finding = finding.joining(tier, Cause::HitRate);
        }
    }
    Some(finding)
}

fn is_improving(facts: &Facts<'_>, metric: &str) -> bool {
    let trend = facts.trends.iter().find(|trend| trend.metric == metric);
    trend.is_some_and(|trend| trend.direction.value() == Some(&TrendWord::Improving))
}

/// What a metric is about, and what to do when it degrades.
fn place(metric: &str) -> (&str, Cause, &str, &'static str) {
    const SLOWER: &str = "Find what grows with the run (queues, connection pools, histories in prompts, memory) before \
                          a longer load finds it.";
    match metric {
        "success_rate" => (
            "request",
            Cause::Failures,
            "Success rate",
            "Find which failures become more frequent towards the end.",
        ),
        "response_time" => ("request", Cause::Slow, "Mean response time", SLOWER),
        "p95_response_time" => ("request", Cause::Slow, "P95 response time", SLOWER),
        "throughput" => ("request", Cause::Throughput, "Throughput", SLOWER),
        "cache_hit_rate" => (
            "cache",
            Cause::HitRate,
            "Cache hit rate",
            "Check the TTLs and the evictions: entries leave the caches faster than they come.",
        ),
        "memory_usage" => (
            "resources",
            Cause::Memory,
            "Memory of the service",
            "Measure longer, so that a leak can be distinguished from a warm-up, and compare heap profiles.",
        ),
        "cpu_usage" => (
            "resources",
            Cause::Cpu,
            "CPU of the service",
            "Profile the service early and late in the run and compare: the same load takes more and more work.",
        ),
        // A metric of the user's own, with a good direction in the settings.
        other => (
            other,
            Cause::Other,
            other,
            "Look at it over time in the time series, and at what else runs then.",
        ),
    }
}
