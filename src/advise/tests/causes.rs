//! Failures are told by their causes, the worst mode is the worst, and nothing is said on parts that are not there.

use super::*;
use crate::summary::{ErrorCategory, ErrorCause, ModeShare};

fn cause(category: &str, operation: &str, detail: &str, count: u64) -> ErrorCause {
    ErrorCause {
        component: "lightrag".into(),
        category: category.into(),
        operation: Some(operation.into()),
        detail: Some(detail.into()),
        count,
        share: count as f64 / 1000.0,
        first_us: fixture::START_US,
        last_us: fixture::START_US + 1_000_000,
        durations_are_lower_bounds: false,
    }
}

fn mode(pattern: &ModeShare, name: &str, ok: u64, failed: u64) -> ModeShare {
    let mut mode = ModeShare { mode: name.into(), ..pattern.clone() };
    mode.calls.counts.ok = ok;
    (mode.calls.counts.failed, mode.calls.counts.finished) = (failed, ok + failed);
    mode.calls.success_rate = Measured::Value(ok as f64 / (ok + failed) as f64);
    mode
}

/// 65 `api_error` of two causes: `naive` finds nothing, all fail with HTTP 503 now and then.
fn two_causes() -> Case {
    Case::quiet(|run| {
        let error = ErrorCategory {
            component: "lightrag".into(),
            category: "api_error".into(),
            ..run.errors[0].clone()
        };
        run.errors.retain(|error| error.component != "lightrag");
        run.errors.push(ErrorCategory { count: 65, durations_are_lower_bounds: false, ..error });
        run.error_causes = vec![
            cause("api_error", "naive", "Query returned no results", 39),
            cause("api_error", "hybrid", "HTTP 503 from the model", 24),
            cause("api_error", "naive", "HTTP 503 from the model", 2),
        ];
        let lightrag = value(&mut run.lightrag);
        (lightrag.overall.counts.ok, lightrag.overall.counts.failed) = (437, 65);
        let pattern = lightrag.by_mode[0].clone();
        lightrag.by_mode = vec![mode(&pattern, "hybrid", 406, 24), mode(&pattern, "naive", 31, 41)];
        let calls = fixture::lightrag_calls(run);
        (calls.counts.ok, calls.counts.failed, calls.counts.finished) = (437, 65, 502);
        calls.success_rate = Measured::Value(437.0 / 502.0);
    })
}

#[test]
fn two_causes_of_one_word_have_their_numbers_and_their_remedies() {
    let said = two_causes().says("lightrag_success_below_target", "lightrag").unwrap();
    assert!(
        said.action.contains(
            "Against 39 of 65 failures (api_error \"Query returned no results\"): Look at what was asked"
        ),
        "{}",
        said.action
    );
    assert!(
        said.action
            .contains("Against 26 of 65 failures (api_error \"HTTP 503 from the model\"): Look into the log"),
        "{}",
        said.action
    );
    let evidence = said.evidence.join("\n");
    assert!(
        evidence.contains("26 api_error \"HTTP 503 from the model\" (hybrid 24, naive 2)."),
        "{evidence}"
    );
    assert!(said.expected_effect.value().unwrap().contains("Without its 39 failures of"), "{said:?}");
}

#[test]
fn texts_that_differ_by_ids_alone_are_one_cause() {
    let mut many = two_causes();
    many.summary.error_causes =
        (0..65).map(|id| cause("api_error", "hybrid", &format!("order {id}: HTTP 503"), 1)).collect();
    let said = many.says("lightrag_success_below_target", "lightrag").unwrap();
    assert!(
        said.evidence.iter().any(|text| text.starts_with("65 api_error \"order #: HTTP 503\"")),
        "{said:?}"
    );
    assert!(said.action.starts_with("Look into the log of what is called"), "{}", said.action);
}

#[test]
fn the_mode_that_fails_most_is_named_also_with_few_calls_and_with_their_number() {
    let said = two_causes().says("lightrag_success_below_target", "lightrag").unwrap();
    let wanted = "Worst mode: naive, 41 of 72 calls failed.";
    assert!(said.evidence.iter().any(|sentence| sentence == wanted), "{:?}", said.evidence);
    let mut few = two_causes();
    let modes = &mut value(&mut few.summary.lightrag).by_mode;
    let pattern = modes[0].clone();
    modes.push(mode(&pattern, "local", 0, 3));
    let said = few.says("lightrag_success_below_target", "lightrag").unwrap();
    assert!(
        said.evidence.iter().any(|sentence| sentence.contains("Worst mode: local, 3 of 3 calls")),
        "{said:?}"
    );
}

