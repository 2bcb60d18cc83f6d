//! Autocorrelation, and how many independent values a dependent series is worth.

use super::moments::{deviations, mean, variance};
use super::sum::{LAGS, sum_of_products, sums_at_lags};

/// Lags that one series is examined for are limited by the products that they take, a fraction of a second of work.
/// A series of a million values that is still correlated after 50 of them is left to its batch means.
const MOST_PRODUCTS: usize = 50_000_000;

/// The autocorrelation at the lags 0..=`max_lag`, each −1..1.
///
/// The biased estimate: Σ dᵢ·dᵢ₊ₖ / Σ d², d = x − mean, which is never more than 1 however few pairs a lag has
/// (G. E. P. Box, G. M. Jenkins and G. C. Reinsel, "Time Series Analysis", section 2.1.5). `None` for a constant
/// series or unless `max_lag` < n.
pub fn autocorrelation(values: &[f64], max_lag: usize) -> Option<Vec<f64>> {
    let centred = Centred::new(values)?;
    (max_lag < values.len()).then(|| {
        let together = (0..=max_lag).step_by(LAGS).flat_map(|lag| centred.autocorrelations(lag));
        together.take(max_lag + 1).collect()
    })
}

/// n / τ with τ = 1 + 2 Σ ρ(k) over Geyer's initial monotone sequence: pairs ρ(2m) + ρ(2m + 1), each at most the
/// one before, as long as they are positive.
///
/// More than n where the values alternate. `None` below 4 values, for a constant series, or where τ is not above 0.
/// C. J. Geyer, "Practical Markov Chain Monte Carlo", Statistical Science 7 (1992), section 3.3.
pub fn effective_sample_size_geyer(values: &[f64]) -> Option<f64> {
    if values.len() < 4 {
        return None;
    }
    let centred = Centred::new(values)?;
    geyer(values.len(), centred.most_lags(), |lag| centred.autocorrelation(lag))
}

/// The sum over the initial monotone sequence for a series of `n` values, looking at lags below `most_lags`.
pub fn geyer(n: usize, most_lags: usize, autocorrelation: impl Fn(usize) -> f64) -> Option<f64> {
    let mut sum = 0.0;
    let mut smallest = f64::INFINITY;
    let mut lag = 0;
    while lag < most_lags {
        let pair = autocorrelation(lag) + autocorrelation(lag + 1);
        if pair <= 0.0 {
            break;
        }
        smallest = pair.min(smallest);
        sum += smallest;
        lag += 2;
    }
    let tau = 2.0 * sum - 1.0;
    (tau > 0.0).then(|| n as f64 / tau)
}

/// n·s² / (b·s²ᵦ) with s²ᵦ the variance of the means of contiguous batches of b = ⌊√n⌋ values; an incomplete one at
/// the end is left out.
///
/// `None` below 4 values or where the means of the batches are all equal. J. M. Flegal and G. L. Jones, "Batch means
/// and spectral variance estimators in Markov chain Monte Carlo", Annals of Statistics 38 (2010).
pub fn effective_sample_size_batch_means(values: &[f64]) -> Option<f64> {
    if values.len() < 4 {
        return None;
    }
    let size = values.len().isqrt();
    let means: Option<Vec<f64>> = values.chunks_exact(size).map(mean).collect();
    let of_means = size as f64 * variance(&means?)?;
    let size = values.len() as f64 * variance(values)? / of_means;
    (of_means > 0.0 && size.is_finite()).then_some(size)
}

/// The smaller of [`effective_sample_size_geyer`] and [`effective_sample_size_batch_means`], within 1..=n.
///
/// An estimate that is undefined though the values vary found no positive dependence and counts as n. `None` below
/// 4 values or for a constant series.
pub fn effective_sample_size(values: &[f64]) -> Option<f64> {
    if values.len() < 4 || variance(values)? == 0.0 {
        return None;
    }
    let estimates = [effective_sample_size_geyer(values), effective_sample_size_batch_means(values)];
    Some(effective_size(values.len(), estimates))
}

/// The smallest of the estimates that are defined, within 1..=n.
pub fn effective_size(n: usize, estimates: [Option<f64>; 2]) -> f64 {
    estimates.into_iter().flatten().fold(n as f64, f64::min).max(1.0)
}

/// Deviations from the mean, ready for any lag.
pub struct Centred {
    deviations: Vec<f64>,
    squares: f64,
}

