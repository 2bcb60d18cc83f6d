//! `report.json` against the reference and as a snapshot.

use super::*;
use crate::config::Config;
use crate::report::fixture as analyses;
use crate::summary::{Measured, fixture};

/// The reference's own example of a report.
const REFERENCE: &str = r#"{
  "executive_summary": {
    "current_grade": "A", "overall_success_rate": 0.96, "performance_trend": "stable", "system_health": "healthy"
  },
  "detailed_metrics": {
    "response_times": { "p50": 450, "p95": 1200, "p99": 2100 },
    "throughput_analysis": { "current": 15.2, "trend": "improving" },
    "resource_utilization": { "memory_growth_mb": 23.5, "cpu_efficiency": 2.1 }
  },
  "cmo_specific_analysis": {
    "lightrag_performance": { "success_rate": 0.97, "cost_efficiency": 0.023 },
    "cache_analysis": { "tier_performance": { "l1": 0.82, "l2": 0.71, "l3": 0.63 } },
    "circuit_breaker_analysis": { "availability": 98.5, "recovery_effectiveness": 0.95 },
    "fallback_system_analysis": { "overall_effectiveness": 0.94, "cost_efficiency": 0.87 }
  },
  "component_health": { "lightrag": "healthy", "cache": "healthy", "circuit_breaker": "healthy" },
  "recommendations": ["Optimize L2 cache TTL settings..."],
  "trend_analysis": { "success_rate": { "direction": "improving", "recent_values": [0.9] } }
}"#;

fn provenance() -> Provenance {
    Provenance {
        generated_at: "2025-03-02T00:00:00Z".into(),
        tool: "cmo-metrics 0.1.0".into(),
        config_file: None,
    }
}

fn report_of(summary: crate::summary::RunSummary) -> Value {
    report(&Analysis::of_whole(summary, &Config::defaults()).unwrap(), &provenance())
}

/// The report of a run in which nothing but the window could be measured.
fn empty_report() -> Value {
    let mut summary = fixture::run_summary();
    let none = || "no events in this run";
    fixture::without_lightrag(&mut summary);
    summary.cache = Measured::undefined(none());
    summary.breaker = Measured::undefined(none());
    summary.fallback = Measured::undefined(none());
    summary.time_spent = Measured::undefined(none());
    summary.resources.memory = Measured::undefined(none());
    summary.resources.cpu = Measured::undefined(none());
    summary.resources.throughput_per_cpu_percent = Measured::undefined(none());
    summary.throughput.mean_per_s = Measured::undefined(none());
    summary.requests.success_rate = Measured::undefined(none());
    summary.requests.all = fixture::distribution(&[]);
    report_of(summary)
}

/// Calls `visit` with the pointer of each leaf of `tree`; lists are leaves.
fn leaves(tree: &Value, pointer: &str, visit: &mut impl FnMut(&str, &Value)) {
    match tree {
        Value::Object(entries) => {
            entries.iter().for_each(|(key, value)| leaves(value, &format!("{pointer}/{key}"), visit));
        }
        leaf => visit(pointer, leaf),
    }
}

#[test]
fn every_key_of_the_reference_is_at_its_path_with_its_type_or_null_with_a_reason() {
    let reference: Value = serde_json::from_str(REFERENCE).unwrap();
    for report in every_report() {
        leaves(&reference, "", &mut |pointer, wanted| {
            let found = report.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is missing"));
            if found.is_null() {
                assert!(report["undefined"][pointer].is_string(), "{pointer} is null without a reason");
            } else {
                let same = std::mem::discriminant(found) == std::mem::discriminant(wanted);
                assert!(same, "{pointer} is {found}, wanted a value like {wanted}");
            }
        });
    }
}

/// Reports of runs with everything, with nothing, and against a baseline that cannot be used.
fn every_report() -> Vec<Value> {
    let mut incomparable = analyses::judged();
    incomparable.regression = Measured::Value(analyses::incomparable());
    incomparable.leak = Measured::undefined("no memory samples");
    incomparable.summary.identity.metadata.other.insert("note".into(), json!({ "a/b": [null] }));
    let report = |analysis: Analysis| report(&analysis, &provenance());
    vec![report(analyses::plain()), report(analyses::judged()), report(incomparable), empty_report()]
}

/// The pointers of all nulls in `tree`.
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
fn each_null_has_a_reason_and_each_reason_points_at_a_null() {
    for report in every_report() {
        let mut found = Vec::new();
        nulls(&report, "", &mut found);
        let mut told: Vec<&String> = report["undefined"].as_object().unwrap().keys().collect();
        found.sort();
        told.sort();
        assert!(!found.is_empty());
        assert_eq!(found.iter().collect::<Vec<_>>(), told);
    }
}

