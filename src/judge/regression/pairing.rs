//! Brings the metrics of a run and of the baseline's runs together, whichever side has them.

use std::collections::BTreeMap;

use crate::baseline::RunRecord;
use crate::summary::{ComparableMetric, Measured, Spread};

/// One metric on both sides.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) component: String,
    pub(super) metric: String,
    pub(super) unit: String,
    pub(super) current: Measured<Side>,
    /// Of the baseline's runs those that have it.
    pub(super) baseline: Measured<Vec<Side>>,
    pub(super) baseline_runs: usize,
}

/// A metric of one run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Side {
    pub(super) value: f64,
    pub(super) samples: u64,
    pub(super) spread: Measured<Spread>,
}

impl Pair {
    /// `component/metric`.
    pub(super) fn key(&self) -> String {
        format!("{}/{}", self.component, self.metric)
    }
}

/// Whether the requests come first, then the component, then the metric.
type Place = (bool, String, String);
type Metrics<'a> = BTreeMap<Place, &'a ComparableMetric>;

/// Every metric that any of the runs has, `request` first, then by component and name.
pub(super) fn pair_metrics(current: &RunRecord, baseline: &[&RunRecord]) -> Vec<Pair> {
    let mine = by_place(current);
    let theirs: Vec<Metrics<'_>> = baseline.iter().map(|run| by_place(run)).collect();
    let mut places: Vec<&Place> =
        mine.keys().chain(theirs.iter().flat_map(|metrics| metrics.keys())).collect();
    places.sort_unstable();
    places.dedup();
    places.into_iter().map(|place| pair(place, &mine, &theirs)).collect()
}

fn by_place(run: &RunRecord) -> Metrics<'_> {
    let place = |metric: &ComparableMetric| {
        (metric.component != "request", metric.component.clone(), metric.name.clone())
    };
    run.metrics.iter().map(|metric| (place(metric), metric)).collect()
}

fn pair(place: &Place, mine: &Metrics<'_>, theirs: &[Metrics<'_>]) -> Pair {
    let unit = mine.get(place).or_else(|| theirs.iter().find_map(|metrics| metrics.get(place)));
    let sides: Vec<Measured<Side>> = theirs.iter().map(|metrics| side(place, metrics)).collect();
    let known: Vec<Side> = sides.iter().filter_map(|side| side.value().cloned()).collect();
    let reason = sides.iter().find_map(|side| side.reason()).unwrap_or("no run").to_owned();
    Pair {
        component: place.1.clone(),
        metric: place.2.clone(),
        unit: unit.map_or_else(String::new, |metric| metric.unit.clone()),
        current: side(place, mine),
        baseline: Measured::or((!known.is_empty()).then_some(known), reason),
        baseline_runs: theirs.len(),
    }
}

/// The metric in one run. A failure word that did not occur is a share of 0, not unknown.
fn side(place: &Place, metrics: &Metrics<'_>) -> Measured<Side> {
    match metrics.get(place) {
        Some(metric) => metric.value.as_ref().map(|&value| Side {
            value,
            samples: metric.samples,
            spread: metric.spread.clone(),
        }),
        None if place.2.starts_with(ERROR_RATE) => none_of(place, metrics),
        None => Measured::undefined("the run has no such number"),
    }
}

const ERROR_RATE: &str = "error_rate.";

fn none_of(place: &Place, metrics: &Metrics<'_>) -> Measured<Side> {
    let success = metrics.get(&(place.0, place.1.clone(), "success_rate".to_owned()));
    match success.map(|metric| (&metric.spread, metric.samples)) {
        Some((Measured::Value(Spread::Share { of, .. }), samples)) => {
            let spread = Spread::Share { hits: 0, of: *of, effective: *of as f64 };
            Measured::Value(Side { value: 0.0, samples, spread: Measured::Value(spread) })
        }
        _ => Measured::undefined("the run has no outcomes of this component"),
    }
}
