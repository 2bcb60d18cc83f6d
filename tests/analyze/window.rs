//! Which part of a run is judged: found, marked, or chosen by hand.

use serde_json::{Value, json};

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
    assert_holds(&said.out, &["Judged from 20 s to 70 s: chosen by --from and --to", "Whole run: "]);
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
    assert_holds(&words.join(" "), &["too short to tell whether it is steady: ", "of 50 (low confidence)"]);
    let judged = report(&bench)["windows"]["judged"].clone();
    assert_eq!((&judged["is_trusted"], &judged["is_steady"]), (&json!(false), &Value::Null), "{judged}");
}
