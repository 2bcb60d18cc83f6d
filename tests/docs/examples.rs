//! The worked examples of the methodology, computed by the program itself.

use cmo_metrics::units::{Scale, Unit};
use std::collections::BTreeMap;

use super::{load, run};

use cmo_metrics::baseline::{Baseline, Conditions, RunRecord, SCHEMA_VERSION};
use cmo_metrics::config::Config;
use cmo_metrics::judge::{ChangeWord, ComparisonOptions, MetricChange, Regression, compare_with_baseline};
use cmo_metrics::summary::{ComparableMetric, Measured, Spread, WindowName};

/// Name of the block and what computes its text.
type Example = (&'static str, fn() -> String);

pub(crate) const EXAMPLES: [Example; 14] = [
    ("grade", run::grade),
    ("targets", run::targets),
    ("window", run::window),
    ("trend", run::trend),
    ("leak", run::leak),
    ("correlation", run::correlation),
    ("batches", batches),
    ("runs", runs),
    ("shares", shares),
    ("gate", gate),
    ("law", load::law),
    ("capacity", load::capacity),
    ("scaling", load::scaling),
    ("across", load::across),
];

fn record(run_id: &str, metrics: Vec<ComparableMetric>) -> RunRecord {
    RunRecord {
        run_id: run_id.into(),
        conditions: Conditions {
            scenario: Some("steady".into()),
            users: Some(50),
            load_model: Some("closed".into()),
            target_rate_per_s: None,
            environment: BTreeMap::from([("cpus".to_owned(), "2".to_owned())]),
            config_digest: "digest".into(),
            config_sections: BTreeMap::new(),
        },
        started_at: None,
        git_commit: None,
        git_branch: None,
        window: WindowName::Steady,
        window_s: Some(300.0),
        is_trusted: true,
        metrics,
    }
}

fn metric(key: &str, unit: Unit, value: f64, spread: Spread) -> ComparableMetric {
    let (component, name) = key.split_once('/').unwrap();
    ComparableMetric {
        component: component.into(),
        name: name.into(),
        unit,
        value: Measured::Value(value),
        samples: 5_000,
        spread: Measured::Value(spread),
        longest_pause: None,
        lost_users: None,
    }
}

/// 20 batches whose logarithms have a standard deviation of 5.13 %.
fn p95(value_ms: f64) -> ComparableMetric {
    let batch = |index: i32| value_ms * (0.05 * f64::from(index % 5 - 2) / 2f64.sqrt()).exp();
    metric(
        "request/ok_p95_ms",
        Unit::Milliseconds,
        value_ms,
        Spread::Batches { values: (0..20).map(batch).collect() },
    )
}

fn success(ok: u64) -> ComparableMetric {
    let spread = Spread::Share { hits: ok, of: 5_000, effective: 2_500.0 };
    metric("request/success_rate", Unit::Ratio, ok as f64 / 5_000.0, spread)
}

fn compare(current: ComparableMetric, baseline: Vec<ComparableMetric>) -> Regression {
    let runs =
        baseline.into_iter().enumerate().map(|(index, metric)| record(&format!("run-{index}"), vec![metric]));
    let baseline = Baseline {
        schema_version: SCHEMA_VERSION,
        name: "main".into(),
        saved_at: "2026-01-01T00:00:00Z".into(),
        tool: "cmo-metrics".into(),
        runs: runs.collect(),
    };
    let options = ComparisonOptions::default();
    let settings = Config::defaults().regression;
    compare_with_baseline(&record("now", vec![current]), &baseline, &options, &settings)
}

fn change(regression: &Regression) -> &MetricChange {
    &regression.comparison.value().unwrap().changes[0]
}

/// `+24.0 % (+12.3 … +36.9 %): regressed, medium`.
fn verdict(change: &MetricChange) -> String {
    let interval = change.interval.value().unwrap();
    let number = |value: f64| format!("{:+.1}", value * 100.0);
    let unit = if change.scale == Some(Scale::Points) { "points" } else { "%" };
    let word = match change.word.value().unwrap() {
        ChangeWord::Regressed => "regressed",
        ChangeWord::Suspected => "suspected",
        ChangeWord::Unchanged => "unchanged",
        ChangeWord::Improved => "improved",
        _ => "inconclusive",
    };
    let severity =
        change.severity.map(|severity| format!(", {severity:?}").to_lowercase()).unwrap_or_default();
    format!(
        "{} {unit} ({} … {} {unit}): {word}{severity}",
        number(change.change.number().unwrap()),
        number(interval.low),
        number(interval.high)
    )
}

fn batches() -> String {
    let lines = [1_250.0, 1_120.0, 1_020.0, 800.0].map(|value_ms| {
        let regression = compare(p95(value_ms), vec![p95(1_000.0)]);
        format!("- P95 {value_ms} ms: {}", verdict(change(&regression)))
    });
    let same = compare(p95(1_000.0), vec![p95(1_000.0)]);
    let detectable = change(&same).smallest_detectable_change.number().unwrap() * 100.0;
    format!(
        "*Example:* baseline P95 1,000 ms, 20 batches on both sides with a standard deviation of 5.1 % (of their \n\
         logarithms). The smallest change that would fail such a pair four times in five is {detectable:+.1} %.\n\n{}",
        lines.join("\n")
    )
}

fn runs() -> String {
    let baseline: Vec<ComparableMetric> = [980.0, 990.0, 1_000.0, 1_010.0, 1_020.0].map(p95).to_vec();
    let lines = [1_100.0, 1_060.0].map(|value_ms| {
        let regression = compare(p95(value_ms), baseline.clone());
        format!("- P95 {value_ms} ms: {}", verdict(change(&regression)))
    });
    let detectable =
        change(&compare(p95(1_000.0), baseline.clone())).smallest_detectable_change.number().unwrap();
    format!(
        "*Example:* the same with a baseline of five runs with a P95 of 980, 990, 1,000, 1,010 and 1,020 ms: {:+.1} %.\n\n{}",
        detectable * 100.0,
        lines.join("\n")
    )
}

fn shares() -> String {
    let lines = [4_700, 4_850, 4_890].map(|ok| {
        let regression = compare(success(ok), vec![success(4_900)]);
        format!("- {:.1} % succeeded: {}", ok as f64 / 50.0, verdict(change(&regression)))
    });
    format!(
        "*Example:* 98.0 % of 5,000 requests succeeded in the baseline; failures come in bursts, so that 5,000 requests \n\
         count as 2,500 independent ones on both sides.\n\n{}",
        lines.join("\n")
    )
}

fn gate() -> String {
    let lines = [1_250.0, 1_120.0, 1_020.0].map(|value_ms| {
        let regression = compare(p95(value_ms), vec![p95(1_000.0)]);
        let check = regression.gate.checks.iter().find(|check| check.metric == "request/ok_p95_ms").unwrap();
        format!("- P95 {value_ms} ms: {} → {}", check.because, check.code.code())
    });
    format!(
        "*Example:* the runs of the first example, `--fail-on medium` (+15 % for a P95); a metric alone.\n\n{}",
        lines.join("\n")
    )
}
