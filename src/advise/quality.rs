//! Recordings that are cut short, too short or too restless for the numbers that are asked of them.

use super::Facts;
use super::finding::{Cause, Finding};
use super::missed::miss_above;
use super::words::{counted, list};
use crate::config::Config;
use crate::judge::{Overload, Severity, Steadiness, SteadyCheck, SteadyWord, TargetOutcome, TargetVerdict};
use crate::summary::{Measured, RunSummary};
use crate::units::{Unit, count, duration_s};

const RECORDING: &str = "recording";
/// What a better recording gains.
const NOT_THE_SERVICE: &str = "a better recording changes what is known, not the service";

/// The recording says that it was not finished.
pub fn recording_incomplete(facts: &Facts<'_>, _config: &Config) -> Vec<Finding> {
    let summary = facts.summary;
    let length_s = summary.window.duration_s.number();
    let Some(length_s) = length_s.filter(|_| summary.data_quality.complete == Some(false)) else {
        return Vec::new();
    };
    let headline =
        format!("The recording is incomplete: it ends after {} of load.", duration_s(length_s.round()));
    let mut finding = Finding::new(RECORDING, Cause::Incomplete, (length_s, Unit::Seconds), headline)
        .because([
            "The run's metadata says `complete: false`, as while a recording goes on.".to_owned(),
            format!("{} had not ended.", counted(summary.requests.counts.unfinished, "request")),
        ])
        .act("Record the run again to its end; what is judged here is only the part that was written.")
        .gaining(Measured::undefined(NOT_THE_SERVICE));
    finding.severity = Severity::High;
    vec![finding]
}

/// Fewer requests than the grade needs, or a missed target that rests on too few samples.
pub fn measure_longer(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let summary = facts.summary;
    let requests = summary.requests.totals.requests;
    let shaky: Vec<&TargetVerdict> = facts
        .targets
        .iter()
        .filter(|target| target.applies && target.outcome == TargetOutcome::Fail && !target.is_proven)
        .collect();
    // Of what is lost already, more of the same would tell nothing new.
    let is_lost = facts.targets.iter().any(|target| {
        target.metric.starts_with("request/") && target.outcome == TargetOutcome::Fail && target.is_proven
    });
    let needs: Vec<(u64, u64)> = (!is_lost)
        .then_some((requests, config.grade.min_requests))
        .into_iter()
        .chain(shaky.iter().filter_map(|target| samples(target, summary, config)))
        .filter(|(have, needed)| have < needed)
        .collect();
    let times =
        needs.iter().filter(|(have, _)| *have > 0).map(|(have, needed)| *needed as f64 / *have as f64);
    let Some(times) = times.reduce(f64::max) else { return Vec::new() };
    let needed = (times * requests as f64).ceil();
    let headline = format!(
        "The run is too short for what is asked of it: {}, about {} needed.",
        counted(requests, "request"),
        Unit::Count.print(needed),
    );
    let names: Vec<String> = shaky.iter().map(|target| format!("`{}`", target.name)).collect();
    let missed = (!names.is_empty()).then(|| {
        let plural = if names.len() == 1 { "rests" } else { "rest" };
        format!("{} missed and {plural} on too few samples.", list(&names))
    });
    let duration = summary.window.duration_s.number().map(|seconds| {
        // Shorter ones could not be told steady.
        (times * seconds).ceil().max(config.window.min_seconds as f64)
    });
    let action = match duration {
        Some(seconds) => format!("Measure again for at least {} at this load.", duration_s(seconds)),
        None => format!("Measure again with at least {} requests.", Unit::Count.print(needed)),
    };
    vec![
        Finding::new(RECORDING, Cause::Length, (requests as f64, Unit::Count), headline)
            .missing(needed, miss_above(requests as f64, needed), &config.advice)
            .because(
                (!is_lost && requests < config.grade.min_requests)
                    .then(|| format!("A grade needs {} requests.", count(config.grade.min_requests))),
            )
            .because(missed)
            .act(action)
            .gaining(Measured::undefined(NOT_THE_SERVICE)),
    ]
}

