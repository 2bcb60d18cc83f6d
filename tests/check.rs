//! `cmo-metrics check` as a user types it.

mod support;

use support::files::{requests, to_batch, with_copies, with_duration, without_instant};
use support::unusable::UNUSABLE;
use support::{Bench, assert_holds};

#[test]
fn each_unusable_run_is_a_fault_with_place_and_remedy_in_one_line() {
    for case in UNUSABLE {
        let bench = Bench::new();
        (case.make)(&bench);
        let said = bench.call(&["check", case.argument]);
        assert_eq!(said.code, 3, "{}", case.name);
        let first = said.out.lines().next().unwrap();
        assert!(first.starts_with("FAULT  "), "{}: {first}", case.name);
        assert_holds(first, case.message);
        assert_holds(first, &[&format!(". Remedy: {}", case.remedy)]);
        assert_eq!(said.err, "", "{}: findings are data, on stdout", case.name);
    }
}

#[test]
fn json_names_file_column_and_row_apart() {
    let bench = Bench::new();
    bench.write_columns("run.parquet", with_duration(300, &[2, 3, 4, 5], -1.0));
    let said = bench.call(&["check", "run.parquet", "--format", "json"]);
    assert_eq!(said.code, 3);
    let finding = &said.json()[0]["findings"][0];
    assert_eq!(
        (&finding["file"], &finding["column"], &finding["row"]),
        (&"run.parquet".into(), &"duration_ms".into(), &3.into())
    );
    assert!(finding["remedy"].as_str().unwrap().starts_with("mend these rows"));
}

#[test]
fn a_few_rows_at_fault_are_a_warning_with_their_first_place() {
    let cases = [
        (without_instant(300, &[7, 9]), "2 rows left out: null_ts, column `ts`, first at run.parquet row 8"),
        (
            with_duration(300, &[2], f64::INFINITY),
            "1 row left out: non_finite_duration, column `duration_ms`",
        ),
        (with_duration(300, &[2], -0.5), "1 row left out: negative_duration"),
        (with_copies(300, 2), "2 rows left out: duplicate_row, first at run.parquet row 301"),
    ];
    for (columns, warning) in cases {
        let bench = Bench::new();
        bench.write_columns("run.parquet", columns);
        let said = bench.call(&["check", "run.parquet"]);
        assert_eq!(said.code, 0, "{said:?}");
        assert_holds(&said.out, &["ok     run.parquet: ", "       warning: ", warning, "Remedy: "]);
    }
}

#[test]
fn runs_that_share_an_id_are_both_refused() {
    let bench = Bench::new();
    for name in ["a.parquet", "b.parquet"] {
        bench.write_run(name, &to_batch(requests(300)), Some(r#"{"run_id": "twin"}"#));
    }
    let said = bench.call(&["check", "a.parquet", "b.parquet"]);
    assert_eq!(said.code, 3);
    assert_eq!(said.out.matches("FAULT  ").count(), 2, "{said:?}");
    assert_holds(&said.out, &["a.parquet", "b.parquet", "twin", "give one of them another `run_id`"]);
}

#[test]
fn one_fault_among_good_runs_is_told_and_ends_with_3() {
    let bench = Bench::new();
    bench.write_columns("data/a.parquet", requests(300));
    bench.write("data/b.parquet", "text");
    bench.write_columns("data/c.parquet", requests(300));
    let said = bench.call(&["check", "data"]);
    assert_eq!(said.code, 3);
    assert_holds(&said.out, &["ok     data/a.parquet", "FAULT  data/b.parquet", "ok     data/c.parquet"]);
}

#[test]
fn an_incomplete_recording_can_be_used_but_is_warned_of() {
    let bench = Bench::new();
    bench.write_run("run.parquet", &to_batch(requests(300)), Some(r#"{"complete": false}"#));
    let said = bench.call(&["check", "run.parquet"]);
    assert_eq!(said.code, 0);
    assert_holds(&said.out, &["warning: the recording is unfinished"]);
}

#[test]
fn quiet_leaves_stdout_empty_and_says_only_faults() {
    let bench = Bench::new();
    bench.write_columns("a.parquet", requests(300));
    bench.write("b.parquet", "text");
    let said = bench.call(&["check", "a.parquet", "--quiet"]);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""));
    let said = bench.call(&["check", "a.parquet", "b.parquet", "--quiet"]);
    assert_eq!((said.code, said.out.as_str()), (3, ""));
    assert_holds(&said.err, &["b.parquet", "not a Parquet file", "name a run file in Parquet"]);
    assert!(!said.err.contains("a.parquet: "), "{said:?}");
}

#[test]
fn a_reader_that_stops_reading_changes_nothing() {
    let bench = Bench::new();
    bench.write("b.parquet", "text");
    let said = bench.shell("{ sleep 0.3; cmo-metrics check b.parquet; echo $? > code; } | true");
    assert_eq!(said.err, "");
    assert_eq!(bench.read("code"), b"3\n");
}

#[test]
fn what_is_typed_wrong_is_a_usage_error() {
    let bench = Bench::new();
    for words in [&["check"][..], &["check", "a", "--format", "xml"], &["check", "a", "--config", "no.toml"]]
    {
        let said = bench.call(words);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:?}");
    }
}

#[test]
fn what_is_typed_does_not_steer_the_terminal() {
    let bench = Bench::new();
    for arguments in
        [&["check", "--\u{1b}[35mx"][..], &["\u{1b}[35mx"], &["analyze", "\u{1b}[35mx", "--jobs", "1"]]
    {
        let said = bench.call(arguments);
        assert!(said.code > 0 && said.err.contains('x') && !said.err.contains('\u{1b}'), "{said:?}");
    }
}
