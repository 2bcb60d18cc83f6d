//! Theil–Sen: a straight line that a quarter of the points can't bend, with Sen's interval of its slope.
//!
//! P. K. Sen, "Estimates of the Regression Coefficient Based on Kendall's Tau", JASA 63 (1968). All n(n − 1)/2
//! pairs are compared, so callers keep n at or below about 2 000.

use super::distributions::normal_quantile;
use super::interval::{Interval, two_sided};
use super::ranks::{tie_correction, variance_terms};

/// The line `intercept + slope·x`; the slope in units of y per unit of x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TheilSen {
    pub slope: f64,
    /// median(y) − slope·median(x).
    pub intercept: f64,
}

/// The line whose slope is the median over all pairs of points with different x.
///
/// `None` where the lengths differ, no two x differ, or a value is not finite.
pub fn theil_sen(x: &[f64], y: &[f64]) -> Option<TheilSen> {
    let mut slopes = pairwise_slopes(x, y)?;
    let middle = middle_ranks(slopes.len());
    fit(x, y, mean_of_middle(select(&mut slopes, middle)))
}

/// [`theil_sen`] with the two-sided interval of its slope.
///
/// The interval's ends are the pairwise slopes of the ranks (N ∓ z·σ)/2, with σ² the variance of Kendall's S:
/// `variance_of_s`, or where that is `None` the one for independent values, corrected for ties (Sen 1968, 2.6; as
/// `scipy.stats.theilslopes`). Values that depend on the ones before need a larger one, such as
/// [`super::kendall_variance::dependent_kendall_variance`] gives. `None` where [`theil_sen`] is, unless 0 < `confidence` < 1,
/// or with a negative variance.
pub fn theil_sen_with_interval(
    x: &[f64],
    y: &[f64],
    confidence: f64,
    variance_of_s: Option<f64>,
) -> Option<(TheilSen, Interval)> {
    let mut slopes = pairwise_slopes(x, y)?;
    let variance = variance_of_s.unwrap_or_else(|| independent_variance(x, y));
    if !(0.0..=f64::MAX).contains(&variance) {
        return None;
    }
    let reach = normal_quantile(two_sided(confidence)?)? * variance.sqrt();
    let (pairs, last) = (slopes.len() as f64, slopes.len() - 1);
    // A float becomes an index by saturating: below 0 is the first slope.
    let upper = (((pairs + reach) / 2.0).round_ties_even() as usize).min(last);
    let lower = ((((pairs - reach) / 2.0).round_ties_even() - 1.0) as usize).min(last);
    let [middle, next] = middle_ranks(slopes.len());
    let [low, middle, next, high] = select(&mut slopes, [lower.min(middle), middle, next, upper.max(next)]);
    let line = fit(x, y, mean_of_middle([middle, next]))?;
    Some((line, Interval::new(low, high)))
}

fn fit(x: &[f64], y: &[f64], slope: f64) -> Option<TheilSen> {
    let intercept = median(y) - slope * median(x);
    (slope.is_finite() && intercept.is_finite()).then_some(TheilSen { slope, intercept })
}

/// The ranks, from 0, of the two values in the middle of `count`; of an odd number twice the same.
fn middle_ranks(count: usize) -> [usize; 2] {
    [(count - 1) / 2, count / 2]
}

/// The value in the middle, given twice, or the mean of the two there.
fn mean_of_middle([low, high]: [f64; 2]) -> f64 {
    if low.to_bits() == high.to_bits() { high } else { (low + high) / 2.0 }
}

/// The middle value, or the mean of the two in the middle, of at least one value.
fn median(values: &[f64]) -> f64 {
    let middle = select(&mut values.to_vec(), middle_ranks(values.len()));
    mean_of_middle(middle)
}

/// The slopes between all pairs of points of different x; `None` where the lengths differ, a value is not finite, or no two
/// x differ.
fn pairwise_slopes(x: &[f64], y: &[f64]) -> Option<Vec<f64>> {
    if x.len() != y.len() || !x.iter().chain(y).all(|value| value.is_finite()) {
        return None;
    }
    let mut slopes = Vec::with_capacity(x.len() * x.len().saturating_sub(1) / 2);
    for (i, (x_i, y_i)) in x.iter().zip(y).enumerate() {
        let later = x[i + 1..].iter().zip(&y[i + 1..]);
        slopes.extend(later.filter(|(x_j, _)| *x_j != x_i).map(|(x_j, y_j)| (y_j - y_i) / (x_j - x_i)));
    }
    (!slopes.is_empty()).then_some(slopes)
}

