//! Correlation of two series: Pearson, Spearman, their tests and intervals, and how many pairs dependence leaves.

use super::autocorrelation::Centred;
use super::distributions::{normal_quantile, student_t_upper_tail};
use super::interval::{Interval, two_sided};
use super::moments::deviations;
use super::ranks::mid_ranks;
use super::sum::sum_of_products;

/// Fewest pairs that [`effective_pairs`] gives.
const FEWEST_PAIRS: f64 = 3.0;
/// Half the width, in 1/√n, of the band that 95 % of the autocorrelations of white noise lie in.
const NOISE_BAND: f64 = 1.96;

/// Pearson's product-moment correlation (−1..1); `None` where the lengths differ or either series is constant.
pub fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() != y.len() || is_constant(x) || is_constant(y) {
        return None;
    }
    let (x, y) = (deviations(x)?, deviations(y)?);
    // Two roots instead of one of the product, which may overflow.
    let scale = sum_of_products(&x, &x).sqrt() * sum_of_products(&y, &y).sqrt();
    let correlation = sum_of_products(&x, &y) / scale;
    correlation.is_finite().then(|| correlation.clamp(-1.0, 1.0))
}

/// Spearman's rank correlation (−1..1), equal values sharing their ranks; `None` as [`pearson`].
pub fn spearman(x: &[f64], y: &[f64]) -> Option<f64> {
    if !x.iter().chain(y).all(|value| value.is_finite()) {
        return None;
    }
    pearson(&mid_ranks(x), &mid_ranks(y))
}

/// A series with what its rank correlations with others rest on, worked out once for all of them.
pub struct Movement {
    /// Of the ranks from their mean, and the root of the sum of their squares.
    deviations: Vec<f64>,
    root: f64,
    centred: Centred,
}

impl Movement {
    /// `None` below 3 values, where one is not finite, or where they are all equal.
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.len() < 3 || !values.iter().all(|value| value.is_finite()) {
            return None;
        }
        let centred = Centred::new(values)?;
        let deviations = deviations(&mid_ranks(values))?;
        let root = sum_of_products(&deviations, &deviations).sqrt();
        Some(Self { deviations, root, centred })
    }

    /// [`spearman`] of the two series.
    pub fn spearman(&self, other: &Self) -> Option<f64> {
        if self.deviations.len() != other.deviations.len() {
            return None;
        }
        let correlation = sum_of_products(&self.deviations, &other.deviations) / (self.root * other.root);
        correlation.is_finite().then(|| correlation.clamp(-1.0, 1.0))
    }

    /// [`effective_pairs`] of the two series.
    pub fn effective_pairs(&self, other: &Self) -> Option<f64> {
        let is_paired = self.deviations.len() == other.deviations.len();
        is_paired.then(|| effective(self.deviations.len(), &self.centred, &other.centred))
    }
}

/// Two-sided probability of a correlation at least as far from 0 where there is none: Student's t with
/// `effective_n` − 2 degrees of freedom of r·√((n − 2)/(1 − r²)).
///
/// `None` unless |r| ≤ 1 and `effective_n` > 2.
pub fn correlation_p(r: f64, effective_n: f64) -> Option<f64> {
    let freedom = effective_n - 2.0;
    if r.abs() > 1.0 || freedom.is_nan() || freedom <= 0.0 {
        return None;
    }
    // (1 − r)(1 + r) keeps the digits that 1 − r² loses near 1.
    let t = r.abs() * (freedom / ((1.0 - r) * (1.0 + r))).sqrt();
    Some(2.0 * student_t_upper_tail(t, freedom)?)
}

/// The two-sided interval of Pearson's correlation by Fisher's z, with variance 1/(n − 3); a single point at ±1.
///
/// `None` unless |r| ≤ 1, `effective_n` > 3 and 0 < `confidence` < 1. R. A. Fisher, "On the probable error of a
/// coefficient of correlation deduced from a small sample", Metron 1 (1921).
pub fn correlation_interval(r: f64, effective_n: f64, confidence: f64) -> Option<Interval> {
    fisher_interval(r, 1.0, effective_n, confidence)
}

/// The two-sided interval of Spearman's correlation, as [`correlation_interval`] with variance (1 + r²/2)/(n − 3).
///
/// D. G. Bonett and T. A. Wright, "Sample size requirements for estimating Pearson, Kendall and Spearman
/// correlations", Psychometrika 65 (2000).
pub fn spearman_interval(r: f64, effective_n: f64, confidence: f64) -> Option<Interval> {
    fisher_interval(r, 1.0 + r * r / 2.0, effective_n, confidence)
}

