//! What is printed: JSON with the keys of the reference, nothing when quiet, no colour in a pipe, 80 columns.

use std::sync::Arc;

use arrow_array::StringArray;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::support::files::{requests, with};
use crate::support::{Bench, Said, assert_holds};

/// Every leaf of the reference's example of a report.
const REFERENCE_PATHS: &[&str] = &[
    "/executive_summary/current_grade",
    "/executive_summary/overall_success_rate",
    "/executive_summary/performance_trend",
    "/executive_summary/system_health",
    "/detailed_metrics/response_times/p50",
    "/detailed_metrics/response_times/p95",
    "/detailed_metrics/response_times/p99",
    "/detailed_metrics/throughput_analysis/current",
    "/detailed_metrics/throughput_analysis/trend",
    "/detailed_metrics/resource_utilization/memory_growth_mb",
    "/detailed_metrics/resource_utilization/cpu_efficiency",
    "/cmo_specific_analysis/lightrag_performance/success_rate",
    "/cmo_specific_analysis/lightrag_performance/cost_efficiency",
    "/cmo_specific_analysis/cache_analysis/tier_performance/l1",
    "/cmo_specific_analysis/cache_analysis/tier_performance/l2",
    "/cmo_specific_analysis/cache_analysis/tier_performance/l3",
    "/cmo_specific_analysis/circuit_breaker_analysis/availability",
    "/cmo_specific_analysis/circuit_breaker_analysis/recovery_effectiveness",
    "/cmo_specific_analysis/fallback_system_analysis/overall_effectiveness",
    "/cmo_specific_analysis/fallback_system_analysis/cost_efficiency",
    "/component_health/lightrag",
    "/component_health/cache",
    "/component_health/circuit_breaker",
    "/recommendations",
    "/trend_analysis/success_rate/direction",
    "/trend_analysis/success_rate/recent_values",
];

/// Those whose value is text in the reference; the others but the lists are numbers.
const WORDS: [&str; 9] = [
    "current_grade",
    "performance_trend",
    "system_health",
    "trend",
    "lightrag",
    "cache",
    "circuit_breaker",
    "direction",
    "fallback_system",
];
const LISTS: [&str; 2] = ["recommendations", "recent_values"];

/// The value is there and of the reference's type, or null with the reason told.
#[track_caller]
fn assert_reference_path(report: &Value, path: &str) {
    let value = report.pointer(path).unwrap_or_else(|| panic!("{path} is missing"));
    let key = path.rsplit('/').next().unwrap();
    if value.is_null() {
        assert!(report["undefined"][path].is_string(), "{path} is null without a reason");
    } else if LISTS.contains(&key) {
        assert!(value.is_array(), "{path}: {value}");
    } else if WORDS.contains(&key) {
        assert!(value.is_string(), "{path}: {value}");
    } else {
        assert!(value.is_number(), "{path}: {value}");
    }
}

#[test]
fn json_has_every_path_of_the_reference_whatever_the_run_holds() {
    let bench = Bench::new();
    bench.simulate("breaker-flapping", "rich", 20);
    bench.write_columns("poor.parquet", requests(1));
    for (run, code) in [("rich", 0), ("poor.parquet", 3)] {
        let said = bench.call(&["analyze", run, "--format", "json"]);
        assert_eq!((said.code, said.err.as_str()), (code, ""));
        let report = &said.json()["runs"][0];
        REFERENCE_PATHS.iter().for_each(|path| assert_reference_path(report, path));
    }
    let printed = &bench.call(&["analyze", "rich", "--format", "json"]).json()["runs"][0];
    for path in ["/executive_summary/current_grade", "/detailed_metrics/response_times/p95"] {
        assert!(!printed.pointer(path).unwrap().is_null(), "{path}");
    }
    let written = bench.json("reports/rich/report.json");
    REFERENCE_PATHS.iter().for_each(|path| assert_eq!(written.pointer(path), printed.pointer(path)));
}

/// The JSON pointers of all nulls in `tree`.
fn nulls(tree: &Value, pointer: &str, found: &mut Vec<String>) {
    match tree {
        Value::Null => found.push(pointer.to_owned()),
        Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            nulls(value, &format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), found);
        }),
        Value::Array(values) => values.iter().enumerate().for_each(|(index, value)| {
            nulls(value, &format!("{pointer}/{index}"), found);
        }),
        _ => {}
    }
}

