//! Response times: mean and quantiles, with those of batches.

use std::ops::Range;

use rayon::prelude::*;

use super::batches::{Batch, by_count, spread_of};
use super::calls::{Finished, Kept};
use super::maker::Maker;
use crate::stats::quantile::{select_without_fastest, type7_select};
use crate::stats::sum::exact_mean;
use crate::summary::{ComparableMetric, Measured, Spread, quantile_name};

/// Of which calls times are compared, and how that is named.
#[derive(Clone, Copy)]
pub struct Population {
    /// What the names begin with.
    prefix: &'static str,
    /// Only the P95 of all that verdicts about response time rest on: how far that is known.
    only_p95: bool,
    /// Calls that weigh on the slow side.
    is_failed: fn(&Finished) -> bool,
}

/// What is compared with other runs.
pub const OK: Population = Population { prefix: "ok_", only_p95: false, is_failed: |_| false };

/// The look-ups of a cache tier.
pub const LOOKUPS: Population =
    Population { prefix: "lookup_", only_p95: false, is_failed: Finished::is_failed };

/// What verdicts about response time rest on: not compared, but the capacity asks how far it is known.
pub const FINISHED: Population = Population { prefix: "", only_p95: true, is_failed: Finished::is_failed };
const P95: [f64; 1] = [0.95];

/// The mean needs as many samples as the median.
pub const MEAN_LIKE: f64 = 0.5;

/// Quantiles and mean of those of the calls that have a duration.
pub fn of_calls(
    component: &str,
    calls: Kept<'_>,
    population: Population,
    maker: &Maker<'_>,
) -> Vec<ComparableMetric> {
    let n = calls.durations().len() as u64;
    let seconds = calls.timed_seconds();
    let settings = &maker.config.regression;
    let quantiles = if population.only_p95 { &P95 } else { settings.quantiles.as_slice() };
    let cut = |q: f64| by_count(&seconds, settings.min_beyond_per_batch as f64 / q.min(1.0 - q), settings);
    let batches: Vec<_> = quantiles.iter().map(|&q| cut(q)).chain([cut(MEAN_LIKE)]).collect();
    let of_batches = OfBatches::of(calls, population, quantiles, &batches);
    let metric = |name: &str, spread| {
        maker.metric(component, format!("{}{name}", population.prefix), n, positive(spread))
    };
    let of_quantile = |(index, &q): (usize, &f64)| {
        let value = |found: &Times| found.quantiles_ms.as_ref().map(|quantiles_ms| quantiles_ms[index]);
        metric(&quantile_name(q), of_batches.spread(&batches[index], value))
    };
    let mut metrics: Vec<ComparableMetric> = quantiles.iter().enumerate().map(of_quantile).collect();
    if !population.only_p95 {
        metrics.push(metric("mean_ms", of_batches.spread(&batches[quantiles.len()], |found| found.mean_ms)));
    }
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
    fn of(
        calls: Kept<'_>,
        population: Population,
        quantiles: &[f64],
        batches: &[Measured<Vec<Batch>>],
    ) -> Self {
        let mut distinct: Vec<Range<usize>> = Vec::new();
        for batch in batches.iter().filter_map(Measured::value).flatten() {
            if !distinct.contains(&batch.seconds) {
                distinct.push(batch.seconds.clone());
            }
        }
        let times = |room: &mut Vec<f64>, seconds: Range<usize>| {
            let failed = calls.durations_within(&seconds, population.is_failed, room);
            let mean_ms = exact_mean(room);
            let weighed = select_without_fastest(room, failed);
            (seconds, Times { quantiles_ms: type7_select(weighed, quantiles), mean_ms })
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

/// Times are compared by their ratio: a batch at 0 has none.
pub fn positive(spread: Measured<Spread>) -> Measured<Spread> {
    spread.and_then(|spread| match &spread {
        Spread::Batches { values } if values.iter().any(|&value| value <= 0.0) => {
            Measured::undefined("a batch at 0 has no ratio")
        }
        _ => Measured::Value(spread),
    })
}
