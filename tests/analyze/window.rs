//! Which part of a run is judged: found, marked, or chosen by hand.

use cmo_metrics::run::{Event, RunMetadata, RunWriter};
use serde_json::{Value, json};

use crate::support::files::T0_US;
use crate::support::{Bench, assert_holds};

fn bench() -> Bench {
    let bench = Bench::new();
    bench.simulate("healthy", "run", 90);
    bench
}

fn report(bench: &Bench) -> Value {
    bench.json("reports/run/report.json")
}

#[test]
fn a_window_chosen_by_hand_is_judged_and_the_whole_run_stands_beside_it() {
    let bench = bench();
    let said = bench.call(&["analyze", "run", "--from", "20s", "--to", "1m10s"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_holds(
        &said.out,
        &["Judged from 20 s to 70 s (low confidence): chosen by --from and --to", "Whole run: "],
    );
    let report = report(&bench);
    let at = |pointer: &str| report.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is missing"));
    assert_eq!((at("/run/window/name"), at("/run/window/duration_s")), (&json!("chosen"), &json!(50.0)));
    assert_eq!(at("/windows/judged/warm_up_s"), &json!(20.0));
    let requests = |window: &str| at(&format!("/windows/{window}/requests")).as_u64().unwrap();
    assert!(requests("chosen") > 0 && requests("chosen") < requests("whole"));
    assert_eq!(at("/requests/totals/requests").as_u64(), Some(requests("chosen")));
    let throughput = requests("chosen") as f64 / 50.0;
    assert_eq!(at("/detailed_metrics/throughput_analysis/current"), &json!(throughput));
    // What tells of the recording is of all of it.
    let quality = at("/data_quality");
    assert_eq!(quality["rows_used"], quality["rows_total"]);
}

#[test]
fn a_warm_up_by_hand_is_cut_to_the_end_of_the_run() {
    let bench = bench();
    assert_eq!(bench.call(&["analyze", "run", "--warmup", "500ms", "--quiet"]).code, 0);
    let report = report(&bench);
    assert_eq!(report["windows"]["judged"]["warm_up_s"], json!(0.5));
    assert_eq!(report["windows"]["judged"]["ramp_down_s"], json!(0.0));
}

#[test]
fn a_window_that_no_run_has_is_wrong_usage_and_nothing_is_written() {
    let bench = bench();
    for (arguments, message) in [
        (["--from", "30", "--to", "20"], "the window is empty: it begins at 30 s and ends at 20 s"),
        (["--from", "-5s", "--to", "20"], "unexpected argument"),
        (["--from", "soon", "--to", "20"], "write a time after the run's start, such as 12, 12s, 1m30s"),
        (["--from", "3", "--warmup", "3"], "cannot be used with"),
    ] {
        let said = bench.call(&[&["analyze", "run"][..], &arguments].concat());
        assert_eq!(said.code, 2, "{said:?}");
        assert_holds(&said.err, &[message]);
        assert!(!bench.path("reports").exists());
    }
}

#[test]
fn a_window_beyond_the_end_of_this_run_could_not_be_judged() {
    let bench = bench();
    let said = bench.call(&["analyze", "run", "--to", "10m"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert_holds(
        &said.err,
        &["run: the window is not in the run: --to 600 s is beyond its end, the run is 98.7"],
    );
    assert!(!bench.path("reports").exists());
}

#[test]
fn a_run_too_short_to_tell_is_judged_with_low_confidence_and_says_so() {
    let bench = Bench::new();
    bench.simulate("healthy", "run", 20);
    let said = bench.call(&["analyze", "run"]);
    assert_eq!(said.code, 0, "what is not trusted does not fail by itself: {said:?}");
    let words: Vec<&str> = said.out.split_whitespace().collect();
    assert_holds(
        &words.join(" "),
        &[
            "(low confidence): marked `steady` in the run; too short to judge steadiness: ",
            "at least 50 s needed",
        ],
    );
    let judged = report(&bench)["windows"]["judged"].clone();
    assert_eq!(
        (&judged["is_trusted"], &judged["steadiness"]),
        (&json!(false), &json!("cannot_tell")),
        "{judged}"
    );
}

/// The report of twenty requests a second for 300 s, each after `change` of (second, usual ms) to (ms, outcome).
fn analyzed(change: impl Fn(f64, f64) -> (f64, &'static str)) -> Value {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("data")).unwrap();
    let mut writer = RunWriter::create(&bench.path("data/run.parquet")).unwrap();
    for index in 0..6_000 {
        let at_s = f64::from(index) / 20.0;
        // 150 to 250 ms, in no order.
        let (ms, outcome) = change(at_s, 150.0 + f64::from(index * 37 % 101));
        let event = Event {
            ts: T0_US + (at_s * 1e6) as i64,
            component: "request".into(),
            outcome: Some(outcome.into()),
            duration_ms: Some(ms),
            ..Event::default()
        };
        writer.push(&event).unwrap();
    }
    writer.finish(&RunMetadata::default()).unwrap();
    let said = bench.call(&["analyze", "data/run.parquet"]);
    assert!(said.code == 0 || said.code == 3, "{said:?}");
    report(&bench)
}

fn number(report: &Value, pointer: &str) -> f64 {
    report.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("{pointer} is missing"))
}

#[test]
fn an_outage_is_counted_wherever_it_lies_and_the_run_is_not_steady() {
    for (from_s, until_s) in [(0.0, 30.0), (100.0, 140.0), (260.0, 300.0)] {
        let report =
            analyzed(
                |at_s, ms| {
                    if (from_s..until_s).contains(&at_s) { (20.0, "http_503") } else { (ms, "ok") }
                },
            );
        let success = 1.0 - (until_s - from_s) / 300.0;
        assert!(
            (number(&report, "/executive_summary/overall_success_rate") - success).abs() < 1e-9,
            "{from_s} s"
        );
        assert_eq!(number(&report, "/windows/judged/warm_up_s"), 0.0);
        assert_eq!(report["windows"]["judged"]["steadiness"], json!("not_steady"));
    }
}

#[test]
fn requests_that_hang_to_the_end_belong_to_the_run() {
    let report = analyzed(|at_s, ms| if at_s >= 280.0 { (60_000.0, "timeout") } else { (ms, "ok") });
    assert_eq!(number(&report, "/windows/judged/ramp_down_s"), 0.0);
    assert_eq!(number(&report, "/requests/counts/failed"), 400.0);
}

#[test]
fn a_slow_stretch_is_in_the_p95_whenever_it_begins() {
    let report = analyzed(|at_s, ms| (if (60.0..100.0).contains(&at_s) { 10.0 * ms } else { ms }, "ok"));
    assert_eq!(number(&report, "/windows/judged/warm_up_s"), 0.0);
    let p95_ms = number(&report, "/grade/p95_ms");
    assert!(p95_ms > 1_500.0, "{p95_ms}");
    assert_eq!(report["windows"]["judged"]["is_trusted"], json!(false));
}

#[test]
fn a_warm_up_is_cut_and_the_report_tells_by_what_and_that_the_rest_is_steady() {
    let report = analyzed(|at_s, ms| (if at_s < 25.0 { 4.0 * ms } else { ms }, "ok"));
    assert_eq!(number(&report, "/windows/judged/warm_up_s"), 25.0);
    let judged = &report["windows"]["judged"];
    assert!(judged["because"].as_str().unwrap().ends_with("warm-up of 25 s cut by response times; steady"));
    let words: Vec<&Value> =
        judged["checks"].as_array().unwrap().iter().map(|check| &check["word"]).collect();
    assert_eq!(words, [&json!("steady"); 4]);
}
