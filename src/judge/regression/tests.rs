//! Runs made by hand or by a seed, against baselines of them.

use proptest::prelude::*;

use super::*;
use crate::baseline::fixture;
use crate::config::Config;
use crate::exit_code::ExitCode;
use crate::summary::{ComparableMetric, Spread};
use crate::units::Unit;

mod policy;
mod statistic;

fn run(run_id: &str, metrics: Vec<ComparableMetric>) -> RunRecord {
    RunRecord { metrics, ..fixture::record(run_id, 25, 1_000.0) }
}

fn baseline(runs: Vec<RunRecord>) -> Baseline {
    Baseline {
        schema_version: crate::baseline::SCHEMA_VERSION,
        name: "main".into(),
        saved_at: "2026-01-01T00:00:00Z".into(),
        tool: "cmo-metrics".into(),
        runs,
    }
}

fn metric(key: &str, unit: Unit, value: f64, spread: Spread) -> ComparableMetric {
    let (component, name) = key.split_once('/').unwrap();
    fixture::metric(component, name, unit, value, spread)
}

/// A time of which the batches spread by about `relative` (standard deviation) around it.
fn time(key: &str, value: f64, relative: f64) -> ComparableMetric {
    let batch = |index: i32| value * (relative * f64::from(index % 5 - 2) / 2f64.sqrt()).exp();
    metric(key, Unit::Milliseconds, value, Spread::Batches { values: (0..20).map(batch).collect() })
}

fn share(key: &str, hits: u64, of: u64) -> ComparableMetric {
    metric(key, Unit::Ratio, hits as f64 / of as f64, Spread::Share { hits, of, effective: of as f64 / 2.0 })
}

fn growth(value: f64) -> ComparableMetric {
    let spread = Spread::Estimate { standard_error: 1.0, degrees_of_freedom: 20.0 };
    metric("resources/memory_growth_mb", Unit::Megabytes, value, spread)
}

/// All metrics of the gate.
fn healthy(p95_ms: f64) -> Vec<ComparableMetric> {
    vec![
        share("lightrag/success_rate", 1_960, 2_000),
        time("request/ok_p95_ms", p95_ms, 0.05),
        share("request/success_rate", 4_900, 5_000),
        time("request/ok_per_s", 20.0, 0.03),
        growth(5.0),
    ]
}

fn with(mut metrics: Vec<ComparableMetric>, other: ComparableMetric) -> Vec<ComparableMetric> {
    metrics.retain(|metric| metric.key() != other.key());
    metrics.push(other);
    metrics
}

fn compare(current: Vec<ComparableMetric>, runs: Vec<Vec<ComparableMetric>>) -> Regression {
    compare_at(Severity::Medium, current, runs)
}

fn compare_at(
    fail_on: Severity,
    current: Vec<ComparableMetric>,
    runs: Vec<Vec<ComparableMetric>>,
) -> Regression {
    let runs = runs.into_iter().enumerate().map(|(index, metrics)| run(&format!("base-{index}"), metrics));
    let options = ComparisonOptions { fail_on, ..ComparisonOptions::default() };
    compare_with_baseline(
        &run("now", current),
        &baseline(runs.collect()),
        &options,
        &Config::defaults().regression,
    )
}

fn change<'a>(regression: &'a Regression, key: &str) -> &'a MetricChange {
    let comparison = regression.comparison.value().unwrap();
    comparison.changes.iter().find(|change| format!("{}/{}", change.component, change.metric) == key).unwrap()
}

fn word(regression: &Regression, key: &str) -> Option<ChangeWord> {
    change(regression, key).word.value().copied()
}

