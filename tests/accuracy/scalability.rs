//! The laws of scalability: published coefficients, and fits and profile intervals by scipy.

use cmo_metrics::stats::interval::Interval;
use cmo_metrics::stats::scalability::{Law, LawFit, fit_law};
use serde_json::Value;

use crate::{Comparison, answers, number, numbers, rows};

/// Written by `tests/python/scalability_reference.py`.
const BY_SCIPY: &str = include_str!("scalability.json");
const PUBLISHED: f64 = 1e-5;
const CONFIDENCE: f64 = 0.95;
/// Two solvers agree on a coefficient to this share of its interval, on squares to this share, on ends of intervals to this.
const COEFFICIENT: f64 = 1e-4;
const SQUARES: f64 = 1e-9;
const END: f64 = 1e-4;

/// Name of the table, and γ, α, β and N* as published, with the digits that were published.
const COEFFICIENTS: [(&str, [f64; 4]); 2] = [
    ("specsdm91", [89.9952, 0.0277285, 0.0001044, 96.52]),
    ("raytracer", [21.8488, 0.057771, 0.0, f64::NAN]),
];

#[test]
fn published_coefficients_are_reproduced() {
    let Some(folder) = answers("published coefficients") else { return };
    let mut comparison = Comparison::default();
    for (name, [gamma, alpha, beta, peak]) in COEFFICIENTS {
        let rows = rows(&folder.join(format!("usl/{name}.csv")));
        let column = |index: usize| rows.iter().map(|row| row[index].parse().unwrap()).collect::<Vec<f64>>();
        let fit = fit_law(Law::Usl, &column(0), &column(1)).unwrap();
        println!("{name}: γ {:.7}, α {:.9}, β {:.11}, N* {:?}", fit.gamma, fit.alpha, fit.beta, fit.peak());
        comparison.expect(&format!("{name} γ"), Some(fit.gamma), gamma, PUBLISHED);
        comparison.expect(&format!("{name} α"), Some(fit.alpha), alpha, PUBLISHED);
        // Four digits of β and N* are published.
        let rounded = (fit.beta * 1e7).round() / 1e7;
        comparison.expect(&format!("{name} β"), Some(rounded), beta, PUBLISHED);
        if peak.is_finite() {
            comparison.expect(&format!("{name} N*"), fit.peak(), peak, PUBLISHED);
        }
    }
    comparison.finish(7);
}

fn sets() -> Vec<Value> {
    serde_json::from_str(BY_SCIPY).unwrap()
}

const LAWS: [(Law, &str); 3] = [(Law::Linear, "linear"), (Law::Amdahl, "amdahl"), (Law::Usl, "usl")];

#[test]
fn no_fit_of_scipy_leaves_less_and_where_both_leave_the_same_the_coefficients_agree() {
    let mut faults = Vec::new();
    for (index, set) in sets().iter().enumerate() {
        let (n, x) = (numbers(&set["n"]), numbers(&set["x"]));
        for (law, name) in LAWS {
            let fit = fit_law(law, &n, &x).unwrap();
            let expected = numbers(&set[name]["coefficients"]);
            let squares = number(&set[name]["squares"]);
            if fit.residual_squares > squares * (1.0 + SQUARES) {
                faults.push(format!("{index} {name}: {} leaves more than {squares}", fit.residual_squares));
            }
            let is_better = fit.residual_squares < squares * (1.0 - 1e-7);
            let tolerances = tolerances(&fit);
            for (actual, (expected, tolerance)) in
                [fit.gamma, fit.alpha, fit.beta].into_iter().zip(expected.into_iter().zip(tolerances))
            {
                if !is_better && (actual - expected).abs() > tolerance {
                    faults.push(format!("{index} {name}: {actual} is not {expected} ± {tolerance}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What the data say nothing about no two solvers agree on: the tolerance is a share of the interval.
fn tolerances(fit: &LawFit) -> [f64; 3] {
    let width = |interval: Option<Interval>| interval.map_or(0.0, |interval| interval.high - interval.low);
    let gamma = fit.gamma_interval(CONFIDENCE);
    [
        COEFFICIENT * gamma.map_or(fit.gamma, |interval| interval.high - interval.low) + 1e-9 * fit.gamma,
        COEFFICIENT * width(fit.alpha_interval(CONFIDENCE)) + 1e-9,
        COEFFICIENT * fit.beta_interval(CONFIDENCE).map_or(f64::INFINITY, |found| found.high - found.low),
    ]
}

#[test]
fn profile_intervals_are_those_of_constrained_fits_by_scipy() {
    let (mut faults, mut compared) = (Vec::new(), 0);
    for (index, set) in sets().iter().enumerate() {
        let (n, x) = (numbers(&set["n"]), numbers(&set["x"]));
        for (law, name) in LAWS {
            let Some(intervals) = set[name]["intervals"].as_object() else { continue };
            let fit = fit_law(law, &n, &x).unwrap();
            for (coefficient, expected) in intervals {
                let actual = match coefficient.as_str() {
                    "gamma" => fit.gamma_interval(CONFIDENCE),
                    "alpha" => fit.alpha_interval(CONFIDENCE),
                    _ => fit.beta_interval(CONFIDENCE),
                };
                compared += 1;
                if !agree(actual, expected) {
                    faults.push(format!("{index} {name} {coefficient}: {actual:?} is not {expected}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(compared >= 18, "{compared}");
}

fn agree(actual: Option<Interval>, expected: &Value) -> bool {
    match (actual, expected.is_null()) {
        (None, is_null) => is_null,
        (Some(_), true) => false,
        (Some(actual), false) => {
            let expected = numbers(expected);
            let tolerance = END * (expected[1] - expected[0]);
            (actual.low - expected[0]).abs() <= tolerance && (actual.high - expected[1]).abs() <= tolerance
        }
    }
}
