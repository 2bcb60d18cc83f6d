//! Whole runs: simulated ones whose truth is known, and those that are shipped.

use std::path::Path;

use super::*;
use crate::analysis::Windows;
use crate::library;
use crate::simulate::{Length, Parameters, Plan, Scenario, simulate};

/// Measures and judges a run file as `analyze` does.
fn case_of(path: &Path) -> Case {
    let config = Config::defaults();
    let run = library::open(path, &config).unwrap();
    let Windows { judged, steadiness, .. } =
        library::measure(&run, &judge::WindowChoice::default(), &config).unwrap();
    Case {
        trends: judge::judge_trends(&judged, &config),
        leak: judge::judge_leak(&judged, &config),
        correlation: judge::correlate_components(&judged, &config),
        steadiness: Some(steadiness),
        ..Case::of(judged)
    }
}

fn print(case: &Case) {
    for found in case.recommend() {
        eprintln!("\n[{:?}] {} / {}\n  {}", found.severity, found.rule, found.subject, found.text);
        found.evidence.iter().for_each(|sentence| eprintln!("  - {sentence}"));
        eprintln!("  => {:?}", found.expected_effect);
    }
}

#[test]
#[ignore = "prints what shipped and simulated runs are told, to be read"]
fn what_runs_are_told() {
    let wanted = std::env::var("RUNS").unwrap_or_else(|_| "load_50 load_200".to_owned());
    for name in wanted.split_whitespace() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("data/{name}.parquet"));
        eprintln!("\n=========== {name}");
        match Scenario::ALL.into_iter().find(|scenario| scenario.name() == name) {
            Some(scenario) => print(&simulated(Parameters::new(scenario))),
            None => print(&case_of(&path)),
        }
    }
}

fn simulated(parameters: Parameters) -> Case {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    simulate(&Plan::new(parameters).unwrap(), &path).unwrap();
    case_of(&path)
}

/// A short run of the scenario with another seed than the defaults.
fn short(scenario: Scenario, seed: u64) -> Case {
    simulated(Parameters { seed, length: Length::Seconds(90.0), ..Parameters::new(scenario) })
}

#[test]
fn a_healthy_run_is_told_nothing() {
    for seed in [1, 2, 3, 4] {
        let said = short(Scenario::Healthy, seed).recommend();
        assert!(said.is_empty(), "seed {seed}: {said:#?}");
    }
}

#[test]
fn each_scenario_is_told_first_what_is_wrong_with_it() {
    for (scenario, rule, subject) in [
        (Scenario::ErrorBurst, "failures_cluster", "lightrag"),
        (Scenario::BreakerFlapping, "breaker_flaps", "circuit_breaker"),
        (Scenario::Saturation, "tail_from_one_component", "request"),
        (Scenario::Leak, "memory_leak", "resources"),
    ] {
        for seed in [7, 8] {
            let said = short(scenario, seed).recommend();
            let first = said.first().map(|first| (first.rule.as_str(), first.subject.as_str()));
            assert_eq!(first, Some((rule, subject)), "{scenario}, seed {seed}: {said:#?}");
        }
    }
}

#[test]
fn a_saturated_run_is_told_to_give_lightrag_more_slots() {
    let said = short(Scenario::Saturation, 7).recommend();
    assert!(said[0].text.contains("whose calls wait for a slot"), "{}", said[0].text);
    assert!(said[0].action.contains("`MAX_ASYNC`"), "{}", said[0].action);
}

#[test]
#[ignore = "a count over many seeds, to be read"]
fn how_many_healthy_runs_are_told_something() {
    let mut told = Vec::new();
    for seed in 0..60 {
        for (users, seconds) in [(50, 60.0), (50, 180.0), (200, 60.0)] {
            let parameters = Parameters {
                seed,
                users,
                length: Length::Seconds(seconds),
                ..Parameters::new(Scenario::Healthy)
            };
            told.extend(
                simulated(parameters).recommend().into_iter().map(|found| (seed, users, seconds, found.text)),
            );
        }
    }
    told.iter().for_each(|told| eprintln!("{told:?}"));
    eprintln!("{} recommendations for 180 healthy runs", told.len());
}
