//! Failures that fall into a few seconds of the run.

use super::Facts;
use super::failures;
use super::finding::{Cause, Finding};
use super::missed::miss_below;
use super::words::{counted, label, since_start};
use crate::config::{AdviceSettings, Config};
use crate::metrics::{BREAKER, LIGHTRAG};
use crate::summary::{Breaker, Measured, RunSummary};
use crate::units::{Unit, count, duration_s};

/// Resolution of the series that is looked at.
const SECOND_MS: u32 = 1000;
/// The request itself, and what mirrors the calls that it guards: named only where nothing else failed.
const MIRRORS: [&str; 2] = ["request", BREAKER];

/// The densest stretch of a component's failures.
struct Burst<'a> {
    component: &'a str,
    /// Start of its first second, µs since 1970.
    start_us: i64,
    failed: u64,
    finished: u64,
    /// Failures of the component in the whole window.
    all_failed: u64,
}

/// Most failures of a component in a short stretch: one finding for all components that failed then.
pub fn failures_cluster(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let settings = &config.advice;
    let is_long_enough = |duration_s: &f64| settings.burst_window_s <= settings.burst_run_share * duration_s;
    if !facts.summary.window.duration_s.number().is_some_and(|duration_s| is_long_enough(&duration_s)) {
        return Vec::new();
    }
    let mut bursts: Vec<Burst<'_>> = (0..facts.summary.components.len())
        .filter_map(|component| densest(facts.summary, component, settings))
        .collect();
    bursts.sort_by_key(|burst| {
        (MIRRORS.contains(&burst.component), std::cmp::Reverse(burst.failed), burst.component)
    });
    let Some((worst, others)) = bursts.split_first() else { return Vec::new() };
    vec![finding(facts, worst, others, config)]
}

fn densest<'a>(summary: &'a RunSummary, component: usize, settings: &AdviceSettings) -> Option<Burst<'a>> {
    let ticks: Vec<(i64, u64, u64)> = summary
        .series
        .ticks_of(component, SECOND_MS)
        .filter(|tick| tick.count > 0)
        .map(|tick| (tick.start_us, u64::from(tick.failed), u64::from(tick.count)))
        .collect();
    let all_failed: u64 = ticks.iter().map(|(_, failed, _)| failed).sum();
    let length_us = (settings.burst_window_s * 1e6) as i64;
    let within = |start_us: i64| {
        let from = ticks.partition_point(|(at_us, _, _)| *at_us < start_us);
        let to = ticks.partition_point(|(at_us, _, _)| *at_us < start_us.saturating_add(length_us));
        ticks[from..to].iter().fold((0, 0), |sum, (_, failed, count)| (sum.0 + failed, sum.1 + count))
    };
    let starts = ticks.iter().filter(|(_, failed, _)| *failed > 0).map(|(start_us, _, _)| *start_us);
    let (start_us, (failed, finished)) = starts
        .map(|start_us| (start_us, within(start_us)))
        .max_by_key(|(start_us, (failed, _))| (*failed, std::cmp::Reverse(*start_us)))?;
    let is_cluster =
        all_failed >= settings.burst_failures && failed as f64 >= settings.burst_share * all_failed as f64;
    let component = summary.components.get(component)?.component.as_str();
    is_cluster.then_some(Burst { component, start_us, failed, finished, all_failed })
}

fn finding(facts: &Facts<'_>, worst: &Burst<'_>, others: &[Burst<'_>], config: &Config) -> Finding {
    let settings = &config.advice;
    let rate = worst.failed as f64 / worst.finished as f64;
    let headline = format!(
        "{} failures cluster: {} of {} fall into the {} from {} on, in which {} of its calls failed.",
        label(worst.component),
        count(worst.failed),
        count(worst.all_failed),
        duration_s(settings.burst_window_s),
        since_start(worst.start_us, facts.summary),
        Unit::Ratio.print(rate),
    );
    let length_us = (settings.burst_window_s * 1e6) as i64;
    let overlapping = others
        .iter()
        .filter(|other| other.component != BREAKER && (other.start_us - worst.start_us).abs() < length_us);
    let also = overlapping.map(|other| {
        format!("At the same time {} failed: {}.", label(other.component), counted(other.failed, "time"))
    });
    let kinds = failures::categories(facts.summary, worst.component).into_iter().map(|error| {
        format!(
            "{}: {}, at most {} in one second.",
            error.category,
            counted(error.count, "failure"),
            count(error.peak_per_s)
        )
    });
    let elsewhere = worst.all_failed - worst.failed;
    let finding = Finding::new(worst.component, Cause::Failures, (rate, Unit::Ratio), headline)
        .because(kinds)
        .because(failures::told(facts.summary, worst.component).into_iter().skip(1))
        .because(also)
        .act(action(facts.summary, worst, settings))
        .gaining(Measured::Value(format!(
            "Without the burst it would have failed {} instead of {}.",
            counted(elsewhere, "time"),
            counted(worst.all_failed, "time"),
        )));
    match allowed(facts, worst.component) {
        Some(allowed) => finding.missing(allowed, miss_below(rate, allowed), settings),
        None => finding,
    }
}

fn action(summary: &RunSummary, burst: &Burst<'_>, settings: &AdviceSettings) -> String {
    let look = format!(
        "Look at what happened {} into the run (deployment, upstream outage, rate limit).",
        since_start(burst.start_us, summary)
    );
    // Only one that guards these calls: it bears their name, or there is no other model that it could guard.
    let guards = |breaker: &Breaker| match breaker.breakers.as_slice() {
        [_] if burst.component == LIGHTRAG => true,
        instances => instances.iter().any(|instance| instance.name == burst.component),
    };
    let stayed_closed = summary.breaker.value().is_some_and(|breaker| breaker.opened == 0 && guards(breaker));
    let open = stayed_closed.then(|| {
        "Let the circuit breaker, which stayed closed, open within such a burst: a shorter window, fewer minimum calls."
            .to_owned()
    });
    let remedy = failures::remedies(summary, burst.component, settings);
    [Some(look), open, remedy].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The failure rate that a component's target allows.
fn allowed(facts: &Facts<'_>, component: &str) -> Option<f64> {
    let names: &[&str] = match component {
        "lightrag" => &["lightrag_success_rate"],
        "request" => &["success_rate", "success_rate_under_stress"],
        _ => &[],
    };
    let target =
        facts.targets.iter().find(|target| target.applies && names.contains(&target.name.as_str()))?;
    Some(1.0 - target.limit)
}
