//! Brings the metrics of a run and of the baseline's runs together, whichever side has them.

use std::collections::BTreeMap;

use crate::baseline::RunRecord;
use crate::summary::{ComparableMetric, Measured, Spread};
use crate::units::Unit;

/// One metric on both sides.
#[derive(Debug, Clone)]
pub struct Pair {
    pub component: String,
    pub metric: String,
    pub unit: Unit,
    pub current: Measured<Side>,
    /// Of the baseline's runs those that have it.
    pub baseline: Measured<Vec<Side>>,
    pub baseline_runs: usize,
}

/// A metric of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    pub value: f64,
    pub samples: u64,
    pub spread: Measured<Spread>,
}

impl Pair {
    /// `component/metric`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.component, self.metric)
    }
}

/// Whether the requests come first, then the component, then the metric.
type SortKey = (bool, String, String);
type Metrics<'a> = BTreeMap<SortKey, &'a ComparableMetric>;

/// Every metric that any of the runs has, `request` first, then by component and name.
pub fn pair_metrics(current: &RunRecord, baseline: &[&RunRecord]) -> Vec<Pair> {
    let mine = by_key(current);
    let theirs: Vec<Metrics<'_>> = baseline.iter().map(|run| by_key(run)).collect();
    let mut keys: Vec<&SortKey> =
        mine.keys().chain(theirs.iter().flat_map(|metrics| metrics.keys())).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().map(|key| pair(key, &mine, &theirs)).collect()
}

fn by_key(run: &RunRecord) -> Metrics<'_> {
    let key = |metric: &ComparableMetric| {
        (metric.component != "request", metric.component.clone(), metric.name.clone())
    };
    run.metrics.iter().map(|metric| (key(metric), metric)).collect()
}

fn pair(key: &SortKey, mine: &Metrics<'_>, theirs: &[Metrics<'_>]) -> Pair {
    let unit = mine.get(key).or_else(|| theirs.iter().find_map(|metrics| metrics.get(key)));
    let sides: Vec<Measured<Side>> = theirs.iter().map(|metrics| side(key, metrics)).collect();
    let known: Vec<Side> = sides.iter().filter_map(|side| side.value().cloned()).collect();
    let reason = sides.iter().find_map(|side| side.reason()).unwrap_or("no run").to_owned();
    Pair {
        component: key.1.clone(),
        metric: key.2.clone(),
        unit: unit.map_or(Unit::Number, |metric| metric.unit),
        current: side(key, mine),
        baseline: Measured::or((!known.is_empty()).then_some(known), reason),
        baseline_runs: theirs.len(),
    }
}

/// The metric in one run. A failure word that did not occur is a share of 0, not unknown.
fn side(key: &SortKey, metrics: &Metrics<'_>) -> Measured<Side> {
    match metrics.get(key) {
        Some(metric) => metric.value.as_ref().map(|&value| Side {
            value,
            samples: metric.samples,
            spread: metric.spread.clone(),
        }),
        None if key.2.starts_with(ERROR_RATE) => none_of(key, metrics),
        None => Measured::undefined("the run has no such number"),
    }
}

const ERROR_RATE: &str = "error_rate.";

fn none_of(key: &SortKey, metrics: &Metrics<'_>) -> Measured<Side> {
    let success = metrics.get(&(key.0, key.1.clone(), "success_rate".to_owned()));
    match success.map(|metric| (&metric.spread, metric.samples)) {
        Some((Measured::Value(Spread::Share { of, .. }), samples)) => {
            let spread = Spread::Share { hits: 0, of: *of, effective: *of as f64 };
            Measured::Value(Side { value: 0.0, samples, spread: Measured::Value(spread) })
        }
        _ => Measured::undefined("the run has no outcomes of this component"),
    }
}
