//! Mean, quantiles and maximum of the durations of a tick or a second.

use crate::measure::durations::sort_unsigned;
use crate::stats::quantile::{type7_select_unsigned, type7_sorted};
use crate::stats::sum::{SplitSum, compensated_sum};
use crate::summary::MaybeMs;

/// Up to so many values are sorted; of more, what is asked for is selected.
const FEW: usize = 128;

const QUANTILES: [f64; 3] = [0.5, 0.95, 1.0];

/// Of no durations all are none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Times {
    pub mean_ms: MaybeMs,
    pub p50_ms: MaybeMs,
    pub p95_ms: MaybeMs,
    pub max_ms: MaybeMs,
}

impl Times {
    /// Of durations in any order, which it may reorder; `sum` is theirs, and none of them but 0 is less than `least_ms`.
    pub fn of(durations_ms: &mut [f64], sum: &SplitSum, least_ms: f64) -> Self {
        // The mean is defined as that of the sorted values: nearly always the order does not show.
        let sum = sum.in_any_order(least_ms);
        if durations_ms.len() > FEW
            && let Some(sum) = sum
        {
            let quantiles = type7_select_unsigned(durations_ms, QUANTILES);
            return Self::new(Some(sum / durations_ms.len() as f64), quantiles.map(|found| found.map(Some)));
        }
        sort_unsigned(durations_ms);
        Self::of_sorted(durations_ms, sum)
    }

    /// `sum` is `None` where it depends on the order.
    pub fn of_sorted(durations_ms: &[f64], sum: Option<f64>) -> Self {
        let n = durations_ms.len();
        let sum = || sum.unwrap_or_else(|| compensated_sum(durations_ms));
        let mean = (n > 0).then(|| sum() / n as f64);
        Self::new(mean, Some(QUANTILES.map(|q| type7_sorted(durations_ms, q))))
    }

    fn new(mean: Option<f64>, quantiles: Option<[Option<f64>; 3]>) -> Self {
        let [p50, p95, max] = quantiles.unwrap_or_default();
        Self { mean_ms: mean.into(), p50_ms: p50.into(), p95_ms: p95.into(), max_ms: max.into() }
    }
}

/// As [`sort_unsigned`], of ascending runs, which the stable sort merges.
pub fn sort_runs(durations_ms: &mut [f64]) {
    durations_ms.sort_by_key(|duration_ms| duration_ms.to_bits());
}
