//! Mean and standard error from batches: what holds for autocorrelated values where s/√n does not.
//!
//! A. M. Law, "Simulation Modeling and Analysis", 5th ed. (2015), section 9.5.3.

use super::distributions::student_t_quantile;
use super::interval::Interval;

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
