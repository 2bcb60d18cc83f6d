//! Memory growth and CPU of the service, and sampled metrics that the settings name.

use super::Maker;
use super::batches::{by_count, spread};
use super::calls::second_of;
use super::times::positive;
use crate::stats::sum::exact_mean;
use crate::summary::{ComparableMetric, Measured, Spread};
use crate::units::Unit;

const RESOURCES: &str = "resources";

pub(super) fn measure(maker: &Maker<'_>) -> Vec<ComparableMetric> {
    let mut metrics = vec![cpu(maker)];
    metrics.retain(|metric| metric.value.value().is_some());
    metrics
}

/// Mean CPU of the service, % of one core.
fn cpu(maker: &Maker<'_>) -> ComparableMetric {
    let series = &maker.summary.series.service_cpu_percent;
    let seconds: Vec<usize> = series.iter().map(|&(at_us, _)| second_of(at_us, maker.context)).collect();
    let values: Vec<f64> = series.iter().map(|&(_, value)| value).collect();
    let value = maker.summary.resources.cpu.as_ref().map(|cpu| cpu.mean_percent);
    let batches = by_count(&seconds, 1.0, &maker.config.regression);
    let spread: Measured<Spread> = spread(batches, |batch| exact_mean(&values[batch]));
    maker.metric(RESOURCES, "cpu_percent", Unit::Percent, values.len() as u64, (value, positive(spread)))
}
