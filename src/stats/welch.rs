//! Difference of two means of unequal variance: Welch's t test and the degrees of freedom of Satterthwaite.
//!
//! B. L. Welch, "The generalization of 'Student's' problem when several different population variances are
//! involved", Biometrika 34 (1947); F. E. Satterthwaite, Biometrics Bulletin 2 (1946).

use super::batch_means::t_interval;
use super::distributions::student_t_upper_tail;
use super::interval::Interval;
use super::moments::{mean, variance};

/// Mean of `a` less mean of `b`, in their unit, with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Welch {
    pub difference: f64,
    /// √(s²ₐ/nₐ + s²ᵦ/nᵦ).
    pub standard_error: f64,
    pub degrees_of_freedom: f64,
}

/// Compares the means of two independent samples; `None` unless each has two values.
///
/// Where neither varies, the standard error is 0 and the degrees of freedom are the fewest that the formula can
/// give, those of the smaller sample.
pub fn welch(a: &[f64], b: &[f64]) -> Option<Welch> {
    let of_mean = |values: &[f64]| Some((variance(values)? / values.len() as f64, values.len() as f64 - 1.0));
    let components = [of_mean(a)?, of_mean(b)?];
    let [(variance_a, freedom_a), (variance_b, freedom_b)] = components;
    Some(Welch {
        difference: mean(a)? - mean(b)?,
        standard_error: (variance_a + variance_b).sqrt(),
        degrees_of_freedom: combined_degrees_of_freedom(&components).unwrap_or(freedom_a.min(freedom_b)),
    })
}

/// Degrees of freedom of a sum of independent variances: (Σv)² / Σ(v²/ν), for `components` of (v, ν).
///
/// v is the variance of an estimate (s²/n for a mean), ν its own degrees of freedom, infinite where it is known.
/// The result is infinite where all that varies is known. `None` unless Σv > 0, each v ≥ 0 and each ν > 0.
pub fn combined_degrees_of_freedom(components: &[(f64, f64)]) -> Option<f64> {
    if !components.iter().all(|&(variance, freedom)| variance >= 0.0 && freedom > 0.0) {
        return None;
    }
    let total: f64 = components.iter().map(|(variance, _)| variance).sum();
    if !(total > 0.0 && total.is_finite()) {
        return None;
    }
    // Shares instead of variances: their squares neither overflow nor vanish.
    Some(1.0 / components.iter().map(|(variance, freedom)| (variance / total).powi(2) / freedom).sum::<f64>())
}

impl Welch {
    /// Difference per standard error; `None` where neither sample varies.
    pub fn t(&self) -> Option<f64> {
        (self.standard_error > 0.0).then(|| self.difference / self.standard_error)
    }

    /// Probability of a |t| at least this large where the means are equal; `None` where t is undefined.
    pub fn two_sided_p(&self) -> Option<f64> {
        Some(2.0 * student_t_upper_tail(self.t()?.abs(), self.degrees_of_freedom)?)
    }

    /// The two-sided interval of the difference; `None` unless 0 < `confidence` < 1.
    pub fn interval(&self, confidence: f64) -> Option<Interval> {
        t_interval(self.difference, self.standard_error, self.degrees_of_freedom, confidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: [f64; 7] = [3.1, 2.7, 4.4, 2.9, 3.8, 3.3, 5.0];
    const B: [f64; 4] = [4.1, 3.9, 5.2, 4.8];

    #[test]
    fn the_test_is_that_of_scipy() {
        // r = scipy.stats.ttest_ind(a, b, equal_var=False); r.statistic, r.df, r.pvalue, r.confidence_interval(.95)
        let test = welch(&A, &B).unwrap();
        let interval = test.interval(0.95).unwrap();
        let actual = [
            test.t().unwrap(),
            test.degrees_of_freedom,
            test.two_sided_p().unwrap(),
            interval.low,
            interval.high,
        ];
        let expected = [
            -2.045605495939636,
            8.268417168090668,
            0.07387738818443554,
            -1.9088625120400318,
            0.10886251204003283,
        ];
        for (actual, expected) in actual.into_iter().zip(expected) {
            assert!((actual / expected - 1.0).abs() < 1e-12, "{actual} is not {expected}");
        }
    }

    #[test]
    fn known_variance_adds_degrees_of_freedom() {
        assert_eq!(combined_degrees_of_freedom(&[(2.0, 10.0)]), Some(10.0));
        assert_eq!(combined_degrees_of_freedom(&[(1.0, 5.0), (1.0, 5.0)]), Some(10.0));
        assert_eq!(combined_degrees_of_freedom(&[(1.0, 5.0), (1.0, f64::INFINITY)]), Some(20.0));
        assert_eq!(combined_degrees_of_freedom(&[(0.0, 5.0), (1.0, f64::INFINITY)]), Some(f64::INFINITY));
    }

    #[test]
    fn nothing_that_varies_has_no_degrees_of_freedom() {
        for components in [&[][..], &[(0.0, 5.0)], &[(-1.0, 5.0)], &[(1.0, 0.0)], &[(f64::NAN, 5.0)]] {
            assert_eq!(combined_degrees_of_freedom(components), None);
        }
        let constant = welch(&[2.0; 5], &[1.0; 3]).unwrap();
        assert_eq!(
            (constant.difference, constant.standard_error, constant.degrees_of_freedom),
            (1.0, 0.0, 2.0)
        );
        assert_eq!((constant.t(), constant.two_sided_p()), (None, None));
        assert_eq!(constant.interval(0.9), Some(Interval { low: 1.0, high: 1.0 }));
        assert_eq!(welch(&[1.0], &B), None);
    }

    proptest! {
        #[test]
        fn exchanging_the_samples_turns_the_sign(
            a in prop::collection::vec(-1e3f64..1e3, 2..30), b in prop::collection::vec(-1e3f64..1e3, 2..30)
        ) {
            let (forth, back) = (welch(&a, &b).unwrap(), welch(&b, &a).unwrap());
            prop_assert_eq!(forth.difference, -back.difference);
            prop_assert_eq!(forth.standard_error, back.standard_error);
            prop_assert_eq!(forth.interval(0.95), back.interval(0.95).map(|interval| interval.map(|value| -value)));
            prop_assert_eq!(forth.two_sided_p(), back.two_sided_p());
        }

        #[test]
        fn degrees_of_freedom_lie_between_the_smaller_and_the_sum(
            a in prop::collection::vec(-1e3f64..1e3, 2..30), b in prop::collection::vec(-1e3f64..1e3, 2..30)
        ) {
            let freedom = welch(&a, &b).unwrap().degrees_of_freedom;
            let fewest = a.len().min(b.len()) as f64 - 1.0;
            prop_assert!(fewest - 1e-9 <= freedom && freedom <= (a.len() + b.len()) as f64 - 2.0 + 1e-9);
        }

        #[test]
        fn zero_lies_in_the_interval_where_p_is_large(
            a in prop::collection::vec(0f64..1.0, 2..30), b in prop::collection::vec(0f64..1.0, 2..30)
        ) {
            let test = welch(&a, &b).unwrap();
            let p = test.two_sided_p().unwrap();
            prop_assume!((p - 0.05).abs() > 1e-6);
            prop_assert_eq!(test.interval(0.95).unwrap().contains(0.0), p > 0.05);
        }
    }
}
