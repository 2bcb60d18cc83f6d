//! Quantiles and upper tails of the normal and of Student's t distribution, with full relative accuracy far out; tails of others.

use statrs::function::{beta, erf};
use std::f64::consts::SQRT_2;

use super::root::find_root;

/// From here on Hill's expansion is more accurate than the incomplete beta function, whose prefactor is the
/// difference of logarithms of large gamma functions.
const EXPANSION_FROM: f64 = 1e4;

/// The z with P(Z ≤ z) = `p` for a standard normal Z; `None` unless 0 < p < 1.
pub fn normal_quantile(p: f64) -> Option<f64> {
    // 0.0 − …: the median is 0, not −0.
    (p > 0.0 && p < 1.0).then(|| 0.0 - SQRT_2 * erf::erfc_inv(2.0 * p))
}

/// P(Z > `z`) for a standard normal Z.
pub fn normal_upper_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z / SQRT_2)
}

/// The t with P(T ≤ t) = `p` for Student's t; infinite `degrees_of_freedom` mean the normal distribution.
///
/// `None` unless 0 < p < 1 and `degrees_of_freedom` > 0, or where t exceeds what a double holds.
pub fn student_t_quantile(p: f64, degrees_of_freedom: f64) -> Option<f64> {
    let normal = normal_quantile(p)?;
    if !is_above_0(degrees_of_freedom) {
        return None;
    }
    if degrees_of_freedom.is_infinite() || p == 0.5 {
        return Some(normal);
    }
    let tail = if p < 0.5 { p } else { 1.0 - p };
    Some(positive_t_with_tail(tail, normal.abs(), degrees_of_freedom)?.copysign(normal))
}

/// P(T > `t`) for Student's t; `None` unless `degrees_of_freedom` > 0 and `t` is a number.
/// Also `None` for finite |t| above 10^154, whose square no double holds.
///
/// With x = ν/(ν + t²) the tail is I_x(ν/2, 1/2)/2 (M. Abramowitz and I. A. Stegun, "Handbook of Mathematical
/// Functions", 26.7.1), taken from the complement near the centre and from Hill's expansion for many degrees of
/// freedom, so that no digits cancel.
pub fn student_t_upper_tail(t: f64, degrees_of_freedom: f64) -> Option<f64> {
    if t.is_nan() || !is_above_0(degrees_of_freedom) {
        return None;
    }
    if degrees_of_freedom.is_infinite() {
        return Some(normal_upper_tail(t));
    }
    let tail = positive_tail(t.abs(), degrees_of_freedom)?;
    Some(if t < 0.0 { 1.0 - tail } else { tail })
}

/// P(X ≥ `successes`) for a binomial X of `n` trials with probability `p`, as I_p(k, n − k + 1); `None` unless 0 ≤ p ≤ 1.
///
/// M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions", 26.5.24.
pub fn binomial_upper_tail(successes: u64, n: u64, p: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    match successes {
        0 => Some(1.0),
        k if k > n || p == 0.0 => Some(0.0),
        _ if p == 1.0 => Some(1.0),
        k => beta::checked_beta_reg(k as f64, (n - k + 1) as f64, p).ok(),
    }
}

/// P(F > `ratio`) for Fisher's F, as I_x(d₂/2, d₁/2) with x = d₂/(d₂ + d₁·F); `None` unless the ratio is at least 0 and both
/// degrees of freedom are above 0 and finite.
///
/// M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions", 26.6.2.
pub fn f_upper_tail(ratio: f64, numerator_freedom: f64, denominator_freedom: f64) -> Option<f64> {
    let are_known = [numerator_freedom, denominator_freedom].iter().all(|&d| d > 0.0 && d.is_finite());
    if !are_known || ratio.is_nan() || ratio < 0.0 {
        return None;
    }
    let x = denominator_freedom / (denominator_freedom + numerator_freedom * ratio);
    if x <= 0.0 {
        return Some(0.0);
    }
    beta::checked_beta_reg(denominator_freedom / 2.0, numerator_freedom / 2.0, x).ok()
}

/// False also for what is not a number.
fn is_above_0(value: f64) -> bool {
    value > 0.0
}

