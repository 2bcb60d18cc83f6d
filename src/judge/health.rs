//! Health of the components: the best word whose conditions all hold.
//!
//! A condition holds, fails, or cannot be told because its number is undefined. The first word, from healthy
//! downwards, of which no condition fails decides: it is given when all hold, and when one cannot be told the
//! health is undefined with that number's reason — a worse word would be a guess.

use super::{ComponentHealth, Evidence, Health, TargetOutcome, TargetVerdict};
use crate::config::{HealthLimits, Levels};
use crate::summary::{Breaker, Cache, Fallback, Lightrag, Measured, RunSummary};
use crate::units::Unit;

/// Health of the four components, then of each component with custom targets, by name.
pub fn judge_health(
    summary: &RunSummary,
    limits: &HealthLimits,
    targets: &[TargetVerdict],
) -> Vec<ComponentHealth> {
    let mut health = vec![
        judge_one("lightrag", summary.lightrag.as_ref().map(|found| lightrag(found, limits))),
        judge_one("cache", summary.cache.as_ref().map(|found| cache(found, limits))),
        judge_one("circuit_breaker", summary.breaker.as_ref().map(|found| breaker(found, limits))),
        judge_one("fallback_system", summary.fallback.as_ref().map(|found| fallback(found, limits))),
    ];
    health.extend(super::custom_targets::judge_by_targets(targets, &health));
    health
}

/// The numbers of a component and, for each word, its condition on each of them (none: it has no say).
struct Conditions {
    evidence: Vec<Evidence>,
    healthy: Vec<Option<Limit>>,
    warning: Vec<Option<Limit>>,
    critical: Vec<Option<Limit>>,
}

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
    let component = component.to_owned();
    match conditions {
        Measured::Value(conditions) => {
            ComponentHealth { component, health: decide(&conditions), evidence: conditions.evidence }
        }
        Measured::Undefined(reason) => {
            ComponentHealth { component, health: Measured::Undefined(reason), evidence: Vec::new() }
        }
    }
}

fn decide(conditions: &Conditions) -> Measured<Health> {
    let words = [
        (Health::Healthy, &conditions.healthy),
        (Health::Warning, &conditions.warning),
        (Health::Critical, &conditions.critical),
    ];
    for (word, limits) in words {
        let asked: Vec<(Limit, &Evidence)> = limits
            .iter()
            .zip(&conditions.evidence)
            .filter_map(|(limit, evidence)| limit.map(|limit| (limit, evidence)))
            .collect();
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
    evidence: Vec<Evidence>,
    levels: &Levels<T>,
    limits_of: impl Fn(&T) -> Vec<Option<Limit>>,
) -> Conditions {
    Conditions {
        evidence,
        healthy: limits_of(&levels.healthy),
        warning: limits_of(&levels.warning),
        critical: limits_of(&levels.critical),
    }
}

fn evidence(name: &str, value: &Measured<f64>, unit: Unit) -> Evidence {
    Evidence { name: name.to_owned(), value: value.clone(), unit: unit.word().to_owned() }
}

fn lightrag(found: &Lightrag, limits: &HealthLimits) -> Conditions {
    let calls = &found.overall;
    let evidence = vec![
        evidence("success_rate", &calls.success_rate, Unit::Ratio),
        evidence("mean_response_time_ms", &calls.response_times.mean_ms, Unit::Milliseconds),
    ];
    conditions(evidence, &limits.lightrag, |level| {
        vec![Some(Limit::AtLeast(level.success_at_least)), level.mean_at_most_ms.map(Limit::AtMost)]
    })
}

fn cache(found: &Cache, limits: &HealthLimits) -> Conditions {
    let evidence = vec![
        evidence("lookup_hit_rate", &found.lookup_hit_rate, Unit::Ratio),
        evidence("effectiveness", &found.effectiveness, Unit::Ratio),
    ];
    conditions(evidence, &limits.cache, |level| {
        vec![Some(Limit::AtLeast(level.hit_rate_at_least)), level.effectiveness_at_least.map(Limit::AtLeast)]
    })
}

fn breaker(found: &Breaker, limits: &HealthLimits) -> Conditions {
    let recovery = &found.recovery_success_rate;
    // A breaker that never opened had nothing to recover from.
    let asks_for_recovery = found.opened > 0 || recovery.value().is_some();
    let evidence = vec![
        evidence("availability_percent", &found.availability_percent, Unit::Percent),
        evidence("recovery_success_rate", recovery, Unit::Ratio),
    ];
    conditions(evidence, &limits.circuit_breaker, |level| {
        vec![
            Some(Limit::AtLeast(level.availability_at_least_percent)),
            level.recovery_at_least.filter(|_| asks_for_recovery).map(Limit::AtLeast),
        ]
    })
}

fn fallback(found: &Fallback, limits: &HealthLimits) -> Conditions {
    let evidence = vec![
        evidence("overall_success", &found.overall_success, Unit::Ratio),
        evidence("cost_efficiency", &found.cost_efficiency, Unit::Ratio),
    ];
    conditions(evidence, &limits.fallback_system, |level| {
        vec![Some(Limit::AtLeast(level.success_at_least)), level.cost_efficiency_at_least.map(Limit::AtLeast)]
    })
}

/// Health of a component by its targets: all kept is healthy, some missed a warning, all missed failing.
pub fn by_targets(targets: &[&TargetVerdict]) -> Measured<Health> {
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
