//! What comes in: runs that cannot be used, runs with faults, several at once, and the folder they go out to.

use std::sync::Arc;

use arrow_array::{ArrayRef, TimestampMillisecondArray, TimestampNanosecondArray};

use crate::support::files::{T0_US, requests, to_batch, with, with_copies, with_duration, without_instant};
use crate::support::unusable::UNUSABLE;
use crate::support::{Bench, assert_holds};

#[test]
fn each_unusable_run_ends_with_3_and_is_told_on_stderr_with_place_and_remedy() {
    for case in UNUSABLE {
        let bench = Bench::new();
        (case.make)(&bench);
        let said = bench.call(&["analyze", case.argument]);
        assert_eq!(said.code, 3, "{}: {said:?}", case.name);
        assert_holds(&said.err, case.message);
        let (message, remedy) = said.err.split_once('\n').unwrap();
        assert!(message.starts_with("error: "), "{}: {said:?}", case.name);
        assert!(remedy.starts_with(&format!("  {}", case.remedy)), "{}: {said:?}", case.name);
        assert_holds(&said.out, &[case.argument, "not analysed"]);
        assert!(!bench.path("reports").exists(), "{}: nothing is written", case.name);
    }
}

#[test]
fn a_flipped_bit_is_found_wherever_it_is() {
    let bench = Bench::new();
    bench.simulate("healthy", "run", 5);
    let bytes = bench.read("data/run.parquet");
    for part in 0..20 {
        let mut flipped = bytes.clone();
        flipped[bytes.len() * part / 20] ^= 1 << (part % 8);
        std::fs::write(bench.path("flipped.parquet"), flipped).unwrap();
        let said = bench.call(&["analyze", "flipped.parquet"]);
        assert_eq!(said.code, 3, "{part}: {said:?}");
        assert_holds(&said.err, &["error: flipped.parquet: "]);
    }
}

#[test]
fn a_few_rows_at_fault_are_left_out_and_shown_with_their_first_place() {
    let cases = [
        (without_instant(300, &[7, 9, 11]), 3, "null_ts", "ts", 8),
        (with_duration(300, &[2], f64::INFINITY), 1, "non_finite_duration", "duration_ms", 3),
        (with_duration(300, &[2], f64::NEG_INFINITY), 1, "non_finite_duration", "duration_ms", 3),
        (with_duration(300, &[2], -0.5), 1, "negative_duration", "duration_ms", 3),
        (with_copies(300, 3), 3, "duplicate_row", "all", 301),
    ];
    for (columns, count, reason, column, first_row) in cases {
        let bench = Bench::new();
        bench.write_columns("run.parquet", columns);
        let said = bench.call(&["analyze", "run.parquet"]);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{reason}: {said:?}");
        let words = reason.replace('_', " ");
        let rows = if count == 1 { "row" } else { "rows" };
        assert_holds(&said.out, &[&format!("Data: {count} {rows} left out: {words}")]);
        let full = bench.call(&["analyze", "run.parquet", "--full"]);
        assert_holds(&full.out, &[&format!("{count} left out: {words}")]);
        let quality = &bench.json("reports/run/report.json")["data_quality"];
        let expected = serde_json::json!([{ "reason": reason, "column": column, "count": count,
            "first_file": "run.parquet", "first_row": first_row }]);
        assert_eq!(quality["rows_left_out"], expected);
        assert_eq!(quality["rows_used"], quality["rows_total"].as_u64().unwrap() - count);
    }
}

#[test]
fn a_pipe_is_refused_at_once_instead_of_waited_for() {
    let bench = Bench::new();
    let script = "mkdir data && mkfifo data/run.parquet && for run in run data data/run.parquet 'data/*'; do
        timeout 20 cmo-metrics analyze $run --quiet; echo $?; done";
    let said = bench.shell(script);
    assert_eq!(said.out, "3\n".repeat(4), "{said:?}");
    assert_eq!(said.err.matches("not a regular file").count(), 3, "{said:?}");
}

#[test]
fn one_row_is_a_run_without_percentiles_and_without_a_crash() {
    let bench = Bench::new();
    bench.write_columns("run.parquet", requests(1));
    let said = bench.call(&["analyze", "run.parquet"]);
    assert_eq!((said.code, said.err.as_str()), (3, ""), "one request has no grade: {said:?}");
    let report = bench.json("reports/run/report.json");
    assert_eq!(report["detailed_metrics"]["response_times"]["p50"], serde_json::Value::Null);
    assert!(report["undefined"]["/detailed_metrics/response_times/p50"].is_string(), "the reason is told");
    assert_eq!(report["data_quality"]["rows_used"], 1);
}