/// tanh(atanh r ± z·√(`variance`/(n − 3))).
fn fisher_interval(r: f64, variance: f64, effective_n: f64, confidence: f64) -> Option<Interval> {
    let reach = normal_quantile(two_sided(confidence)?)?;
    let is_defined = r.abs() <= 1.0 && effective_n > 3.0;
    is_defined
        .then(|| Interval::around(r.atanh(), reach * (variance / (effective_n - 3.0)).sqrt()).map(f64::tanh))
}

/// How many independent pairs the pairs of two autocorrelated series are worth: n / (1 + 2 Σ ρₓ(k)·ρᵧ(k)), 3..=n.
///
/// The sum ends before the first lag at which either autocorrelation lies within ±1.96/√n, where it can't be told
/// from noise. `None` where the lengths differ, below 3 pairs, or where either series is constant.
/// M. S. Bartlett, "Some aspects of the time-correlation problem in regard to tests of significance", JRSS 98 (1935).
pub fn effective_pairs(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() != y.len() || x.len() < 3 {
        return None;
    }
    Some(effective(x.len(), &Centred::new(x)?, &Centred::new(y)?))
}

fn effective(n: usize, x: &Centred, y: &Centred) -> f64 {
    let n = n as f64;
    let band = NOISE_BAND / n.sqrt();
    let sum: f64 = (1..=x.most_lags())
        .map(|lag| (x.autocorrelation(lag), y.autocorrelation(lag)))
        .take_while(|(of_x, of_y)| of_x.abs() > band && of_y.abs() > band)
        .map(|(of_x, of_y)| of_x * of_y)
        .sum();
    let inflation = (1.0 + 2.0 * sum).max(1.0);
    (n / inflation).max(FEWEST_PAIRS)
}

