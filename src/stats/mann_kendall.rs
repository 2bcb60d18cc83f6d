//! Mann–Kendall: do values tend to rise or fall with time? With Hamed and Rao's correction for autocorrelation.
//!
//! H. B. Mann, "Nonparametric Tests Against Trend", Econometrica 13 (1945); K. H. Hamed and A. R. Rao, "A modified
//! Mann-Kendall trend test for autocorrelated data", Journal of Hydrology 204 (1998). All pairs are compared:
//! callers keep n at or below about 2 000.

use super::autocorrelation::{autocorrelation, effective_sample_size};
use super::distributions::{normal_quantile, normal_upper_tail};
use super::ranks::{mid_ranks, tie_terms, ties, variance_terms};
use super::theil_sen::theil_sen;

/// Autocorrelations outside the two-sided band of this probability around 0 count in the correction.
const SIGNIFICANCE: f64 = 0.05;

/// The test of a trend in equally spaced values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MannKendall {
    /// Pairs that rise less pairs that fall.
    pub s: f64,
    /// Variance of `s` where there is no trend.
    pub variance: f64,
    /// `s`, brought nearer to 0 by 1 (continuity), per its standard deviation; 0 where `s` is 0.
    pub z: f64,
    pub two_sided_p: f64,
    /// `s` per number of pairs (−1..1; Kendall's tau-a).
    pub tau: f64,
}

/// The test for independent values, with the variance corrected for ties; `None` below three values.
pub fn mann_kendall(y: &[f64]) -> Option<MannKendall> {
    if y.len() < 3 || y.iter().any(|value| value.is_nan()) {
        return None;
    }
    let ties = ties(y);
    let variance = (variance_terms(y.len()) - tie_terms(&ties)) / 18.0;
    Some(judge(score(y, &ties), variance, y.len()))
}

/// The test for autocorrelated values: the variance of S is multiplied by
/// 1 + 2/(n(n − 1)(n − 2))·Σ (n − k)(n − k − 1)(n − k − 2)·ρ(k), over the lags k whose autocorrelation ρ of the
/// ranks of the detrended values is significant at 5 %; as `pymannkendall.hamed_rao_modification_test`.
///
/// Negative autocorrelation lowers the variance. Where it would bring it to 0 or below, or where nothing but the
/// trend is left in the values, the result is that of [`mann_kendall`]. `None` below three values or where one is
/// not finite.
pub fn mann_kendall_hamed_rao(y: &[f64]) -> Option<MannKendall> {
    let uncorrected = mann_kendall(y)?;
    let variance = uncorrected.variance * variance_factor(&detrended_ranks(y)?)?;
    if variance > 0.0 { Some(judge(uncorrected.s, variance, y.len())) } else { Some(uncorrected) }
}

/// The test for values that may depend on one another strongly: the variance of S is multiplied by the larger of
/// Hamed and Rao's factor and n per effective number of the ranks of the detrended values, never by less than 1.
///
/// Hamed and Rao alone leave too little: on AR(1) noise without a trend, φ = 0.6, n = 60 to 300, it calls 8 to 11 % of
/// the series significant at a nominal 1 %, this one 1.5 to 3 %. `None` as [`mann_kendall_hamed_rao`].
pub fn mann_kendall_dependent(y: &[f64]) -> Option<MannKendall> {
    let uncorrected = mann_kendall(y)?;
    let ranks = detrended_ranks(y)?;
    let by_size = effective_sample_size(&ranks).map_or(1.0, |size| y.len() as f64 / size);
    let variance = uncorrected.variance * by_size.max(variance_factor(&ranks)?).max(1.0);
    Some(judge(uncorrected.s, variance, y.len()))
}

/// Ranks of the values less their Theil–Sen line.
fn detrended_ranks(y: &[f64]) -> Option<Vec<f64>> {
    let time: Vec<f64> = (1..=y.len()).map(|step| step as f64).collect();
    let slope = theil_sen(&time, y)?.slope;
    let detrended: Vec<f64> = time.iter().zip(y).map(|(time, value)| value - time * slope).collect();
    Some(mid_ranks(&detrended))
}

