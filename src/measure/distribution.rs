//! Durations → a distribution: exact quantiles with the sample guard, exact mean.

use super::durations::{Durations, Union};
use crate::config::MeasureSettings;
use crate::stats::quantile::has_enough_beyond;
use crate::summary::{Distribution, Measured, QUANTILES, Quantile};

const NO_DURATION: &str = "no call with a duration";

/// The distribution of `durations_ms` (finite, in any order).
pub fn distribution(durations_ms: Vec<f64>, settings: &MeasureSettings) -> Distribution {
    distribution_of(&Union::of([&Durations::of(durations_ms)]), settings)
}

/// The distribution of several durations together.
pub fn distribution_of(durations: &Union<'_>, settings: &MeasureSettings) -> Distribution {
    let n = durations.len() as u64;
    let is_enough = n >= settings.min_samples_for_quantile;
    let quantiles = QUANTILES
        .iter()
        .map(|&quantile| Quantile {
            quantile,
            value_ms: Measured::or(
                durations.quantile_ms(quantile).filter(|_| is_enough),
                too_few(n, settings),
            ),
            low_sample: !has_enough_beyond(n, quantile, settings.min_samples_beyond_quantile),
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

fn too_few(n: u64, settings: &MeasureSettings) -> String {
    match n {
        0 => NO_DURATION.to_owned(),
        n => format!("{n} sample, at least {} needed", settings.min_samples_for_quantile),
    }
}