#[test]
fn a_run_against_itself_has_not_changed_and_passes() {
    let regression = compare(healthy(1_000.0), vec![healthy(1_000.0)]);
    let comparison = regression.comparison.value().unwrap();
    for change in &comparison.changes {
        let word = change.word.value().unwrap();
        assert!(matches!(word, ChangeWord::Unchanged | ChangeWord::Inconclusive), "{change:?}");
        assert_eq!(change.change.number(), Some(0.0), "{}", change.metric);
    }
    // What is inconclusive may hide a regression: only without it none is detected.
    let inconclusive: Vec<String> = comparison
        .changes
        .iter()
        .filter(|change| change.word.value() == Some(&ChangeWord::Inconclusive))
        .map(|change| format!("{}/{}", change.component, change.metric))
        .collect();
    assert!(!inconclusive.is_empty());
    assert_eq!(comparison.assessment.not_excluded, inconclusive);
    assert_eq!(comparison.assessment.word, "No regression shown");
    assert_eq!((regression.gate.code, regression.gate.reasons.as_slice()), (ExitCode::Clean, [].as_slice()));
}

#[test]
fn no_regression_is_detected_only_where_each_metric_is_shown_to_be_no_worse() {
    let calm = || {
        vec![
            share("lightrag/success_rate", 199_000, 200_000),
            time("request/ok_p95_ms", 1_000.0, 0.001),
            share("request/success_rate", 490_000, 500_000),
            time("request/ok_per_s", 20.0, 0.001),
            growth(5.0),
        ]
    };
    let mut settings = Config::defaults().regression;
    (settings.run_noise, settings.run_noise_points, settings.run_noise_amount) = (0.001, 0.0001, 0.01);
    let word = |current: Vec<ComparableMetric>| {
        let options = ComparisonOptions::default();
        let found = compare_with_baseline(
            &run("now", current),
            &baseline(vec![run("base", calm())]),
            &options,
            &settings,
        );
        let assessment = found.comparison.value().unwrap().assessment.clone();
        (assessment.word, assessment.not_excluded)
    };
    assert_eq!(word(calm()), ("No regressions detected".to_owned(), Vec::new()));
    // Better counts as no worse, however uncertain by how much.
    assert_eq!(word(with(calm(), time("request/ok_p95_ms", 500.0, 0.2))).0, "No regressions detected");
    // Nearly the margin, so that it may be beyond; and a metric of the gate that cannot be compared.
    let nearly = word(with(calm(), time("request/ok_p95_ms", 1_049.0, 0.001)));
    assert_eq!(nearly, ("No regression shown".to_owned(), vec!["request/ok_p95_ms".to_owned()]));
    let mut few = time("request/ok_p95_ms", 2_000.0, 0.1);
    few.spread = Measured::undefined("samples: 494, at least 800 needed for 8 batches");
    assert_eq!(word(with(calm(), few)).1, ["request/ok_p95_ms"]);
}

#[test]
fn a_slower_p95_is_found_with_its_severity_and_fails_the_gate() {
    for (factor, severity, code) in
        [(1.5, Severity::High, ExitCode::GateFailed), (1.25, Severity::Medium, ExitCode::GateFailed)]
    {
        let regression = compare(healthy(1_000.0 * factor), vec![healthy(1_000.0)]);
        let p95 = change(&regression, "request/ok_p95_ms");
        assert_eq!(
            (p95.word.value(), p95.severity),
            (Some(&ChangeWord::Regressed), Some(severity)),
            "{factor}"
        );
        assert!((p95.change.number().unwrap() - (factor - 1.0)).abs() < 1e-12);
        assert_eq!(regression.gate.code, code);
        assert!(regression.gate.reasons[0].starts_with("gate: request/ok_p95_ms regressed by +"), "{factor}");
    }
}

#[test]
fn a_metric_of_the_gate_that_nobody_has_is_no_pass() {
    let without = |metrics: Vec<ComparableMetric>| {
        metrics.into_iter().filter(|metric| metric.component != "lightrag").collect::<Vec<_>>()
    };
    let regression = compare(without(healthy(1_000.0)), vec![without(healthy(1_000.0))]);
    assert_eq!(regression.gate.code, ExitCode::CouldNotJudge);
    let reason = &regression.gate.reasons[0];
    assert!(reason.contains("lightrag/success_rate") && reason.contains("gate = false"), "{reason}");

    let vanished = compare(without(healthy(1_000.0)), vec![healthy(1_000.0)]);
    assert_eq!(word(&vanished, "lightrag/success_rate"), Some(ChangeWord::Vanished));
    assert_eq!(vanished.gate.code, ExitCode::CouldNotJudge);
    let coverage = &vanished.comparison.value().unwrap().coverage;
    assert_eq!((coverage.compared, coverage.total), (4, 5));
    assert_eq!(coverage.not_compared[0].reason, "in the baseline, not in this run");
    let appeared = compare(healthy(1_000.0), vec![without(healthy(1_000.0))]);
    assert_eq!(word(&appeared, "lightrag/success_rate"), Some(ChangeWord::Appeared));
}

