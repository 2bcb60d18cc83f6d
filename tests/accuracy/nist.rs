//! NIST's Statistical Reference Datasets: digits that agree with the certified values.

use std::path::Path;

use cmo_metrics::stats::autocorrelation::autocorrelation;
use cmo_metrics::stats::least_squares::line;
use cmo_metrics::stats::moments::{mean, standard_deviation};
use serde_json::Value;

use crate::{answers, json, rows};

/// Digits that agree: −log₁₀ of the relative error, of the absolute one where the answer is 0; at most 15, as many
/// as are certified.
fn digits(actual: f64, certified: f64) -> f64 {
    let error = (actual - certified).abs();
    let error = if certified == 0.0 { error } else { error / certified.abs() };
    if error == 0.0 { 15.0 } else { (-error.log10()).clamp(0.0, 15.0) }
}

fn certified(answer: &Value) -> f64 {
    answer.as_str().unwrap().parse().unwrap()
}

/// The columns of a data set, as numbers; the first is y.
fn columns(folder: &Path, name: &str) -> Vec<Vec<f64>> {
    let rows = rows(&folder.join(format!("{name}.csv")));
    (0..rows[0].len()).map(|index| rows.iter().map(|row| row[index].parse().unwrap()).collect()).collect()
}

/// Digits that mean, standard deviation and autocorrelation have to reach.
///
/// NumAcc3 and NumAcc4 are 10⁶ and 10⁷ with a tenth: as doubles they are off by up to 6e-11 and 9e-10 before anything
/// is calculated. Exact fractions of those doubles reach 9.5 and 8.3 digits of the standard deviation, 12.2 and 11.0
/// of the autocorrelation; nothing can reach more.
fn wanted_univariate(name: &str) -> [f64; 3] {
    match name {
        "NumAcc3" => [13.0, 9.0, 12.0],
        "NumAcc4" => [13.0, 8.0, 11.0],
        _ => [13.0, 13.0, 13.0],
    }
}

#[test]
fn univariate_sets_reach_thirteen_digits() {
    let Some(folder) = answers("NIST univariate").map(|folder| folder.join("nist")) else { return };
    let sets = json(&folder.join("certified.json"));
    let mut checked = 0;
    let mut faults = Vec::new();
    println!("{:<10} {:>6} {:>6} {:>6}", "univariate", "mean", "sd", "r(1)");
    for (name, set) in sets.as_object().unwrap().iter().filter(|(_, set)| set["kind"] == "univariate") {
        let y = columns(&folder, name).remove(0);
        assert_eq!(y.len() as u64, set["n"].as_u64().unwrap());
        let actual = [mean(&y).unwrap(), standard_deviation(&y).unwrap(), autocorrelation(&y, 1).unwrap()[1]];
        let answers = ["mean", "sd_n_minus_1", "autocorr_lag1"].map(|key| certified(&set[key]));
        let reached = [0, 1, 2].map(|index| digits(actual[index], answers[index]));
        println!("{name:<10} {:>6.1} {:>6.1} {:>6.1}", reached[0], reached[1], reached[2]);
        for (reached, wanted) in reached.into_iter().zip(wanted_univariate(name)) {
            checked += 1;
            if reached < wanted {
                faults.push(format!("{name}: {reached:.1} digits, not {wanted}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(checked, 9 * 3);
}

#[test]
fn the_line_reaches_nine_digits() {
    let Some(folder) = answers("NIST line").map(|folder| folder.join("nist")) else { return };
    let set = &json(&folder.join("certified.json"))["Norris"];
    let data = columns(&folder, "Norris");
    let line = line(&data[1], &data[0]).unwrap();
    let [intercept, slope] = ["B0", "B1"].map(|parameter| &set["params"][parameter]);
    let reached = [
        digits(line.intercept, certified(&intercept["estimate"])),
        digits(line.slope, certified(&slope["estimate"])),
        digits(line.slope_standard_error.unwrap(), certified(&slope["sd"])),
        digits(line.r_squared.unwrap(), certified(&set["r_squared"])),
    ];
    println!("Norris as a line: intercept, slope, its error, R²: {reached:.1?}");
    assert!(reached.iter().all(|digits| *digits >= 9.0), "{reached:?}");
}

#[test]
fn digits_count_what_agrees() {
    assert_eq!(digits(1.0, 1.0), 15.0);
    assert!((digits(1.001, 1.0) - 3.0).abs() < 1e-9);
    assert!((digits(1e-4, 0.0) - 4.0).abs() < 1e-9);
    assert_eq!(digits(5.0, 1.0), 0.0);
}
