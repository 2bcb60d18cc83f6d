//! Targets at their limits, without numbers, overridden and custom.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::summary::{Measured, fixture};
use crate::units::Unit;

fn judge(summary: &RunSummary, config: &Config, name: &str) -> TargetVerdict {
    let verdicts = judge_targets(summary, config);
    verdicts.into_iter().find(|verdict| verdict.name == name).expect("the target is judged")
}

fn outcome(summary: &RunSummary, name: &str) -> TargetOutcome {
    judge(summary, &Config::defaults(), name).outcome
}

#[test]
fn every_configured_target_has_a_rule_and_every_rule_a_target() {
    let mut rules: Vec<&str> = NAMED_TARGETS.iter().map(|(name, _)| *name).collect();
    rules.sort_unstable();
    let targets = Config::defaults().targets;
    assert_eq!(rules, targets.keys().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn a_value_at_its_limit_misses_the_target() {
    for (rate, wanted) in
        [(0.95, TargetOutcome::Fail), (0.951, TargetOutcome::Pass), (0.0, TargetOutcome::Fail)]
    {
        let mut summary = fixture::run_summary();
        summary.requests.success_rate = Measured::Value(rate);
        assert_eq!(outcome(&summary, "success_rate"), wanted, "{rate}");
    }
    for (p95_ms, wanted) in [(2000.0, TargetOutcome::Fail), (1999.9, TargetOutcome::Pass)] {
        let mut summary = fixture::run_summary();
        summary.requests.all = fixture::distribution(&[p95_ms; 300]);
        assert_eq!(outcome(&summary, "p95_response_time_ms"), wanted, "{p95_ms}");
    }
}

#[test]
fn each_tier_is_judged_by_its_own_hit_rate() {
    let summary = fixture::run_summary();
    let actual = |name| judge(&summary, &Config::defaults(), name).actual;
    assert_eq!(actual("l1_hit_rate"), Measured::Value(0.82));
    assert_eq!(actual("l2_hit_rate"), Measured::Value(0.5));
    assert_eq!(actual("l3_hit_rate").reason(), Some("no calls of `cache_l3` in this run"));
    assert_eq!(outcome(&summary, "l2_hit_rate"), TargetOutcome::Fail);
    assert_eq!(outcome(&summary, "l3_hit_rate"), TargetOutcome::CannotTell);
}

#[test]
fn exactly_one_success_target_applies() {
    let cases = [
        (None, None, false),
        (Some("healthy"), None, false),
        (Some("Spike-200"), None, true),
        (None, Some("overload test"), true),
    ];
    for (scenario, load, is_stress) in cases {
        let mut summary = fixture::run_summary();
        summary.identity.metadata.scenario = scenario.map(str::to_owned);
        summary.identity.metadata.tags =
            load.map(|load| BTreeMap::from([("load".into(), load.into())])).unwrap_or_default();
        let normal = judge(&summary, &Config::defaults(), "success_rate");
        let stress = judge(&summary, &Config::defaults(), "success_rate_under_stress");
        let (applies, other) = if is_stress { (&stress, &normal) } else { (&normal, &stress) };
        assert_ne!(applies.outcome, TargetOutcome::CannotTell, "{scenario:?} {load:?}");
        assert_eq!(other.outcome, TargetOutcome::CannotTell);
        assert!(applies.applies && !other.applies);
        assert!(other.actual.reason().unwrap().contains("a stress run"));
    }
}

#[test]
fn without_events_no_target_is_kept_or_missed() {
    let mut summary = fixture::run_summary();
    fixture::without_lightrag(&mut summary);
    summary.breaker = Measured::undefined("no events in this run");
    for name in ["lightrag_success_rate", "breaker_opens_above", "breaker_closes_below"] {
        let verdict = judge(&summary, &Config::defaults(), name);
        assert_eq!(verdict.outcome, TargetOutcome::CannotTell);
        assert!(verdict.actual.reason().unwrap().contains("in this run"), "{verdict:?}");
        assert!(!verdict.low_sample);
    }
}

#[test]
fn few_samples_are_marked_by_what_the_limit_needs() {
    // A share against 0.95 needs 200, as a P95 does; against 0.8 it needs 50.
    for (finished, wanted) in [(199, true), (200, false)] {
        let mut summary = fixture::run_summary();
        summary.requests.totals.ok = Measured::Value(finished);
        summary.requests.totals.failed = Measured::Value(0);
        assert_eq!(judge(&summary, &Config::defaults(), "success_rate").low_sample, wanted, "{finished}");
    }
    let mut summary = fixture::run_summary();
    summary.requests.all = fixture::distribution(&[1.0; 199]);
    assert!(judge(&summary, &Config::defaults(), "p95_response_time_ms").low_sample);
}

#[test]
fn a_run_may_override_a_limit_and_the_verdict_says_so() {
    let mut summary = fixture::run_summary();
    summary.requests.all = fixture::distribution(&[2500.0; 300]);
    summary.identity.metadata.targets =
        BTreeMap::from([("targets.p95_response_time_ms".into(), json!(3000))]);
    let config = Config::defaults().with_run_overrides(&summary.identity.metadata.targets).unwrap();
    let verdict = judge(&summary, &config, "p95_response_time_ms");
    assert_eq!((verdict.outcome, verdict.limit), (TargetOutcome::Pass, 3000.0));
    assert_eq!(verdict.limit_from, LimitOrigin::Run);
    assert_eq!(judge(&summary, &config, "success_rate").limit_from, LimitOrigin::Config);
}

fn custom(name: &str, below: f64) -> TargetVerdict {
    let mut config = Config::defaults();
    config.custom_targets.insert(name.into(), Target { above: None, below: Some(below), gate: true });
    judge(&fixture::run_summary(), &config, name)
}

#[test]
fn custom_targets_reach_components_operations_and_sampled_metrics() {
    for (name, wanted, unit) in [
        ("vector_db/mean_ms", Some(20.0), Unit::Milliseconds),
        ("vector_db/p95_ms", Some(20.0), Unit::Milliseconds),
        ("vector_db/p99_9_ms", Some(20.0), Unit::Milliseconds),
        ("vector_db/ok_p95_ms", Some(20.0), Unit::Milliseconds),
        ("cache/lookup_hit_rate", Some(0.91), Unit::Ratio),
        ("request/ok_per_s", Some(20.0), Unit::PerSecond),
        ("vector_db/search/success_rate", Some(1.0), Unit::Ratio),
        ("vector_db/throughput_per_s", Some(2.0), Unit::PerSecond),
        ("process/threads.max", Some(12.0), Unit::Number),
        ("process/threads.mean", Some(7.0), Unit::Number),
        ("process/threads[worker-1].last", Some(9.0), Unit::Number),
        ("process/threads.last", None, Unit::Number),
        ("vector_db/insert/mean_ms", None, Unit::Milliseconds),
        ("graph_db/mean_ms", None, Unit::Milliseconds),
        ("process/open_files.max", None, Unit::Number),
    ] {
        let verdict = custom(name, 1e9);
        assert_eq!(verdict.actual.number(), wanted, "{name}: {:?}", verdict.actual);
        assert_eq!(verdict.unit, unit, "{name}");
        assert!(verdict.gate);
        let told = if wanted.is_some() { TargetOutcome::Pass } else { TargetOutcome::CannotTell };
        assert_eq!(verdict.outcome, told, "{name}");
    }
    assert_eq!(custom("vector_db/mean_ms", 20.0).outcome, TargetOutcome::Fail);
}
