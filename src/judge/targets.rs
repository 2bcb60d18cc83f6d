//! The performance targets: for each its actual value, its limit, and whether the run kept it.

use super::proof::{is_quantile_beyond, is_surely_above, is_surely_below};
use super::{LimitDirection, LimitOrigin, TargetOutcome, TargetVerdict};
use crate::config::{Config, NAMED_TARGETS, Target, TargetConditions, override_name};
use crate::metrics::{self, Guard, Reading};
use crate::stats::quantile::has_enough_beyond;
use crate::summary::RunSummary;

/// Judges every target of `config`: those of `[targets]` in their order, then the custom ones by name.
pub fn judge_targets(summary: &RunSummary, config: &Config) -> Vec<TargetVerdict> {
    let named = NAMED_TARGETS.iter().filter_map(|&(name, key)| Some((name, key, config.targets.get(name)?)));
    let custom = config.custom_targets.iter().map(|(key, target)| (key.as_str(), key.as_str(), target));
    named.chain(custom).map(|(name, key, target)| verdict(name, key, target, summary, config)).collect()
}

fn verdict(name: &str, key: &str, target: &Target, summary: &RunSummary, config: &Config) -> TargetVerdict {
    let (limit, direction) = match (target.above, target.below) {
        (Some(limit), _) => (limit, LimitDirection::Above),
        (None, below) => (below.unwrap_or(f64::INFINITY), LimitDirection::Below),
    };
    let other = does_not_apply(name, summary, &config.target_conditions);
    let found = metrics::found(summary, key);
    let reading = other.map_or(found.reading, Reading::undefined);
    let is_of_the_run = summary.identity.metadata.targets.keys().any(|key| override_name(key) == name);
    let outcome = match reading.value.number() {
        None => TargetOutcome::CannotTell,
        Some(value) if direction.is_kept(value, limit) => TargetOutcome::Pass,
        Some(_) => TargetOutcome::Fail,
    };
    let low_sample = reading.value.value().is_some() && is_low(reading.guard, limit, config);
    TargetVerdict {
        name: name.to_owned(),
        metric: key.to_owned(),
        outcome,
        applies: other.is_none(),
        is_proven: match outcome {
            TargetOutcome::CannotTell => false,
            TargetOutcome::Pass => !low_sample,
            TargetOutcome::Fail => !low_sample || is_missed_beyond_doubt(&reading, limit, direction, config),
        },
        low_sample,
        n: reading.n,
        actual: reading.value,
        limit,
        direction,
        unit: found.unit,
        limit_from: if is_of_the_run { LimitOrigin::Run } else { LimitOrigin::Config },
        gate: target.gate,
    }
}

fn is_low(guard: Guard, limit: f64, config: &Config) -> bool {
    match guard {
        Guard::Enough => false,
        Guard::Quantile { low_sample, .. } => low_sample,
        Guard::ShareOf(n) => !has_enough_beyond(n, limit, config.measure.min_samples_beyond_quantile),
    }
}

/// Do the few samples there are prove that the limit is missed?
fn is_missed_beyond_doubt(reading: &Reading, limit: f64, direction: LimitDirection, config: &Config) -> bool {
    let alpha = config.target_conditions.proof_alpha;
    let Some(value) = reading.value.number() else { return false };
    match (reading.guard, direction) {
        (Guard::Enough, _) => true,
        (Guard::ShareOf(n), LimitDirection::Above) => is_surely_below(value, n, limit, alpha),
        (Guard::ShareOf(n), LimitDirection::Below) => is_surely_above(value, n, limit, alpha),
        (Guard::Quantile { q, least_ms, median_ms, .. }, LimitDirection::Below) => {
            let n = reading.n.unwrap_or(0);
            let is_beyond = |ms: Option<f64>| ms.is_some_and(|ms| ms > limit);
            let beyond = if is_beyond(least_ms) {
                n
            } else if is_beyond(median_ms) {
                n / 2
            } else {
                0
            };
            is_quantile_beyond(beyond, n, q, alpha)
        }
        (Guard::Quantile { .. }, LimitDirection::Above) => false,
    }
}

/// Why a target is meant for another kind of run.
fn does_not_apply(name: &str, run: &RunSummary, conditions: &TargetConditions) -> Option<&'static str> {
    match (name, is_stress_run(run, conditions)) {
        ("success_rate", true) => Some("a stress run: success_rate_under_stress applies"),
        ("success_rate_under_stress", false) => Some("not a stress run"),
        _ => None,
    }
}

/// A run is a stress run when its scenario or its tag `load` contains one of the configured words.
fn is_stress_run(run: &RunSummary, conditions: &TargetConditions) -> bool {
    let metadata = &run.identity.metadata;
    let texts = metadata.scenario.iter().chain(metadata.tags.get("load"));
    texts
        .map(|text| text.to_lowercase())
        .any(|text| conditions.stress_words.iter().any(|word| text.contains(&word.to_lowercase())))
}

#[cfg(test)]
#[path = "targets_tests.rs"]
mod tests;
