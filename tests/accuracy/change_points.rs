//! Change points of the series in Apache Otava's own tests.

use cmo_metrics::stats::change_points::{ChangeLimits, ChangePoint, ChangeScale, change_points, hampel};
use serde_json::Value;

use crate::{Comparison, answers, json, number, numbers};

/// Otava's own limits where a series names none.
fn limits(entry: &Value) -> ChangeLimits {
    let given = |key: &str| entry["params"].get(key).map(number);
    ChangeLimits {
        window: given("window_len").unwrap_or(50.0) as usize,
        p: given("max_pvalue").unwrap_or(0.001),
        size: given("min_magnitude").unwrap_or(0.0),
        scale: ChangeScale::Relative,
    }
}

fn indices(found: &[ChangePoint]) -> Vec<u64> {
    found.iter().map(|point| point.index as u64).collect()
}

fn wanted(indices: &Value) -> Vec<u64> {
    indices.as_array().unwrap().iter().map(|index| index.as_u64().unwrap()).collect()
}

#[test]
fn published_change_points_come_out() {
    let Some(folder) = answers("change points") else { return };
    let published = json(&folder.join("otava/small_series.json"));
    let mut comparison = Comparison::default();
    let mut series = 0;
    for (name, entry) in published.as_object().unwrap() {
        let Some(values) = entry.get("series").map(numbers) else { continue };
        let found = change_points(&values, &limits(entry));
        assert_eq!(indices(&found), wanted(&entry["computed"]), "{name}");
        for (point, detail) in found.iter().zip(entry["details"].as_array().into_iter().flatten()) {
            comparison.expect(&format!("{name} p"), Some(point.p), number(&detail["pvalue"]), 1e-6);
            let means = [(point.before, &detail["mean_1"]), (point.after, &detail["mean_2"])];
            for (mean, wanted) in means {
                comparison.expect(name, Some(mean), number(wanted), 1e-12);
            }
        }
        series += 1;
    }
    assert_eq!(series, 7);
    comparison.finish(3 * 6);
}

#[test]
fn published_change_points_come_out_as_values_are_appended() {
    let Some(folder) = answers("change points as values are appended") else { return };
    let published = &json(&folder.join("otava/small_series.json"))["incremental"];
    let mut series: Vec<(String, Vec<f64>)> = published["start"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, values)| (name.clone(), numbers(values)))
        .collect();
    for step in published["steps"].as_array().unwrap() {
        for (name, values) in &mut series {
            values.extend(step["append"].get(name.as_str()).map(numbers).into_iter().flatten());
            let found = change_points(values, &limits(published));
            assert_eq!(indices(&found), wanted(&step["expect"][name.as_str()]), "{name} {step}");
        }
    }
}

#[test]
fn they_come_out_when_single_odd_values_are_put_right_and_3_percent_are_asked_for() {
    let Some(folder) = answers("change points of filtered series") else { return };
    let published = json(&folder.join("otava/small_series.json"));
    for (name, entry) in published.as_object().unwrap() {
        let Some(values) = entry.get("series").map(numbers) else { continue };
        let limits = ChangeLimits { size: limits(entry).size.max(0.03), ..limits(entry) };
        assert_eq!(
            indices(&change_points(&hampel(&values, 7, 5.0), &limits)),
            wanted(&entry["computed"]),
            "{name}"
        );
    }
}
