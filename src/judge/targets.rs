//! The performance targets: for each its actual value, its limit, and whether the run kept it.

use super::{TargetOutcome, TargetVerdict};
use crate::config::{Config, Target, TargetConditions, override_name};
use crate::stats::quantile::has_enough_beyond;
use crate::summary::{Lightrag, Measured, Memory, RequestSummary, RunSummary};
use crate::units::Unit;

/// The number that a target judges.
#[derive(Debug, Clone, PartialEq)]
pub struct Actual {
    pub value: Measured<f64>,
    pub unit: Unit,
    pub sample: Sample,
    /// False when the target is meant for another kind of run.
    pub applies: bool,
}

/// What the number rests on, as far as it can be too little.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sample {
    /// Not a matter of counting.
    Enough,
    /// A share of so many. It needs as many beyond its limit as a quantile needs beyond itself.
    ShareOf(u64),
    /// A quantile that says so itself.
    Quantile { low_sample: bool },
}

impl Actual {
    pub fn share(value: Measured<f64>, of: u64) -> Self {
        Self { value, unit: Unit::Ratio, sample: Sample::ShareOf(of), applies: true }
    }

    pub fn plain(value: Measured<f64>, unit: Unit) -> Self {
        Self { value, unit, sample: Sample::Enough, applies: true }
    }

    fn not_applicable(reason: &'static str) -> Self {
        Self { applies: false, ..Self::share(Measured::undefined(reason), 0) }
    }
}

type Rule = (&'static str, fn(&RunSummary, &TargetConditions) -> Actual);

/// Every key of `[targets]` with the number behind it, in the order of the configuration.
const RULES: [Rule; 12] = [
    ("lightrag_success_rate", |run, _| lightrag_success_rate(&run.lightrag)),
    ("l1_hit_rate", |run, _| tier_hit_rate(run, "l1")),
    ("l2_hit_rate", |run, _| tier_hit_rate(run, "l2")),
    ("l3_hit_rate", |run, _| tier_hit_rate(run, "l3")),
    ("breaker_opens_above", |run, _| {
        Actual::plain(run.breaker.as_ref().and_then(super::breaker::lowest_opening_rate), Unit::Ratio)
    }),
    ("breaker_closes_below", |run, _| {
        Actual::plain(run.breaker.as_ref().and_then(super::breaker::highest_closing_rate), Unit::Ratio)
    }),
    ("fallback_success_rate", |run, _| {
        let entered = run.fallback.value().map_or(0, |fallback| fallback.requests_entered);
        Actual::share(run.fallback.as_ref().and_then(|fallback| fallback.overall_success.clone()), entered)
    }),
    ("memory_growth_mb_per_100_users", |run, _| {
        memory(run, |memory| &memory.growth_mb_per_100_users, Unit::Megabytes)
    }),
    ("p95_response_time_ms", |run, _| p95_response_time(&run.requests)),
    ("success_rate", |run, conditions| {
        success_rate(run, !is_stress_run(run, conditions), "a stress run: success_rate_under_stress applies")
    }),
    ("success_rate_under_stress", |run, conditions| {
        success_rate(run, is_stress_run(run, conditions), "not a stress run")
    }),
    ("memory_growth_kb_per_operation", |run, _| {
        memory(run, |memory| &memory.growth_kb_per_operation, Unit::Kilobytes)
    }),
];

/// Judges every target of `config`: those of `[targets]` in their order, then the custom ones by name.
pub fn judge_targets(summary: &RunSummary, config: &Config) -> Vec<TargetVerdict> {
    let known = RULES.iter().filter_map(|(name, rule)| {
        let target = config.targets.get(*name)?;
        Some((*name, target, rule(summary, &config.target_conditions)))
    });
    let custom = config
        .custom_targets
        .iter()
        .map(|(name, target)| (name.as_str(), target, super::custom_targets::actual(name, summary)));
    known.chain(custom).map(|(name, target, actual)| verdict(name, target, actual, summary, config)).collect()
}

fn verdict(
    name: &str,
    target: &Target,
    actual: Actual,
    summary: &RunSummary,
    config: &Config,
) -> TargetVerdict {
    let (limit, direction) = match (target.above, target.below) {
        (Some(limit), _) => (limit, "above"),
        (None, below) => (below.unwrap_or(f64::INFINITY), "below"),
    };
    let keeps = |value: f64| if direction == "above" { value > limit } else { value < limit };
    let is_of_the_run = summary.identity.metadata.targets.keys().any(|key| override_name(key) == name);
    TargetVerdict {
        name: name.to_owned(),
        outcome: match actual.value.number() {
            None => TargetOutcome::CannotTell,
            Some(value) if keeps(value) => TargetOutcome::Pass,
            Some(_) => TargetOutcome::Fail,
        },
        applies: actual.applies,
        low_sample: actual.value.value().is_some() && is_low(actual.sample, limit, config),
        actual: actual.value,
        limit,
        direction: direction.to_owned(),
        unit: actual.unit.word().to_owned(),
        limit_from: if is_of_the_run { "run metadata" } else { "config" }.to_owned(),
        gate: target.gate,
    }
}

fn is_low(sample: Sample, limit: f64, config: &Config) -> bool {
    match sample {
        Sample::Enough => false,
        Sample::Quantile { low_sample } => low_sample,
        Sample::ShareOf(n) => !has_enough_beyond(n, limit, config.measure.min_samples_beyond_quantile),
    }
}

fn lightrag_success_rate(lightrag: &Measured<Lightrag>) -> Actual {
    let finished = lightrag.value().map_or(0, |found| found.overall.counts.ok + found.overall.counts.failed);
    Actual::share(lightrag.as_ref().and_then(|found| found.overall.success_rate.clone()), finished)
}

fn tier_hit_rate(run: &RunSummary, tier: &str) -> Actual {
    let found = run.cache.as_ref().and_then(|cache| {
        let tier = cache.tiers.iter().find(|found| found.tier == tier);
        Measured::or(tier, "this tier has no rows")
    });
    let lookups = found.value().map_or(0, |tier| tier.hits + tier.misses);
    Actual::share(found.and_then(|tier| tier.hit_rate.clone()), lookups)
}

fn memory(run: &RunSummary, of: impl Fn(&Memory) -> &Measured<f64>, unit: Unit) -> Actual {
    Actual::plain(run.resources.memory.as_ref().and_then(|memory| of(memory).clone()), unit)
}

fn p95_response_time(requests: &RequestSummary) -> Actual {
    let quantile = requests.all.quantile(super::grade::GRADE_QUANTILE);
    Actual {
        value: Measured::or(quantile, "not measured").and_then(|quantile| quantile.value_ms.clone()),
        unit: Unit::Milliseconds,
        sample: Sample::Quantile { low_sample: quantile.is_some_and(|quantile| quantile.low_sample) },
        applies: true,
    }
}

fn success_rate(run: &RunSummary, applies: bool, otherwise: &'static str) -> Actual {
    if !applies {
        return Actual::not_applicable(otherwise);
    }
    let totals = &run.requests.totals;
    let finished = totals.ok.value().unwrap_or(&0) + totals.failed.value().unwrap_or(&0);
    Actual::share(run.requests.success_rate.clone(), finished)
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
