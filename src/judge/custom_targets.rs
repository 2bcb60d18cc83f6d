//! Targets for any component or metric: the number behind a name, and the health of what they judge.

use super::health::by_targets;
use super::targets::{Actual, Sample};
use super::{ComponentHealth, Evidence, TargetVerdict};
use crate::config::{CallStatistic, MetricStatistic, TargetKey};
use crate::summary::{ComponentCalls, Measured, RunSummary, SampledMetric};
use crate::units::Unit;

/// The number that the custom target `name` judges.
pub fn actual(name: &str, summary: &RunSummary) -> Actual {
    match TargetKey::parse(name) {
        Ok(TargetKey::Calls { component, operation, statistic }) => {
            let calls = find_calls(summary, &component, operation.as_deref());
            call_number(calls, statistic)
        }
        Ok(TargetKey::Metric { component, metric, instance, statistic }) => {
            let found = find_metrics(summary, &component, &metric, instance.as_deref());
            Actual::plain(metric_number(&found, statistic), unit_of_metric(&metric))
        }
        Err(problem) => Actual::plain(Measured::undefined(problem), Unit::Number),
    }
}

/// Health of each component that has custom targets and no health of its own, by name.
pub fn judge_by_targets(targets: &[TargetVerdict], known: &[ComponentHealth]) -> Vec<ComponentHealth> {
    let component_of = |target: &TargetVerdict| match TargetKey::parse(&target.name) {
        Ok(TargetKey::Calls { component, .. } | TargetKey::Metric { component, .. }) => Some(component),
        Err(_) => None,
    };
    let mut components: Vec<String> = targets.iter().filter_map(component_of).collect();
    components.sort();
    components.dedup();
    components.retain(|component| known.iter().all(|health| health.component != *component));
    let judge = |component: String| {
        let own: Vec<&TargetVerdict> =
            targets.iter().filter(|target| component_of(target).as_ref() == Some(&component)).collect();
        let evidence = own.iter().map(|target| Evidence {
            name: target.name.clone(),
            value: target.actual.clone(),
            unit: target.unit.clone(),
        });
        ComponentHealth { evidence: evidence.collect(), health: by_targets(&own), component }
    };
    components.into_iter().map(judge).collect()
}

fn find_calls<'a>(
    summary: &'a RunSummary,
    component: &str,
    operation: Option<&str>,
) -> Measured<&'a ComponentCalls> {
    let found = summary.components.iter().find(|found| found.component == component);
    let found = Measured::or(found, format!("no calls of component `{component}` in this run"));
    found.and_then(|found| match operation {
        None => Measured::Value(&found.calls),
        Some(operation) => {
            let operations = found.operations.iter().find(|found| found.operation == operation);
            Measured::or(operations.map(|found| &found.calls), format!("no calls of operation `{operation}`"))
        }
    })
}

fn call_number(calls: Measured<&ComponentCalls>, statistic: CallStatistic) -> Actual {
    let quantile = |q: f64| {
        let quantile = calls.value().and_then(|calls| calls.all.quantile(q));
        let low_sample = quantile.is_some_and(|quantile| quantile.low_sample);
        let of = |calls: &ComponentCalls| match calls.all.quantile(q) {
            Some(quantile) => quantile.value_ms.clone(),
            None => Measured::undefined("not measured"),
        };
        let sample = Sample::Quantile { low_sample };
        Actual { value: calls.clone().and_then(of), unit: Unit::Milliseconds, sample, applies: true }
    };
    match statistic {
        CallStatistic::SuccessRate => {
            let finished = calls.value().map_or(0, |calls| calls.counts.ok + calls.counts.failed);
            Actual::share(calls.and_then(|calls| calls.success_rate.clone()), finished)
        }
        CallStatistic::MeanMs => {
            Actual::plain(calls.and_then(|calls| calls.all.mean_ms.clone()), Unit::Milliseconds)
        }
        CallStatistic::P50Ms => quantile(0.5),
        CallStatistic::P95Ms => quantile(0.95),
        CallStatistic::P99Ms => quantile(0.99),
        CallStatistic::ThroughputPerS => {
            Actual::plain(calls.and_then(|calls| calls.throughput_per_s.clone()), Unit::PerSecond)
        }
    }
}

fn find_metrics<'a>(
    summary: &'a RunSummary,
    component: &str,
    metric: &str,
    instance: Option<&str>,
) -> Vec<&'a SampledMetric> {
    let is_meant = |found: &&SampledMetric| {
        found.component == component
            && found.metric == metric
            && instance.is_none_or(|instance| found.instance.as_deref() == Some(instance))
    };
    summary.metrics.iter().filter(is_meant).collect()
}

/// Over several instances: the mean of all samples, the smallest, the largest. A P95 or a last value of
/// several instances together cannot be had from theirs.
fn metric_number(found: &[&SampledMetric], statistic: MetricStatistic) -> Measured<f64> {
    const SEVERAL: &str = "several instances: name one as metric[instance]";
    let Some(first) = found.first() else { return Measured::undefined("no samples of this metric") };
    let single = found.len() == 1;
    match statistic {
        MetricStatistic::Min => {
            Measured::Value(found.iter().fold(first.min, |least, one| least.min(one.min)))
        }
        MetricStatistic::Max => Measured::Value(found.iter().fold(first.max, |most, one| most.max(one.max))),
        MetricStatistic::Mean => {
            let n: u64 = found.iter().map(|one| one.n).sum();
            let sum: f64 = found.iter().map(|one| one.mean * one.n as f64).sum();
            Measured::ratio(sum, n as f64, "no samples of this metric")
        }
        MetricStatistic::P95 if single => first.p95.clone(),
        MetricStatistic::Last if single => Measured::Value(first.last),
        MetricStatistic::P95 | MetricStatistic::Last => Measured::undefined(SEVERAL),
    }
}

/// A metric's name ends in its unit.
fn unit_of_metric(metric: &str) -> Unit {
    match metric.rsplit_once('_').map_or("", |(_, last)| last) {
        "mb" => Unit::Megabytes,
        "percent" => Unit::Percent,
        "ms" => Unit::Milliseconds,
        "usd" => Unit::Usd,
        _ => Unit::Number,
    }
}
