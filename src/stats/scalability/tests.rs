//! The laws against published coefficients and known truths.

use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};

use super::*;

/// SPEC SDM benchmark on a Sun SPARCcenter 2000, 1991: data set specsdm91 of R's package `usl` (S. Moeding), from
/// N. J. Gunther, "Guerrilla Capacity Planning" (2007).
const SPECSDM91: [(f64, f64); 7] = [
    (1.0, 64.9),
    (18.0, 995.9),
    (36.0, 1652.4),
    (72.0, 1853.2),
    (108.0, 1828.9),
    (144.0, 1775.0),
    (216.0, 1702.2),
];

/// A ray tracer on processors of an SGI Origin 2000: data set raytracer of the same package and book.
const RAYTRACER: [(f64, f64); 11] = [
    (1.0, 20.0),
    (4.0, 78.0),
    (8.0, 130.0),
    (12.0, 170.0),
    (16.0, 190.0),
    (20.0, 200.0),
    (24.0, 210.0),
    (28.0, 230.0),
    (32.0, 260.0),
    (48.0, 280.0),
    (64.0, 310.0),
];

fn fit(law: Law, points: &[(f64, f64)]) -> LawFit {
    let (n, x): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    fit_law(law, &n, &x).unwrap()
}

fn on_law(n: &[f64], gamma: f64, alpha: f64, beta: f64) -> Vec<f64> {
    n.iter().map(|n| gamma * n / (1.0 + alpha * (n - 1.0) + beta * n * (n - 1.0))).collect()
}

fn assert_near(actual: f64, expected: f64, tolerance: f64) {
    assert!((actual / expected - 1.0).abs() <= tolerance, "{actual} is not {expected}");
}

#[test]
fn published_coefficients_are_reproduced() {
    let usl = fit(Law::Usl, &SPECSDM91);
    assert_near(usl.gamma, 89.9952, 1e-5);
    assert_near(usl.alpha, 0.0277285, 1e-5);
    assert_near((usl.beta * 1e7).round() / 1e7, 0.0001044, 1e-5);
    assert_near(usl.peak().unwrap(), 96.52, 1e-5);
    let usl = fit(Law::Usl, &RAYTRACER);
    assert_near(usl.gamma, 21.8488, 1e-5);
    assert_near(usl.alpha, 0.057771, 1e-5);
    assert_eq!((usl.beta, usl.peak()), (0.0, None));
    // What R's `usl` 2.0 prints for its own test of coef(): alpha 0.02, beta 0.02, gamma 1.00.
    let small = [(1.0, 1.0), (2.0, 1.8868), (4.0, 3.0769), (6.0, 3.5294), (8.0, 3.5398), (10.0, 3.3557)];
    let usl = fit(Law::Usl, &small);
    assert_near(usl.alpha, 0.02, 1e-3);
    assert_near(usl.beta, 0.02, 1e-3);
    assert_near(usl.gamma, 1.0, 1e-4);
}

#[test]
fn intervals_are_those_of_constrained_fits() {
    // scipy.optimize.least_squares with one coefficient held, brentq on its squares (tests/python/scalability_reference.py).
    let usl = fit(Law::Usl, &SPECSDM91);
    let alpha = usl.alpha_interval(0.95).unwrap();
    assert_near(alpha.low, SPEC_ALPHA[0], 1e-5);
    assert_near(alpha.high, SPEC_ALPHA[1], 1e-5);
    let beta = usl.beta_interval(0.95).unwrap();
    assert_near(beta.low, SPEC_BETA[0], 1e-5);
    assert_near(beta.high, SPEC_BETA[1], 1e-5);
    let peak = usl.peak_interval(0.95).unwrap();
    let highest = usl.peak_throughput_interval(0.95).unwrap();
    let knee = usl.knee_interval(0.95).unwrap();
    assert!(
        peak.contains(96.52)
            && highest.contains(usl.ceiling().unwrap())
            && knee.contains(usl.knee().unwrap())
    );
    let amdahl = fit(Law::Amdahl, &RAYTRACER);
    assert_near(amdahl.knee().unwrap(), 1.0 / amdahl.alpha, 1e-12);
    let (knee, alpha) = (amdahl.knee_interval(0.95).unwrap(), amdahl.alpha_interval(0.95).unwrap());
    assert_near(knee.low, 1.0 / alpha.high, 1e-12);
}

