//! Slopes of dependent series: what NumPy's QR decomposition and SciPy's t make of them.

use cmo_metrics::stats::trend_slope::trend_slope;
use serde_json::Value;

use crate::{Comparison, number, numbers};

/// Written by `tests/python/trend_reference.py`.
const BY_NUMPY: &str = include_str!("trend.json");

#[test]
fn a_trend_has_the_slope_t_and_interval_of_numpy() {
    let sets: Vec<Value> = serde_json::from_str(BY_NUMPY).unwrap();
    let mut comparison = Comparison::default();
    for (index, set) in sets.iter().enumerate() {
        let [t, y, weights] = ["t", "y", "weights"].map(|key| numbers(&set[key]));
        let found = trend_slope(&t, &y, &weights, 10).unwrap();
        let interval = found.interval(0.99).unwrap();
        let name = format!("series {index}");
        comparison.expect(&name, Some(found.slope), number(&set["slope"]), 1e-10);
        comparison.expect(&name, Some(found.standard_error), number(&set["standard_error"]), 1e-10);
        comparison.expect(&name, found.two_sided_p(), number(&set["p"]), 1e-9);
        comparison.expect_all(&name, &[interval.low, interval.high], &numbers(&set["interval"]), 1e-10);
    }
    comparison.finish(12 * 5);
}