#[test]
fn a_pattern_of_the_gate_that_nothing_fits_is_no_pass() {
    let mut settings = Config::defaults().regression;
    let rule = settings.rule("request/ok_p95_ms").unwrap().1.clone();
    let gate = |pattern: &str, settings: &mut crate::config::RegressionSettings| {
        settings.metrics.insert(pattern.to_owned(), rule.clone());
        let options = ComparisonOptions::default();
        let base = baseline(vec![run("base", healthy(1_000.0))]);
        compare_with_baseline(&run("now", healthy(1_000.0)), &base, &options, settings).gate
    };
    assert_eq!(gate("*/ok_p95_ms", &mut settings).code, ExitCode::Clean);
    let open = gate("*/ok_p90_ms", &mut settings);
    assert_eq!(open.code, ExitCode::CouldNotJudge);
    assert!(open.reasons[0].contains("*/ok_p90_ms"), "{:?}", open.reasons);
}

#[test]
fn failing_fast_is_not_faster() {
    let failing = with(healthy(500.0), share("request/success_rate", 4_000, 5_000));
    let regression = compare(failing, vec![healthy(1_000.0)]);
    assert_eq!(word(&regression, "request/success_rate"), Some(ChangeWord::Regressed));
    let p95 = change(&regression, "request/ok_p95_ms");
    assert_eq!(p95.word.value(), Some(&ChangeWord::Inconclusive));
    assert!(p95.note.as_ref().unwrap().contains("failing fast"));
    assert_eq!(
        word(&compare(healthy(500.0), vec![healthy(1_000.0)]), "request/ok_p95_ms"),
        Some(ChangeWord::Improved)
    );
}

#[test]
fn times_and_throughput_of_one_component_count_once() {
    let slow = |factor: f64| {
        let mut metrics = healthy(1_000.0 * factor);
        for name in ["ok_p50_ms", "ok_p99_ms", "ok_mean_ms"] {
            metrics.push(time(&format!("request/{name}"), 500.0 * factor, 0.05));
        }
        metrics
    };
    let comparison = compare(slow(1.5), vec![slow(1.0)]).comparison.value().unwrap().clone();
    assert_eq!((comparison.assessment.high, comparison.assessment.word.as_str()), (1, "LOW"));
}

#[test]
fn the_words_of_all_regressions_together_are_those_of_the_reference() {
    let two_high = with(healthy(1_500.0), share("request/success_rate", 4_600, 5_000));
    let word = |regression: Regression| regression.comparison.value().unwrap().assessment.word.clone();
    assert_eq!(word(compare(two_high, vec![healthy(1_000.0)])), "HIGH");
    let critical = with(healthy(1_000.0), share("lightrag/success_rate", 1_800, 2_000));
    assert_eq!(word(compare(critical, vec![healthy(1_000.0)])), "CRITICAL");
}

#[test]
fn a_failure_that_is_new_is_measured_against_none() {
    let regression = compare(
        with(healthy(1_000.0), share("request/error_rate.timeout", 500, 5_000)),
        vec![healthy(1_000.0)],
    );
    let timeouts = change(&regression, "request/error_rate.timeout");
    assert_eq!(timeouts.baseline.number(), Some(0.0));
    assert_eq!(timeouts.word.value(), Some(&ChangeWord::Regressed));
}

