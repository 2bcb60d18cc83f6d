//! Health of the components: the best word whose conditions all hold.
//!
//! A condition holds, fails, or cannot be told because its number is undefined. The first word, from healthy
//! downwards, of which no condition fails decides: it is given when all hold, and when one cannot be told the
//! health is undefined with that number's reason — a worse word would be a guess.

use super::proof::is_surely_below;
use super::{ComponentHealth, Evidence, Health, TargetOutcome, TargetVerdict};
use crate::config::{Config, HealthLimits, Levels};
use crate::metrics::{self, BREAKER, CACHE, FALLBACK, Guard, LIGHTRAG, MetricKey};
use crate::stats::quantile::has_enough_beyond;
use crate::summary::{Measured, RunSummary};

/// Health of the four components, then of each component with custom targets, by name.
pub fn judge_health(
    summary: &RunSummary,
    config: &Config,
    targets: &[TargetVerdict],
) -> Vec<ComponentHealth> {
    let limits = &config.health;
    let judge = |component, conditions| judge_one(component, conditions, config);
    let mut health = vec![
        judge(LIGHTRAG, summary.lightrag.as_ref().map(|_| lightrag(summary, limits))),
        judge(CACHE, summary.cache.as_ref().map(|_| cache(summary, limits))),
        judge(BREAKER, summary.breaker.as_ref().map(|_| breaker(summary, limits))),
        judge(FALLBACK, summary.fallback.as_ref().map(|_| fallback(summary, limits))),
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

    /// Might it hold as well, were a share of few calls low by chance?
    fn may_hold(self, evidence: &Evidence, config: &Config) -> bool {
        let Some(value) = evidence.value.number() else { return true };
        let by_chance = match (self, evidence.share_of) {
            (Limit::AtLeast(limit), Some(of)) => {
                !has_enough_beyond(of, limit, config.measure.min_samples_beyond_quantile)
                    && !is_surely_below(value, of, limit, config.target_conditions.proof_alpha)
            }
            _ => false,
        };
        self.holds(value) || by_chance
    }
}

fn judge_one(component: &str, conditions: Measured<Conditions>, config: &Config) -> ComponentHealth {
    let health = conditions.as_ref().and_then(decide);
    let is_grave = conditions.value().is_some_and(|conditions| is_grave(conditions, &health, config));
    let evidence = match conditions {
        Measured::Value(conditions) => conditions.evidence.into(),
        Measured::Undefined(_) => Vec::new(),
    };
    ComponentHealth { component: component.to_owned(), health, is_grave, evidence }
}

/// Does it miss what a warning asks for, also with chance allowed for?
fn is_grave(conditions: &Conditions, health: &Measured<Health>, config: &Config) -> bool {
    let milder = conditions.words.iter().filter(|(word, _)| *word < Health::Critical);
    let may_be_milder = |(_, limits): &(Health, Limits)| {
        let both = limits.iter().zip(&conditions.evidence);
        both.filter_map(|(limit, evidence)| Some((limit.as_ref()?, evidence)))
            .all(|(limit, evidence)| limit.may_hold(evidence, config))
    };
    health.value().is_some_and(|word| *word >= Health::Critical) && !milder.into_iter().any(may_be_milder)
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
    let share_of = match found.reading.guard {
        Guard::ShareOf(of) => Some(of),
        _ => None,
    };
    Evidence { name, unit: found.unit, value: found.reading.value, share_of }
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
            share_of: None,
        });
        // All of its targets are missed, each beyond doubt.
        let is_grave = own.iter().all(|target| target.outcome == TargetOutcome::Fail && target.is_proven);
        ComponentHealth { evidence: evidence.collect(), health: by_targets(&own), is_grave, component }
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
        let reason = open.actual.reason().unwrap_or("no value");
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