impl Centred {
    /// `None` without values or where they are all equal.
    pub fn new(values: &[f64]) -> Option<Self> {
        if values.iter().all(|value| *value == values[0]) {
            return None;
        }
        let deviations = deviations(values)?;
        let squares = sum_of_products(&deviations, &deviations);
        (squares > 0.0 && squares.is_finite()).then_some(Self { deviations, squares })
    }

    /// The autocorrelation at a `lag` below n.
    pub fn autocorrelation(&self, lag: usize) -> f64 {
        sum_of_products(&self.deviations, &self.deviations[lag..]) / self.squares
    }

    /// The autocorrelations at `lag` and those that follow; beyond the last value they are 0.
    fn autocorrelations(&self, lag: usize) -> [f64; LAGS] {
        sums_at_lags(&self.deviations, lag).map(|sum| sum / self.squares)
    }

    /// The lag from which on none is looked at: the last one, or fewer where there are very many values.
    pub fn most_lags(&self) -> usize {
        let n = self.deviations.len();
        (MOST_PRODUCTS / n).min(n - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// xₖ = `memory`·xₖ₋₁ + noise, the noise from a small congruential generator.
    fn autoregressive(n: usize, memory: f64) -> Vec<f64> {
        let mut state = 12_345u32;
        let mut value = 0.0;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            value = memory * value + f64::from(state >> 8) / f64::from(1 << 24) - 0.5;
            value
        };
        (0..n).map(|_| next()).collect()
    }

    #[test]
    fn autocorrelation_is_the_biased_one() {
        // d = numpy.array(v) - numpy.mean(v); [(d[: 6 - k] * d[k:]).sum() / (d * d).sum() for k in range(6)]
        let values = [1.0, 4.0, 2.0, 8.0, 5.0, 7.0];
        let expected = [1.0, -0.07333333333333333, 0.38666666666666666, -0.5, -0.08, -0.23333333333333334];
        for (actual, expected) in autocorrelation(&values, 5).unwrap().into_iter().zip(expected) {
            assert!((actual - expected).abs() < 1e-15, "{actual} is not {expected}");
        }
        assert_eq!(autocorrelation(&values, 6), None);
    }

    #[test]
    fn a_constant_or_short_series_has_no_effective_size() {
        for size in [effective_sample_size, effective_sample_size_geyer, effective_sample_size_batch_means] {
            assert_eq!((size(&[]), size(&[1.0, 2.0, 3.0]), size(&[0.1; 50])), (None, None, None));
        }
        assert_eq!(autocorrelation(&[0.1; 50], 3), None);
        assert_eq!(autocorrelation(&[], 0), None);
    }

    #[test]
    fn dependence_costs_what_theory_says() {
        // Of an autoregression of memory a, (1 − a)/(1 + a) remains.
        let n = 20_000;
        for memory in [0.0, 0.5, 0.9] {
            let values = autoregressive(n, memory);
            let expected = n as f64 * (1.0 - memory) / (1.0 + memory);
            let size = effective_sample_size(&values).unwrap();
            assert!((0.6..1.3).contains(&(size / expected)), "{size} for {expected}");
        }
    }

    #[test]
    fn alternating_values_are_worth_no_more_than_their_number() {
        let values: Vec<f64> = (0..100).map(|i| f64::from(i % 2)).collect();
        assert_eq!(effective_sample_size_geyer(&values), None);
        assert_eq!(effective_sample_size(&values), Some(100.0));
    }

    #[test]
    fn a_million_values_take_a_moment() {
        let rising: Vec<f64> = (0..1_000_000).map(f64::from).collect();
        let size = effective_sample_size(&rising).unwrap();
        assert!((1.0..3_000.0).contains(&size), "{size}");
    }

    proptest! {
        #[test]
        fn no_lag_beats_lag_0(values in prop::collection::vec(-100f64..100.0, 2..60)) {
            let correlations = autocorrelation(&values, values.len() - 1).unwrap();
            prop_assert!((correlations[0] - 1.0).abs() < 1e-15);
            prop_assert!(correlations.iter().all(|correlation| correlation.abs() <= 1.0 + 1e-12));
            // Deviations sum to 0, so all products do.
            prop_assert!((correlations[1..].iter().sum::<f64>() + 0.5).abs() < 1e-9);
        }

        #[test]
        fn the_effective_size_ignores_scale_and_direction(values in prop::collection::vec(-100f64..100.0, 4..60)) {
            let size = effective_sample_size(&values).unwrap();
            prop_assert!((1.0..=values.len() as f64).contains(&size));
            let scaled: Vec<f64> = values.iter().map(|value| value * -4.0).collect();
            prop_assert!((effective_sample_size(&scaled).unwrap() / size - 1.0).abs() < 1e-12);
        }
    }
}
