//! Calls to language models: first tokens, further tokens and tokens of the successful ones; goodput of the requests.

use serde_json::json;

use super::{Run, call, operation};
use crate::metrics;
use crate::run::{DeclaredTotals, Event};
use crate::summary::{Measured, RunSummary, Spread};

/// A call of a model that answered with so many tokens, the first one after `ttft_ms`.
fn model(
    component: &str,
    start_ms: i64,
    (ttft_ms, duration_ms): (f64, f64),
    tokens: u32,
    outcome: &str,
) -> Event {
    Event {
        ttft_ms: Some(ttft_ms),
        tokens_out: Some(tokens),
        ..call(component, start_ms, duration_ms, outcome)
    }
}

fn number(run: &RunSummary, key: &str) -> Option<f64> {
    metrics::read(run, key).value.number()
}

fn reason(run: &RunSummary, key: &str) -> String {
    metrics::read(run, key).value.reason().unwrap_or_default().to_owned()
}

#[test]
fn who_fails_at_once_looks_no_faster() {
    let call = |index: i64| match index % 5 {
        0 => model("lightrag", index * 20, (0.0, 3.0), 0, "api_error"),
        _ => model("lightrag", index * 20, (500.0, 900.0), 101, "ok"),
    };
    let run = Run::of((0..500).map(call).map(|event| operation("hybrid", event)).collect()).measure();
    for subject in ["lightrag", "lightrag/hybrid"] {
        let number = |statistic: &str| number(&run, &format!("{subject}/{statistic}"));
        assert_eq!((number("ttft_p25_ms"), number("mean_ttft_ms")), (Some(500.0), Some(500.0)));
        assert_eq!((number("tokens_out_p50"), number("mean_tokens_out")), (Some(101.0), Some(101.0)));
        assert_eq!((number("tpot_p95_ms"), number("mean_tpot_ms")), (Some(4.0), Some(4.0)));
        assert_eq!(number("total_tokens_out"), Some(400.0 * 101.0), "what was spent is all of it");
    }
    let lightrag = run.lightrag.value().unwrap();
    let ttft = lightrag.overall.model.value().unwrap().ttft.value().unwrap();
    assert_eq!((ttft.n, ttft.min_ms.number()), (400, Some(500.0)));
}

#[test]
fn tokens_of_failed_calls_were_spent_and_are_in_no_mean() {
    let run = Run::of(vec![
        model("lightrag", 0, (10.0, 100.0), 300, "timeout"),
        model("lightrag", 100, (10.0, 100.0), 100, "ok"),
        model("lightrag", 200, (10.0, 100.0), 200, "ok"),
    ]);
    let run = run.measure();
    assert_eq!(number(&run, "lightrag/total_tokens_out"), Some(600.0));
    assert_eq!(number(&run, "lightrag/mean_tokens_out"), Some(150.0));
    assert_eq!(number(&run, "lightrag/tokens_out_p50"), Some(150.0));
}

#[test]
fn any_component_and_operation_has_them() {
    // 200, 201, …, 600 ms: type 7 at q is 200 + 400 q.
    let events = (0..=400).map(|index| Event {
        ttft_ms: Some(200.0 + index as f64),
        ..operation(if index % 2 == 0 { "even" } else { "odd" }, call("llm", index * 10, 900.0, "ok"))
    });
    let run = Run::of(events.collect()).measure();
    for (q, ms) in [("p50", 400.0), ("p75", 500.0), ("p95", 580.0), ("p99", 596.0)] {
        let found = number(&run, &format!("llm/ttft_{q}_ms")).unwrap();
        assert!((found - ms).abs() < 1e-9, "{q}: {found}");
    }
    assert_eq!(number(&run, "llm/mean_ttft_ms"), Some(400.0));
    assert_eq!(number(&run, "llm/even/ttft_p50_ms"), Some(400.0));
    assert_eq!(number(&run, "llm/odd/mean_ttft_ms"), Some(400.0));
    assert_eq!(
        reason(&run, "llm/tpot_p50_ms"),
        "no successful call has ttft_ms, duration_ms and more than one of tokens_out"
    );
    assert_eq!(reason(&run, "llm/mean_tokens_in"), "no successful call has tokens_in");
    let statistics: Vec<String> = metrics::all(&run).into_iter().map(|fact| fact.statistic).collect();
    assert!(
        !statistics.iter().any(|name| name.contains("tpot") || name.contains("tokens_out_")),
        "no empty rows"
    );
}

#[test]
fn what_has_no_tokens_says_so_and_has_no_rows() {
    let run = Run::of(vec![call("vector_db", 0, 10.0, "ok"), call("vector_db", 100, 10.0, "ok")]).measure();
    assert_eq!(reason(&run, "vector_db/ttft_p95_ms"), "no successful call has ttft_ms or tokens");
    assert_eq!(reason(&run, "llm/ttft_p95_ms"), "no calls of `llm` in this run");
    assert!(!metrics::all(&run).iter().any(|fact| fact.statistic.contains("ttft")));
}

