//! Runs made by hand, against a baseline of one.

use super::*;
use crate::baseline::fixture;
use crate::comparison::fixture as compared;
use crate::exit_code::ExitCode;
use crate::judge::{Severity, compare_with_baseline};
use crate::summary::{ComparableMetric, Measured, Spread};
use crate::units::Unit;

/// The P95 alone, of which the batches spread by 20 %.
fn p95(value_ms: f64) -> Vec<ComparableMetric> {
    let batch = |index: i32| value_ms * (0.2 * f64::from(index % 5 - 2) / 2f64.sqrt()).exp();
    let spread = Spread::Batches { values: (0..20).map(batch).collect() };
    vec![fixture::metric("request", "ok_p95_ms", Unit::Milliseconds, value_ms, spread)]
}

fn record(run_id: &str, p95_ms: f64) -> RunRecord {
    RunRecord { metrics: p95(p95_ms), ..fixture::record(run_id, 25, p95_ms) }
}

/// Judges runs, each with its day and commit, and gives the code and the reasons of each.
fn judge(runs: &[(&str, f64, &str, &str)]) -> Vec<(ExitCode, Vec<String>)> {
    judge_after(&[], runs)
}

/// The same after nights whose files are gone.
fn judge_after(earlier: &[RunRecord], runs: &[(&str, f64, &str, &str)]) -> Vec<(ExitCode, Vec<String>)> {
    let mut config = Config::defaults();
    config.regression.metrics.retain(|key, rule| !rule.gate || key == "request/ok_p95_ms");
    let baseline = fixture::baseline("main", vec![record("base", 1_000.0)]);
    let options = ComparisonOptions { fail_on: Severity::Medium, ..ComparisonOptions::default() };
    let mut runs: Vec<ComparedRun> = runs
        .iter()
        .map(|&(run_id, p95_ms, day, commit)| {
            let record = RunRecord { started_at: Some(format!("{day}T03:00:00Z")), ..record(run_id, p95_ms) };
            let found = compare_with_baseline(&record, &baseline, &options, &config.regression);
            let mut run = compared::run(run_id, 25);
            (run.record, run.git_commit) = (Some(record), Some(commit.to_owned()));
            (run.own_findings, run.exit_code) = (Vec::new(), ExitCode::Clean);
            run.compared_anew(RunRegression::of(&found));
            run
        })
        .collect();
    let against = Against::Baseline { baseline, options };
    let earlier: Vec<&RunRecord> = earlier.iter().collect();
    judge_together(&mut runs, &GroupKey::Scenario, &against, &earlier, &config);
    let told = |run: &ComparedRun| {
        let reasons = run.regression.value().map(|own| own.gate.reasons.clone()).unwrap_or_default();
        (run.exit_code, reasons)
    };
    runs.iter().map(told).collect()
}

const DAY: &str = "2026-01-01";

#[test]
fn a_repeat_decides_what_one_run_leaves_open() {
    let alone = judge(&[("a", 1_250.0, DAY, "c")]);
    assert_eq!(alone[0].0, ExitCode::CouldNotJudge, "{alone:?}");
    let again = judge(&[("a", 1_250.0, DAY, "c"), ("b", 940.0, DAY, "c")]);
    assert_eq!((again[0].0, again[1].0), (ExitCode::Clean, ExitCode::Clean), "{again:?}");
    let worse = judge(&[("a", 1_400.0, DAY, "c"), ("b", 1_400.0, DAY, "c")]);
    assert_eq!((worse[0].0, worse[1].0), (ExitCode::GateFailed, ExitCode::GateFailed));
    assert!(worse[0].1[0].contains("2 runs together"), "{worse:?}");
}

#[test]
fn runs_of_different_builds_on_one_day_are_no_repeats() {
    let found = judge(&[("a", 1_250.0, DAY, "c"), ("b", 1_000.0, DAY, "d")]);
    assert_eq!((found[0].0, found[1].0), (ExitCode::CouldNotJudge, ExitCode::Clean), "{found:?}");
}

#[test]
fn a_healthy_repeat_does_not_hide_what_one_run_proves_alone() {
    // Alone p = 0.0005; the mean of both, +22 %, is suspected.
    let found = judge(&[("a", 1_600.0, DAY, "c"), ("b", 1_000.0, DAY, "c")]);
    assert_eq!(found[0].0, ExitCode::GateFailed, "{found:?}");
    assert_ne!(found[1].0, ExitCode::GateFailed);
}

