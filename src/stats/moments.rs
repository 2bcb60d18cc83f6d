//! Mean, variance and what follows from them, without the loss of digits of one-pass formulas.

use super::sum::compensated_sum;

/// The arithmetic mean; `None` without values, or where a value or the sum is not finite.
pub fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    finite(compensated_sum(values) / values.len() as f64)
}

/// The sample variance (denominator n − 1), in squared units of the values; `None` below two values.
///
/// The corrected two-pass algorithm: (Σd² − (Σd)²/n) / (n − 1) with d = x − mean, where the second term takes
/// back what the rounding of the mean left. T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for Computing
/// the Sample Variance", The American Statistician 37 (1983).
pub fn variance(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    finite(sum_of_squared_deviations(values)? / (values.len() - 1) as f64)
}

/// The square root of [`variance`], in the unit of the values.
pub fn standard_deviation(values: &[f64]) -> Option<f64> {
    Some(variance(values)?.sqrt())
}

/// Standard deviation per |mean|, without unit; `None` below two values or with a mean of 0.
pub fn coefficient_of_variation(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?.abs();
    if mean == 0.0 { None } else { finite(standard_deviation(values)? / mean) }
}

/// Each value less the mean; they sum to 0 as nearly as doubles allow. `None` without values.
pub fn deviations(values: &[f64]) -> Option<Vec<f64>> {
    let mean = mean(values)?;
    let deviations: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let rest = compensated_sum(&deviations) / values.len() as f64;
    Some(deviations.into_iter().map(|deviation| deviation - rest).collect())
}

/// Σ(x − mean)²; `None` without values.
fn sum_of_squared_deviations(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let deviations: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let rest = compensated_sum(&deviations);
    let squares: Vec<f64> = deviations.iter().map(|deviation| deviation * deviation).collect();
    // Rounding alone could bring a constant series below 0.
    Some((compensated_sum(&squares) - rest * rest / values.len() as f64).max(0.0))
}

/// `value`, unless it is infinite or not a number.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn moments_are_those_of_numpy() {
        let values = [3.1, 2.7, 4.4, 2.9, 3.8, 3.3, 5.0];
        // numpy.mean(v), numpy.var(v, ddof=1), numpy.std(v, ddof=1), scipy.stats.variation(v, ddof=1)
        let expected = [3.5999999999999996, 0.7133333333333334, 0.8445906306213285, 0.2346085085059246];
        let actual = [
            mean(&values),
            variance(&values),
            standard_deviation(&values),
            coefficient_of_variation(&values),
        ];
        for (actual, expected) in actual.into_iter().zip(expected) {
            assert!((actual.unwrap() / expected - 1.0).abs() < 1e-14, "{actual:?} is not {expected}");
        }
    }

    #[test]
    fn too_few_values_have_no_moments() {
        assert_eq!((mean(&[]), mean(&[2.0])), (None, Some(2.0)));
        assert_eq!((variance(&[2.0]), variance(&[2.0, 2.0])), (None, Some(0.0)));
        assert_eq!(coefficient_of_variation(&[-1.0, 1.0]), None);
        assert_eq!((mean(&[f64::NAN]), variance(&[1.0, f64::INFINITY])), (None, None));
    }

    #[test]
    fn a_large_offset_costs_no_digits() {
        // A one-pass sum of squares gives 0 or less here.
        assert_eq!(variance(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]), Some(30.0));
    }

    proptest! {
        #[test]
        fn variance_ignores_a_shift_and_squares_a_scale(
            values in prop::collection::vec(-1e3f64..1e3, 2..100), shift in -1e6f64..1e6, scale in 0.1f64..100.0
        ) {
            let expected = variance(&values).unwrap();
            let shifted: Vec<f64> = values.iter().map(|value| value + shift).collect();
            prop_assert!((variance(&shifted).unwrap() - expected).abs() < 1e-6 * (1.0 + expected));
            let scaled: Vec<f64> = values.iter().map(|value| value * scale).collect();
            let scale = scale * scale;
            prop_assert!((variance(&scaled).unwrap() - expected * scale).abs() <= 1e-12 * expected * scale);
        }

        #[test]
        fn the_mean_lies_among_the_values(values in prop::collection::vec(-1e6f64..1e6, 1..100)) {
            let mean = mean(&values).unwrap();
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            prop_assert!(low - 1e-9 <= mean && mean <= high + 1e-9);
        }
    }
}
