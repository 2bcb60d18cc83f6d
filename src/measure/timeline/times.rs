//! Mean, quantiles and maximum of the durations of a tick or a second.

use crate::measure::durations::sort_unsigned;
use crate::stats::quantile::{select_without_fastest, type7_select_unsigned, type7_sorted, without_fastest};
use crate::stats::sum::{SplitSum, compensated_sum};
use crate::summary::MaybeMs;

/// Up to so many values are sorted; of more, what is asked for is selected.
const FEW: usize = 128;

/// Of no durations all are none. Quantiles are of those without as many of the fastest as failed, mean and maximum of all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Times {
    pub mean_ms: MaybeMs,
    pub p50_ms: MaybeMs,
    pub p95_ms: MaybeMs,
    pub max_ms: MaybeMs,
}

impl Times {
    /// Of durations in any order, which it may reorder, `failed` of them of calls that failed; `sum` is theirs, and none of
    /// them but 0 is less than `least_ms`.
    pub fn of(durations_ms: &mut [f64], failed: usize, sum: &SplitSum, least_ms: f64) -> Self {
        // The mean is defined as that of the sorted values: nearly always the order does not show.
        let sum = sum.in_any_order(least_ms);
        let n = durations_ms.len();
        if n > FEW
            && let Some(sum) = sum
            && let Some([p50_ms, p95_ms, max_ms]) =
                type7_select_unsigned(select_without_fastest(durations_ms, failed), [0.5, 0.95, 1.0])
        {
            return Self::new(Some(sum / n as f64), [Some(p50_ms), Some(p95_ms)], Some(max_ms));
        }
        sort_unsigned(durations_ms);
        Self::of_sorted(durations_ms, failed, sum)
    }

    /// `sum` is `None` where it depends on the order.
    pub fn of_sorted(durations_ms: &[f64], failed: usize, sum: Option<f64>) -> Self {
        let n = durations_ms.len();
        let sum = || sum.unwrap_or_else(|| compensated_sum(durations_ms));
        let quantile = |q| type7_sorted(without_fastest(durations_ms, failed), q);
        let mean = (n > 0).then(|| sum() / n as f64);
        Self::new(mean, [0.5, 0.95].map(quantile), durations_ms.last().copied())
    }

    fn new(mean: Option<f64>, [p50, p95]: [Option<f64>; 2], max: Option<f64>) -> Self {
        Self { mean_ms: mean.into(), p50_ms: p50.into(), p95_ms: p95.into(), max_ms: max.into() }
    }
}

/// As [`sort_unsigned`], of ascending runs, which the stable sort merges.
pub fn sort_runs(durations_ms: &mut [f64]) {
    durations_ms.sort_by_key(|duration_ms| duration_ms.to_bits());
}