const SPEC_ALPHA: [f64; 2] = [0.003206810200015116, 0.06410349155913092];
const SPEC_BETA: [f64; 2] = [3.862124232529167e-5, 0.00018208096462134322];

#[test]
fn the_ends_of_derived_intervals_leave_as_many_squares_as_those_of_coefficients() {
    // The peak at an end of its interval: the best fit with that peak, searched on a grid, leaves S·(1 + t²/ν).
    let mut usl = fit(Law::Usl, &SPECSDM91);
    usl.error_models.retain(|model| model.weights.iter().all(|weight| *weight == 1.0));
    let t = crate::stats::distributions::student_t_quantile(0.975, 4.0).unwrap();
    let limit = usl.residual_squares * (1.0 + t * t / 4.0);
    let (n, x): (Vec<f64>, Vec<f64>) = SPECSDM91.iter().copied().unzip();
    let squares = |alpha: f64, beta: f64| {
        let shape = on_law(&n, 1.0, alpha, beta);
        let gamma =
            shape.iter().zip(&x).map(|(f, x)| f * x).sum::<f64>() / shape.iter().map(|f| f * f).sum::<f64>();
        shape.iter().zip(&x).map(|(f, x)| (x - gamma * f).powi(2)).sum::<f64>()
    };
    let interval = usl.peak_interval(0.95).unwrap();
    for end in [interval.low, interval.high] {
        let grid = (0..200_000).map(|step| f64::from(step) / 200_000.0);
        let least =
            grid.map(|alpha| squares(alpha, (1.0 - alpha) / (end * end))).fold(f64::INFINITY, f64::min);
        assert_near(least, limit, 1e-4);
    }
    let knee = usl.knee_interval(0.95).unwrap();
    for end in [knee.low, knee.high] {
        // On a grid of α, the β that gives this knee by bisection: the knee falls as β rises.
        let knee_of = |alpha: f64, beta: f64| {
            let peak = ((1.0 - alpha) / beta).sqrt();
            on_law(&[peak], 1.0, alpha, beta)[0]
        };
        let beta_of = |alpha: f64| {
            let (mut low, mut high) = (1e-12f64, 1.0f64);
            for _ in 0..80 {
                let middle = (low * high).sqrt();
                if knee_of(alpha, middle) > end { low = middle } else { high = middle }
            }
            low
        };
        let grid = (0..2_000).map(|step| f64::from(step) / 2_000.0 / end);
        let least = grid.map(|alpha| squares(alpha, beta_of(alpha))).fold(f64::INFINITY, f64::min);
        assert_near(least, limit, 1e-3);
    }
}

#[test]
fn data_that_follow_a_law_give_it_back() {
    let n = [0.4, 1.0, 2.5, 8.0, 8.0, 40.0, 300.0];
    for (gamma, alpha, beta) in
        [(5.0, 0.1, 1e-3), (1e-6, 0.0, 1e-5), (1e9, 0.3, 0.0), (2.0, 0.0, 0.0), (3.0, 1.0, 0.01)]
    {
        let usl = fit_law(Law::Usl, &n, &on_law(&n, gamma, alpha, beta)).unwrap();
        assert_near(usl.gamma, gamma, 1e-6);
        assert!((usl.alpha - alpha).abs() < 1e-6 && (usl.beta - beta).abs() < 1e-8, "{usl:?}");
    }
}

#[test]
fn the_simplest_of_laws_that_fit_exactly_has_the_least_aicc() {
    let n: Vec<f64> = (1..=8).map(f64::from).collect();
    let aicc = |law, x: &[f64]| fit_law(law, &n, x).unwrap().aicc().unwrap();
    let linear = on_law(&n, 7.0, 0.0, 0.0);
    assert!(aicc(Law::Linear, &linear) < aicc(Law::Amdahl, &linear));
    assert!(aicc(Law::Amdahl, &linear) < aicc(Law::Usl, &linear));
    let bent = on_law(&n, 7.0, 0.2, 0.0);
    assert!(
        aicc(Law::Amdahl, &bent) < aicc(Law::Usl, &bent) && aicc(Law::Usl, &bent) < aicc(Law::Linear, &bent)
    );
    // By hand: 7 points that leave 27453.7196: 7·ln(S/7) + 2·4 + 2·4·5/2.
    let spec = fit(Law::Usl, &SPECSDM91);
    assert_near(spec.aicc().unwrap(), 7.0 * (27_453.719_584_f64 / 7.0).ln() + 28.0, 1e-9);
}