#[test]
fn timestamps_in_ms_us_and_ns_mean_the_same() {
    let at_us = |row: i64| T0_US + row * 10_000;
    let ms: ArrayRef =
        Arc::new(TimestampMillisecondArray::from_iter_values((0..3_000).map(|row| at_us(row) / 1000)));
    let ns: ArrayRef =
        Arc::new(TimestampNanosecondArray::from_iter_values((0..3_000).map(|row| at_us(row) * 1000)));
    let mut series = Vec::new();
    for columns in [requests(3_000), with(requests(3_000), "ts", ms), with(requests(3_000), "ts", ns)] {
        let bench = Bench::new();
        bench.write_columns("run.parquet", columns);
        let said = bench.call(&["analyze", "run.parquet"]);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
        series.push(bench.read("reports/run/timeseries.csv"));
    }
    assert!(series[0].len() > 1000);
    assert!(series[0] == series[1] && series[0] == series[2]);
}

#[test]
fn two_runs_with_one_id_are_both_refused_and_the_third_is_analysed() {
    let bench = Bench::new();
    for name in ["data/a.parquet", "data/b.parquet"] {
        bench.write_run(name, &to_batch(requests(300)), Some(r#"{"run_id": "twin"}"#));
    }
    bench.write_columns("data/c.parquet", requests(300));
    let said = bench.call(&["analyze"]);
    assert_eq!(said.code, 3);
    assert_eq!(said.err.matches("error: ").count(), 2, "{said:?}");
    assert_holds(
        &said.err,
        &["data/a.parquet", "data/b.parquet", "`twin`", "give one of them another `run_id`"],
    );
    assert!(bench.path("reports/c/report.json").is_file() && !bench.path("reports/twin").exists());
}

#[test]
fn one_bad_run_among_three_does_not_stop_the_others() {
    let bench = Bench::new();
    bench.write_columns("data/a.parquet", requests(300));
    bench.write("data/b.parquet", "text");
    bench.write_columns("data/c.parquet", requests(300));
    let said = bench.call(&["analyze"]);
    assert_eq!(said.code, 3);
    for run in ["a", "c"] {
        assert!(bench.path(&format!("reports/{run}/report.json")).is_file());
    }
    assert!(!bench.path("reports/b").exists());
    assert_holds(&said.err, &["error: data/b.parquet: not a Parquet file"]);
    let json = bench.call(&["analyze", "--format", "json"]).json();
    assert_eq!(json["runs"].as_array().unwrap().len(), 2);
    assert_eq!(json["failures"][0]["run"], "data/b.parquet");
    assert_eq!(json["failures"][0]["exit_code"], 3);
}

#[test]
fn a_run_is_named_by_path_glob_or_id() {
    let bench = Bench::new();
    bench.write_columns("data/load_1.parquet", requests(300));
    for argument in ["data/load_1.parquet", "data/load_*", "load_1", "data", "./data/../data"] {
        let said = bench.call(&["analyze", argument, "load_1"]);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{argument}: {said:?}");
        assert_holds(&said.out, &["report: reports/load_1/report.html\n"]);
    }
    assert_holds(&bench.call(&["analyze", "nope_*"]).err, &["nope_*", "check the pattern"]);
}

#[test]
fn an_incomplete_recording_is_analysed_but_ends_with_3() {
    let bench = Bench::new();
    bench.write_run("run.parquet", &to_batch(requests(300)), Some(r#"{"complete": false}"#));
    let said = bench.call(&["analyze", "run.parquet"]);
    assert_eq!(said.code, 3);
    assert_holds(&said.out, &["the recording is incomplete"]);
    let report = bench.json("reports/run/report.json");
    assert_eq!(report["exit_reason"]["code"], 3);
    assert_eq!(report["executive_summary"]["current_grade"], "A+");
}

#[test]
fn a_file_in_the_way_of_the_reports_is_kept_and_named_once() {
    let bench = Bench::new();
    bench.write_columns("run.parquet", requests(300));
    bench.write("out", "precious");
    for out in ["out", "out/deeper"] {
        let refused = bench.call(&["analyze", "run.parquet", "--out", out]);
        assert_eq!(refused.code, 1);
        assert_holds(&refused.err, &["error: run: its report could not be written: "]);
        assert_eq!(refused.err.matches("is not a folder").count(), 1, "{refused:?}");
    }
    assert_eq!(bench.read("out"), b"precious");
}

#[test]
fn a_folder_that_is_not_ours_is_kept_and_one_of_ours_is_replaced() {
    let bench = Bench::new();
    bench.write_columns("run.parquet", requests(300));
    bench.write("out/run/thesis.txt", "precious");
    let refused = bench.call(&["analyze", "run.parquet", "--out", "out"]);
    assert_eq!(refused.code, 1);
    assert_holds(&refused.err, &["out/run holds files that are not a report of ours", "--out"]);
    assert_eq!(std::fs::read_dir(bench.path("out/run")).unwrap().count(), 1, "nothing was added");

    assert_eq!(bench.call(&["analyze", "run.parquet", "--out", "ours"]).code, 0);
    bench.write("ours/run/stale.csv", "of a former version");
    assert_eq!(bench.call(&["analyze", "run.parquet", "--out", "ours"]).code, 0);
    assert!(bench.path("ours/run/report.json").is_file());
    assert!(!bench.path("ours/run/stale.csv").exists());
    assert_eq!(std::fs::read_dir(bench.path("ours")).unwrap().count(), 1, "no temporary folder is left");
}
