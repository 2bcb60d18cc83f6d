//! Response times: mean and quantiles, with those of batches.

use std::collections::HashMap;
use std::ops::Range;

use super::Maker;
use super::batches::{by_count, spread};
use super::calls::{TimedCall, TimedCalls};
use crate::stats::quantile::type7_select;
use crate::stats::sum::exact_mean;
use crate::summary::{ComparableMetric, Measured, Spread};
use crate::units::Unit;

const QUANTILES: [(&str, f64); 3] = [("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99)];
/// The mean needs as many samples as the median.
const MEAN_LIKE: f64 = 0.5;

/// P50, P95, P99 and mean of those of the calls that `keep` holds for and that have a duration.
pub(super) fn of_calls(
    component: &str,
    calls: &TimedCalls<'_>,
    keep: impl Fn(&TimedCall) -> bool,
    maker: &Maker<'_>,
) -> Vec<ComparableMetric> {
    let timed = calls.iter().filter(|call| keep(call) && !call.duration_ms.is_nan());
    let (seconds, durations_ms): (Vec<usize>, Vec<f64>) =
        timed.map(|call| (call.second, call.duration_ms)).unzip();
    let n = durations_ms.len() as u64;
    let settings = &maker.config.regression;
    let batches =
        |q: f64| by_count(&seconds, settings.min_beyond_per_batch as f64 / q.min(1.0 - q), settings);
    let metric = |name: &str, found| maker.metric(component, name, Unit::Milliseconds, n, found);
    let quantiles = QUANTILES.map(|(_, q)| q);
    let mut of_batches = BatchQuantiles::new(&durations_ms, &quantiles);
    let mut metrics = Vec::with_capacity(QUANTILES.len() + 1);
    for (place, (name, q)) in QUANTILES.into_iter().enumerate() {
        let least = maker.config.measure.min_samples_for_quantile;
        let value = match n {
            0 => Measured::undefined(NO_TIMES),
            n if n < least => Measured::undefined(format!("samples: {n}, at least {least} needed")),
            _ => Measured::or(of_batches.get(0..durations_ms.len(), place), NO_TIMES),
        };
        let spread = spread(batches(q), |batch| of_batches.get(batch, place));
        metrics.push(metric(name, (value, positive(spread))));
    }
    let mean = Measured::or(exact_mean(&durations_ms), NO_TIMES);
    let spread = spread(batches(MEAN_LIKE), |batch| exact_mean(&durations_ms[batch]));
    metrics.push(metric("mean_ms", (mean, positive(spread))));
    metrics
}

/// The quantiles of batches: all of them at once, since most are asked of the same batches.
struct BatchQuantiles<'a> {
    durations_ms: &'a [f64],
    quantiles: &'a [f64],
    known: HashMap<Range<usize>, Option<Vec<f64>>>,
    room: Vec<f64>,
}

impl<'a> BatchQuantiles<'a> {
    fn new(durations_ms: &'a [f64], quantiles: &'a [f64]) -> Self {
        Self { durations_ms, quantiles, known: HashMap::new(), room: Vec::new() }
    }

    /// The quantile at `place` of a batch.
    fn get(&mut self, batch: Range<usize>, place: usize) -> Option<f64> {
        let (durations_ms, quantiles, room) = (self.durations_ms, self.quantiles, &mut self.room);
        let of_batch = self.known.entry(batch.clone()).or_insert_with(|| {
            room.clear();
            room.extend_from_slice(&durations_ms[batch]);
            type7_select(room, quantiles)
        });
        of_batch.as_ref().map(|quantiles| quantiles[place])
    }
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