#[test]
fn what_no_law_describes_has_no_fit() {
    assert_eq!(fit_law(Law::Linear, &[], &[]), None);
    assert_eq!(fit_law(Law::Linear, &[1.0, 2.0], &[1.0]), None);
    assert_eq!(fit_law(Law::Linear, &[1.0, 2.0], &[0.0, 0.0]), None);
    assert_eq!(fit_law(Law::Linear, &[1.0, f64::NAN], &[1.0, 2.0]), None);
    assert_eq!(fit_law(Law::Linear, &[1.0, 2.0], &[1.0, -2.0]), None);
    assert_eq!(fit_law(Law::Linear, &[0.0, 0.0], &[0.0, 0.0]), None);
    // Two different concurrencies cannot tell three coefficients, however often they were measured.
    assert_eq!(fit_law(Law::Usl, &[1.0, 1.0, 2.0, 2.0], &[1.0, 1.1, 2.0, 1.9]), None);
}

#[test]
fn constant_and_falling_throughput_are_fitted_within_the_bounds() {
    let n = [1.0, 2.0, 4.0, 8.0, 16.0];
    let constant = fit_law(Law::Usl, &n, &[5.0; 5]).unwrap();
    assert!((constant.alpha - 1.0).abs() < 1e-6 && (constant.gamma - 5.0).abs() < 1e-6, "{constant:?}");
    let falling = fit_law(Law::Usl, &n, &[10.0, 9.0, 7.0, 5.0, 3.0]).unwrap();
    assert!(falling.alpha <= 1.0 && falling.beta > 0.0 && falling.gamma.is_finite(), "{falling:?}");
    let some_zero = fit_law(Law::Usl, &n, &[10.0, 18.0, 20.0, 10.0, 0.0]).unwrap();
    assert!(some_zero.beta > 0.0 && some_zero.residual_squares > 0.0);
}

#[test]
fn few_points_have_wide_intervals_or_none() {
    let three = fit(Law::Usl, &SPECSDM91[..3]);
    assert_eq!((three.alpha_interval(0.95), three.residual_error(), three.aicc()), (None, None, None));
    let four = fit(Law::Usl, &SPECSDM91[..4]);
    let beta = four.beta_interval(0.95).unwrap();
    assert!(beta.low == 0.0 && beta.high > fit(Law::Usl, &SPECSDM91).beta_interval(0.95).unwrap().high);
    assert_eq!(four.aicc(), None);
    assert_eq!(fit(Law::Linear, &SPECSDM91).alpha_interval(0.95), None);
    assert_eq!(fit(Law::Usl, &SPECSDM91).alpha_interval(1.0), None);
}

