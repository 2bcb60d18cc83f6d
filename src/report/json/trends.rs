//! `trend_analysis` of the report: how each metric moved, and the words that stand elsewhere.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::judge::{Trend, TrendEvidence, TrendWord};
use crate::summary::Measured;
use crate::units::Unit;

/// The series of the reference: they stand in every report.
const REFERENCE: [&str; 7] = [
    "success_rate",
    "response_time",
    "p95_response_time",
    "throughput",
    "cache_hit_rate",
    "memory_usage",
    "cpu_usage",
];

pub fn is_reference(metric: &str) -> bool {
    REFERENCE.contains(&metric)
}

const NO_SERIES: &str = "this run has no such series";

/// Metric → direction, last values and evidence, each key of the evidence also where it is undefined.
pub fn trend_analysis(trends: &[Trend]) -> Value {
    let missing = REFERENCE.iter().filter(|name| find(trends, name).is_none()).map(|name| Trend {
        metric: (*name).to_owned(),
        unit: Unit::Number,
        direction: Measured::undefined(NO_SERIES),
        evidence: Measured::undefined(NO_SERIES),
        recent_values: Vec::new(),
    });
    let missing: Vec<Trend> = missing.collect();
    let all = trends.iter().chain(&missing).map(|found| (found.metric.clone(), trend(found)));
    Value::Object(all.collect::<Map<String, Value>>())
}

/// The word for one metric.
pub fn direction(trends: &[Trend], metric: &str) -> Measured<TrendWord> {
    find(trends, metric).map_or_else(|| Measured::undefined(NO_SERIES), |trend| trend.direction.clone())
}

fn find<'a>(trends: &'a [Trend], metric: &str) -> Option<&'a Trend> {
    trends.iter().find(|trend| trend.metric == metric)
}

fn trend(trend: &Trend) -> Value {
    let values = (!trend.recent_values.is_empty()).then_some(&trend.recent_values);
    let why_none = trend.direction.reason().unwrap_or("no values").to_owned();
    let unit = (trend.unit != Unit::Number || trend.evidence.value().is_some()).then_some(trend.unit);
    let evidence = &trend.evidence;
    json!({
        "direction": trend.direction,
        "recent_values": Measured::or(values, why_none.clone()),
        "unit": Measured::or(unit, why_none),
        "slope_per_min": of(evidence, |found| Measured::Value(found.slope_per_min)),
        "slope_interval_per_min": of(evidence, |found| found.slope_interval_per_min.clone()),
        "change": of(evidence, |found| found.change.clone()),
        "change_interval": of(evidence, |found| found.change_interval.clone()),
        "change_scale": of(evidence, |found| Measured::Value(found.change_scale)),
        "margin": of(evidence, |found| Measured::Value(found.margin)),
        "p": of(evidence, |found| Measured::Value(found.p)),
        "points": of(evidence, |found| Measured::Value(found.points)),
        "bin_s": of(evidence, |found| Measured::Value(found.bin_s)),
        "coefficient_of_variation": of(evidence, |found| found.coefficient_of_variation.clone()),
        "variation_beyond_counting": of(evidence, |found| found.variation_beyond_counting.clone()),
    })
}

/// A number of the evidence; undefined for its reason where there is none.
fn of<T: Serialize>(
    evidence: &Measured<TrendEvidence>,
    number: impl FnOnce(&TrendEvidence) -> Measured<T>,
) -> Value {
    json!(evidence.as_ref().and_then(number))
}
