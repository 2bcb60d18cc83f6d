//! Health of the components: the best word whose conditions all hold.
//!
//! A condition holds, fails, or cannot be told because its number is undefined. The first word, from healthy
//! downwards, of which no condition fails decides: it is given when all hold, and when one cannot be told the
//! health is undefined with that number's reason — a worse word would be a guess.

use super::{ComponentHealth, Evidence, Health, TargetOutcome, TargetVerdict};
use crate::config::{HealthLimits, Levels};
use crate::metrics::{self, BREAKER, CACHE, FALLBACK, LIGHTRAG, MetricKey};
use crate::summary::{Measured, RunSummary};

/// Health of the four components, then of each component with custom targets, by name.
pub fn judge_health(
    summary: &RunSummary,
    limits: &HealthLimits,
    targets: &[TargetVerdict],
) -> Vec<ComponentHealth> {
    let mut health = vec![
        judge_one(LIGHTRAG, summary.lightrag.as_ref().map(|_| lightrag(summary, limits))),
        judge_one(CACHE, summary.cache.as_ref().map(|_| cache(summary, limits))),
        judge_one(BREAKER, summary.breaker.as_ref().map(|_| breaker(summary, limits))),
        judge_one(FALLBACK, summary.fallback.as_ref().map(|_| fallback(summary, limits))),
    ];
    health.extend(judge_by_targets(targets, &health));
    health
}

/// The numbers of a component and, for each word, its condition on each of them (none: it has no say).
struct Conditions {
    evidence: [Evidence; 2],
    /// Best first.
    words: [(Health, Limits); 3],
}

type Limits = [Option<Limit>; 2];

#[derive(Debug, Clone, Copy)]
enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

impl Limit {
    fn holds(self, value: f64) -> bool {
        match self {
            Limit::AtLeast(limit) => value >= limit,
            Limit::AtMost(limit) => value <= limit,
        }
    }
}

fn judge_one(component: &str, conditions: Measured<Conditions>) -> ComponentHealth {
    let health = conditions.as_ref().and_then(decide);
    let evidence = match conditions {
        Measured::Value(conditions) => conditions.evidence.into(),
        Measured::Undefined(_) => Vec::new(),
    };
    ComponentHealth { component: component.to_owned(), health, evidence }
}

fn decide(conditions: &Conditions) -> Measured<Health> {
    for &(word, limits) in &conditions.words {
        let both = limits.into_iter().zip(&conditions.evidence);
        let asked: Vec<_> = both.filter_map(|(limit, evidence)| Some((limit?, evidence))).collect();
        let fails = asked
            .iter()
            .any(|(limit, evidence)| evidence.value.number().is_some_and(|value| !limit.holds(value)));
        if fails {
            continue;
        }
        let missing =
            asked.iter().find_map(|(_, evidence)| evidence.value.reason().map(|reason| (evidence, reason)));
        return match missing {
            None => Measured::Value(word),
            Some((evidence, reason)) => Measured::undefined(format!("{}: {reason}", evidence.name)),
        };
    }
    Measured::Value(Health::Failing)
}

/// `limits_of` gives one condition per evidence, in the same order.
fn conditions<T>(
    evidence: [Evidence; 2],
    levels: &Levels<T>,
    limits_of: impl Fn(&T) -> Limits,
) -> Conditions {
    let words = [
        (Health::Healthy, limits_of(&levels.healthy)),
        (Health::Warning, limits_of(&levels.warning)),
        (Health::Critical, limits_of(&levels.critical)),
    ];
    Conditions { evidence, words }
}

/// The metric behind a key, by its name in the catalogue.
fn evidence(key: &str, run: &RunSummary) -> Evidence {
    let name = MetricKey::parse(key).map_or_else(|_| key.to_owned(), |key| key.statistic);
    let found = metrics::found(run, key);
    Evidence { name, unit: found.unit, value: found.reading.value }
}