/// P(T > t) for t ≥ 0.
fn positive_tail(t: f64, degrees_of_freedom: f64) -> Option<f64> {
    if t.is_infinite() {
        return Some(0.0);
    }
    let ratio = t * t / degrees_of_freedom;
    if ratio.is_infinite() {
        return None;
    }
    if degrees_of_freedom >= EXPANSION_FROM {
        return Some(normal_upper_tail(hill(ratio, degrees_of_freedom)));
    }
    if t < 1.0 {
        let central = beta::checked_beta_reg(0.5, degrees_of_freedom / 2.0, ratio / (1.0 + ratio)).ok()?;
        return Some(0.5 - 0.5 * central);
    }
    Some(0.5 * beta::checked_beta_reg(degrees_of_freedom / 2.0, 0.5, 1.0 / (1.0 + ratio)).ok()?)
}

/// The normal deviate with the same tail as the t with t²/ν = `ratio`.
///
/// G. W. Hill, "Algorithm 395: Student's t-distribution", Communications of the ACM 13 (1970).
fn hill(ratio: f64, degrees_of_freedom: f64) -> f64 {
    let a = degrees_of_freedom - 0.5;
    let b = 48.0 * a * a;
    let z2 = a * ratio.ln_1p();
    let z = z2.sqrt();
    let third = (((-0.4 * z2 - 3.3) * z2 - 24.0) * z2 - 85.5) / (0.8 * z2 * z2 + 100.0 + b);
    z * (1.0 + ((third + z2 + 3.0) / b))
}

