//! What the verdicts over load levels need of one run: small enough to keep for hundreds of runs.

use serde::Serialize;

use crate::judge::grade::{GRADE_QUANTILE, deciding_p95};
use crate::stats::moments::standard_deviation;
use crate::summary::{Measured, RunSummary, Spread};

/// One run as a point of load and what the service made of it, over its judged window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoadPoint {
    pub run_id: String,
    /// Configured.
    pub users: Measured<u32>,
    /// `closed` or `open`, as the metadata names it.
    pub load_model: Option<String>,
    /// Successful requests per second (all finished ones where the run has no outcomes).
    pub ok_per_s: Measured<f64>,
    /// λ: finished requests per second.
    pub finished_per_s: Measured<f64>,
    /// N: requests in flight, measured; λW where only totals are known.
    pub in_flight: Measured<f64>,
    /// W: over all finished requests.
    pub mean_ms: Measured<f64>,
    /// The one that the grade uses: the slower of all finished and of successful requests.
    pub p95_ms: Measured<f64>,
    /// 0..1.
    pub success_rate: Measured<f64>,
    /// Mean gap between a user's answer and that user's next request.
    pub measured_think_time_ms: Measured<f64>,
    /// As the metadata names it.
    pub configured_think_time_ms: Measured<f64>,
    pub memory_growth_mb: Measured<f64>,
    pub memory_growth_mb_per_100_users: Measured<f64>,
    /// Standard errors from inside the run: of the logarithm of throughput and of the P95 …
    pub throughput_log_error: Measured<f64>,
    pub p95_log_error: Measured<f64>,
    /// … and how many independent requests the success rate is worth.
    pub success_effective: Measured<f64>,
}

impl LoadPoint {
    /// The point of a run as measured over its judged window.
    pub fn of(run: &RunSummary) -> Self {
        let metadata = &run.identity.metadata;
        let requests = &run.requests;
        let memory = run.resources.memory.as_ref();
        Self {
            run_id: run.identity.run_id.clone(),
            users: Measured::or(metadata.users, "the metadata names no number of users"),
            load_model: metadata.load_model.clone().filter(|model| !model.trim().is_empty()),
            ok_per_s: ok_per_s(run),
            finished_per_s: run.throughput.mean_per_s.clone(),
            in_flight: in_flight(run),
            mean_ms: requests.all.mean_ms.clone(),
            p95_ms: Measured::or(requests.all.value_ms(GRADE_QUANTILE), "no P95 of the requests")
                .map(|all_ms| deciding_p95(all_ms, requests.ok.value_ms(GRADE_QUANTILE)).p95_ms),
            success_rate: requests.success_rate.clone(),
            measured_think_time_ms: requests.think_time_ms.clone(),
            configured_think_time_ms: Measured::or(
                metadata.think_time_ms.filter(|gap_ms| gap_ms.is_finite() && *gap_ms >= 0.0),
                "the metadata names no think time",
            ),
            memory_growth_mb: memory.clone().map(|memory| memory.growth_mb),
            memory_growth_mb_per_100_users: memory.and_then(|memory| memory.growth_mb_per_100_users.clone()),
            throughput_log_error: log_error(run, "throughput_per_s"),
            p95_log_error: log_error(run, "p95_ms"),
            success_effective: effective(run),
        }
    }
}

fn ok_per_s(run: &RunSummary) -> Measured<f64> {
    let has_outcomes = run.requests.totals.ok.value().is_some();
    if has_outcomes { run.throughput.ok_per_s.clone() } else { run.throughput.mean_per_s.clone() }
}

/// Measured, or by Little's law where the requests' course is not in the events.
fn in_flight(run: &RunSummary) -> Measured<f64> {
    match &run.requests.mean_in_flight {
        Measured::Value(in_flight) => Measured::Value(*in_flight),
        Measured::Undefined(undefined) => {
            let rate = run.throughput.mean_per_s.number();
            let by_law = rate.zip(run.requests.all.mean_ms.number()).map(|(rate, ms)| rate * ms / MS_PER_S);
            Measured::or(by_law, undefined.reason().to_owned())
        }
    }
}

const MS_PER_S: f64 = 1000.0;

fn spread<'a>(run: &'a RunSummary, name: &str) -> Option<&'a Spread> {
    let metric = run.comparable.iter().find(|metric| metric.component == "request" && metric.name == name)?;
    metric.spread.value()
}

/// Standard error of the logarithm of a number, from the logarithms of its batches.
fn log_error(run: &RunSummary, name: &str) -> Measured<f64> {
    let error = match spread(run, name) {
        Some(Spread::Batches { values }) if values.iter().all(|value| *value > 0.0) => {
            let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
            standard_deviation(&logs).map(|deviation| deviation / (logs.len() as f64).sqrt())
        }
        _ => None,
    };
    Measured::or(error, "too few requests for batches")
}

fn effective(run: &RunSummary) -> Measured<f64> {
    let effective = match spread(run, "success_rate") {
        Some(Spread::Share { effective, .. }) => Some(*effective),
        _ => None,
    };
    Measured::or(effective.filter(|n| *n > 0.0), "the requests carry no outcome")
}
