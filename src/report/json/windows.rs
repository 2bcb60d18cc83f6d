//! `windows` of the report: which part of the run is judged and why, and the main numbers of it and of the whole.

use serde_json::{Value, json};

use crate::analysis::Analysis;
use crate::judge::Grade;
use crate::summary::{Measured, RunSummary, Window};
use crate::units;

/// Under `judged` the verdict on the window; under `whole`, and under the judged window's name, the numbers of each.
pub fn windows(analysis: &Analysis) -> Value {
    let mut windows = json!({
        "judged": analysis.steadiness,
        "whole": numbers(&analysis.whole, &analysis.whole_grade),
    });
    let name = analysis.summary.window.name;
    if name != analysis.whole.window.name {
        windows[name.word()] = numbers(&analysis.summary, &analysis.grade);
    }
    windows
}

pub fn bounds(window: &Window) -> Value {
    json!({
        "name": window.name,
        "start": units::rfc3339(window.start_us),
        "end": units::rfc3339(window.end_us),
        "start_us": window.start_us,
        "end_us": window.end_us,
        "duration_s": window.duration_s,
        "duration_is_declared": window.duration_is_declared,
    })
}

/// Times in ms, requests per second.
fn numbers(run: &RunSummary, grade: &Measured<Grade>) -> Value {
    let requests = &run.requests;
    let quantile = |q: f64| match requests.all.quantile(q) {
        Some(quantile) => quantile.value_ms.clone(),
        None => Measured::undefined("not measured"),
    };
    json!({
        "window": bounds(&run.window),
        "requests": requests.totals.requests,
        "ok": requests.totals.ok,
        "failed": requests.totals.failed,
        "success_rate": requests.success_rate,
        "p50": quantile(0.5),
        "p95": quantile(0.95),
        "p99": quantile(0.99),
        "throughput": run.throughput.mean_per_s,
        "grade": grade.as_ref().map(|grade| &grade.grade),
    })
}
