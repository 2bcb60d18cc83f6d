//! Metrics that were sampled: `<component>/<metric>.<statistic>`, the metric with `[instance]` behind it where several
//! instances have it.

use super::entry::neither;
use super::key::MetricKey;
use super::metric::{Metric, Population};
use super::reading::over;
use super::subject::{Fact, Found, Subject};
use crate::summary::{Measured, RunSummary, SampledMetric};
use crate::units::Unit;

pub static SUBJECT: &dyn Subject = &Sampled;

struct Sampled;

/// A statistic over one or several instances.
type Statistic = (Metric, fn(&[&SampledMetric]) -> Measured<f64>);

const fn statistic(name: &'static str, meaning: &'static str) -> Metric {
    neither(name).metric(Unit::Number, Population::Samples, meaning)
}

/// What baselines hold of a sampled metric.
const MEAN: Metric =
    neither("mean").compared().metric(Unit::Number, Population::Samples, "mean of all samples");

static STATISTICS: [Statistic; 7] = [
    (MEAN, |found| {
        let n: u64 = found.iter().map(|one| one.n).sum();
        let sum: f64 = found.iter().map(|one| one.mean * one.n as f64).sum();
        Measured::ratio(sum, n as f64, NO_SAMPLES)
    }),
    (statistic("min", "smallest sample"), |found| {
        Measured::or(found.iter().map(|one| one.min).reduce(f64::min), NO_SAMPLES)
    }),
    (statistic("max", "largest sample"), |found| {
        Measured::or(found.iter().map(|one| one.max).reduce(f64::max), NO_SAMPLES)
    }),
    (statistic("first", "first sample"), |found| single(found, |one| Measured::Value(one.first))),
    (statistic("last", "last sample"), |found| single(found, |one| Measured::Value(one.last))),
    (statistic("p50", "type-7 quantile 0.5 of the samples"), |found| single(found, |one| one.p50.clone())),
    (statistic("p95", "type-7 quantile 0.95 of the samples"), |found| single(found, |one| one.p95.clone())),
];

const NO_SAMPLES: &str = "no samples of this metric";

/// A quantile or a last value of several instances together cannot be had from theirs.
fn single(found: &[&SampledMetric], of: fn(&SampledMetric) -> Measured<f64>) -> Measured<f64> {
    match found {
        [] => Measured::undefined(NO_SAMPLES),
        [one] => of(one),
        _ => Measured::undefined("several instances: name one as metric[instance]"),
    }
}

/// `threads[web-1].max` → (`threads[web-1]`, the statistic `max`).
fn split(statistic: &str) -> Option<(&str, &'static Statistic)> {
    let (metric, word) = statistic.rsplit_once('.')?;
    let found = STATISTICS.iter().find(|(known, _)| known.name.fits(word))?;
    (!metric.is_empty()).then_some((metric, found))
}

/// A metric's name ends in its unit.
fn unit_of(metric: &str) -> Unit {
    let name = metric.split('[').next().unwrap_or(metric);
    match name.rsplit('_').next().unwrap_or_default() {
        "mb" => Unit::Megabytes,
        "percent" => Unit::Percent,
        "ms" => Unit::Milliseconds,
        "usd" => Unit::Usd,
        _ => Unit::Number,
    }
}

impl Subject for Sampled {
    fn metrics(&self) -> Vec<&'static Metric> {
        STATISTICS.iter().map(|(metric, _)| metric).collect()
    }

    fn component(&self) -> &'static str {
        "*/<metric>."
    }

    fn about(&self) -> &'static [&'static str] {
        &[]
    }

    fn facts<'a>(&self, run: &'a RunSummary) -> Vec<Fact<'a>> {
        let mut facts = Vec::new();
        for one in &run.metrics {
            let instance = one.instance.as_ref().map(|name| format!("[{name}]")).unwrap_or_default();
            for (metric, read) in &STATISTICS {
                facts.push(Fact {
                    metric,
                    component: &one.component,
                    operation: None,
                    statistic: format!("{}{instance}.{}", one.metric, metric.name),
                    unit: unit_of(&one.metric),
                    reading: over(&read(&[one]), one.n),
                });
            }
        }
        facts
    }

    fn find(&self, run: &RunSummary, key: &MetricKey) -> Option<Found> {
        // A name of a metric or an instance may hold slashes: what looks like an operation is part of it.
        let statistic = match &key.operation {
            None => key.statistic.clone(),
            Some(part) => format!("{part}/{}", key.statistic),
        };
        let (named, (_, read)) = split(&statistic)?;
        let with_instance = named.strip_suffix(']').and_then(|named| named.split_once('['));
        let (name, instance) = with_instance.map_or((named, None), |(name, instance)| (name, Some(instance)));
        let is_meant = |one: &&SampledMetric| {
            one.component == key.component
                && one.metric == name
                && instance.is_none_or(|instance| one.instance.as_deref() == Some(instance))
        };
        let streams: Vec<&SampledMetric> = run.metrics.iter().filter(is_meant).collect();
        let n = streams.iter().map(|one| one.n).sum();
        Some(Found { unit: unit_of(name), reading: over(&read(&streams), n) })
    }
}

/// The statistic that `threads.max` names.
pub fn metric_of(statistic: &str) -> Option<&'static Metric> {
    split(statistic).map(|(_, (metric, _))| metric)
}
