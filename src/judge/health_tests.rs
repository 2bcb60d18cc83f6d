//! Health words at their limits and where a number is missing.

use super::*;
use crate::config::Config;
use crate::judge::{LimitDirection, LimitOrigin};
use crate::summary::fixture;
use crate::units::Unit;

fn word(conditions: Conditions) -> Measured<Health> {
    decide(&conditions)
}

fn limits() -> HealthLimits {
    Config::defaults().health
}

#[test]
fn lightrag_is_judged_by_success_and_mean_and_limits_are_inclusive() {
    for (success, mean_ms, wanted) in [
        (0.95, 1000.0, Health::Healthy),
        (0.95, 1000.1, Health::Warning),
        (0.949, 10.0, Health::Warning),
        (0.90, 2000.0, Health::Warning),
        (0.95, 2000.1, Health::Critical),
        (0.80, 10.0, Health::Critical),
        (0.79, 10.0, Health::Failing),
    ] {
        let mut run = fixture::run_summary();
        let calls = fixture::lightrag_calls(&mut run);
        calls.success_rate = Measured::Value(success);
        calls.all.mean_ms = Measured::Value(mean_ms);
        assert_eq!(word(lightrag(&run, &limits())), Measured::Value(wanted), "{success} {mean_ms}");
    }
}

#[test]
fn cache_is_judged_by_the_share_of_answered_look_ups_and_effectiveness() {
    for (hit_rate, effectiveness, wanted) in [
        (0.8, 0.8, Health::Healthy),
        (0.9, 0.79, Health::Warning),
        (0.9, 0.59, Health::Critical),
        (0.5, 0.0, Health::Critical),
        (0.49, 0.9, Health::Failing),
    ] {
        let mut run = fixture::run_summary();
        let Measured::Value(found) = &mut run.cache else { panic!("the fixture has it") };
        found.lookup_hit_rate = Measured::Value(hit_rate);
        found.effectiveness = Measured::Value(effectiveness);
        assert_eq!(word(cache(&run, &limits())), Measured::Value(wanted), "{hit_rate} {effectiveness}");
    }
}

#[test]
fn fallback_is_judged_by_success_and_cost_efficiency() {
    for (success, efficiency, wanted) in
        [(0.95, 0.8, Health::Healthy), (0.94, 0.8, Health::Warning), (0.95, 0.5, Health::Critical)]
    {
        let mut run = fixture::run_summary();
        let Measured::Value(found) = &mut run.fallback else { panic!("the fixture has it") };
        found.overall_success = Measured::Value(success);
        found.cost_efficiency = Measured::Value(efficiency);
        assert_eq!(word(fallback(&run, &limits())), Measured::Value(wanted), "{success} {efficiency}");
    }
}

fn breaker_with(availability: Measured<f64>, recovery: Measured<f64>, opened: u64) -> Measured<Health> {
    let mut run = fixture::run_summary();
    let Measured::Value(found) = &mut run.breaker else { panic!("the fixture has it") };
    found.availability_percent = availability;
    found.recovery_success_rate = recovery;
    found.opened = opened;
    word(breaker(&run, &limits()))
}

#[test]
fn a_breaker_that_never_opened_is_judged_by_availability_alone() {
    let none = || Measured::undefined("no recovery was tried");
    assert_eq!(breaker_with(Measured::Value(95.0), none(), 0), Measured::Value(Health::Healthy));
    assert_eq!(breaker_with(Measured::Value(94.9), none(), 0), Measured::Value(Health::Warning));
    assert_eq!(
        breaker_with(Measured::Value(98.0), Measured::Value(0.8), 5),
        Measured::Value(Health::Warning)
    );
}

#[test]
fn a_missing_number_that_decides_makes_the_health_undefined() {
    let none = || Measured::undefined("no recovery was tried");
    let open = breaker_with(Measured::Value(96.0), none(), 1);
    assert_eq!(open.reason(), Some("recovery_success_rate: no recovery was tried"));
    assert_eq!(breaker_with(Measured::Value(85.0), none(), 1), Measured::Value(Health::Critical));
    assert_eq!(breaker_with(Measured::Value(50.0), none(), 1), Measured::Value(Health::Failing));
    let unknown = breaker_with(Measured::undefined("no calls"), Measured::Value(1.0), 1);
    assert_eq!(unknown.reason(), Some("availability: no calls"));
}

#[test]
fn a_component_without_events_has_no_health_with_the_reason() {
    let mut summary = fixture::run_summary();
    fixture::without_lightrag(&mut summary);
    let health = judge_health(&summary, &Config::defaults(), &[]);
    assert_eq!(health[0].health.reason(), Some("no events in this run"));
    let components: Vec<&str> = health.iter().map(|one| one.component.as_str()).collect();
    assert_eq!(components, ["lightrag", "cache", "circuit_breaker", "fallback_system"]);
}

fn target(outcome: TargetOutcome) -> TargetVerdict {
    TargetVerdict {
        name: "vector_db/p95_ms".into(),
        metric: "vector_db/p95_ms".into(),
        outcome,
        actual: match outcome {
            TargetOutcome::CannotTell => Measured::undefined("no calls"),
            _ => Measured::Value(20.0),
        },
        n: None,
        limit: 25.0,
        direction: LimitDirection::Below,
        unit: Unit::Milliseconds,
        limit_from: LimitOrigin::Config,
        low_sample: false,
        is_proven: true,
        applies: true,
        gate: false,
    }
}

#[test]
fn a_custom_component_is_judged_by_its_targets() {
    let (pass, fail, open) =
        (target(TargetOutcome::Pass), target(TargetOutcome::Fail), target(TargetOutcome::CannotTell));
    assert_eq!(by_targets(&[&pass, &pass]), Measured::Value(Health::Healthy));
    assert_eq!(by_targets(&[&pass, &fail]), Measured::Value(Health::Warning));
    assert_eq!(by_targets(&[&fail, &fail]), Measured::Value(Health::Failing));
    assert!(by_targets(&[&pass, &open]).reason().is_some());
    assert_eq!(by_targets(&[&fail, &open]), Measured::Value(Health::Failing));
}

#[test]
fn components_with_custom_targets_follow_the_four() {
    let health = judge_health(&fixture::run_summary(), &Config::defaults(), &[target(TargetOutcome::Pass)]);
    assert_eq!(health.len(), 5);
    assert_eq!(health[4].component, "vector_db");
    assert_eq!(health[4].evidence[0].name, "vector_db/p95_ms");
}
