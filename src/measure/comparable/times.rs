//! Response times: mean and quantiles, with those of batches.

use std::ops::Range;

use rayon::prelude::*;

use super::Maker;
use super::batches::{Batch, by_count, spread_of};
use super::calls::Kept;
use crate::stats::quantile::type7_select;
use crate::stats::sum::exact_mean;
use crate::summary::{ComparableMetric, Measured, Spread};
use crate::units::Unit;

const NAMES: [&str; 3] = ["p50_ms", "p95_ms", "p99_ms"];
const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];
/// The mean needs as many samples as the median.
const MEAN_LIKE: usize = 0;

/// P50, P95, P99 and mean of those of the calls that have a duration.
pub fn of_calls(component: &str, calls: Kept<'_>, maker: &Maker<'_>) -> Vec<ComparableMetric> {
    let durations = calls.durations();
    let n = durations.len() as u64;
    let settings = &maker.config.regression;
    let seconds = calls.timed_seconds();
    let batches = QUANTILES
        .map(|q| by_count(&seconds, settings.min_beyond_per_batch as f64 / q.min(1.0 - q), settings));
    let of_batches = OfBatches::of(calls, &batches);
    let [of_p50, of_p95, of_p99] = [0, 1, 2].map(|index| {
        let value = |found: &Times| found.quantiles_ms.as_ref().map(|quantiles_ms| quantiles_ms[index]);
        of_batches.spread(&batches[index], value)
    });
    let of_mean = of_batches.spread(&batches[MEAN_LIKE], |found| found.mean_ms);
    let least = maker.config.measure.min_samples_for_quantile;
    let quantile = |q: f64| match n {
        0 => Measured::undefined(NO_TIMES),
        n if n < least => Measured::undefined(format!("samples: {n}, at least {least} needed")),
        _ => Measured::or(durations.quantile_ms(q), NO_TIMES),
    };
    let metric = |name: &str, value, spread| {
        maker.metric(component, name, Unit::Milliseconds, n, (value, positive(spread)))
    };
    let spreads = [of_p50, of_p95, of_p99];
    let named = NAMES.into_iter().zip(QUANTILES).zip(spreads);
    let mut metrics: Vec<ComparableMetric> =
        named.map(|((name, q), spread)| metric(name, quantile(q), spread)).collect();
    metrics.push(metric("mean_ms", Measured::or(durations.mean_ms(), NO_TIMES), of_mean));
    metrics
}

/// What is compared of the durations of one batch.
struct Times {
    quantiles_ms: Option<Vec<f64>>,
    mean_ms: Option<f64>,
}

/// The times of batches: all of them at once, since most are asked of the same batches.
struct OfBatches {
    known: Vec<(Range<usize>, Times)>,
}

impl OfBatches {
    fn of(calls: Kept<'_>, batches: &[Measured<Vec<Batch>>]) -> Self {
        let mut distinct: Vec<Range<usize>> = Vec::new();
        for batch in batches.iter().filter_map(Measured::value).flatten() {
            if !distinct.contains(&batch.seconds) {
                distinct.push(batch.seconds.clone());
            }
        }
        let times = |room: &mut Vec<f64>, seconds: Range<usize>| {
            calls.durations_within(&seconds, room);
            let mean_ms = exact_mean(room);
            (seconds, Times { quantiles_ms: type7_select(room, &QUANTILES), mean_ms })
        };
        Self { known: distinct.into_par_iter().map_init(Vec::new, times).collect() }
    }

    fn spread(
        &self,
        batches: &Measured<Vec<Batch>>,
        value: impl Fn(&Times) -> Option<f64>,
    ) -> Measured<Spread> {
        let times = |batch: &Batch| self.known.iter().find(|(seconds, _)| *seconds == batch.seconds);
        let value = |batch: &Batch| times(batch).and_then(|(_, times)| value(times));
        batches.as_ref().and_then(|batches| spread_of(batches.iter().map(value)))
    }
}

const NO_TIMES: &str = "no successful call with a duration";

/// Times are compared by their ratio: a batch at 0 has none.
pub fn positive(spread: Measured<Spread>) -> Measured<Spread> {
    spread.and_then(|spread| match &spread {
        Spread::Batches { values } if values.iter().any(|&value| value <= 0.0) => {
            Measured::undefined("a batch at 0 has no ratio")
        }
        _ => Measured::Value(spread),
    })
}
