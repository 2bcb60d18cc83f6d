//! The slope of a series whose values depend on one another, with a test that its slowest waves scale.
//!
//! After constant and line are taken out, a wave of low frequency holds as much of the series' noise as the line does,
//! whatever its memory. The mean square of few of them is the variance of the slope, with as many degrees of freedom.
//! U. K. Müller and M. W. Watson, "Long-Run Covariability", Econometrica 86 (2018); Y. Sun, "A heteroskedasticity and
//! autocorrelation robust F test using an orthonormal series variance estimator", Econometrics Journal 16 (2013).

use std::f64::consts::PI;

use super::distributions::{student_t_quantile, student_t_upper_tail};
use super::interval::{Interval, two_sided};
use super::sum::sum_of_products;

/// Of a column less what lies in the ones before it so much must be left, or the times are too few.
const LEAST_LEFT: f64 = 1e-9;

/// A slope, in the unit of y per unit of t, and what it is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrendSlope {
    pub slope: f64,
    pub standard_error: f64,
    pub degrees_of_freedom: f64,
}

impl TrendSlope {
    /// Of "there is no slope", two-sided; 1 where nothing moves at all.
    pub fn two_sided_p(&self) -> Option<f64> {
        match (self.slope == 0.0, self.standard_error == 0.0) {
            (true, _) => Some(1.0),
            (false, true) => Some(0.0),
            _ => {
                let t = (self.slope / self.standard_error).abs();
                Some(2.0 * student_t_upper_tail(t, self.degrees_of_freedom)?)
            }
        }
    }

    /// Two-sided; `None` unless 0 < `confidence` < 1.
    pub fn interval(&self, confidence: f64) -> Option<Interval> {
        let t = student_t_quantile(two_sided(confidence)?, self.degrees_of_freedom)?;
        Some(Interval::around(self.slope, t * self.standard_error))
    }
}

/// The slope of `y` over `t` (0..1) by least squares weighted with `weights`, its variance from the `waves` lowest cosines
/// cos πjt, made orthogonal to constant, line and each other.
///
/// `None` where the lengths differ, a value is not finite, or so few times differ that a wave cannot be told from the
/// others: at least three more than there are waves.
pub fn trend_slope(t: &[f64], y: &[f64], weights: &[f64], waves: usize) -> Option<TrendSlope> {
    let n = y.len();
    if waves == 0 || n < waves + 3 || t.len() != n || weights.len() != n {
        return None;
    }
    let roots: Vec<f64> = weights.iter().map(|weight| weight.sqrt()).collect();
    // Less the first value, so that a constant leaves nothing, not even what rounding would.
    let values: Vec<f64> = y.iter().zip(&roots).map(|(value, root)| root * (value - y[0])).collect();
    let mut columns: Vec<Vec<f64>> = Vec::with_capacity(waves + 2);
    let mut length_of_line = 1.0;
    for number in 0..waves + 2 {
        let function = |t: f64| match number {
            0 => 1.0,
            1 => t,
            wave => (PI * (wave - 1) as f64 * t).cos(),
        };
        let column = t.iter().zip(&roots).map(|(&t, root)| root * function(t)).collect();
        let (column, length) = orthogonal(column, &columns)?;
        if number == 1 {
            length_of_line = length;
        }
        columns.push(column);
    }
    let along: Vec<f64> = columns.iter().map(|column| sum_of_products(column, &values)).collect();
    let variance = sum_of_products(&along[2..], &along[2..]) / waves as f64;
    let found = TrendSlope {
        slope: along[1] / length_of_line,
        standard_error: variance.sqrt() / length_of_line,
        degrees_of_freedom: waves as f64,
    };
    (found.slope.is_finite() && found.standard_error.is_finite()).then_some(found)
}