fn is_constant(values: &[f64]) -> bool {
    values.iter().all(|value| *value == values[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const X: [f64; 8] = [1.0, 2.0, 2.0, 4.0, 5.0, 7.0, 8.0, 9.0];
    const Y: [f64; 8] = [3.0, 3.5, 2.0, 6.0, 6.0, 20.0, 9.5, 11.0];

    fn assert_near(actual: Option<f64>, expected: f64) {
        let actual = actual.unwrap();
        assert!((actual / expected - 1.0).abs() <= 1e-12, "{actual} is not {expected}");
    }

    #[test]
    fn correlations_are_those_of_scipy() {
        // r = scipy.stats.pearsonr(x, y); r.statistic, r.pvalue, r.confidence_interval(0.95)
        let r = pearson(&X, &Y).unwrap();
        let interval = correlation_interval(r, 8.0, 0.95).unwrap();
        let actual = [Some(r), correlation_p(r, 8.0), Some(interval.low), Some(interval.high)];
        for (actual, expected) in actual.into_iter().zip([
            0.7501083424597897,
            0.03206562395986282,
            0.09638011642123595,
            0.9517200793506027,
        ]) {
            assert_near(actual, expected);
        }
        // scipy.stats.spearmanr(x, y)
        let rho = spearman(&X, &Y).unwrap();
        assert_near(Some(rho), 0.8795180722891566);
        assert_near(correlation_p(rho, 8.0), 0.003986694076870437);
        // z = numpy.arctanh(rho); w = scipy.stats.norm.ppf(.975) * ((1 + rho**2 / 2) / 5) ** .5; numpy.tanh([z - w, z + w])
        let interval = spearman_interval(rho, 8.0, 0.95).unwrap();
        assert_near(Some(interval.low), 0.3287532298623349);
        assert_near(Some(interval.high), 0.9838629334295383);
    }

    #[test]
    fn a_constant_series_correlates_with_nothing() {
        for correlation in [pearson, spearman, effective_pairs] {
            assert_eq!(correlation(&[0.1; 8], &Y), None);
            assert_eq!(correlation(&X, &[0.1; 8]), None);
            assert_eq!(correlation(&X, &Y[1..]), None);
            assert_eq!(correlation(&[], &[]), None);
        }
        assert_eq!(spearman(&[1.0, f64::NAN], &[1.0, 2.0]), None);
    }

    #[test]
    fn too_few_pairs_have_no_test() {
        assert_eq!((correlation_p(0.5, 2.0), correlation_p(1.1, 9.0)), (None, None));
        assert_eq!(correlation_interval(0.5, 3.0, 0.95), None);
        assert_eq!(correlation_interval(f64::NAN, 9.0, 0.95), None);
        assert_eq!(correlation_p(f64::NAN, 9.0), None);
        assert_eq!(correlation_p(-1.0, 9.0), Some(0.0));
        assert_eq!(correlation_interval(1.0, 9.0, 0.95), Some(Interval { low: 1.0, high: 1.0 }));
    }

    #[test]
    fn slow_waves_are_worth_few_pairs_and_noise_all() {
        let wave = |phase: f64| (0..400).map(|i| (f64::from(i) / 30.0 + phase).sin()).collect::<Vec<f64>>();
        let pairs = effective_pairs(&wave(0.0), &wave(1.0)).unwrap();
        assert!((3.0..40.0).contains(&pairs), "{pairs}");
        let noise: Vec<f64> = (0..400).map(|i| f64::from(i * i % 401)).collect();
        assert_eq!(effective_pairs(&wave(0.0), &noise), Some(400.0));
    }

    #[test]
    fn autocorrelations_up_to_the_noise_are_summed() {
        // n = 6: the band is 0.8; r(1) = 0.2371 is inside it, so nothing is taken off.
        assert_eq!(
            effective_pairs(&[1.0, 2.0, 4.0, 5.0, 4.0, 6.0], &[1.0, 3.0, 4.0, 4.0, 5.0, 6.0]),
            Some(6.0)
        );
        // Alternating series: the products of their autocorrelations are positive.
        let alternating: Vec<f64> = (0..100).map(|i| f64::from(i % 2)).collect();
        assert_eq!(effective_pairs(&alternating, &alternating), Some(3.0));
    }

    proptest! {
        #[test]
        fn correlations_are_symmetric_and_ignore_shift_and_scale(
            x in prop::collection::vec(-100f64..100.0, 4..40), scale in 0.1f64..10.0, shift in -100f64..100.0
        ) {
            let y: Vec<f64> = x.iter().rev().map(|value| value * value).collect();
            let moved: Vec<f64> = x.iter().map(|value| value * scale + shift).collect();
            let turned: Vec<f64> = x.iter().map(|value| -value).collect();
            for correlation in [pearson, spearman] {
                let r = correlation(&x, &y).unwrap();
                prop_assert!((-1.0..=1.0).contains(&r));
                prop_assert_eq!(correlation(&y, &x), Some(r));
                prop_assert!((correlation(&moved, &y).unwrap() - r).abs() < 1e-9);
                prop_assert!((correlation(&turned, &y).unwrap() + r).abs() < 1e-9);
            }
        }

        #[test]
        fn movements_correlate_as_their_series(
            pairs in prop::collection::vec((prop_oneof![-100f64..100.0, (-2i8..2).prop_map(f64::from)], -100f64..100.0), 3..60)
        ) {
            let (x, y): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let of = |f: fn(&Movement, &Movement) -> Option<f64>| f(&Movement::of(&x)?, &Movement::of(&y)?).map(f64::to_bits);
            let expected = spearman(&x, &y).zip(effective_pairs(&x, &y)).map(|(r, n)| (r.to_bits(), n.to_bits()));
            prop_assert_eq!(of(Movement::spearman).zip(of(Movement::effective_pairs)), expected);
        }

        #[test]
        fn the_correlation_lies_in_its_interval(r in -0.999f64..0.999, n in 3.1f64..1e4, c in 0.5f64..0.99) {
            let narrow = correlation_interval(r, n, c).unwrap();
            let wide = spearman_interval(r, n, c).unwrap();
            prop_assert!(narrow.contains(r) && wide.half_width() >= narrow.half_width() - 1e-12);
            prop_assert!(narrow.low >= -1.0 && narrow.high <= 1.0);
        }

        #[test]
        fn effective_pairs_stay_within_their_bounds(x in prop::collection::vec(-100f64..100.0, 3..60)) {
            let y: Vec<f64> = x.iter().map(|value| value.abs()).rev().collect();
            prop_assert!((3.0..=x.len() as f64).contains(&effective_pairs(&x, &y).unwrap()));
        }
    }
}
