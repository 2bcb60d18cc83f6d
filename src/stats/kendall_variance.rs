//! The variance of Kendall's S, the number of pairs that rise less those that fall, where values depend on one another.
//!
//! H. B. Mann, "Nonparametric Tests Against Trend", Econometrica 13 (1945); K. H. Hamed and A. R. Rao, "A modified
//! Mann-Kendall trend test for autocorrelated data", Journal of Hydrology 204 (1998). All pairs are compared:
//! callers keep n at or below about 2 000.

use super::autocorrelation::{autocorrelation, effective_sample_size};
use super::distributions::normal_quantile;
use super::ranks::{mid_ranks, tie_correction, variance_terms};
use super::theil_sen::theil_sen;

/// Autocorrelations outside the two-sided band of this probability around 0 count in the correction.
const SIGNIFICANCE: f64 = 0.05;

/// Of independent values without a trend, corrected for ties; `None` below three values.
pub fn kendall_variance(y: &[f64]) -> Option<f64> {
    let is_enough = y.len() >= 3 && !y.iter().any(|value| value.is_nan());
    is_enough.then(|| (variance_terms(y.len()) - tie_correction(y)) / 18.0)
}

/// Of values that may depend on one another strongly: multiplied by the larger of [`hamed_rao_factor`] and n per effective
/// number of the ranks of the detrended values, never by less than 1.
///
/// Hamed and Rao alone leave too little: on AR(1) noise without a trend, φ = 0.6, n = 60 to 300, their test calls 8 to
/// 11 % of the series significant at a nominal 1 %, with this variance 1.5 to 3 %. `None` below three values or where one
/// is not finite.
pub fn dependent_kendall_variance(y: &[f64]) -> Option<f64> {
    let independent = kendall_variance(y)?;
    let ranks = detrended_ranks(y)?;
    let by_size = effective_sample_size(&ranks).map_or(1.0, |size| y.len() as f64 / size);
    Some(independent * by_size.max(factor_of_ranks(&ranks)?).max(1.0))
}

/// 1 + 2/(n(n − 1)(n − 2))·Σ (n − k)(n − k − 1)(n − k − 2)·ρ(k), over the lags k whose autocorrelation ρ of the ranks of
/// the detrended values is significant at 5 %; as `pymannkendall.hamed_rao_modification_test`. 1 where nothing but the
/// trend is left in the values.
pub fn hamed_rao_factor(y: &[f64]) -> Option<f64> {
    factor_of_ranks(&detrended_ranks(y)?)
}

/// Ranks of the values less their Theil–Sen line.
fn detrended_ranks(y: &[f64]) -> Option<Vec<f64>> {
    let time: Vec<f64> = (1..=y.len()).map(|step| step as f64).collect();
    let slope = theil_sen(&time, y)?.slope;
    let detrended: Vec<f64> = time.iter().zip(y).map(|(time, value)| value - time * slope).collect();
    Some(mid_ranks(&detrended))
}

fn factor_of_ranks(ranks: &[f64]) -> Option<f64> {
    let Some(correlations) = autocorrelation(ranks, ranks.len() - 1) else {
        return Some(1.0);
    };
    let n = ranks.len() as f64;
    let band = normal_quantile(1.0 - SIGNIFICANCE / 2.0)? / n.sqrt();
    let significant =
        correlations.iter().enumerate().skip(1).filter(|(_, correlation)| correlation.abs() > band);
    let weight = |lag: f64| (n - lag) * (n - lag - 1.0) * (n - lag - 2.0);
    let sum: f64 = significant.map(|(lag, correlation)| weight(lag as f64) * correlation).sum();
    Some(1.0 + 2.0 * sum / weight(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_variances_are_those_of_pymannkendall() {
        // y = [round(10 + 0.1 * i + 3 * math.sin(i / 3), 1) for i in range(30)]
        let y: Vec<f64> = (0..30)
            .map(f64::from)
            .map(|i| ((10.0 + 0.1 * i + 3.0 * (i / 3.0).sin()) * 10.0).round() / 10.0)
            .collect();
        // pymannkendall.original_test(y).var_s, pymannkendall.hamed_rao_modification_test(y).var_s
        let independent = kendall_variance(&y).unwrap();
        let corrected = independent * hamed_rao_factor(&y).unwrap();
        assert!((independent / 3135.6666666666665 - 1.0).abs() < 1e-12, "{independent}");
        assert!((corrected / 7884.1992412251175 - 1.0).abs() < 1e-12, "{corrected}");
    }

    #[test]
    fn dependence_widens_and_never_narrows() {
        // A slow wave is one or two independent values, not sixty.
        let wave: Vec<f64> = (0..60).map(|step| (f64::from(step) / 15.0).sin()).collect();
        assert!(dependent_kendall_variance(&wave).unwrap() > 5.0 * kendall_variance(&wave).unwrap());
        let alternating: Vec<f64> = (0..60).map(|step| f64::from(step % 2) + f64::from(step) / 1e3).collect();
        assert_eq!(dependent_kendall_variance(&alternating), kendall_variance(&alternating));
        // pymannkendall.hamed_rao_modification_test(y).var_s is -14.006666666666689
        let y = [0.0, 4.0, 2.0, 3.0, 1.0, 5.0, 0.0, 4.0, 2.0, 3.0];
        assert!(kendall_variance(&y).unwrap() * hamed_rao_factor(&y).unwrap() < -14.0);
        assert_eq!(dependent_kendall_variance(&y), kendall_variance(&y));
    }

    #[test]
    fn without_order_there_is_none() {
        for variance in [kendall_variance, dependent_kendall_variance] {
            assert_eq!(variance(&[1.0, 2.0]), None);
            assert_eq!(variance(&[1.0, f64::NAN, 2.0]), None);
            assert_eq!(variance(&[4.0; 9]), Some(0.0));
        }
        let line: Vec<f64> = (0..20).map(f64::from).collect();
        assert_eq!(
            dependent_kendall_variance(&line),
            kendall_variance(&line),
            "nothing but the trend is left"
        );
    }
}