#[test]
fn the_new_verdicts_stand_where_the_reference_has_them() {
    let report = report(&analyses::judged(), &provenance());
    for (pointer, wanted) in [
        ("/executive_summary/performance_trend", json!("degrading")),
        ("/detailed_metrics/response_times/trend", json!("degrading")),
        ("/detailed_metrics/throughput_analysis/trend", json!("volatile")),
        ("/detailed_metrics/resource_utilization/leak/suspected", json!(true)),
        ("/trend_analysis/success_rate/direction", json!("stable")),
        ("/trend_analysis/success_rate/recent_values", json!([1.0, 1.5, 2.0])),
        ("/trend_analysis/memory_usage/direction", Value::Null),
        ("/regression_analysis/baseline/name", json!("production")),
        ("/regression_analysis/comparison/coverage/total", json!(13)),
        ("/regression_analysis/gate/code", json!(99)),
        ("/component_correlation/pairs/0/word", json!("together")),
        ("/slow_time_spent/excess/0/component", json!("lightrag")),
        ("/recommendations/1", json!("L2 hit rate 50.00 %, target 70.00 %: keep its entries longer.")),
        ("/recommendation_details/1/target", json!(0.7)),
        ("/exit_reason/code", json!(99)),
    ] {
        assert_eq!(report.pointer(pointer), Some(&wanted), "{pointer}");
    }
    let reason = report["exit_reason"]["reasons"][0].as_str().unwrap();
    assert!(
        reason.starts_with("gate: request/ok_p95_ms regressed by +24.3 % (medium), from 812 ms to"),
        "{reason}"
    );
}

#[test]
fn the_verdicts_of_a_run_that_got_worse() {
    let report = report(&analyses::judged(), &provenance());
    let comparison = &report["regression_analysis"]["comparison"];
    let change = |key: &str| {
        let changes = comparison["changes"].as_array().unwrap();
        let found = changes.iter().find(|change| {
            format!("{}/{}", change["component"].as_str().unwrap(), change["metric"].as_str().unwrap()) == key
        });
        found.unwrap_or_else(|| panic!("{key}")).clone()
    };
    let shown = json!({
        "trend": report["trend_analysis"]["p95_response_time"],
        "leak": report["detailed_metrics"]["resource_utilization"]["leak"],
        "pair": report["component_correlation"]["pairs"][0],
        "p95": change("request/ok_p95_ms"),
        "vanished": change("cache_l3/hit_rate"),
        "coverage": comparison["coverage"],
        "assessment": comparison["assessment"],
        "gate": report["regression_analysis"]["gate"],
        "comparability": report["regression_analysis"]["comparability"],
        "recommendations": report["recommendation_details"],
    });
    insta::assert_snapshot!(serde_json::to_string_pretty(&shown).unwrap());
}

#[test]
fn the_values_of_the_reference_mean_what_they_meant() {
    let report = report_of(fixture::run_summary());
    for (pointer, wanted) in [
        ("/executive_summary/current_grade", json!("A")),
        ("/executive_summary/overall_success_rate", json!(400.0 / 412.0)),
        ("/detailed_metrics/throughput_analysis/current", json!(20.6)),
        ("/detailed_metrics/resource_utilization/memory_growth_mb", json!(23.5)),
        ("/cmo_specific_analysis/lightrag_performance/cost_efficiency", json!(0.02)),
        ("/cmo_specific_analysis/cache_analysis/tier_performance/l1", json!(0.82)),
        ("/cmo_specific_analysis/circuit_breaker_analysis/availability", json!(91.66666666666667)),
        ("/component_health/circuit_breaker", json!("warning")),
        ("/detailed_metrics/response_times/ok/p50", json!(599.0)),
        ("/detailed_metrics/response_times/by_category/timeout/lower_bounds", json!(true)),
        ("/exit_reason/code", json!(0)),
    ] {
        assert_eq!(report.pointer(pointer), Some(&wanted), "{pointer}");
    }
}

#[test]
fn both_windows_are_told_and_the_judged_one_with_its_reason() {
    let part = Analysis::of_part(fixture::run_summary(), &Config::defaults()).unwrap();
    let report = report(&part, &provenance());
    for (pointer, wanted) in [
        ("/run/window/name", json!("steady")),
        ("/windows/judged/window", json!("steady")),
        ("/windows/judged/warm_up_s", json!(2.0)),
        ("/windows/judged/is_trusted", json!(false)),
        ("/windows/judged/steadiness", json!("cannot_tell")),
        ("/undefined/~1windows~1judged~1overload", json!("completions keep up with arrivals")),
        ("/windows/whole/requests", json!(412)),
        ("/windows/whole/window/duration_s", json!(20.0)),
        ("/windows/whole/grade", json!("A")),
        ("/windows/steady/requests", json!(400)),
        ("/windows/steady/window/duration_s", json!(18.0)),
        ("/windows/steady/throughput", json!(20.6)),
    ] {
        assert_eq!(report.pointer(pointer), Some(&wanted), "{pointer}");
    }
    let whole = report_of(fixture::run_summary());
    let names: Vec<&String> = whole["windows"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["judged", "whole"], "what is one window stands once");
}