/// The t > 0 with P(T > t) = `tail` < 1/2; `normal` is the normal deviate with that tail.
fn positive_t_with_tail(tail: f64, normal: f64, degrees_of_freedom: f64) -> Option<f64> {
    let excess = |t: f64| Some((positive_tail(t, degrees_of_freedom)? / tail).ln());
    // Student's tail is heavier than the normal one, so its quantile lies at or above `normal`, rounding aside.
    let mut low = (normal * 0.5, excess(normal * 0.5)?);
    let mut high = (normal * 2.0, excess(normal * 2.0)?);
    while high.1 > 0.0 {
        low = high;
        high = (high.0 * 2.0, excess(high.0 * 2.0)?);
    }
    find_root(excess, low, high, 2.0 * f64::EPSILON)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assert_near(actual: Option<f64>, expected: f64, tolerance: f64) {
        let actual = actual.unwrap();
        assert!((actual / expected - 1.0).abs() <= tolerance, "{actual:e} is not {expected:e}");
    }

    #[test]
    fn normal_values_are_those_of_scipy() {
        // scipy.stats.norm.ppf(p), scipy.stats.norm.sf(z)
        for (p, z) in
            [(1e-10, -6.361340902404056), (0.025, -1.9599639845400545), (0.999999, 4.753424308817087)]
        {
            assert_near(normal_quantile(p), z, 1e-13);
        }
        for (z, tail) in
            [(-1.96, 0.9750021048517795), (6.0, 9.865876450376946e-10), (20.0, 2.7536241186061556e-89)]
        {
            assert_near(Some(normal_upper_tail(z)), tail, 1e-13);
        }
        assert_eq!(normal_quantile(0.5).map(f64::to_bits), Some(0));
    }

    #[test]
    fn tails_of_f_are_those_of_scipy() {
        // scipy.stats.f.sf(x, dfn, dfd)
        for (ratio, numerator, denominator, tail) in [
            (0.5, 2.0, 12.0, 0.6186248513251715),
            (2.7964, 9.0, 12.0, 0.049998605498409565),
            (40.0, 4.0, 12.0, 7.589877645235568e-07),
        ] {
            assert_near(f_upper_tail(ratio, numerator, denominator), tail, 1e-12);
        }
        assert_eq!(f_upper_tail(0.0, 2.0, 12.0), Some(1.0));
        assert_eq!(f_upper_tail(f64::INFINITY, 2.0, 12.0), Some(0.0));
        assert_eq!((f_upper_tail(-1.0, 2.0, 12.0), f_upper_tail(1.0, 0.0, 12.0)), (None, None));
    }

    #[test]
    fn tails_of_student_t_are_those_of_scipy() {
        // scipy.stats.t.sf(t, df)
        for (t, degrees_of_freedom, tail) in [
            (0.001, 0.7, 0.4997053638242668),
            (30.0, 0.7, 0.028738377617670185),
            (0.7, 3.0, 0.2671634991523818),
            (30.0, 3.0, 4.067640213581979e-05),
            (2.5, 19.0, 0.01087020558419872),
            (30.0, 19.0, 9.048659208625223e-18),
            (8.0, 60.0, 2.450132573975106e-11),
            (0.7, 499.0, 0.24212675694340194),
            (30.0, 499.0, 4.380431302914148e-114),
            (2.0, 9999.0, 0.02276363168075505),
            (20.0, 9999.0, 1.3828538137878867e-87),
            (2.0, 10000.0, 0.022763630330717714),
            (20.0, 10000.0, 1.3823262932703351e-87),
            (8.0, 1000.0, 1.7133307411957489e-15),
            (2.5, 1e6, 0.006209744751081627),
            (8.0, 1e12, 6.220960580839769e-16),
        ] {
            assert_near(student_t_upper_tail(t, degrees_of_freedom), tail, 1e-11);
            assert_near(student_t_upper_tail(-t, degrees_of_freedom), 1.0 - tail, 1e-11);
        }
    }

    #[test]
    fn quantiles_of_student_t_are_those_of_scipy() {
        // scipy.stats.t.ppf(p, df)
        for (p, degrees_of_freedom, t) in [
            (0.975, 0.7, 36.611415031588656),
            (1e-6, 0.7, -70219760.03243221),
            (0.6, 3.0, 0.2766706623326898),
            (1e-30, 3.0, -10331108360.44653),
            (0.9995, 19.0, 3.883405852592131),
            (1e-30, 60.0, -22.010521921822033),
            (0.975, 499.0, 1.9647293909876886),
            (0.975, 10000.0, 1.960201239890626),
            (1e-6, 1e6, -4.75345234827968),
            (0.975, 1e12, 1.9599639845424262),
        ] {
            assert_near(student_t_quantile(p, degrees_of_freedom), t, 1e-11);
        }
    }

    #[test]
    fn infinite_degrees_of_freedom_are_the_normal_distribution() {
        assert_eq!(student_t_quantile(0.975, f64::INFINITY), normal_quantile(0.975));
        assert_eq!(student_t_upper_tail(3.0, f64::INFINITY), Some(normal_upper_tail(3.0)));
    }

    #[test]
    fn what_is_outside_the_domain_has_no_value() {
        for p in [0.0, 1.0, -0.1, f64::NAN] {
            assert_eq!((normal_quantile(p), student_t_quantile(p, 5.0)), (None, None));
        }
        for degrees_of_freedom in [0.0, -1.0, f64::NAN] {
            assert_eq!(student_t_upper_tail(1.0, degrees_of_freedom), None);
            assert_eq!(student_t_quantile(0.9, degrees_of_freedom), None);
        }
        assert_eq!(student_t_upper_tail(f64::INFINITY, 5.0), Some(0.0));
        assert_eq!(student_t_quantile(1e-300, 0.1), None);
    }

    proptest! {
        #[test]
        fn tail_and_quantile_undo_each_other(
            exponent in -120f64..-0.31, degrees_of_freedom in prop_oneof![1f64..30.0, 30f64..2_000.0, 1e3..1e9]
        ) {
            let p = 10f64.powf(exponent);
            let t = student_t_quantile(p, degrees_of_freedom).unwrap();
            prop_assert!(t < 0.0);
            prop_assert!((student_t_upper_tail(-t, degrees_of_freedom).unwrap() / p - 1.0).abs() < 1e-11);
        }
    }

    #[test]
    fn binomial_tails_are_the_sums_of_their_terms() {
        // sum(comb(n, i) * p**i * (1 - p)**(n - i) for i in range(k, n + 1))
        for (k, n, p, wanted) in [
            (3u64, 10u64, 0.05, 0.011503557379296871),
            (10, 10, 0.05, 9.765625e-14),
            (50, 100, 0.5, 0.5397946186935894),
            (12, 200, 0.05, 0.30024429664577784),
            (0, 5, 0.3, 1.0),
            (6, 5, 0.3, 0.0),
        ] {
            let found = binomial_upper_tail(k, n, p).unwrap();
            assert!((found - wanted).abs() <= 1e-9 * wanted.max(1e-12), "{k} {n} {p}: {found}");
        }
        assert_eq!((binomial_upper_tail(1, 5, 0.0), binomial_upper_tail(5, 5, 1.0)), (Some(0.0), Some(1.0)));
        assert_eq!(binomial_upper_tail(1, 5, 1.5), None);
    }
}
