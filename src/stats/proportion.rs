//! Shares of successes: score intervals of one and of the difference of two.
//!
//! Sizes are doubles: an effective sample size, which takes autocorrelation into account, is rarely whole.

use super::batch_means::two_sided;
use super::distributions::normal_quantile;
use super::interval::Interval;

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

/// Newcombe's hybrid score interval (method 10) of share in `a` less share in `b`, each (successes, n).
///
/// `None` where either has no [`wilson_interval`]. R. G. Newcombe, "Interval estimation for the difference between
/// independent proportions: comparison of eleven methods", Statistics in Medicine 17 (1998).
pub fn newcombe_interval(a: (f64, f64), b: (f64, f64), confidence: f64) -> Option<Interval> {
    let (share_a, share_b) = (share(a.0, a.1)?, share(b.0, b.1)?);
    let (wilson_a, wilson_b) =
        (wilson_interval(a.0, a.1, confidence)?, wilson_interval(b.0, b.1, confidence)?);
    let difference = share_a - share_b;
    let below = (share_a - wilson_a.low).hypot(wilson_b.high - share_b);
    let above = (wilson_a.high - share_a).hypot(share_b - wilson_b.low);
    Some(Interval::new((difference - below).max(-1.0), (difference + above).min(1.0)))
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
    fn newcombe_gives_the_published_intervals() {
        // Table II of Newcombe (1998), method 10: 56/70 − 48/80, 9/10 − 3/10, 10/10 − 0/20, 10/10 − 0/10.
        assert_near(newcombe_interval((56.0, 70.0), (48.0, 80.0), 0.95), 0.0524, 0.3339, 5e-5);
        assert_near(newcombe_interval((9.0, 10.0), (3.0, 10.0), 0.95), 0.1705, 0.8090, 5e-5);
        assert_near(newcombe_interval((10.0, 10.0), (0.0, 20.0), 0.95), 0.6791, 1.0, 5e-5);
        assert_near(newcombe_interval((10.0, 10.0), (0.0, 10.0), 0.95), 0.6075, 1.0, 5e-5);
    }

    #[test]
    fn impossible_counts_have_no_share() {
        for (successes, n) in [(0.0, 0.0), (3.0, 2.0), (-1.0, 2.0), (f64::NAN, 2.0), (1.0, f64::INFINITY)] {
            assert_eq!(wilson_interval(successes, n, 0.95), None);
            assert_eq!(newcombe_interval((1.0, 2.0), (successes, n), 0.95), None);
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

        #[test]
        fn exchanging_the_samples_turns_the_sign(n in 1f64..1e4, m in 1f64..1e4, p in 0.01f64..0.99, q in 0f64..=1.0) {
            let (a, b) = ((n * p, n), (m * q, m));
            let back = newcombe_interval(b, a, 0.95).unwrap().map(|value| -value);
            prop_assert_eq!(newcombe_interval(a, b, 0.95).unwrap(), back);
        }
    }
}
