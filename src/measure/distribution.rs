//! Durations → a distribution: exact quantiles with the sample guard, exact mean.

use super::durations::{Durations, Union};
use crate::config::MeasureSettings;
use crate::stats::quantile::has_enough_beyond;
use crate::summary::{Distribution, Measured, Quantile};

const NO_DURATION: &str = "no call with a duration";

/// The distribution of `durations_ms` (finite, in any order), of which `failed` are those of failures.
pub fn distribution(durations_ms: Vec<f64>, failed: usize, settings: &MeasureSettings) -> Distribution {
    distribution_of(&Union::of([&Durations::of(durations_ms)]), failed, settings)
}

/// The distribution of several durations together. Failures among calls that did not fail weigh on the slow side of
/// each quantile: as many of the fastest are left out ([`crate::stats::quantile::without_fastest`]).
pub fn distribution_of(durations: &Union<'_>, failed: usize, settings: &MeasureSettings) -> Distribution {
    let n = durations.len() as u64;
    let weighed = n.saturating_sub(failed as u64);
    let is_enough = n >= settings.min_samples_for_quantile;
    let quantiles = settings
        .quantiles
        .iter()
        .map(|&quantile| Quantile {
            quantile,
            value_ms: Measured::or(
                durations.quantile_ms(failed, quantile).filter(|_| is_enough),
                too_few(n, weighed, settings),
            ),
            low_sample: !has_enough_beyond(weighed, quantile, settings.min_samples_beyond_quantile),
        })
        .collect();
    Distribution {
        n,
        mean_ms: Measured::or(durations.mean_ms(), NO_DURATION),
        min_ms: Measured::or(durations.min_ms(), NO_DURATION),
        max_ms: Measured::or(durations.max_ms(), NO_DURATION),
        quantiles,
    }
}

fn too_few(n: u64, weighed: u64, settings: &MeasureSettings) -> String {
    match (n, weighed) {
        (0, _) => NO_DURATION.to_owned(),
        (_, 0) => "all of these calls failed".to_owned(),
        _ => format!("{n} sample, at least {} needed", settings.min_samples_for_quantile),
    }
}
