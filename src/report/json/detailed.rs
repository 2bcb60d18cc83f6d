//! `detailed_metrics` of the report: response times, throughput, resources.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::short::Shortener;
use super::trends::direction;
use crate::analysis::Analysis;
use crate::metrics::Population;
use crate::summary::{Distribution, Measured, RequestSummary, RunSummary, TokenCounts, quantile_name};

/// All finished requests (ms), and under `ok`, `failed`, `by_category` and `from_sending` their parts.
pub fn response_times(analysis: &Analysis, shortener: &mut Shortener) -> Value {
    let requests = &analysis.summary.requests;
    let mut times = distribution(&requests.all);
    times["population"] = json!(Population::FinishedAgainstOk);
    times["ok"] = distribution(&requests.ok);
    times["failed"] = distribution(&requests.failed);
    times["by_category"] = by_category(&analysis.summary, shortener);
    times["from_sending"] = json!(requests.from_sending.as_ref().map(distribution));
    times["trend"] = json!(direction(&analysis.trends, "p95_response_time"));
    times
}

/// Failed requests by their word; the durations of timeouts are lower bounds.
fn by_category(summary: &RunSummary, shortener: &mut Shortener) -> Value {
    let categories: Vec<_> = summary.errors.iter().filter(|error| error.component == "request").collect();
    let pointer = "/detailed_metrics/response_times/by_category";
    let categories = shortener.most(pointer, &categories, |error| error.count).into_iter();
    let entry = |error: &&crate::summary::ErrorCategory| {
        let mut times = distribution(&error.durations);
        times["lower_bounds"] = json!(error.durations_are_lower_bounds);
        (error.category.clone(), times)
    };
    json!(categories.map(entry).collect::<BTreeMap<String, Value>>())
}

/// Quantiles, mean, extremes (ms), the number of samples, and which quantiles rest on few of them.
pub fn distribution(found: &Distribution) -> Value {
    let quantiles = found.quantiles.iter().map(|found| (found.quantile, &found.value_ms, found.low_sample));
    with_quantiles(
        quantiles,
        [
            ("mean", json!(found.mean_ms)),
            ("min", json!(found.min_ms)),
            ("max", json!(found.max_ms)),
            ("n", json!(found.n)),
        ],
    )
}

/// The same of tokens, the fewest of which tell nothing.
pub fn tokens(found: &TokenCounts) -> Value {
    let quantiles = found.quantiles.iter().map(|found| (found.quantile, &found.value, found.low_sample));
    with_quantiles(quantiles, [("mean", json!(found.mean)), ("max", json!(found.max)), ("n", json!(found.n))])
}

/// Each quantile with its value, `more`, and which quantiles rest on few samples.
fn with_quantiles<'a>(
    quantiles: impl Iterator<Item = (f64, &'a Measured<f64>, bool)>,
    more: impl IntoIterator<Item = (&'static str, Value)>,
) -> Value {
    let mut object = json!({});
    let mut few = Vec::new();
    for (quantile, value, low_sample) in quantiles {
        // As the reference names them: `p95`, `p99_9`.
        let key = quantile_name(quantile).trim_end_matches("_ms").to_owned();
        object[&key] = json!(value);
        if low_sample && value.value().is_some() {
            few.push(key);
        }
    }
    for (key, value) in more {
        object[key] = value;
    }
    object["low_sample"] = json!(few);
    object
}

/// Requests per second; `current` is the mean of the judged window.
pub fn throughput(analysis: &Analysis) -> Value {
    let summary = &analysis.summary;
    let throughput = &summary.throughput;
    json!({
        "current": throughput.mean_per_s,
        "trend": direction(&analysis.trends, "throughput"),
        "ok_per_s": throughput.ok_per_s,
        "failed_per_s": throughput.failed_per_s,
        "peak_per_s": throughput.peak_per_s,
        "recent_per_s": throughput.recent_per_s,
        "offered_per_s": throughput.offered_per_s,
        "target_per_s": throughput.target_per_s,
        "mean_in_flight": summary.requests.mean_in_flight,
        "goodput": summary.goodput,
    })
}

/// Memory (MB) and CPU (%) of the service; `cpu_efficiency` is throughput per % of one core.
pub fn resources(analysis: &Analysis) -> Value {
    let resources = &analysis.summary.resources;
    json!({
        "memory_growth_mb": resources.memory.as_ref().and_then(|memory| memory.growth_mb.clone()),
        "cpu_efficiency": resources.throughput_per_cpu_percent,
        "memory_efficiency": resources.throughput_per_growth_mb,
        "memory_growth_band": analysis.memory_band,
        "cpu_band": analysis.cpu_band,
        "leak": analysis.leak,
        "memory": resources.memory,
        "cpu": resources.cpu,
        "load_generator_cpu_percent": resources.load_generator_cpu_percent,
        "service_instances": resources.service_instances,
    })
}

/// Counts of the requests and what goes with them.
pub fn requests(requests: &RequestSummary) -> Value {
    json!({
        "totals": requests.totals,
        "counts": requests.counts,
        "answered_by": requests.answered_by,
        "distinct_users": requests.distinct_users,
        "think_time_ms": requests.think_time_ms,
        "cost_usd": requests.cost_usd,
    })
}