#[test]
fn one_failure_more_in_a_short_run_is_not_taken_for_certain() {
    let short = |ok| with(healthy(1_000.0), share("request/success_rate", ok, 100));
    let regression = compare(short(98), (0..5).map(|_| short(100)).collect());
    assert_ne!(word(&regression, "request/success_rate"), Some(ChangeWord::Regressed));
    assert_eq!(regression.gate.code, ExitCode::CouldNotJudge);
}

#[test]
fn a_value_without_known_uncertainty_is_not_compared() {
    let mut vague = time("request/ok_p95_ms", 1_000.0, 0.05);
    vague.spread = Measured::undefined("300 samples, at least 800 needed for 8 batches");
    let regression = compare(with(healthy(1.0), vague.clone()), vec![healthy(1_000.0)]);
    assert_eq!(
        change(&regression, "request/ok_p95_ms").word.reason(),
        Some("300 samples, at least 800 needed for 8 batches")
    );
    assert_eq!(regression.gate.code, ExitCode::CouldNotJudge);
    assert!(regression.gate.reasons[0].contains("at least 800 needed"), "{:?}", regression.gate.reasons);
}

#[test]
fn another_load_is_not_comparable_unless_allowed() {
    let mut now = run("now", healthy(1_000.0));
    now.conditions = fixture::conditions(50);
    let baseline = baseline(vec![run("then", healthy(1_000.0))]);
    let compare = |allow_different: Vec<Field>| {
        let options = ComparisonOptions { allow_different, ..ComparisonOptions::default() };
        compare_with_baseline(&now, &baseline, &options, &Config::defaults().regression)
    };
    let refused = compare(Vec::new());
    assert_eq!(refused.gate.code, ExitCode::CouldNotJudge);
    assert!(refused.comparison.value().is_none());
    assert!(
        refused.gate.reasons[0].contains("users: 25 in the baseline, 50 here"),
        "{:?}",
        refused.gate.reasons
    );
    assert_eq!(compare(vec![Field::Users]).gate.code, ExitCode::Clean);
}

fn swapped(word: ChangeWord) -> ChangeWord {
    match word {
        ChangeWord::Regressed => ChangeWord::Improved,
        ChangeWord::Improved => ChangeWord::Regressed,
        other => other,
    }
}

proptest! {
    #[test]
    fn swapping_run_and_baseline_swaps_regressed_and_improved(
        factors in prop::collection::vec(0.5f64..2.0, 8),
        spread in 0.005f64..0.3,
        ok in 800u64..=1_000,
    ) {
        // Without a fall of success, which takes the word `improved` from times.
        let metrics = |exponent: i32| -> Vec<ComparableMetric> {
            let times = factors.iter().enumerate().map(|(index, factor)| {
                time(&format!("component-{index}/ok_p95_ms"), 1_000.0 * factor.powi(exponent), spread)
            });
            let ok = if exponent == 1 { ok } else { 950 };
            times.chain([share("other/success_rate", ok, 1_000), growth(30.0 * factors[0] * f64::from(exponent))]).collect()
        };
        let there = compare(metrics(1), vec![metrics(0)]);
        let back = compare(metrics(0), vec![metrics(1)]);
        for (one, other) in there.comparison.value().unwrap().changes.iter().zip(&back.comparison.value().unwrap().changes) {
            let (one, other) = (*one.word.value().unwrap(), *other.word.value().unwrap());
            let sided = |word| matches!(word, ChangeWord::Regressed | ChangeWord::Improved | ChangeWord::Unchanged);
            if sided(one) || sided(other) {
                prop_assert_eq!(swapped(one), other);
            }
        }
    }

    #[test]
    fn a_larger_change_is_never_judged_milder(step in 1.0f64..1.5, more in 1.0f64..1.5, spread in 0.005f64..0.3) {
        let gate = |factor: f64| {
            compare(with(healthy(1_000.0), time("request/ok_p95_ms", 1_000.0 * factor, spread)), vec![healthy(1_000.0)]).gate.code
        };
        prop_assert!(gate(step * more) >= gate(step) || gate(step) == ExitCode::GateFailed && gate(step * more) == ExitCode::GateFailed);
    }
}
