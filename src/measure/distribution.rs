//! Durations → a distribution: exact quantiles with the sample guard, exact mean.

use crate::config::MeasureSettings;
use crate::stats::quantile::{has_enough_beyond, type7_select};
use crate::stats::sum::exact_mean;
use crate::summary::{Distribution, Measured, QUANTILES, Quantile};

const NO_DURATION: &str = "no call with a duration";

/// The distribution of `durations_ms` (finite, in any order; reordered on the way).
pub(super) fn distribution(durations_ms: &mut [f64], settings: &MeasureSettings) -> Distribution {
    let n = durations_ms.len() as u64;
    let values =
        if n >= settings.min_samples_for_quantile { type7_select(durations_ms, &QUANTILES) } else { None };
    let quantiles = QUANTILES
        .iter()
        .enumerate()
        .map(|(index, &quantile)| Quantile {
            quantile,
            value_ms: Measured::or(values.as_ref().map(|values| values[index]), too_few(n, settings)),
            low_sample: !has_enough_beyond(n, quantile, settings.min_samples_beyond_quantile),
        })
        .collect();
    Distribution {
        n,
        mean_ms: Measured::or(exact_mean(durations_ms), NO_DURATION),
        min_ms: Measured::or(durations_ms.iter().copied().min_by(f64::total_cmp), NO_DURATION),
        max_ms: Measured::or(durations_ms.iter().copied().max_by(f64::total_cmp), NO_DURATION),
        quantiles,
    }
}

fn too_few(n: u64, settings: &MeasureSettings) -> String {
    match n {
        0 => NO_DURATION.to_owned(),
        n => format!("{n} sample, at least {} needed", settings.min_samples_for_quantile),
    }
}