#[test]
fn a_word_of_the_metadata_is_never_taken_for_an_undefined_number() {
    let mut summary = fixture::run_summary();
    summary.identity.metadata.other.insert("note".into(), json!({ "undefined": "by hand" }));
    let report = report_of(summary);
    assert_eq!(report["run"]["metadata"]["note"], json!({ "undefined": "by hand" }));
}

#[test]
fn the_bytes_end_with_a_line_end_and_do_not_change() {
    let analysis = Analysis::of_whole(fixture::run_summary(), &Config::defaults()).unwrap();
    let bytes = render(&analysis, &provenance());
    assert_eq!(bytes, render(&analysis, &provenance()));
    assert!(bytes.ends_with(b"}\n"));
}

#[test]
fn the_report_of_a_small_run() {
    let mut report = report_of(fixture::run_summary());
    // The defaults are shown by `config show`; here they would only repeat themselves.
    report["config"] = json!("…");
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap());
}

/// As many names as the limits allow, each with failures of many kinds.
fn summary_at_the_limits() -> crate::summary::RunSummary {
    let mut summary = fixture::run_summary();
    let (component, error) = (summary.components[0].clone(), summary.errors[0].clone());
    summary.components = (0..200)
        .map(|number| {
            let mut component = component.clone();
            component.component = format!("service {number}");
            for word in 0..200 {
                let word = format!("failed for reason {word}");
                component.calls.counts.by_outcome.insert(word.clone(), number);
                component.calls.by_category.insert(word, component.calls.all.clone());
            }
            component.calls.counts.finished = number;
            let calls = component.calls.clone();
            let operation =
                |of| crate::summary::Operation { operation: format!("/{of}"), calls: calls.clone() };
            component.operations = (0..5).map(operation).collect();
            component
        })
        .collect();
    summary.errors = (0..40_000).map(|_| error.clone()).collect();
    summary.error_causes = vec![summary.error_causes[0].clone(); 40_000];
    summary.metrics = vec![summary.metrics[0].clone(); 10_000];
    summary.phases = vec![crate::summary::Phase { at_us: 0, name: "again".to_owned() }; 10_000];
    if let Measured::Value(breaker) = &mut summary.breaker {
        let one = breaker.breakers[0].clone();
        breaker.breakers = vec![one; 500];
        for one in &mut breaker.breakers {
            one.openings = vec![one.openings[0].clone(); 100];
        }
    }
    summary.identity.metadata.tags = (0..20_000).map(|tag| (format!("tag {tag}"), "x".repeat(30))).collect();
    summary.data_quality.extra_columns = (0..10_000).map(|column| format!("column {column}")).collect();
    summary.data_quality.load_notes = vec!["x".repeat(100_000); 3];
    summary
}

#[test]
fn a_run_at_the_limits_makes_no_more_than_a_megabyte_and_says_what_is_left_out() {
    let mut analysis = Analysis::of_whole(summary_at_the_limits(), &Config::defaults()).unwrap();
    let advice = analyses::judged().recommendations.remove(0);
    analysis.recommendations = vec![advice; 500];
    let bytes = render(&analysis, &provenance());
    let report: Value = serde_json::from_slice(&bytes).unwrap();
    let sizes = report.as_object().unwrap().iter().map(|(key, value)| (format!("{value:#}").len(), key));
    let sizes: std::collections::BTreeSet<_> = sizes.collect();
    assert!(bytes.len() <= 1_000_000, "{} bytes: {sizes:?}", bytes.len());
    let shown = |pointer: &str| report["shortened"][pointer].clone();
    assert_eq!(shown("/components"), json!({ "shown": 25, "of": 200 }));
    assert_eq!(shown("/errors"), json!({ "shown": 25, "of": 40_000 }));
    assert_eq!(shown("/recommendations"), Value::Null, "what stands in details is told there");
    assert_eq!(shown("/recommendation_details"), json!({ "shown": 25, "of": 500 }));
    assert_eq!(report["components"][24]["component"], "service 199", "those with the most calls");
    for pointer in report["shortened"].as_object().unwrap().keys() {
        assert!(report.pointer(pointer).is_some(), "{pointer} stands in the report");
    }
}