/// The values of these ranks, which ascend and are counted from 0.
fn select<const N: usize>(values: &mut [f64], ranks: [usize; N]) -> [f64; N] {
    let mut settled = 0;
    ranks.map(|rank| {
        // What is below the rank before is below this one, too.
        let value = *values[settled..].select_nth_unstable_by(rank - settled, f64::total_cmp).1;
        settled = rank;
        value
    })
}

/// The variance of Kendall's S of independent values, ties in both taken into account as scipy does.
fn independent_variance(x: &[f64], y: &[f64]) -> f64 {
    (variance_terms(y.len()) - tie_correction(x) - tie_correction(y)) / 18.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const X: [f64; 8] = [1.0, 2.0, 2.0, 4.0, 5.0, 7.0, 8.0, 9.0];
    const Y: [f64; 8] = [3.0, 3.5, 2.0, 6.0, 6.0, 20.0, 9.5, 11.0];

    fn assert_near(actual: f64, expected: f64) {
        assert!((actual - expected).abs() <= 1e-12 * expected.abs(), "{actual} is not {expected}");
    }

    #[test]
    fn line_and_interval_are_those_of_scipy() {
        // scipy.stats.theilslopes(y, x, 0.95) and (y, x, 0.7)
        for (confidence, expected) in [
            (0.95, [1.0714285714285714, 1.1785714285714288, 0.75, 2.0]),
            (0.7, [1.0714285714285714, 1.1785714285714288, 0.9285714285714286, 1.2857142857142858]),
        ] {
            let (line, interval) = theil_sen_with_interval(&X, &Y, confidence, None).unwrap();
            assert_eq!(theil_sen(&X, &Y), Some(line));
            for (actual, expected) in
                [line.slope, line.intercept, interval.low, interval.high].into_iter().zip(expected)
            {
                assert_near(actual, expected);
            }
        }
    }

    #[test]
    fn more_variance_widens_the_interval_to_all_slopes() {
        let interval = |variance| theil_sen_with_interval(&X, &Y, 0.95, variance).unwrap().1;
        assert!(interval(Some(200.0)).half_width() > interval(None).half_width());
        // From (7, 20) down to (8, 9.5), from (5, 6) up to (7, 20).
        assert_eq!(interval(Some(1e300)), Interval { low: -10.5, high: 7.0 });
        assert_eq!(theil_sen_with_interval(&X, &Y, 0.95, Some(-1.0)), None);
    }

    #[test]
    fn without_two_different_x_there_is_no_line() {
        assert_eq!(theil_sen(&[], &[]), None);
        assert_eq!(theil_sen(&[1.0], &[1.0]), None);
        assert_eq!(theil_sen(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(theil_sen(&[1.0, 2.0], &[1.0]), None);
        assert_eq!(theil_sen(&[1.0, 2.0], &[1.0, f64::NAN]), None);
        assert_eq!(theil_sen(&[1.0, 2.0], &[1.0, 3.0]), Some(TheilSen { slope: 2.0, intercept: -1.0 }));
    }

    #[test]
    fn a_few_wild_points_leave_the_line_alone() {
        let x: Vec<f64> = (0..40).map(f64::from).collect();
        let mut y: Vec<f64> = x.iter().map(|x| 3.0 + 0.5 * x).collect();
        for wild in [3, 11, 20, 37] {
            y[wild] = 1e6;
        }
        assert_near(theil_sen(&x, &y).unwrap().slope, 0.5);
    }

    proptest! {
        #[test]
        fn the_slope_lies_in_its_interval_and_follows_scale_and_trend(
            y in prop::collection::vec(-100f64..100.0, 3..40), scale in 0.1f64..10.0, trend in -5f64..5.0
        ) {
            let x: Vec<f64> = (0..y.len()).map(|i| i as f64).collect();
            let (line, interval) = theil_sen_with_interval(&x, &y, 0.9, None).unwrap();
            prop_assert!(interval.contains(line.slope));
            let changed: Vec<f64> = x.iter().zip(&y).map(|(x, y)| y * scale + trend * x).collect();
            let expected = line.slope * scale + trend;
            prop_assert!((theil_sen(&x, &changed).unwrap().slope - expected).abs() < 1e-9);
        }

        #[test]
        fn the_order_of_the_points_does_not_matter(y in prop::collection::vec(-100f64..100.0, 3..40), turn in 0usize..40) {
            let x: Vec<f64> = (0..y.len()).map(|i| i as f64).collect();
            let (mut turned_x, mut turned_y) = (x.clone(), y.clone());
            turned_x.rotate_left(turn % y.len());
            turned_y.rotate_left(turn % y.len());
            let expected = theil_sen_with_interval(&x, &y, 0.9, None);
            prop_assert_eq!(theil_sen_with_interval(&turned_x, &turned_y, 0.9, None), expected);
        }
    }
}