#[test]
fn however_many_healthy_repeats_stand_beside_it_a_run_that_fails_alone_does_not_pass() {
    for p95_ms in [1_550.0, 1_600.0, 2_500.0] {
        assert_eq!(judge(&[("a", p95_ms, DAY, "c")])[0].0, ExitCode::GateFailed);
        for repeats in 1..=9 {
            let names: Vec<String> = (0..repeats).map(|repeat| format!("b{repeat}")).collect();
            let healthy = names.iter().map(|name| (name.as_str(), 1_000.0, DAY, "c"));
            let found = judge(&[("a", p95_ms, DAY, "c")].into_iter().chain(healthy).collect::<Vec<_>>());
            assert_ne!(found[0].0, ExitCode::Clean, "{p95_ms} beside {repeats}: {found:?}");
        }
    }
}

#[test]
fn a_lasting_change_is_found_by_three_nights_and_a_mended_one_is_forgiven() {
    let night = |day: &'static str, p95_ms: f64| (day, p95_ms, day, "c");
    let nights = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"];
    let found = judge(&[
        night(nights[0], 1_400.0),
        night(nights[1], 1_400.0),
        night(nights[2], 1_400.0),
        night(nights[3], 1_010.0),
    ]);
    let codes: Vec<ExitCode> = found.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes[0], ExitCode::CouldNotJudge, "{found:?}");
    assert_eq!(codes[2], ExitCode::GateFailed, "{found:?}");
    assert!(found[2].1[0].contains("3 runs together"), "{found:?}");
    assert_eq!(codes[3], ExitCode::Clean, "{found:?}");
}

/// A night that the history has.
fn night(day: &str, p95_ms: f64) -> RunRecord {
    RunRecord {
        started_at: Some(format!("{day}T03:00:00Z")),
        ..record(&format!("night {day} {p95_ms}"), p95_ms)
    }
}

#[test]
fn two_nights_of_the_history_find_what_lasts_and_one_or_other_ones_do_not() {
    let (first, second) = (night("2026-01-01", 1_400.0), night("2026-01-02", 1_400.0));
    let today = |p95_ms: f64| [("c", p95_ms, "2026-01-03", "c")];
    let code = |earlier: &[RunRecord], p95_ms: f64| judge_after(earlier, &today(p95_ms))[0].0;
    let alone = judge(&today(1_400.0))[0].0;
    assert_eq!(alone, ExitCode::CouldNotJudge);
    let found = judge_after(&[first.clone(), second.clone()], &today(1_400.0));
    assert_eq!(found[0].0, ExitCode::GateFailed, "{found:?}");
    assert!(found[0].1[0].contains("3 runs together"), "{found:?}");
    // A mended fault does not stay red.
    assert_eq!(code(&[first.clone(), second.clone()], 1_010.0), ExitCode::Clean);
    assert_eq!(code(std::slice::from_ref(&second), 1_400.0), alone);
    let later = night("2026-01-04", 1_400.0);
    assert_eq!(code(&[second.clone(), later], 1_400.0), alone, "what came later is no night before");
    let mut other_load = first.clone();
    other_load.conditions.users = Some(100);
    assert_eq!(code(&[other_load, second.clone()], 1_400.0), alone);
    let in_baseline = RunRecord { run_id: "base".to_owned(), ..first.clone() };
    assert_eq!(code(&[in_baseline, second.clone()], 1_400.0), alone);
    // Of many nights the last two count.
    let healthy = |day: &str| night(day, 1_000.0);
    assert_eq!(
        code(&[first, healthy("2025-12-30"), second, healthy("2025-12-31")], 1_400.0),
        ExitCode::GateFailed
    );
}

#[test]
fn without_a_baseline_nothing_is_judged_together() {
    let mut runs = vec![compared::run("a", 25), compared::run("b", 25)];
    let before = runs.clone();
    judge_together(&mut runs, &GroupKey::Scenario, &Against::Nothing, &[], &Config::defaults());
    assert_eq!(runs, before);
    assert_eq!(runs[0].regression, Measured::undefined("no baseline was asked for"));
}
