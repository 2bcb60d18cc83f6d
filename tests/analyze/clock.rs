//! Times that cannot be: a clock that was set while recording, rows and durations that are not of the run.

use std::sync::Arc;

use arrow_array::{Float64Array, StringArray, TimestampMicrosecondArray};

use crate::support::files::{Columns, T0_US, requests, texts, to_batch, with, without};
use crate::support::{Bench, Said, assert_holds};

const S: i64 = 1_000_000;

/// `requests(rows)` at other times.
fn at(rows: usize, time_us: impl Fn(i64) -> i64) -> Columns {
    let times = (0..rows as i64).map(|row| time_us(T0_US + row * 10_000));
    with(requests(rows), "ts", Arc::new(TimestampMicrosecondArray::from_iter_values(times)))
}

fn analyze(columns: Columns, metadata: Option<&str>) -> (Said, Bench) {
    let bench = Bench::new();
    bench.write_run("run.parquet", &to_batch(columns), metadata);
    (bench.call(&["analyze", "run.parquet"]), bench)
}

#[track_caller]
fn assert_one_row_is_left_out(found: (Said, Bench), reason: &str) {
    let (said, bench) = found;
    assert_eq!(said.code, 0, "{said:?}");
    assert_holds(&said.out, &["Left out: 1 faulty row"]);
    let report = bench.json("reports/run/report.json");
    assert_eq!(report["data_quality"]["rows_left_out"][0]["reason"], reason);
    let per_s = report["detailed_metrics"]["throughput_analysis"]["current"].as_f64().unwrap();
    assert!((per_s - 100.0).abs() < 1.0, "{per_s}");
}

#[test]
fn a_row_that_lies_far_from_all_others_is_left_out_and_said() {
    for far_s in [-800_000_000, -2000, 3000, 31_000_000] {
        let stray = |us: i64| if us == T0_US + 50 * S { us + far_s * S } else { us };
        assert_one_row_is_left_out(analyze(at(12_000, stray), None), "stray_ts");
    }
}

#[test]
fn a_row_outside_of_the_declared_time_is_left_out() {
    let metadata = r#"{"started_at": "2026-01-01T00:00:00Z", "ended_at": "2026-01-01T00:02:00Z"}"#;
    let stray = |us: i64| if us == T0_US { us - 100 * S } else { us };
    assert_one_row_is_left_out(analyze(at(12_000, stray), Some(metadata)), "stray_ts");
}

#[test]
fn a_duration_that_is_far_longer_than_the_run_is_left_out() {
    let durations = (0..12_000).map(|row| if row == 77 { 1e9 } else { 10.0 });
    let columns = with(requests(12_000), "duration_ms", Arc::new(Float64Array::from_iter_values(durations)));
    assert_one_row_is_left_out(analyze(columns, None), "absurd_duration");
}

#[test]
fn a_clock_that_is_set_while_recording_leaves_nothing_to_judge() {
    for by_s in [3600, -3600, 60, 15] {
        let step = |us: i64| if us >= T0_US + 60 * S { us + by_s * S } else { us };
        let (said, _) = analyze(at(12_000, step), None);
        assert_eq!(said.code, 3, "{by_s}: {said:?}");
        assert_holds(&said.out, &["COULD NOT JUDGE: nothing was recorded for"]);
    }
}

#[test]
fn samples_tell_that_the_clock_was_set_back() {
    let rows = 12_000;
    let columns = at(rows, |us| if us >= T0_US + 60 * S { us - 30 * S } else { us });
    let mut columns = without(with(columns, "component", texts(&vec!["process"; rows])), "outcome");
    columns.extend([
        ("operation", texts(&vec!["cpu_percent"; rows])),
        ("value", Arc::new(Float64Array::from_iter_values((0..rows).map(|row| row as f64))) as _),
    ]);
    let bench = Bench::new();
    bench.write_columns("run/part-0.parquet", columns);
    bench.write_columns("run/part-1.parquet", requests(rows));
    let said = bench.call(&["analyze", "run"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert_holds(&said.out, &["samples of 30.0 s lie over each other: the clock was set back"]);
}

#[test]
fn requests_without_a_duration_are_left_out_of_what_nobody_can_see() {
    let rows = 12_000;
    let durations = (0..rows).map(|row| (row % 20 != 0).then_some(10.0));
    let columns = with(requests(rows), "duration_ms", Arc::new(durations.collect::<Float64Array>()));
    let (said, _) = analyze(columns, None);
    assert_eq!(said.code, 3, "{said:?}");
    assert_holds(&said.out, &["5.00 % of what was sent is left out (600 requests without a"]);
}

#[test]
fn far_more_requests_in_flight_at_the_end_than_usual_are_no_verdict() {
    // A few are so slow that none of those that hang has waited for longer.
    let rows = 12_000;
    let hangs = |row: usize| row >= 9_000;
    let duration = |row: usize| (!hangs(row)).then_some(if row % 300 == 5 { 60_000.0 } else { 10.0 });
    let outcomes = (0..rows).map(|row| (!hangs(row)).then_some("ok"));
    let columns =
        with(requests(rows), "duration_ms", Arc::new((0..rows).map(duration).collect::<Float64Array>()));
    let columns = with(columns, "outcome", Arc::new(outcomes.collect::<StringArray>()));
    let (said, _) = analyze(columns, None);
    assert_ne!(said.code, 0, "{said:?}");
    assert_holds(&said.out, &["in flight when the load ended, where"]);
}

#[test]
fn a_slow_answer_is_no_silence() {
    let mut durations = vec![10.0; 12_000];
    durations[5_999] = 40_000.0;
    let columns = at(12_000, |us| if us >= T0_US + 60 * S { us + 30 * S } else { us });
    let columns = with(columns, "duration_ms", Arc::new(Float64Array::from(durations)));
    let (said, _) = analyze(columns, None);
    assert_eq!(said.code, 0, "{said:?}");
}

#[test]
fn parts_of_which_one_knows_no_outcomes_are_one_load_that_cannot_be_judged() {
    let bench = Bench::new();
    bench.write_columns("run/part-0.parquet", requests(6_000));
    bench.write_columns("run/part-1.parquet", without(at(6_000, |us| us + 5_000), "outcome"));
    let said = bench.call(&["analyze", "run"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert_holds(&said.out, &["50.00 % of what was sent is left out (6,000 requests without"]);
    let report = bench.json("reports/run/report.json");
    let per_s = report["detailed_metrics"]["throughput_analysis"]["current"].as_f64().unwrap();
    assert!((per_s - 200.0).abs() < 2.0, "{per_s}");
}
