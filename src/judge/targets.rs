//! The performance targets: for each its actual value, its limit, and whether the run kept it.

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
    TargetVerdict {
        name: name.to_owned(),
        metric: key.to_owned(),
        outcome: match reading.value.number() {
            None => TargetOutcome::CannotTell,
            Some(value) if direction.is_kept(value, limit) => TargetOutcome::Pass,
            Some(_) => TargetOutcome::Fail,
        },
        applies: other.is_none(),
        low_sample: reading.value.value().is_some() && is_low(reading.guard, limit, config),
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
        Guard::Quantile { low_sample } => low_sample,
        Guard::ShareOf(n) => !has_enough_beyond(n, limit, config.measure.min_samples_beyond_quantile),
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