#[test]
fn a_single_token_takes_no_time_per_further_one() {
    let run = Run::of(vec![
        model("llm", 0, (50.0, 50.0), 1, "ok"),
        model("llm", 100, (50.0, 150.0), 11, "ok"),
        model("llm", 200, (50.0, 250.0), 11, "ok"),
        // The first token is said to have come after the end.
        model("llm", 300, (500.0, 100.0), 11, "ok"),
    ]);
    let run = run.measure();
    let tpot = run.components[0].calls.model.value().unwrap().tpot.value().unwrap();
    assert_eq!((tpot.n, tpot.min_ms.number(), tpot.max_ms.number()), (2, Some(10.0), Some(20.0)));
}

#[test]
fn times_to_first_token_are_compared_with_their_batches() {
    let call = |index: i64| {
        let ttft_ms = 200.0 + (index * 37 % 101) as f64;
        model(
            "llm",
            index * 10,
            (ttft_ms, ttft_ms + 400.0),
            41,
            if index % 7 == 0 { "api_error" } else { "ok" },
        )
    };
    let run = Run::of((0..6_000).map(call).collect()).measure();
    for name in ["ttft_p50_ms", "ttft_p95_ms", "mean_ttft_ms", "tpot_p50_ms", "mean_tokens_out"] {
        let found = run.comparable.iter().find(|metric| metric.component == "llm" && metric.name == name);
        let found = found.unwrap_or_else(|| panic!("{name} is compared"));
        assert_eq!(found.value, metrics::read(&run, &format!("llm/{name}")).value);
        assert_eq!(found.samples, 6_000 - 858, "of the successful calls");
        let Measured::Value(Spread::Batches { values }) = &found.spread else {
            panic!("{name}: {:?}", found.spread)
        };
        assert_eq!(values.len(), 20, "{name}");
        let value = found.value.number().unwrap();
        assert!(values.iter().all(|of_batch| (of_batch / value - 1.0).abs() < 0.1), "{name}: {values:?}");
    }
}

/// In 10 s: seven good requests, one at the limit, one beyond it, one that failed at once, and one that waits
/// for longer than any answer took.
fn requests() -> Run {
    let mut events: Vec<Event> = (0..7).map(|index| call("request", index * 1_000, 1_999.0, "ok")).collect();
    events.extend([
        call("request", 7_000, 2_000.0, "ok"),
        call("request", 6_000, 4_000.0, "ok"),
        call("request", 8_000, 1.0, "http_503"),
        Event { duration_ms: None, outcome: None, ..call("request", 5_500, 0.0, "") },
    ]);
    Run::of(events)
}

#[test]
fn goodput_is_what_succeeds_below_the_limit_of_all_that_was_sent() {
    let run = requests().measure();
    let goodput = run.goodput.value().unwrap();
    assert_eq!((goodput.limit_ms.number(), goodput.good, goodput.sent), (Some(2_000.0), 7, 11));
    assert_eq!(
        (number(&run, "request/goodput_share"), number(&run, "request/goodput_per_s")),
        (Some(7.0 / 11.0), Some(0.7))
    );
}

#[test]
fn the_tightest_limit_of_the_run_is_that_of_its_goodput() {
    let mut run = requests();
    run.metadata.targets.insert("request/mean_ms".into(), json!({ "below": 5_000 }));
    run.metadata.targets.insert("request/ok_p99_ms".into(), json!({ "below": 2_001 }));
    run.metadata.targets.insert("p95_response_time_ms".into(), json!(10_000));
    run.metadata.targets.insert("lightrag/p95_ms".into(), json!({ "below": 1 }));
    let goodput = run.measure().goodput;
    let goodput = goodput.value().unwrap();
    assert_eq!((goodput.limit_ms.number(), goodput.good), (Some(2_001.0), 8));
}

#[test]
fn a_limit_of_the_first_token_is_kept_by_the_request_that_has_one_in_time() {
    let mut run = Run::of(vec![
        model("request", 0, (100.0, 1_000.0), 11, "ok"),
        model("request", 0, (300.0, 1_000.0), 11, "ok"),
        model("request", 100, (100.0, 900.0), 11, "timeout"),
        call("request", 9_000, 1_000.0, "ok"),
    ]);
    run.metadata.targets.insert("request/ttft_p95_ms".into(), json!({ "below": 200 }));
    let goodput = run.measure().goodput.value().cloned().unwrap();
    assert_eq!((goodput.good, goodput.sent, goodput.ttft_limit_ms.number()), (1, 4, Some(200.0)));
    run.metadata.targets.insert("request/tpot_p95_ms".into(), json!({ "below": 80 }));
    assert_eq!(run.measure().goodput.value().unwrap().good, 0, "90 ms for each further token");
}

#[test]
fn where_only_a_sample_of_the_requests_is_recorded_their_goodput_is_a_share() {
    let mut run = requests();
    run.metadata.totals =
        Some(DeclaredTotals { requests: Some(1_000), duration_s: Some(100.0), ..DeclaredTotals::default() });
    let goodput = run.measure().goodput.value().cloned().unwrap();
    assert_eq!((goodput.share.number(), goodput.per_s.number()), (Some(7.0 / 11.0), None));
}
