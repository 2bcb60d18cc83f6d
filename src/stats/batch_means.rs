//! Mean and standard error from batches: what holds for autocorrelated values where s/√n does not.
//!
//! A. M. Law, "Simulation Modeling and Analysis", 5th ed. (2015), section 9.5.3.

use super::distributions::student_t_quantile;
use super::interval::Interval;
use super::moments::mean;

/// `estimate` ± t·`standard_error`, two-sided; `None` unless 0 < `confidence` < 1.
pub fn t_interval(
    estimate: f64,
    standard_error: f64,
    degrees_of_freedom: f64,
    confidence: f64,
) -> Option<Interval> {
    let t = student_t_quantile(two_sided(confidence)?, degrees_of_freedom)?;
    Some(Interval::around(estimate, t * standard_error))
}

/// The probability below the upper end of a two-sided interval; `None` unless 0 < `confidence` < 1.
pub fn two_sided(confidence: f64) -> Option<f64> {
    (confidence > 0.0 && confidence < 1.0).then_some(0.5 + confidence / 2.0)
}

/// The means of `batches` contiguous stretches whose sizes differ by at most 1.
///
/// `None` without batches or with fewer values than batches.
pub fn batch_means(values: &[f64], batches: usize) -> Option<Vec<f64>> {
    if batches == 0 || values.len() < batches {
        return None;
    }
    let (size, longer) = (values.len() / batches, values.len() % batches);
    let start = |batch: usize| batch * size + batch.min(longer);
    (0..batches).map(|batch| mean(&values[start(batch)..start(batch + 1)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn leftover_values_make_the_first_batches_longer() {
        // [part.mean() for part in numpy.array_split(numpy.arange(1, 8), 3)]
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
        assert_eq!(batch_means(&values, 3), Some(vec![2.0, 4.5, 6.5]));
        assert_eq!(batch_means(&values, 8), None);
        assert_eq!(batch_means(&values, 0), None);
    }

    proptest! {
        #[test]
        fn equal_batches_keep_the_mean(values in prop::collection::vec(-1e3f64..1e3, 60..=60), k in 1usize..=6) {
            let means = batch_means(&values, k).unwrap();
            prop_assert_eq!(means.len(), k);
            prop_assert!((mean(&means).unwrap() - mean(&values).unwrap()).abs() < 1e-10);
        }
    }
}
