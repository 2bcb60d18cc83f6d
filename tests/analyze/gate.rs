//! Settings and the gate: which exit code, and what is told.

use crate::support::files::{requests, texts, to_batch, with};
use crate::support::{Bench, Said, assert_holds};

/// A run of `rows` good requests, and these settings.
fn bench_with(rows: usize, settings: &str) -> Bench {
    let bench = Bench::new();
    bench.write_columns("run.parquet", requests(rows));
    bench.write("cmo-metrics.toml", settings);
    bench
}

fn said_in(bench: &Bench, format: &str) -> Said {
    bench.call(&["analyze", "run.parquet", "--format", format])
}

#[track_caller]
fn assert_first_line(said: &Said, beginning: &str) {
    assert!(said.out.starts_with(beginning), "{beginning:?} is not where this begins:\n{}", said.out);
}

const MISSED: &str = "[targets]\np95_response_time_ms = { below = 0.5, gate = true }\n";
const KEPT: &str = "[targets]\np95_response_time_ms = { below = 500.0, gate = true }\n";
const CANNOT_TELL: &str = "[targets]\nl1_hit_rate = { above = 0.8, gate = true }\n";

#[test]
fn a_gated_target_that_is_missed_is_99() {
    let bench = bench_with(400, MISSED);
    let said = bench.call(&["analyze", "run.parquet"]);
    assert_eq!((said.code, said.err.as_str()), (99, ""), "{said:?}");
    assert_first_line(&said, "GATE FAILED: target p95_response_time_ms is missed");
    assert_first_line(&said_in(&bench, "markdown"), "**GATE FAILED: target p95_response_time_ms is missed**");
    let reason = &bench.json("reports/run/report.json")["exit_reason"];
    assert_eq!(reason["code"], 99);
    assert_eq!(reason["reasons"][0], "gate: target p95_response_time_ms is missed");
}

#[test]
fn a_gated_target_that_is_kept_is_0_and_the_same_ungated_is_0_when_missed() {
    assert_eq!(bench_with(400, KEPT).call(&["analyze", "run.parquet"]).code, 0);
    let ungated = MISSED.replace(", gate = true", "");
    assert_eq!(bench_with(400, &ungated).call(&["analyze", "run.parquet"]).code, 0);
}

