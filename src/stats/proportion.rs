//! Shares of successes: the score interval of one, and the variance of one that is compared with others.
//!
//! Sizes are doubles: an effective sample size, which takes autocorrelation into account, is rarely whole.

use super::distributions::normal_quantile;
use super::interval::{Interval, two_sided};

/// Wilson's score interval of a share (0..1), without continuity correction.
///
/// `None` unless n > 0, 0 ≤ `successes` ≤ n and 0 < `confidence` < 1. E. B. Wilson, "Probable Inference, the Law
/// of Succession, and Statistical Inference", JASA 22 (1927).
pub fn wilson_interval(successes: f64, n: f64, confidence: f64) -> Option<Interval> {
    let share = share(successes, n)?;
    let z = normal_quantile(two_sided(confidence)?)?;
    let z2 = z * z;
    let centre = successes + z2 / 2.0;
    let spread = z * (share * (n - successes) + z2 / 4.0).sqrt();
    let end = |distance: f64| ((centre + distance) / (n + z2)).clamp(0.0, 1.0);
    // At the borders of 0..1 the end is the border itself; rounding must not move it inside.
    let low = if successes == 0.0 { 0.0 } else { end(-spread) };
    let high = if successes == n { 1.0 } else { end(spread) };
    Some(Interval::new(low, high))
}

/// The variance of a share that is compared with others: of p̃ = (successes + 1)/(n + 2), p̃·(1 − p̃)/(n + 2).
///
/// One more success and one more failure keep it honest where all calls ended alike: the plain variance would be 0, as if a
/// hundred calls without a failure excluded any. `None` unless n > 0 and 0 ≤ `successes` ≤ n. A. Agresti and B. Caffo, "Simple
/// and effective confidence intervals for proportions and differences of proportions result from adding two successes and two
/// failures", The American Statistician 54 (2000): of two samples each gets half of them.
pub fn agresti_caffo_variance(successes: f64, n: f64) -> Option<f64> {
    share(successes, n)?;
    let share = (successes + 1.0) / (n + 2.0);
    Some(share * (1.0 - share) / (n + 2.0))
}

/// `successes` of `n`; `None` unless n > 0 and 0 ≤ `successes` ≤ n, both finite.
fn share(successes: f64, n: f64) -> Option<f64> {
    (n > 0.0 && n.is_finite() && (0.0..=n).contains(&successes)).then(|| successes / n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assert_near(interval: Option<Interval>, low: f64, high: f64, tolerance: f64) {
        let interval = interval.unwrap();
        assert!((interval.low - low).abs() <= tolerance, "{interval:?} does not start at {low}");
        assert!((interval.high - high).abs() <= tolerance, "{interval:?} does not end at {high}");
    }

    #[test]
    fn wilson_is_that_of_scipy() {
        // scipy.stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
        assert_near(wilson_interval(0.0, 10.0, 0.95), 0.0, 0.27753279986288926, 1e-14);
        assert_near(wilson_interval(3.0, 10.0, 0.95), 0.10779126740630102, 0.6032218525388546, 1e-14);
        assert_near(wilson_interval(10.0, 10.0, 0.95), 0.7224672001371109, 1.0, 1e-14);
        assert_near(wilson_interval(989.0, 1000.0, 0.95), 0.9804106042992136, 0.9938468259019133, 1e-14);
    }

    #[test]
    fn a_share_without_failures_has_a_variance() {
        // By hand: 101/102 · 1/102 / 102, and 99/102 · 3/102 / 102.
        assert!((agresti_caffo_variance(100.0, 100.0).unwrap() - 101.0 / 102f64.powi(3)).abs() < 1e-18);
        assert!((agresti_caffo_variance(98.0, 100.0).unwrap() - 297.0 / 102f64.powi(3)).abs() < 1e-18);
        assert_eq!(agresti_caffo_variance(3.0, 2.0), None);
    }

    #[test]
    fn impossible_counts_have_no_share() {
        for (successes, n) in [(0.0, 0.0), (3.0, 2.0), (-1.0, 2.0), (f64::NAN, 2.0), (1.0, f64::INFINITY)] {
            assert_eq!(wilson_interval(successes, n, 0.95), None);
        }
        assert_eq!(wilson_interval(1.0, 2.0, 1.0), None);
    }

    proptest! {
        #[test]
        fn the_share_lies_inside_and_failures_mirror_successes(n in 0.5f64..1e5, share in 0f64..=1.0, c in 0.5f64..0.999) {
            let successes = n * share;
            let interval = wilson_interval(successes, n, c).unwrap();
            prop_assert!(interval.low <= share + 1e-12 && share - 1e-12 <= interval.high);
            prop_assert!(interval.low >= 0.0 && interval.high <= 1.0);
            let mirrored = wilson_interval(n - successes, n, c).unwrap().map(|value| 1.0 - value);
            prop_assert!((mirrored.low - interval.low).abs() < 1e-9 && (mirrored.high - interval.high).abs() < 1e-9);
        }
    }
}
