//! The table of verdicts: every verdict stands once, with its numbers and its word.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_cast::cast;
use arrow_schema::DataType;

use super::record_batch;
use crate::analysis::Analysis;
use crate::judge::{Overload, SteadyCheck, SteadyWord};
use crate::report::fixture;
use crate::summary::Measured;
use crate::units::Unit;

/// Column name → its value as text, of each row of `kind`; nulls are left out.
fn rows(analysis: &Analysis, kind: &str) -> Vec<String> {
    let batch = record_batch(&[analysis]).unwrap();
    let texts: Vec<(String, Vec<Option<String>>)> = batch
        .schema()
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, column)| {
            let plain = cast(column, &DataType::Utf8).unwrap();
            let values = plain.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect();
            (field.name().clone(), values)
        })
        .collect();
    let line = |row: usize| {
        let cells =
            texts.iter().filter_map(|(name, values)| Some(format!("{name}={}", values[row].as_ref()?)));
        cells.collect::<Vec<_>>().join(" ")
    };
    (0..batch.num_rows()).map(line).filter(|line| line.contains(&format!("kind={kind} "))).collect()
}

#[test]
fn a_row_holds_what_the_verdict_rests_on() {
    let judged = fixture::judged();
    let shown: Vec<String> =
        ["exit", "grade", "trend", "leak", "correlation", "recommendation", "assessment", "gate"]
            .iter()
            .flat_map(|kind| rows(&judged, kind))
            .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn whether_the_run_was_steady_stands_with_what_was_compared() {
    let mut plain = fixture::plain();
    assert_eq!(
        rows(&plain, "overload"),
        [
            "run_id=fixture window=whole kind=overload subject=run metric=arrivals_beyond_completions verdict=keeps_up \
          unit=ratio limit=0.02 limit_direction=below"
        ]
    );
    plain.steadiness.word = SteadyWord::NotSteady;
    plain.steadiness.overload = Measured::Value(Overload { excess: 0.5, in_flight: 300.0 });
    plain.steadiness.checks = vec![SteadyCheck {
        metric: "p95_response_time".into(),
        unit: Unit::Milliseconds,
        word: SteadyWord::NotSteady,
        quarters: vec![1.0, 1.0, 1.0, 2.0],
        difference: Measured::Value(0.8),
        limit: 0.15,
        noise: Measured::Value(0.2),
        half_width: Measured::Value(0.1),
        reason: Some("P95 differs".into()),
    }];
    assert!(rows(&plain, "steadiness")[0].contains("verdict=not_steady"));
    assert!(rows(&plain, "overload")[0].contains("verdict=overloaded value=0.5"));
    let check = &rows(&plain, "steadiness_check")[0];
    assert!(check.contains("metric=p95_response_time verdict=not_steady value=0.8 unit=ratio"), "{check}");
    assert!(check.ends_with("limit=0.15 limit_direction=below reason=P95 differs"), "{check}");
}

#[test]
fn every_change_stands_once_whatever_its_word() {
    let judged = fixture::judged();
    let comparison = judged.regression.value().unwrap().comparison.value().unwrap();
    let changes = rows(&judged, "change");
    assert_eq!(changes.len(), comparison.changes.len());
    let of = |metric: &str| changes.iter().find(|row| row.contains(metric)).unwrap().as_str();
    for (metric, wanted) in [
        ("subject=cache_l3 metric=hit_rate", "verdict=vanished"),
        (
            "subject=request metric=ok_p95_ms",
            "verdict=regressed severity=medium value=1009.0 unit=ms baseline_value=812.0",
        ),
        ("subject=vector_db metric=ok_p99_ms", "reason=too few samples: 300, at least 800 needed"),
    ] {
        assert!(of(metric).contains(wanted), "{}", of(metric));
    }
    assert!(
        !of("subject=vector_db metric=ok_p99_ms").contains("verdict="),
        "no word where none could be given"
    );
}

#[test]
fn without_a_baseline_nothing_is_said_of_one_and_a_faulty_one_is_a_row_with_its_reason() {
    let mut plain = fixture::plain();
    for kind in ["change", "gate", "assessment", "comparability"] {
        assert_eq!(rows(&plain, kind), Vec::<String>::new());
    }
    plain.baseline_fault = Some("no such baseline".into());
    assert_eq!(
        rows(&plain, "assessment"),
        ["run_id=fixture window=whole kind=assessment subject=baseline reason=no such baseline"]
    );
    plain.baseline_fault = None;
    plain.regression = Measured::Value(fixture::incomparable());
    assert_eq!(rows(&plain, "comparability").len(), 6);
    assert!(rows(&plain, "assessment")[0].contains("reason=not comparable with the baseline"));
}

#[test]
fn no_verdict_stands_twice() {
    let batch = record_batch(&[&fixture::judged()]).unwrap();
    let text = |name: &str, row: usize| {
        let plain = cast(batch.column_by_name(name).unwrap(), &DataType::Utf8).unwrap();
        let plain = plain.as_string::<i32>();
        arrow_array::Array::is_valid(plain, row).then(|| plain.value(row).to_owned())
    };
    let keys = ["window", "kind", "subject", "other", "metric"];
    let mut all: Vec<Vec<Option<String>>> =
        (0..batch.num_rows()).map(|row| keys.iter().map(|key| text(key, row)).collect()).collect();
    let rows = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), rows);
    let values = batch.column_by_name("value").unwrap().as_primitive::<Float64Type>();
    assert!(values.iter().flatten().all(f64::is_finite));
}