/// Samples behind a target, and those that it needs: as many beyond its limit as a quantile needs beyond itself.
fn samples(target: &TargetVerdict, summary: &RunSummary, config: &Config) -> Option<(u64, u64)> {
    let tier = |name: &str| {
        let found = summary.cache.value()?.tiers.iter().find(|tier| tier.tier == name)?;
        Some(found.hits + found.misses)
    };
    let counts = &summary.requests.totals;
    let finished = counts.ok.value().unwrap_or(&0) + counts.failed.value().unwrap_or(&0);
    let have = match target.name.as_str() {
        "lightrag_success_rate" => {
            summary.lightrag.value().map(|found| found.overall.counts.ok + found.overall.counts.failed)?
        }
        "l1_hit_rate" => tier("l1")?,
        "l2_hit_rate" => tier("l2")?,
        "l3_hit_rate" => tier("l3")?,
        "fallback_success_rate" => summary.fallback.value()?.requests_entered,
        "p95_response_time_ms" => return Some((summary.requests.all.n, config.grade.min_requests)),
        "success_rate" | "success_rate_under_stress" => finished,
        _ => return None,
    };
    let beyond = target.limit.min(1.0 - target.limit);
    // 1 − 0.8 is a little less than 0.2 as a double: 50 samples are enough, not 51.
    const ROUNDING: f64 = 1e-9;
    let needed = (config.measure.min_samples_beyond_quantile as f64 / beyond * (1.0 - ROUNDING)).ceil();
    (beyond > 0.0).then_some((have, needed as u64))
}

/// The run never got steady, or is too short to tell.
pub fn unsteady(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(steadiness) = facts.steadiness.filter(|steadiness| !steadiness.is_trusted) else {
        return Vec::new();
    };
    let judged_s = (steadiness.end_us - steadiness.start_us) as f64 / 1e6;
    // Of a run that is long enough in all, the judged part may be a little short of it: the report says so.
    let length_s = judged_s + steadiness.warm_up_s + steadiness.ramp_down_s;
    if length_s < config.window.min_seconds as f64 {
        return vec![too_short(length_s, &steadiness.because, config)];
    }
    match &steadiness.overload {
        Measured::Value(overload) => vec![overloaded(overload, steadiness, config)],
        Measured::Undefined(_) => {
            worst(steadiness).map(|check| differs(check, steadiness, config)).into_iter().collect()
        }
    }
}

/// The check that is furthest beyond its limit, among those that are.
fn worst(steadiness: &Steadiness) -> Option<&SteadyCheck> {
    let beyond = |check: &SteadyCheck| check.difference.number().unwrap_or(0.0) / check.limit;
    let failed = steadiness.checks.iter().filter(|check| check.word == SteadyWord::NotSteady);
    failed.max_by(|a, b| beyond(a).total_cmp(&beyond(b)))
}

fn overloaded(overload: &Overload, steadiness: &Steadiness, config: &Config) -> Finding {
    let limit = config.window.overload.min_excess;
    let headline = format!(
        "The service completes less than arrives: arrivals exceed completions by {}.",
        Unit::Ratio.print(overload.excess)
    );
    Finding::new(RECORDING, Cause::Length, (overload.excess, Unit::Ratio), headline)
        .missing(limit, overload.excess / limit - 1.0, &config.advice)
        .because([format!("{:.0} requests are in flight in the last quarter, and growing.", overload.in_flight)])
        .because([format!("Judged window: {}.", steadiness.because)])
        .act(
            "Send less than the service completes, or give it more capacity: while requests pile up, response times \
             only say how long the run was.",
        )
        .gaining(Measured::undefined(NOT_THE_SERVICE))
}

fn differs(check: &SteadyCheck, steadiness: &Steadiness, config: &Config) -> Finding {
    let (difference, limit) = (check.difference.number().unwrap_or(0.0), check.limit);
    let headline = match &check.reason {
        Some(reason) => format!("The run never got steady: {reason}."),
        None => format!("The run never got steady: {} differs.", check.metric),
    };
    let quarters: Vec<String> = check.quarters.iter().map(|value| check.unit.print(*value)).collect();
    let brief = headline.split(" (").next().unwrap_or_default().trim_end_matches('.').to_owned();
    Finding::new(RECORDING, Cause::Length, (difference, Unit::Ratio), headline)
        .in_brief(brief)
        .missing(limit, difference / limit - 1.0, &config.advice)
        .because((!quarters.is_empty()).then(|| format!("Its quarters: {}.", list(&quarters))))
        .because([format!("Judged window: {}.", steadiness.because)])
        .act(
            "Find out what changes during the run (users, caches, memory, upstream); where it only warms up, measure \
             longer and judge the steady part (`--warmup`).",
        )
        .gaining(Measured::undefined(NOT_THE_SERVICE))
}

fn too_short(length_s: f64, because: &str, config: &Config) -> Finding {
    let needed_s = config.window.min_seconds as f64;
    let headline = format!(
        "The run is too short to judge its steadiness: {} of {}.",
        duration_s(length_s.floor()),
        duration_s(needed_s),
    );
    Finding::new(RECORDING, Cause::Length, (length_s, Unit::Seconds), headline)
        .missing(needed_s, miss_above(length_s, needed_s), &config.advice)
        .because([format!("Judged window: {because}.")])
        .act(format!("Measure for at least {} of steady load behind the warm-up.", duration_s(needed_s)))
        .gaining(Measured::undefined(NOT_THE_SERVICE))
}