/// How many of `rounds` intervals hold the truth, for α, β and N*.
fn covered(gamma: f64, alpha: f64, beta: f64, noise: f64, rounds: u64) -> [f64; 3] {
    let n: Vec<f64> = (0..10).map(|level| 200f64.powf(f64::from(level) / 9.0)).collect();
    let truth = on_law(&n, gamma, alpha, beta);
    let largest = truth.iter().copied().fold(0.0, f64::max);
    let peak = (beta > 0.0).then(|| ((1.0 - alpha) / beta).sqrt());
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let error = Normal::new(0.0, noise * largest).unwrap();
    let mut hits = [0.0; 3];
    for _ in 0..rounds {
        let x: Vec<f64> = truth.iter().map(|x| (x + error.sample(&mut random)).max(0.0)).collect();
        let usl = fit_law(Law::Usl, &n, &x).unwrap();
        let inside = [
            usl.alpha_interval(0.95).is_none_or(|found| found.contains(alpha)),
            usl.beta_interval(0.95).is_none_or(|found| found.contains(beta)),
            peak.is_none_or(|peak| usl.peak_interval(0.95).is_none_or(|found| found.contains(peak))),
        ];
        hits.iter_mut().zip(inside).for_each(|(hits, is_inside)| *hits += f64::from(u8::from(is_inside)));
    }
    hits.map(|hits| hits / rounds as f64)
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say_also_at_the_bounds() {
    for (alpha, beta, noise) in [(0.03, 1e-4, 0.02), (0.05, 0.0, 0.02), (0.0, 5e-5, 0.03)] {
        let found = covered(100.0, alpha, beta, noise, 80);
        // 95 % of 80: four standard deviations below it are 85.3 %.
        assert!(found.iter().all(|share| *share >= 0.85), "α {alpha}, β {beta}: {found:?}");
    }
}

/// Hundreds of steps that help, each with less damping than the one before: the damping fell to 0 and the search never ended.
#[test]
fn a_search_of_many_small_steps_ends() {
    let points = [
        (0.17250503765815595, 172.50503765815594),
        (0.2863452966957031, 286.3452966957031),
        (0.4967652472721026, 496.76524727210256),
        (1.3607493214700668, 245.27850135705987),
        (31.7939399942466, 106.4121200115068),
    ];
    let usl = fit(Law::Usl, &points);
    assert!(usl.gamma_interval(0.95).unwrap().contains(usl.gamma));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_change_of_unit_changes_gamma_alone_and_order_nothing(
        alpha in 0f64..0.5, beta in 0f64..0.01, scale in 1e-6f64..1e6,
        errors in prop::collection::vec(-0.1f64..0.1, 8..=8), turn in 0usize..8
    ) {
        let mut n = [1.0, 2.0, 4.0, 4.0, 9.0, 20.0, 45.0, 100.0];
        let mut x: Vec<f64> =
            on_law(&n, 10.0, alpha, beta).iter().zip(&errors).map(|(x, error)| x * (1.0 + error)).collect();
        let usl = fit_law(Law::Usl, &n, &x).unwrap();
        let scaled: Vec<f64> = x.iter().map(|x| x * scale).collect();
        let other = fit_law(Law::Usl, &n, &scaled).unwrap();
        // The squares are flat at their least: coefficients agree to the root of what doubles tell.
        prop_assert!((other.gamma / scale / usl.gamma - 1.0).abs() < 1e-4);
        prop_assert!((other.residual_squares / scale / scale / usl.residual_squares - 1.0).abs() < 1e-7);
        n.rotate_left(turn);
        x.rotate_left(turn);
        prop_assert_eq!(fit_law(Law::Usl, &n, &x).unwrap(), usl);
    }

    #[test]
    fn a_law_with_more_coefficients_never_leaves_more(x in prop::collection::vec(0.1f64..100.0, 5..12)) {
        let n: Vec<f64> = (0..x.len()).map(|level| 1.7f64.powi(level as i32)).collect();
        let squares = Law::ALL.map(|law| fit_law(law, &n, &x).map_or(f64::INFINITY, |fit| fit.residual_squares));
        prop_assert!(squares[1] <= squares[0] * (1.0 + 1e-9) && squares[2] <= squares[1] * (1.0 + 1e-9), "{:?}", squares);
    }

    #[test]
    fn more_confidence_is_wider_and_the_estimate_lies_inside(
        errors in prop::collection::vec(-0.1f64..0.1, 8..=8), beta in 0f64..0.001
    ) {
        let n = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];
        let x: Vec<f64> =
            on_law(&n, 10.0, 0.05, beta).iter().zip(&errors).map(|(x, error)| x * (1.0 + error)).collect();
        let usl = fit_law(Law::Usl, &n, &x).unwrap();
        let (narrow, wide) = (usl.beta_interval(0.8).unwrap(), usl.beta_interval(0.95).unwrap());
        prop_assert!(wide.low <= narrow.low && narrow.high <= wide.high && narrow.contains(usl.beta));
        prop_assert!(wide.low >= 0.0 && usl.alpha_interval(0.95).unwrap().high <= 1.0);
    }
}