#[test]
fn a_gated_target_that_cannot_be_told_or_rests_on_few_samples_is_3() {
    let said = bench_with(400, CANNOT_TELL).call(&["analyze", "run.parquet"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert_first_line(&said, "COULD NOT JUDGE: target l1_hit_rate is unknown");
    let said = bench_with(20, KEPT).call(&["analyze", "run.parquet"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert_first_line(&said, "COULD NOT JUDGE: target p95_response_time_ms rests on too few samples");
}

#[test]
fn a_run_without_requests_is_3_with_and_without_a_gate() {
    for settings in ["", MISSED] {
        let bench = Bench::new();
        bench.write("cmo-metrics.toml", settings);
        bench.write_columns("run.parquet", with(requests(300), "component", texts(&["lightrag"; 300])));
        for command in ["analyze", "compare"] {
            let said = bench.call(&[command, "run.parquet"]);
            assert_eq!(said.code, 3, "{said:?}");
            assert_holds(&said.out, &["COULD NOT JUDGE: ", "the run has no requests"]);
        }
    }
}

#[test]
fn lines_that_were_refused_while_recording_are_said_beside_the_verdict() {
    let bench = Bench::new();
    let written = |name: &str, refused: u64| {
        let metadata = serde_json::json!({ "recording": { "lines": 300 + refused, "malformed": refused } });
        bench.write_run(name, &to_batch(requests(300)), Some(&metadata.to_string()));
        bench.call(&["analyze", name])
    };
    let said = written("some.parquet", 12);
    assert_eq!(said.code, 3, "{said:?}");
    assert_holds(
        &said.out,
        &["left out (12 lines refused while\n  recording)", "Left out: 12 lines refused while recording"],
    );
    assert_eq!(bench.json("reports/some/report.json")["data_quality"]["refused_lines"], 12);
    assert!(!written("none.parquet", 0).out.contains("refused"), "nothing is to be said");
}

#[test]
fn a_failed_gate_weighs_more_than_a_run_that_cannot_be_read() {
    let bench = bench_with(400, MISSED);
    let said = bench.call(&["analyze", "run.parquet", "nowhere.parquet"]);
    assert_eq!(said.code, 99);
    assert_holds(&said.err, &["nowhere.parquet"]);
}

#[test]
fn exit_zero_is_for_verdicts_and_runs_but_not_for_wrong_usage() {
    for (settings, run) in [(MISSED, "run.parquet"), (CANNOT_TELL, "run.parquet"), (KEPT, "nowhere.parquet")]
    {
        let bench = bench_with(400, settings);
        assert_ne!(bench.call(&["analyze", run]).code, 0);
        assert_eq!(bench.call(&["analyze", run, "--exit-zero"]).code, 0, "{run} {settings}");
    }
    let bench = bench_with(400, "[targets]\nsuccess = 1\n");
    assert_eq!(bench.call(&["analyze", "run.parquet", "--exit-zero"]).code, 2);
}

#[test]
fn a_run_may_move_the_limit_of_a_gated_target_but_not_open_the_gate() {
    let bench = bench_with(400, KEPT);
    let batch = to_batch(requests(400));
    for (metadata, code) in [
        (r#"{"targets": {"p95_response_time_ms": 300}}"#, 0),
        (r#"{"targets": {"p95_response_time_ms": 0.5}}"#, 99),
        (r#"{"targets": {"p95_response_time_ms": {"below": 500, "gate": false}}}"#, 3),
    ] {
        bench.write_run("own.parquet", &batch, Some(metadata));
        assert_eq!(bench.call(&["analyze", "own.parquet"]).code, code, "{metadata}");
    }
}

#[test]
fn an_unknown_target_in_a_runs_metadata_is_3_with_the_nearest_known_one() {
    let bench = Bench::new();
    let metadata = r#"{"targets": {"p95_respons_time_ms": 300}}"#;
    bench.write_run("run.parquet", &to_batch(requests(400)), Some(metadata));
    let said = bench.call(&["analyze", "run.parquet"]);
    assert_eq!(said.code, 3);
    assert_holds(
        &said.err,
        &["error: run: ", "`p95_respons_time_ms`", "did you mean `p95_response_time_ms`?"],
    );
    assert_eq!(said.err.matches("mend `targets`").count(), 1, "{said:?}");
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    let bench = bench_with(400, "\n[targets]\nsucces_rate = { above = 0.9 }\n");
    let said = bench.call(&["analyze", "run.parquet"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    let fragments =
        ["cmo-metrics.toml, line 3", "`targets.succes_rate`", "did you mean `targets.success_rate`?"];
    assert_holds(&said.err, &fragments);
    assert!(!bench.path("reports").exists());
}

#[test]
fn settings_that_cannot_be_used_are_2_with_file_and_line() {
    for (settings, fragment) in [
        ("[grade\n", "line 1: not valid TOML"),
        ("[grade]\nmin_requests = \"many\"\n", "line 2: `grade.min_requests` is"),
        ("[run]\nmax_faulty_row_share = 7.0\n", "line 2: `run.max_faulty_row_share`"),
    ] {
        let said = bench_with(400, settings).call(&["analyze", "run.parquet"]);
        assert_eq!(said.code, 2, "{said:?}");
        assert_holds(&said.err, &["error: ", "cmo-metrics.toml", fragment]);
    }
}

#[test]
fn a_settings_file_that_is_named_but_missing_is_2() {
    let bench = bench_with(400, KEPT);
    let said = bench.call(&["analyze", "run.parquet", "--config", "nightly.toml"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert_holds(&said.err, &["nightly.toml", "check the path"]);
}

#[test]
fn the_settings_of_the_nearest_folder_upwards_are_used_unless_others_are_named() {
    let bench = bench_with(400, KEPT);
    bench.write("strict.toml", MISSED);
    assert_eq!(bench.call(&["analyze", "run.parquet", "--config", "strict.toml"]).code, 99);
    let said = bench.shell("mkdir deep && cd deep && cmo-metrics analyze ../run.parquet -v");
    assert_eq!(said.code, 0);
    assert_holds(&said.err, &["settings from ", "cmo-metrics.toml over the defaults"]);
}