fn lightrag(run: &RunSummary, limits: &HealthLimits) -> Conditions {
    let evidence = ["lightrag/success_rate", "lightrag/mean_ms"].map(|key| evidence(key, run));
    conditions(evidence, &limits.lightrag, |level| {
        [Some(Limit::AtLeast(level.success_at_least)), level.mean_at_most_ms.map(Limit::AtMost)]
    })
}

fn cache(run: &RunSummary, limits: &HealthLimits) -> Conditions {
    let evidence = ["cache/lookup_hit_rate", "cache/effectiveness"].map(|key| evidence(key, run));
    conditions(evidence, &limits.cache, |level| {
        [Some(Limit::AtLeast(level.hit_rate_at_least)), level.effectiveness_at_least.map(Limit::AtLeast)]
    })
}

fn breaker(run: &RunSummary, limits: &HealthLimits) -> Conditions {
    let keys = ["circuit_breaker/availability", "circuit_breaker/recovery_success_rate"];
    let evidence = keys.map(|key| evidence(key, run));
    // A breaker that never opened had nothing to recover from.
    let opened = run.breaker.value().is_some_and(|breaker| breaker.opened > 0);
    let asks_for_recovery = opened || evidence[1].value.value().is_some();
    conditions(evidence, &limits.circuit_breaker, |level| {
        [
            Some(Limit::AtLeast(level.availability_at_least)),
            level.recovery_at_least.filter(|_| asks_for_recovery).map(Limit::AtLeast),
        ]
    })
}

fn fallback(run: &RunSummary, limits: &HealthLimits) -> Conditions {
    let keys = ["fallback_system/success_rate", "fallback_system/cost_efficiency"];
    conditions(keys.map(|key| evidence(key, run)), &limits.fallback_system, |level| {
        [Some(Limit::AtLeast(level.success_at_least)), level.cost_efficiency_at_least.map(Limit::AtLeast)]
    })
}

/// Health of each component that has custom targets and no health of its own, by name.
fn judge_by_targets(targets: &[TargetVerdict], known: &[ComponentHealth]) -> Vec<ComponentHealth> {
    // Targets of the seed are named by words, custom ones by keys.
    let component_of = |target: &TargetVerdict| {
        let key = MetricKey::parse(&target.metric).ok().filter(|_| target.name == target.metric);
        key.map(|key| key.component)
    };
    let mut components: Vec<String> = targets.iter().filter_map(component_of).collect();
    components.sort();
    components.dedup();
    components.retain(|component| known.iter().all(|health| health.component != *component));
    let judge = |component: String| {
        let own: Vec<&TargetVerdict> =
            targets.iter().filter(|target| component_of(target).as_ref() == Some(&component)).collect();
        let evidence = own.iter().map(|target| Evidence {
            name: target.name.clone(),
            value: target.actual.clone(),
            unit: target.unit,
        });
        ComponentHealth { evidence: evidence.collect(), health: by_targets(&own), component }
    };
    components.into_iter().map(judge).collect()
}

/// Health of a component by its targets: all kept is healthy, some missed a warning, all missed failing.
fn by_targets(targets: &[&TargetVerdict]) -> Measured<Health> {
    let is = |outcome| targets.iter().filter(|target| target.outcome == outcome).count();
    let (kept, missed) = (is(TargetOutcome::Pass), is(TargetOutcome::Fail));
    if let Some(open) = targets.iter().find(|target| target.outcome == TargetOutcome::CannotTell)
        && missed == 0
    {
        let reason = open.actual.reason().unwrap_or("cannot tell");
        return Measured::undefined(format!("{}: {reason}", open.name));
    }
    Measured::Value(match (kept, missed) {
        (_, 0) => Health::Healthy,
        (0, _) => Health::Failing,
        _ => Health::Warning,
    })
}

#[cfg(test)]
#[path = "health_tests.rs"]
mod tests;