/// The column less what lies in the others, which are orthonormal, of length 1; and the length that it had.
fn orthogonal(mut column: Vec<f64>, others: &[Vec<f64>]) -> Option<(Vec<f64>, f64)> {
    let before = sum_of_products(&column, &column).sqrt();
    // Twice is enough: what rounding left of the others the first time is taken out the second.
    for other in others.iter().chain(others) {
        let along = sum_of_products(&column, other);
        column.iter_mut().zip(other).for_each(|(value, other)| *value -= along * other);
    }
    let length = sum_of_products(&column, &column).sqrt();
    column.iter_mut().for_each(|value| *value /= length);
    (length > LEAST_LEFT * before).then_some((column, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn middles(n: usize) -> Vec<f64> {
        (0..n).map(|index| (index as f64 + 0.5) / n as f64).collect()
    }

    fn of(y: &[f64]) -> Option<TrendSlope> {
        trend_slope(&middles(y.len()), y, &vec![1.0; y.len()], 10)
    }

    #[test]
    fn a_constant_has_no_slope_and_a_straight_line_nothing_else() {
        let constant = of(&[0.1; 40]).unwrap();
        assert_eq!((constant.slope, constant.standard_error), (0.0, 0.0));
        assert_eq!(constant.two_sided_p(), Some(1.0));
        let line: Vec<f64> = middles(40).into_iter().map(|t| 3.0 - 2.0 * t).collect();
        let found = of(&line).unwrap();
        assert!((found.slope + 2.0).abs() < 1e-12 && found.standard_error < 1e-12, "{found:?}");
    }

    #[test]
    fn too_few_values_have_no_test() {
        assert_eq!(of(&[1.0; 12]), None);
        assert!(of(&[1.0; 13]).is_some());
        assert_eq!(trend_slope(&[0.5; 30], &[1.0; 30], &[1.0; 30], 10), None);
        assert_eq!(of(&[f64::NAN; 30]), None);
        assert_eq!(of(&[f64::INFINITY; 30]), None);
    }

    #[test]
    fn noise_with_a_memory_is_seldom_a_trend() {
        let mut state = 7u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1u32 << 31) - 0.5
        };
        for (memory, most) in [(0.0, 0.02), (0.6, 0.03)] {
            let alarms = (0..400).filter(|_| {
                let mut level = 0.0;
                let mut next = || {
                    level = memory * level + uniform();
                    level
                };
                let y: Vec<f64> = (0..160).map(|_| next()).skip(100).collect();
                of(&y).unwrap().two_sided_p().unwrap() < 0.01
            });
            let share = alarms.count() as f64 / 400.0;
            assert!(share <= most, "{share} of noise with a memory of {memory}");
        }
    }

    #[test]
    fn values_without_weight_are_as_good_as_absent() {
        let mut weights = vec![1.0; 40];
        let mut y: Vec<f64> = (0..40).map(|index| f64::from(index * 7 % 11)).collect();
        weights[17] = 0.0;
        y[17] = 1e9;
        let with = trend_slope(&middles(40), &y, &weights, 10).unwrap();
        let (mut t, mut few, mut ones) = (middles(40), y, weights);
        for column in [&mut t, &mut few, &mut ones] {
            column.remove(17);
        }
        let without = trend_slope(&t, &few, &ones, 10).unwrap();
        assert!((with.slope - without.slope).abs() < 1e-9);
        assert!((with.standard_error - without.standard_error).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn it_follows_scale_and_trend_and_turns_with_time(
            y in prop::collection::vec(-10f64..10.0, 13..80), scale in 0.1f64..10.0, trend in -5f64..5.0
        ) {
            let found = of(&y).unwrap();
            let changed: Vec<f64> = middles(y.len()).iter().zip(&y).map(|(t, y)| scale * y + trend * t).collect();
            let of_changed = of(&changed).unwrap();
            prop_assert!((of_changed.slope - scale * found.slope - trend).abs() < 1e-9);
            prop_assert!((of_changed.standard_error - scale * found.standard_error).abs() < 1e-9);
            let backwards: Vec<f64> = y.iter().rev().copied().collect();
            let turned = of(&backwards).unwrap();
            prop_assert!((turned.slope + found.slope).abs() < 1e-9);
            prop_assert!((turned.standard_error - found.standard_error).abs() < 1e-9);
        }
    }
}
