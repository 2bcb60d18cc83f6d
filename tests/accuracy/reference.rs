//! Values calculated with scipy, statsmodels and pymannkendall.
//!
//! Statistics have to agree to 1e-10, probabilities to 1e-6 (the special functions behind them to 1e-10, too).

use cmo_metrics::stats::autocorrelation::{
    autocorrelation, effective_sample_size, effective_sample_size_batch_means, effective_sample_size_geyer,
};
use cmo_metrics::stats::correlation::{correlation_p, pearson};
use cmo_metrics::stats::distributions::{
    normal_quantile, normal_upper_tail, student_t_quantile, student_t_upper_tail,
};
use cmo_metrics::stats::kendall_variance::{hamed_rao_factor, kendall_variance};
use cmo_metrics::stats::least_squares::line;
use cmo_metrics::stats::multiple::{benjamini_hochberg, holm};
use cmo_metrics::stats::quantile::{type7_select, type7_sorted};
use cmo_metrics::stats::theil_sen::{theil_sen, theil_sen_with_interval};
use serde_json::Value;

use crate::{Comparison, answers, json, number, numbers};

const STATISTIC: f64 = 1e-10;
const PROBABILITY: f64 = 1e-6;

fn reference(section: &str) -> Option<Value> {
    Some(json(&answers(section)?.join("scipy/reference.json")))
}

/// The vector that an entry refers to by the name under `key`.
fn vector(reference: &Value, entry: &Value, key: &str) -> Vec<f64> {
    numbers(&reference["vectors"][entry[key].as_str().unwrap()])
}

fn entries<'a>(reference: &'a Value, section: &str) -> &'a Vec<Value> {
    reference[section].as_array().unwrap()
}

#[test]
fn quantiles_are_those_of_type_7() {
    let Some(reference) = reference("quantiles") else { return };
    let mut comparison = Comparison::default();
    let sections = reference["quantiles"].as_object().unwrap();
    for (name, section) in sections {
        let mut values = numbers(&reference["vectors"][name]);
        let (p, expected) = (numbers(&section["p"]), numbers(&section["type7"]));
        comparison.expect_all(name, &type7_select(&mut values, &p).unwrap(), &expected, STATISTIC);
        values.sort_by(f64::total_cmp);
        let sorted: Option<Vec<f64>> = p.iter().map(|p| type7_sorted(&values, *p)).collect();
        comparison.expect_all(name, &sorted.unwrap(), &expected, STATISTIC);
    }
    comparison.finish(6 * 11 * 2);
}

#[test]
fn special_functions_are_those_of_scipy() {
    // betainc, binom_cdf, chi2_sf and kolmogorov_sf are functions that we don't have.
    let Some(reference) = reference("special") else { return };
    let rows =
        |function: &str| entries(&reference["special"], function).iter().map(numbers).collect::<Vec<_>>();
    let mut comparison = Comparison::default();
    for row in rows("norm_ppf") {
        comparison.expect("norm_ppf", normal_quantile(row[0]), row[1], STATISTIC);
    }
    for row in rows("norm_sf") {
        comparison.expect("norm_sf", Some(normal_upper_tail(row[0])), row[1], STATISTIC);
    }
    for row in rows("t_sf") {
        comparison.expect(&format!("t_sf {row:?}"), student_t_upper_tail(row[0], row[1]), row[2], STATISTIC);
    }
    for row in rows("t_ppf") {
        comparison.expect(&format!("t_ppf {row:?}"), student_t_quantile(row[0], row[1]), row[2], STATISTIC);
    }
    comparison.finish(7 + 7 + 20 + 15);
}