#[test]
fn no_null_is_without_a_reason_in_runs_with_much_and_with_little_and_against_a_baseline() {
    let bench = Bench::new();
    bench.simulate("breaker-flapping", "rich", 20);
    bench.simulate("healthy", "other", 60);
    bench.write_columns("poor.parquet", requests(1));
    assert_eq!(bench.call(&["baseline", "save", "other", "--name", "main"]).code, 0);
    for words in
        [&["rich"][..], &["poor.parquet"], &["other", "--baseline", "main"], &["rich", "--baseline", "main"]]
    {
        let said = bench.call(&[&["analyze", "--format", "json"], words].concat());
        let report = &said.json()["runs"][0];
        let mut found = Vec::new();
        nulls(report, "", &mut found);
        let mut told: Vec<&String> = report["undefined"].as_object().unwrap().keys().collect();
        found.sort();
        told.sort();
        assert_eq!(found.iter().collect::<Vec<_>>(), told, "{words:?}");
    }
}

#[test]
fn quiet_prints_nothing_but_errors_and_still_writes_the_report() {
    let bench = Bench::new();
    bench.write_columns("run.parquet", requests(300));
    let said = bench.call(&["analyze", "run.parquet", "--quiet"]);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""));
    assert!(bench.path("reports/run/report.json").is_file());
    let said = bench.call(&["analyze", "nowhere.parquet", "--quiet"]);
    assert_eq!((said.code, said.out.as_str()), (3, ""));
    assert_holds(&said.err, &["error: nowhere.parquet"]);
}

#[test]
fn a_reader_that_stops_reading_is_no_error_and_hides_no_verdict() {
    let bench = Bench::new();
    bench.simulate("healthy", "run", 5);
    let head = bench.shell("{ cmo-metrics analyze run --format json; echo $? > code; } | head -1");
    assert_eq!((head.out.as_str(), head.err.as_str()), ("{\n", ""));
    assert_eq!(bench.read("code"), b"0\n");
    bench.write("cmo-metrics.toml", "[targets]\np95_response_time_ms = { below = 0.001, gate = true }\n");
    for format in ["text", "json", "markdown"] {
        let script = format!(
            "{{ sleep 0.3; cmo-metrics analyze run nowhere --format {format}; echo $? > code; }} | true"
        );
        let said = bench.shell(&script);
        assert_eq!(bench.read("code"), b"99\n", "{format}: {said:?}");
        assert_holds(&said.err, &["error: nowhere: no such file"]);
        assert!(!said.err.contains("ipe"), "{said:?}");
    }
}

#[test]
fn where_errors_cannot_be_told_the_exit_code_still_tells() {
    let bench = Bench::new();
    for closed in ["2>/dev/full", "2>&-"] {
        assert_eq!(bench.shell(&format!("cmo-metrics analyze nowhere {closed}")).code, 3, "{closed}");
        assert_eq!(
            bench.shell(&format!("cmo-metrics analyze --config no.toml {closed}")).code,
            2,
            "{closed}"
        );
    }
}

#[test]
fn a_full_disk_behind_stdout_is_an_unexpected_error() {
    let bench = Bench::new();
    bench.write_columns("run.parquet", requests(300));
    let said = bench.shell("cmo-metrics analyze run.parquet > /dev/full");
    assert_eq!(said.code, 1, "{said:?}");
    assert_holds(&said.err, &["error: cannot print the summary"]);
}

#[test]
fn colour_is_for_terminals_unless_it_is_asked_for_and_never_with_no_color() {
    let bench = Bench::new();
    bench.write_columns("run.parquet", requests(300));
    let is_coloured = |said: Said| [said.out.contains('\u{1b}'), said.err.contains('\u{1b}')];
    let words = ["analyze", "run.parquet", "nowhere.parquet"];
    assert_eq!(is_coloured(bench.call(&words)), [false, false]);
    let forced = ("CLICOLOR_FORCE", "1");
    assert_eq!(is_coloured(bench.call_with(&words, &[forced])), [true, true]);
    assert_eq!(is_coloured(bench.call_with(&words, &[forced, ("NO_COLOR", "1")])), [false, false]);
    for file in ["report.json", "report.md", "timeseries.csv"] {
        assert!(!bench.read(&format!("reports/run/{file}")).contains(&0x1b), "{file}");
    }
}

#[track_caller]
fn assert_narrow(said: &Said) {
    assert!(said.out.lines().count() > 10, "{said:?}");
    for line in said.out.lines() {
        assert!(line.width() <= 80, "{} columns: {line}", line.width());
    }
}

