//! Levels and what they share, of runs made by hand.

use super::super::{Compared, GroupKey, Reference, RunRegression, fixture};
use super::*;
use crate::config::{Config, Severity, Worse};
use crate::judge::{Assessment, Gate};
use crate::summary::Measured;
use crate::units::{Scale, Unit};

fn change(key: (&str, &str), change: f64, word: ChangeWord) -> MetricChange {
    let not_asked = || Measured::undefined("not asked");
    MetricChange {
        component: key.0.into(),
        metric: key.1.into(),
        unit: Unit::Milliseconds,
        baseline: Measured::Value(100.0),
        current: Measured::Value(100.0 * (1.0 + change)),
        baseline_runs: 1,
        runs: 1,
        scale: Some(Scale::Relative),
        worse: Some(Worse::Higher),
        change: Measured::Value(change),
        interval: not_asked().map(|_: f64| crate::stats::interval::Interval::new(0.0, 0.0)),
        margin: 0.05,
        word: Measured::Value(word),
        severity: (word == ChangeWord::Regressed).then_some(Severity::Medium),
        p: not_asked(),
        baseline_effective_samples: not_asked(),
        current_effective_samples: not_asked(),
        smallest_detectable_change: not_asked(),
        gate: false,
        note: None,
    }
}

fn compared(run_id: &str, users: u32, together: &[&str], changes: Vec<MetricChange>) -> ComparedRun {
    let assessment = Assessment {
        word: "MODERATE".into(),
        critical: 0,
        high: 0,
        medium: 1,
        low: 0,
        improved: 0,
        suspected: 0,
        not_excluded: Vec::new(),
    };
    let outcome = Outcome { assessment, compared: 40, total: 44, changes, expected_false_alarms: 0.1 };
    let regression = RunRegression {
        group: format!("{users} users"),
        baseline_runs: vec![format!("base_{users}")],
        outcome: Measured::Value(outcome),
        gate: Gate::of(Vec::new(), Severity::Medium, Severity::High),
        judged_together: together.iter().map(|&run| run.to_owned()).collect(),
        in_baseline: Vec::new(),
        obstacles: Vec::new(),
    };
    ComparedRun { regression: Measured::Value(regression), ..fixture::run(run_id, users) }
}

fn comparison(runs: Vec<ComparedRun>) -> Comparison {
    let reference = Reference::Nothing;
    let compared = Compared {
        runs,
        quarantined: Vec::new(),
        copies: Vec::new(),
        reference,
        group_by: GroupKey::Scenario,
    };
    Comparison::of(compared, &Config::defaults())
}

fn slower(lightrag: f64, request: f64) -> Vec<MetricChange> {
    vec![
        change(("request", "ok_p95_ms"), request, ChangeWord::Regressed),
        change(("lightrag", "ok_p95_ms"), lightrag, ChangeWord::Regressed),
    ]
}

#[test]
fn repeats_are_one_judgement_and_levels_are_in_the_order_of_their_load() {
    let all = comparison(vec![
        compared("c", 100, &[], slower(0.2, 0.1)),
        compared("a", 25, &["a", "b"], slower(0.2, 0.1)),
        compared("b", 25, &["a", "b"], slower(0.2, 0.1)),
    ]);
    let levels: Vec<(&str, Vec<Vec<&str>>)> = all
        .levels()
        .into_iter()
        .map(|level| (level.name, level.judgements.into_iter().map(|one| one.runs).collect()))
        .collect();
    assert_eq!(levels, [("25 users", vec![vec!["a", "b"]]), ("100 users", vec![vec!["c"]])]);
}

#[test]
fn what_regressed_at_every_level_is_told_once_with_its_range_and_the_requests_last() {
    let all = comparison(vec![
        compared("a", 10, &[], slower(0.24, 0.10)),
        compared("b", 25, &[], slower(0.17, 0.14)),
        compared("c", 50, &[], slower(0.20, 0.12)),
    ]);
    let levels = all.levels();
    let told: Vec<(String, f64, f64, usize)> = everywhere(&levels)
        .iter()
        .map(|found| {
            let size = |change: &MetricChange| *change.change.value().unwrap();
            let key = format!("{}/{}", found.least.component, found.least.metric);
            (key, size(found.least), size(found.most), found.levels)
        })
        .collect();
    let wanted =
        [("lightrag/ok_p95_ms".to_owned(), 0.17, 0.24, 3), ("request/ok_p95_ms".to_owned(), 0.10, 0.14, 3)];
    assert_eq!(told, wanted);
}

#[test]
fn what_one_level_does_not_show_is_not_told_of_all_and_one_level_is_not_all() {
    let other = vec![
        change(("request", "ok_p95_ms"), 0.2, ChangeWord::Inconclusive),
        change(("lightrag", "ok_p95_ms"), -0.2, ChangeWord::Improved),
    ];
    let all = comparison(vec![compared("a", 10, &[], slower(0.24, 0.10)), compared("b", 25, &[], other)]);
    assert!(everywhere(&all.levels()).is_empty());
    let one = comparison(vec![compared("a", 10, &[], slower(0.24, 0.10))]);
    assert!(everywhere(&one.levels()).is_empty());
}
