//! Response times: mean and quantiles, with those of batches.

use super::Maker;
use super::batches::{by_count, spread};
use super::calls::TimedCalls;
use crate::stats::quantile::type7_select;
use crate::stats::sum::exact_mean;
use crate::summary::{ComparableMetric, Measured, Spread};
use crate::units::Unit;

const QUANTILES: [(&str, f64); 3] = [("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99)];
/// The mean needs as many samples as the median.
const MEAN_LIKE: f64 = 0.5;

/// P50, P95, P99 and mean of the calls that have a duration.
pub(super) fn of_calls(component: &str, calls: &TimedCalls, maker: &Maker<'_>) -> Vec<ComparableMetric> {
    let timed = calls.calls.iter().filter(|call| !call.duration_ms.is_nan());
    let (seconds, durations_ms): (Vec<usize>, Vec<f64>) =
        timed.map(|call| (call.second, call.duration_ms)).unzip();
    let n = durations_ms.len() as u64;
    let settings = &maker.config.regression;
    let batches =
        |q: f64| by_count(&seconds, settings.min_beyond_per_batch as f64 / q.min(1.0 - q), settings);
    let metric = |name: &str, found| maker.metric(component, name, Unit::Milliseconds, n, found);
    let mut metrics: Vec<ComparableMetric> = QUANTILES
        .iter()
        .map(|&(name, q)| {
            let quantile = |values: &[f64]| Some(type7_select(&mut values.to_vec(), &[q])?[0]);
            let least = maker.config.measure.min_samples_for_quantile;
            let value = match n {
                0 => Measured::undefined(NO_TIMES),
                n if n < least => Measured::undefined(format!("samples: {n}, at least {least} needed")),
                _ => Measured::or(quantile(&durations_ms), NO_TIMES),
            };
            let spread = spread(batches(q), |batch| quantile(&durations_ms[batch]));
            metric(name, (value, positive(spread)))
        })
        .collect();
    let mean = Measured::or(exact_mean(&durations_ms), NO_TIMES);
    let spread = spread(batches(MEAN_LIKE), |batch| exact_mean(&durations_ms[batch]));
    metrics.push(metric("mean_ms", (mean, positive(spread))));
    metrics
}

const NO_TIMES: &str = "no successful call with a duration";

/// Times are compared by their ratio: a batch at 0 has none.
pub(super) fn positive(spread: Measured<Spread>) -> Measured<Spread> {
    spread.and_then(|spread| match &spread {
        Spread::Batches { values } if values.iter().any(|&value| value <= 0.0) => {
            Measured::undefined("a batch at 0 has no ratio")
        }
        _ => Measured::Value(spread),
    })
}
