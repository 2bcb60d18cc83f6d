//! Runs with ids in their names: judged as others are, at a bounded cost, and it is said.

use std::sync::Arc;

use arrow_array::Float64Array;

use super::support::files::{Columns, requests, texts, with};
use super::support::{Bench, assert_holds};

const ROWS: usize = 6_000;

/// Every other row is a request, of which one in thirty failed; the others are of `component`.
fn with_others(component: impl Fn(usize) -> String) -> Columns {
    let name = |row: usize| if row.is_multiple_of(2) { "request".to_owned() } else { component(row) };
    let names: Vec<String> = (0..ROWS).map(name).collect();
    let outcome = |row: usize| if row.is_multiple_of(60) { "timeout" } else { "ok" };
    let outcomes: Vec<&str> = (0..ROWS).map(outcome).collect();
    let columns = with(requests(ROWS), "component", words(&names));
    with(columns, "outcome", texts(&outcomes))
}

fn words(words: &[String]) -> arrow_array::ArrayRef {
    texts(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Of each row a name of its own.
fn each(text: &str) -> Vec<String> {
    (0..ROWS).map(|row| text.replace('#', &row.to_string())).collect()
}

/// What the run is, what is said of it.
fn cases() -> Vec<(&'static str, Columns, &'static str)> {
    let plain = || with_others(|_| "db".to_owned());
    let failed = |row: usize| if row.is_multiple_of(60) { format!("no row {row}") } else { "ok".to_owned() };
    let outcomes: Vec<String> = (0..ROWS).map(failed).collect();
    let sample = |row: usize| if row.is_multiple_of(2) { None } else { Some(row as f64) };
    let sampled = with(
        with(
            with_others(|_| "process".to_owned()),
            "value",
            Arc::new(Float64Array::from_iter((0..ROWS).map(sample))),
        ),
        "operation",
        words(&each("gauge_#")),
    );
    let all = |columns: Columns| {
        with(with(columns, "operation", words(&each("/item/#"))), "instance", words(&each("pod-#")))
    };
    vec![
        ("components", with_others(|row| format!("svc{row}")), "3,000 different components (such as `svc"),
        (
            "operations",
            with(plain(), "operation", words(&each("/item/#"))),
            "3,000 different operations of `request` (such as `/item/",
        ),
        ("outcomes", with(plain(), "outcome", words(&outcomes)), "100 different outcomes (such as `no row "),
        ("metrics", sampled, "3,000 different operations of `process` (such as `gauge_"),
        (
            "instances",
            with(plain(), "instance", words(&each("pod-#"))),
            "3,000 different instances of `db` (such as `pod-",
        ),
        ("all", all(with_others(|row| format!("svc{row}"))), "3,000 different components (such as `svc"),
    ]
}

#[test]
fn names_with_ids_in_them_change_no_number_of_the_requests_and_are_said() {
    let bench = Bench::new();
    bench.write(
        "cmo-metrics.toml",
        "[run]\nmax_components = 20\nmax_operations = 20\nmax_outcomes = 20\nmax_instances = 20\n",
    );
    for (name, columns, said) in cases() {
        let file = format!("{name}.parquet");
        bench.write_columns(&file, columns);
        let analyzed = bench.call(&["analyze", &file]);
        assert_eq!(analyzed.code, 0, "{name}: {analyzed:?}");
        let report = bench.json(&format!("reports/{name}/report.json"));
        let notes = report["data_quality"]["load_notes"].to_string();
        assert_holds(&notes, &[said, "the 20 most frequent are kept, the others are `(other)`; give "]);
        let rate = report["grade"]["success_rate"].as_f64().unwrap();
        assert!((rate - 29.0 / 30.0).abs() < 1e-9, "{name}: {rate}");
        let bytes = bench.read(&format!("reports/{name}/report.json")).len();
        assert!(bytes < 2_000_000, "{name}: {bytes} bytes");
        assert_holds(&bench.call(&["check", &file]).out, &[said]);
    }
}

#[test]
fn runs_with_ids_in_their_names_do_not_keep_others_from_being_judged() {
    let bench = Bench::new();
    let cases = cases();
    for (name, columns, _) in cases {
        bench.write_columns(&format!("{name}.parquet"), columns);
    }
    for good in ["good-1", "good-2", "good-3", "good-4"] {
        bench.write_columns(&format!("{good}.parquet"), with_others(|_| "db".to_owned()));
    }
    let said = bench.call(&["compare", "*.parquet", "--format", "json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let said = said.json();
    let (ranked, copies) = (&said["performance_ranking"], &said["copies"]);
    // What has the same numbers to the last bit is told, too.
    assert_eq!(ranked.as_array().unwrap().len() + copies.as_array().unwrap().len(), 10);
}

#[test]
fn an_error_page_in_every_failure_is_judged_as_its_first_lines() {
    let bench = Bench::new();
    let page = format!("<html>502 bad gateway{}", " ".repeat(39) + &"x".repeat(40_000));
    let details: Vec<&str> =
        (0..ROWS).map(|row| if row.is_multiple_of(60) { page.as_str() } else { "" }).collect();
    bench.write_columns("pages.parquet", with(with_others(|_| "db".to_owned()), "detail", texts(&details)));
    assert_eq!(bench.call(&["analyze", "pages.parquet"]).code, 0);
    let report = bench.json("reports/pages/report.json");
    let example = report["errors"][0]["example"].as_str().unwrap();
    assert!(example.starts_with("<html>502 bad gateway") && example.len() <= 1_000, "{example}");
    assert!(bench.read("reports/pages/report.json").len() < 200_000);
}

#[test]
fn a_limit_of_the_address_space_refuses_a_run_that_does_not_fit_and_names_it() {
    let bench = Bench::new();
    bench.write_columns("run.parquet", requests(3_000));
    bench.write("cmo-metrics.toml", "run.memory_bytes_per_row = 1_000_000\n");
    assert_eq!(bench.call(&["analyze", "run.parquet"]).code, 0);
    let said = bench.shell("ulimit -v 2500000; cmo-metrics analyze run.parquet");
    assert_eq!(said.code, 3, "{}", said.err);
    assert_holds(&said.err, &["run: its 3000 rows need about 3.0 GB of memory"]);
}
