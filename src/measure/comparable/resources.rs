//! Memory growth and CPU of the service, and sampled metrics that the settings name.

use super::super::resources::{ProcessSeries, floor};
use super::super::samples::{Samples, Stream};
use super::batches::{Seconds, by_count, spread};
use super::calls::second_of;
use super::maker::Maker;
use super::times::positive;
use crate::metrics::RESOURCES;
use crate::stats::sum::exact_mean;
use crate::summary::{ComparableMetric, Measured, Spread};

/// The numbers of a run's resources that it has.
pub fn measure(processes: &ProcessSeries, samples: &Samples, maker: &Maker<'_>) -> Vec<ComparableMetric> {
    let mut metrics = vec![cpu(&processes.cpu_percent, maker), memory_growth(&processes.memory_mb, maker)];
    metrics.extend(samples.streams.iter().filter_map(|stream| sampled(stream, maker)));
    metrics.retain(|metric| metric.value.value().is_some());
    metrics
}

/// What the growth of the service's memory is uncertain by: that of the slope of its floor.
fn memory_growth(series: &[(i64, f64)], maker: &Maker<'_>) -> ComparableMetric {
    let length_s = (maker.summary.window.end_us - maker.summary.window.start_us) as f64 / US_PER_S;
    let spread = floor(series, &maker.config.leak).map(|slope| Spread::Estimate {
        standard_error: slope.standard_error * length_s,
        degrees_of_freedom: slope.degrees_of_freedom,
    });
    maker.metric(RESOURCES, "memory_growth_mb", series.len() as u64, spread)
}

const US_PER_S: f64 = 1e6;

/// The mean of a sampled metric that has a rule of its own in the settings.
fn sampled(stream: &Stream, maker: &Maker<'_>) -> Option<ComparableMetric> {
    let instance = stream.instance.as_ref().map(|name| format!("[{name}]")).unwrap_or_default();
    let name = format!("{}{instance}.mean", stream.metric);
    maker.config.regression.rule(&format!("{}/{name}", stream.component))?;
    let window = maker.summary.window.start_us..=maker.summary.window.end_us;
    let points = || stream.points.iter().filter(|(at_us, _)| window.contains(at_us));
    let seconds: Seconds = points().map(|&(at_us, _)| second_of(at_us, maker.context)).collect();
    let values: Vec<f64> = points().map(|&(_, value)| value).collect();
    let batches = by_count(&seconds, 1.0, &maker.config.regression);
    let spread = spread(batches, |batch| exact_mean(&values[batch.samples]));
    Some(maker.metric(&stream.component, name, values.len() as u64, spread))
}

/// Mean CPU of the service, % of one core.
fn cpu(series: &[(i64, f64)], maker: &Maker<'_>) -> ComparableMetric {
    let seconds: Seconds = series.iter().map(|&(at_us, _)| second_of(at_us, maker.context)).collect();
    let values: Vec<f64> = series.iter().map(|&(_, value)| value).collect();
    let batches = by_count(&seconds, 1.0, &maker.config.regression);
    let spread: Measured<Spread> = spread(batches, |batch| exact_mean(&values[batch.samples]));
    maker.metric(RESOURCES, "cpu_mean_percent", values.len() as u64, positive(spread))
}