/// A service of requests and one component of its own, all of whose calls fail.
fn without_our_parts() -> Case {
    Case::quiet(|run| {
        fixture::without_lightrag(run);
        run.cache = Measured::undefined("no cache rows in this run");
        run.breaker = Measured::undefined("no circuit_breaker rows in this run");
        run.fallback = Measured::undefined("no attempt at any level of the chain in this run");
        run.components.retain(|part| part.component == "request");
        let mut part = run.components[0].clone();
        part.component = "vector_db".into();
        (part.calls.counts.failed, part.calls.counts.finished) = (400, 412);
        run.components.push(part);
        run.requests.success_rate = Measured::Value(0.03);
        (run.requests.totals.ok, run.requests.totals.failed) = (Measured::Value(12), Measured::Value(400));
        run.requests.counts.failed = 400;
        run.requests.all = fixture::distribution(&vec![9000.0; 412]);
        let cause = |component: &str| ErrorCause {
            component: component.into(),
            ..cause("timeout", "search", "connection refused", 400)
        };
        run.error_causes = vec![cause("request"), cause("vector_db")];
        let error = ErrorCategory { category: "timeout".into(), count: 400, ..run.errors[0].clone() };
        run.errors = ["request", "vector_db"]
            .map(|component| ErrorCategory { component: component.into(), ..error.clone() })
            .to_vec();
        run.time_spent = Measured::undefined("no request ids");
        run.slow_time_spent = Measured::undefined("no request ids");
        run.retries.clear();
    })
}

#[test]
fn nothing_is_advised_on_parts_that_the_run_does_not_have() {
    let said = without_our_parts().recommend();
    assert!(!said.is_empty());
    for found in &said {
        let all = format!("{} {}", found.text, found.evidence.join(" ")).to_lowercase();
        for part in ["cache", "breaker", "fallback", "lightrag", "max_async", "perplexity"] {
            assert!(!all.contains(part), "{part}: {all}");
        }
    }
}

#[test]
fn the_part_in_which_the_requests_fail_is_named_with_its_remedy() {
    let said = without_our_parts().says("success_rate_below_target", "request").unwrap();
    assert_eq!(said.severity, Severity::Critical);
    assert!(said.evidence.iter().any(|text| text == "`vector_db`: 400 of 412 calls failed."), "{said:?}");
    assert!(
        said.action.starts_with("Start with `vector_db`. Check that what is called is up"),
        "{}",
        said.action
    );
    // All failed for one cause: without it all would have succeeded, which tells nothing.
    assert_eq!(said.expected_effect.reason(), Some("all failures have one cause"));
}

#[test]
fn a_component_that_is_down_is_told_also_where_the_requests_succeed() {
    let down = |ok: u64, failed: u64| {
        Case::quiet(|run| {
            let mut part = run.components[0].clone();
            part.component = "vector_db".into();
            (part.calls.counts.ok, part.calls.counts.failed) = (ok, failed);
            part.calls.success_rate = Measured::Value(ok as f64 / (ok + failed) as f64);
            run.components.push(part);
        })
    };
    // 0.5²⁰ is no chance; 9 of 20 is.
    assert_eq!(down(0, 20).says("component_fails", "vector_db").unwrap().severity, Severity::High);
    assert!(down(40, 60).says("component_fails", "vector_db").is_some());
    assert_eq!(down(9, 11).says("component_fails", "vector_db"), None);
    assert_eq!(down(60, 40).says("component_fails", "vector_db"), None);
}

#[test]
fn a_chain_of_lightrag_alone_is_no_chain() {
    let mut alone = Case::quiet(|run| {
        let fallback = value(&mut run.fallback);
        fallback.overall_success = Measured::Value(0.5);
        fallback.levels.truncate(1);
    });
    assert_eq!(alone.says("fallback_success_below_target", "fallback_system"), None);
    alone = Case::quiet(|run| value(&mut run.fallback).overall_success = Measured::Value(0.5));
    assert!(alone.says("fallback_success_below_target", "fallback_system").is_some());
}