/// Hamed and Rao's factor of the variance of S, 1 where the ranks of the detrended values do not vary.
fn variance_factor(ranks: &[f64]) -> Option<f64> {
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

/// Rising pairs less falling pairs: all pairs less the equal ones and twice the falling ones. `ties`: how often each
/// value occurs.
fn score(y: &[f64], ties: &[usize]) -> f64 {
    let pairs = |n: usize| (n * n.saturating_sub(1) / 2) as i64;
    let equal: i64 = ties.iter().map(|&ties| pairs(ties)).sum();
    let mut sorted = y.to_vec();
    let falling = sort_counting(&mut sorted, &mut y.to_vec());
    (pairs(y.len()) - equal - 2 * falling) as f64
}

/// Sorts by merging and counts the pairs that fall. `spare` is as long as `values`.
fn sort_counting(values: &mut [f64], spare: &mut [f64]) -> i64 {
    let middle = values.len() / 2;
    if middle == 0 {
        return 0;
    }
    let (left, right) = values.split_at_mut(middle);
    let mut falling = sort_counting(left, &mut spare[..middle]) + sort_counting(right, &mut spare[middle..]);
    let (mut from_left, mut from_right) = (0, 0);
    for index in &mut *spare {
        // The left one first among equals: they do not fall. Taking the right one means that it is below all that is
        // left on the left.
        let is_right = match (left.get(from_left), right.get(from_right)) {
            (Some(left), Some(right)) => right < left,
            (left, _) => left.is_none(),
        };
        if is_right {
            *index = right[from_right];
            from_right += 1;
            falling += (left.len() - from_left) as i64;
        } else {
            *index = left[from_left];
            from_left += 1;
        }
    }
    values.copy_from_slice(spare);
    falling
}

fn judge(s: f64, variance: f64, n: usize) -> MannKendall {
    // Where S is 0 its variance may be, too.
    let z = if s == 0.0 { 0.0 } else { (s - s.signum()) / variance.sqrt() };
    let pairs = n as f64 * (n as f64 - 1.0) / 2.0;
    MannKendall { s, variance, z, two_sided_p: 2.0 * normal_upper_tail(z.abs()), tau: s / pairs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assert_near(test: MannKendall, expected: [f64; 5]) {
        let actual = [test.s, test.variance, test.z, test.two_sided_p, test.tau];
        for (actual, expected) in actual.into_iter().zip(expected) {
            assert!((actual - expected).abs() <= 1e-10 * expected.abs(), "{actual} is not {expected}");
        }
    }

    #[test]
    fn both_tests_are_those_of_pymannkendall() {
        // y = [round(10 + 0.1 * i + 3 * math.sin(i / 3), 1) for i in range(30)]
        let y: Vec<f64> = (0..30)
            .map(f64::from)
            .map(|i| ((10.0 + 0.1 * i + 3.0 * (i / 3.0).sin()) * 10.0).round() / 10.0)
            .collect();
        // r = pymannkendall.original_test(y); r.s, r.var_s, r.z, r.p, r.Tau
        assert_near(
            mann_kendall(&y).unwrap(),
            [103.0, 3135.6666666666665, 1.821525381259963, 0.06852703208599698, 0.2367816091954023],
        );
        // pymannkendall.hamed_rao_modification_test(y)
        assert_near(
            mann_kendall_hamed_rao(&y).unwrap(),
            [103.0, 7884.1992412251175, 1.1487390281392662, 0.2506636075648414, 0.2367816091954023],
        );
    }

    proptest! {
        #[test]
        fn the_score_is_that_of_all_pairs_compared(y in prop::collection::vec(prop_oneof![-9.0f64..9.0, (-3i8..3).prop_map(f64::from), Just(-0.0)], 3..200)) {
            let mut expected = 0;
            for (i, earlier) in y.iter().enumerate() {
                for later in &y[i + 1..] {
                    expected += i32::from(later > earlier) - i32::from(later < earlier);
                }
            }
            prop_assert_eq!(mann_kendall(&y).unwrap().s, f64::from(expected));
        }
    }

    #[test]
    fn dependence_widens_and_never_narrows() {
        // A slow wave is one or two independent values, not sixty.
        let wave: Vec<f64> = (0..60).map(|step| (f64::from(step) / 15.0).sin()).collect();
        let (plain, dependent) = (mann_kendall(&wave).unwrap(), mann_kendall_dependent(&wave).unwrap());
        assert!(dependent.variance > 5.0 * plain.variance, "{dependent:?}");
        let alternating: Vec<f64> = (0..60).map(|step| f64::from(step % 2) + f64::from(step) / 1e3).collect();
        let (plain, dependent) =
            (mann_kendall(&alternating).unwrap(), mann_kendall_dependent(&alternating).unwrap());
        assert_eq!(dependent.variance, plain.variance);
    }

    #[test]
    fn without_order_there_is_no_trend() {
        for test in [mann_kendall, mann_kendall_hamed_rao, mann_kendall_dependent] {
            assert_eq!(test(&[1.0, 2.0]), None);
            assert_eq!(test(&[1.0, f64::NAN, 2.0]), None);
            let constant = test(&[4.0; 9]).unwrap();
            assert_eq!(
                (constant.s, constant.variance, constant.z, constant.two_sided_p),
                (0.0, 0.0, 0.0, 1.0)
            );
        }
    }

    #[test]
    fn a_straight_line_is_left_uncorrected() {
        let y: Vec<f64> = (0..20).map(f64::from).collect();
        assert_eq!(mann_kendall_hamed_rao(&y), mann_kendall(&y));
        assert_eq!(mann_kendall(&y).unwrap().tau, 1.0);
    }

    #[test]
    fn a_correction_to_nothing_is_not_applied() {
        // pymannkendall.hamed_rao_modification_test(y).var_s is -14.006666666666689
        let y = [0.0, 4.0, 2.0, 3.0, 1.0, 5.0, 0.0, 4.0, 2.0, 3.0];
        assert!(
            mann_kendall(&y).unwrap().variance * variance_factor(&detrended_ranks(&y).unwrap()).unwrap()
                < -14.0
        );
        assert_eq!(mann_kendall_hamed_rao(&y), mann_kendall(&y));
    }

    proptest! {
        #[test]
        fn backwards_the_trend_turns_and_the_scale_does_not_matter(y in prop::collection::vec(0f64..100.0, 3..50)) {
            let forth = mann_kendall(&y).unwrap();
            let backwards: Vec<f64> = y.iter().rev().copied().collect();
            let back = mann_kendall(&backwards).unwrap();
            prop_assert_eq!((back.s, back.two_sided_p), (-forth.s, forth.two_sided_p));
            let scaled: Vec<f64> = y.iter().map(|value| value * 4.0).collect();
            prop_assert_eq!(mann_kendall(&scaled), Some(forth));
        }

        #[test]
        fn the_corrected_variance_is_above_0(y in prop::collection::vec(0f64..100.0, 3..50)) {
            let test = mann_kendall_hamed_rao(&y).unwrap();
            prop_assert!(test.variance > 0.0 && (0.0..=1.0).contains(&test.two_sided_p));
        }
    }
}