#[test]
fn trends_are_those_of_scipy_and_pymannkendall() {
    let Some(reference) = reference("trend") else { return };
    let mut comparison = Comparison::default();
    for entry in entries(&reference, "trend") {
        let name = entry["y"].as_str().unwrap();
        let y = vector(&reference, entry, "y");
        let variance = kendall_variance(&y).unwrap();
        let expected = |key: &str| number(&entry[key]["var_s"]);
        comparison.expect(name, Some(variance), expected("mk_original"), STATISTIC);
        let corrected = variance * hamed_rao_factor(&y).unwrap();
        comparison.expect(name, Some(corrected), expected("mk_hamed_rao"), STATISTIC);
        let x: Vec<f64> = (0..y.len()).map(|index| index as f64).collect();
        let (line, interval) = theil_sen_with_interval(&x, &y, 0.95, None).unwrap();
        assert_eq!(theil_sen(&x, &y), Some(line));
        let expected = &entry["theil_sen"];
        comparison.expect(name, Some(line.slope), number(&expected["slope"]), STATISTIC);
        comparison.expect(name, Some(line.intercept), number(&expected["intercept_separate"]), STATISTIC);
        comparison.expect_all(name, &[interval.low, interval.high], &numbers(&expected["ci95"]), STATISTIC);
    }
    comparison.finish(4 * (2 + 4));
}

#[test]
fn lines_are_those_of_scipy() {
    let Some(reference) = reference("trend") else { return };
    let mut comparison = Comparison::default();
    for entry in entries(&reference, "trend") {
        let (y, expected) = (vector(&reference, entry, "y"), &entry["ols"]);
        let x: Vec<f64> = (0..y.len()).map(|index| index as f64).collect();
        let name = entry["y"].as_str().unwrap();
        let [slope, intercept, r] = ["slope", "intercept", "r"].map(|key| number(&expected[key]));
        let [error, p] = ["se", "p"].map(|key| number(&expected[key]));
        let simple = line(&x, &y).unwrap();
        comparison.expect(name, Some(simple.slope), slope, STATISTIC);
        comparison.expect(name, Some(simple.intercept), intercept, STATISTIC);
        comparison.expect(name, simple.slope_standard_error, error, STATISTIC);
        // Lew's R² is 2.4e-6, what 1 − 0.9999976 leaves: its digits are absolute.
        comparison.expect(name, simple.r_squared.map(|share| 1.0 - share), 1.0 - r * r, STATISTIC);
        comparison.expect(name, pearson(&x, &y), r, STATISTIC);
        comparison.expect(name, correlation_p(r, y.len() as f64), p, PROBABILITY);
    }
    comparison.finish(4 * 6);
}

#[test]
fn adjusted_p_values_are_those_of_statsmodels() {
    let Some(reference) = reference("multiple_testing") else { return };
    let section = &reference["multiple_testing"];
    let p = numbers(&section["p"]);
    let mut comparison = Comparison::default();
    let expected = |method: &str| numbers(&section[method]["adjusted"]);
    comparison.expect_all("fdr_bh", &benjamini_hochberg(&p), &expected("fdr_bh"), STATISTIC);
    comparison.expect_all("holm", &holm(&p), &expected("holm"), STATISTIC);
    comparison.finish(15 * 2);
    // Published: of the 15, Benjamini–Hochberg rejects 4 at 0.05.
    assert_eq!(benjamini_hochberg(&p).iter().filter(|p| **p <= 0.05).count(), 4);
}

#[test]
fn autocorrelations_and_effective_sizes_are_the_reference_ones() {
    let Some(reference) = reference("autocorrelation") else { return };
    let mut comparison = Comparison::default();
    for entry in entries(&reference, "autocorrelation") {
        let (name, y) = (entry["y"].as_str().unwrap(), vector(&reference, entry, "y"));
        let expected = numbers(&entry["acf_0_10_biased"]);
        comparison.expect_all(name, &autocorrelation(&y, 10).unwrap(), &expected, STATISTIC);
        let [geyer, batches] = ["ess_geyer_imse", "ess_batch_means_sqrt_n"].map(|key| number(&entry[key]));
        comparison.expect(name, effective_sample_size_geyer(&y), geyer, STATISTIC);
        comparison.expect(name, effective_sample_size_batch_means(&y), batches, STATISTIC);
        let smaller = geyer.min(batches).clamp(1.0, y.len() as f64);
        comparison.expect(name, effective_sample_size(&y), smaller, STATISTIC);
    }
    comparison.finish(7 * (11 + 3));
}
