//! Brings the metrics of a run and of the baseline's runs together, whichever side has them.

use std::collections::BTreeMap;

use crate::baseline::RunRecord;
use crate::summary::{ComparableMetric, LostUsers, Measured, Spread};
use crate::units::Unit;

/// One metric on both sides.
#[derive(Debug, Clone)]
pub struct Pair {
    pub component: String,
    pub metric: String,
    pub unit: Unit,
    /// Of each run that is judged.
    pub current: Measured<Vec<Side>>,
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
    /// As a share of the window.
    pub longest_pause: Option<f64>,
    pub lost_users: Option<LostUsers>,
    /// How long the window is.
    pub window_s: Option<f64>,
    /// On which the run was recorded: `2026-01-31`.
    pub day: Option<String>,
}

impl Side {
    /// Of a run with a window of this length that was recorded on this day.
    pub fn of(metric: &ComparableMetric, window_s: Option<f64>, day: Option<&str>) -> Measured<Self> {
        metric.value.as_ref().map(|&value| Self {
            value,
            samples: metric.samples,
            spread: metric.spread.clone(),
            longest_pause: metric.longest_pause,
            lost_users: metric.lost_users,
            window_s,
            day: day.map(str::to_owned),
        })
    }
}

impl Pair {
    /// `component/metric`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.component, self.metric)
    }
}

/// Whether the requests come first, then the component, then the metric.
type SortKey = (bool, String, String);
/// The metrics of one run, how long it is, and the day on which it was recorded.
struct Metrics<'a> {
    by_key: BTreeMap<SortKey, &'a ComparableMetric>,
    window_s: Option<f64>,
    day: Option<&'a str>,
}

/// Every metric that any of the runs has, `request` first, then by component and name.
pub fn pair_metrics(judged: &[&RunRecord], baseline: &[&RunRecord]) -> Vec<Pair> {
    let mine: Vec<Metrics<'_>> = judged.iter().map(|run| Metrics::of(run)).collect();
    let theirs: Vec<Metrics<'_>> = baseline.iter().map(|run| Metrics::of(run)).collect();
    let mut keys: Vec<&SortKey> =
        mine.iter().chain(&theirs).flat_map(|metrics| metrics.by_key.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().map(|key| pair(key, &mine, &theirs)).collect()
}

impl<'a> Metrics<'a> {
    fn of(run: &'a RunRecord) -> Self {
        let key = |metric: &ComparableMetric| {
            (metric.component != "request", metric.component.clone(), metric.name.clone())
        };
        let by_key = run.metrics.iter().map(|metric| (key(metric), metric)).collect();
        Self { by_key, window_s: run.window_s, day: run.day() }
    }
}

fn pair(key: &SortKey, mine: &[Metrics<'_>], theirs: &[Metrics<'_>]) -> Pair {
    let known_unit = mine.iter().chain(theirs).find_map(|metrics| metrics.by_key.get(key));
    let sides: Vec<Measured<Side>> = theirs.iter().map(|metrics| side(key, metrics)).collect();
    let known: Vec<Side> = sides.iter().filter_map(|side| side.value().cloned()).collect();
    let reason = sides.iter().find_map(|side| side.reason()).unwrap_or("no run").to_owned();
    Pair {
        component: key.1.clone(),
        metric: key.2.clone(),
        unit: known_unit.map_or(Unit::Number, |metric| metric.unit),
        current: of_all(mine.iter().map(|metrics| side(key, metrics))),
        baseline: Measured::or((!known.is_empty()).then_some(known), reason),
        baseline_runs: theirs.len(),
    }
}

/// The sides of runs that are judged together: undefined as soon as one has none, since nothing vanishes in a mean.
fn of_all(sides: impl Iterator<Item = Measured<Side>>) -> Measured<Vec<Side>> {
    let mut all = Vec::new();
    for side in sides {
        match side {
            Measured::Value(side) => all.push(side),
            Measured::Undefined(undefined) => return Measured::Undefined(undefined),
        }
    }
    Measured::Value(all)
}

/// The metric in one run. A failure word that did not occur is a share of 0, not unknown.
fn side(key: &SortKey, metrics: &Metrics<'_>) -> Measured<Side> {
    match metrics.by_key.get(key) {
        Some(metric) => Side::of(metric, metrics.window_s, metrics.day),
        None if key.2.starts_with(ERROR_RATE) => none_of(key, metrics),
        None => Measured::undefined("the run has no such number"),
    }
}

const ERROR_RATE: &str = "error_rate.";

fn none_of(key: &SortKey, metrics: &Metrics<'_>) -> Measured<Side> {
    let success = metrics.by_key.get(&(key.0, key.1.clone(), "success_rate".to_owned()));
    match success.map(|metric| (&metric.spread, metric.samples)) {
        Some((Measured::Value(Spread::Share { of, .. }), samples)) => {
            let spread = Spread::Share { hits: 0, of: *of, effective: *of as f64 };
            let day = metrics.day.map(str::to_owned);
            Measured::Value(Side {
                value: 0.0,
                samples,
                spread: Measured::Value(spread),
                longest_pause: None,
                lost_users: None,
                window_s: metrics.window_s,
                day,
            })
        }
        _ => Measured::undefined("the run has no outcomes of this component"),
    }
}