#[test]
fn no_line_is_wider_than_80_columns() {
    let bench = Bench::new();
    bench.simulate("breaker-flapping", "flapping", 20);
    bench.simulate("error-burst", "burst", 20);
    let long = "a_very_long_run_id_".repeat(6);
    let component = "组件-vector_database_of_the_metabolomics_group".repeat(3);
    let outcome = "an error category that somebody wrote as a whole sentence ".repeat(4);
    let columns = with(requests(300), "component", Arc::new(StringArray::from(vec![&*component; 300])));
    let columns = with(columns, "outcome", Arc::new(StringArray::from(vec![&*outcome; 300])));
    bench.write_columns(&format!("data/{long}.parquet"), columns);
    bench.write("data/broken_with_a_name_that_goes_on_and_on_and_on_and_on_and_on_and_on.parquet", "text");
    for run in ["flapping", "burst", &long] {
        let said = bench.call(&["analyze", run]);
        assert_narrow(&said);
        assert!(said.out.lines().count() <= 45, "{}", said.out);
        assert_narrow(&bench.call(&["analyze", run, "--full"]));
    }
    let many = bench.call(&["analyze"]);
    assert_eq!(many.code, 3);
    assert_narrow(&many);
}

#[test]
fn one_run_takes_45_lines_and_ends_with_the_exit_code_and_in_full_it_says_all_that_the_report_does() {
    let bench = Bench::new();
    bench.simulate("breaker-flapping", "flapping", 60);
    let short = bench.call(&["analyze", "flapping"]);
    assert!((15..=45).contains(&short.out.lines().count()), "{}", short.out);
    assert_holds(&short.out, &["  severity  finding", "Targets: ", "  P95 ", "  throughput "]);
    let last: Vec<&str> = short.out.lines().rev().take(2).collect();
    assert!(last[0].starts_with("exit 0: no gate is set"), "{last:?}");
    assert_eq!(last[1], "report: reports/flapping/report.html");
    let full = bench.call(&["analyze", "flapping", "--full"]);
    let report = String::from_utf8(bench.read("reports/flapping/report.md")).unwrap();
    for heading in report.lines().filter_map(|line| line.strip_prefix("## ")) {
        assert!(full.out.contains(&format!("\n{heading}\n")), "{heading}: {}", full.out);
    }
    assert!(full.out.trim_end().lines().last().unwrap().starts_with("exit 0: "), "{}", full.out);
    let markdown = bench.call(&["analyze", "flapping", "--format", "markdown"]);
    assert_eq!(markdown.out, report, "only the text is short");
}

#[test]
fn the_text_is_as_wide_as_the_terminal_and_in_ascii_where_that_is_asked_for() {
    let bench = Bench::new();
    bench.simulate("breaker-flapping", "flapping", 30);
    bench.simulate("healthy", "healthy", 30);
    let widest = |arguments: &[&str], columns: &str| {
        let said = bench.call_with(arguments, &[("COLUMNS", columns)]);
        assert!(said.out.lines().count() > 10, "{said:?}");
        said.out.lines().map(|line| line.width()).max().unwrap()
    };
    for call in [&["analyze", "flapping"][..], &["analyze", "data"], &["compare", "data"]] {
        assert!(widest(call, "40") <= 40 && widest(call, "80") <= 80);
        assert!((81..=120).contains(&widest(call, "120")), "{call:?} uses the room");
        assert_eq!(widest(call, "no number"), widest(call, "80"), "a pipe has 80 columns");
        let ascii = bench.call(&[call, &["--ascii"]].concat());
        assert!(ascii.out.is_ascii() && !ascii.out.is_empty(), "{}", ascii.out);
    }
}

#[test]
fn the_last_line_says_why_the_exit_code_is_what_it_is() {
    let bench = Bench::new();
    bench.simulate("healthy", "healthy", 30);
    bench
        .write("cmo-metrics.toml", "[custom_targets]\n\"request/p95_ms\" = { below = 0.001, gate = true }\n");
    let last = |arguments: &[&str]| {
        let said = bench.call(arguments);
        let (_, last) = said.out.rsplit_once("\nexit ").unwrap();
        (said.code, format!("exit {}", last.split_whitespace().collect::<Vec<_>>().join(" ")))
    };
    let reason = "gate failed: target request/p95_ms is missed";
    assert_eq!(last(&["analyze", "healthy"]), (99, format!("exit 99: {reason}")));
    let anyway = format!("exit 0, as --exit-zero asks; else 99: {reason}");
    assert_eq!(last(&["analyze", "healthy", "--exit-zero"]), (0, anyway));
    assert_eq!(
        last(&["compare", "healthy"]),
        (99, "exit 99: gate failed: healthy: target request/p95_ms is missed".into())
    );
    bench.write("cmo-metrics.toml", "[custom_targets]\n\"request/p95_ms\" = { below = 1e9, gate = true }\n");
    assert_eq!(last(&["analyze", "healthy"]), (0, "exit 0: the gate passed".into()));
}
