//! A simulated run holds what its truth says: the data are measured here by hand and compared with it.

mod effects;
mod shape;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use super::{Length, Parameters, Plan, Scenario, TRUTH_KEY, simulate};
use crate::run::read_back::{read_events, read_metadata};
use crate::run::{Event, RunMetadata};

/// A run that was simulated into a folder of its own.
struct Run {
    _folder: TempDir,
    path: PathBuf,
    events: Vec<Event>,
    metadata: RunMetadata,
    start_us: i64,
}

impl Run {
    fn of(parameters: Parameters) -> Run {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.parquet");
        let start_us = parameters.started_at_us;
        simulate(&Plan::new(parameters).unwrap(), &path).unwrap();
        let (events, metadata) = (read_events(&path), read_metadata(&path));
        Run { _folder: folder, path, events, metadata, start_us }
    }

    fn effect(&self) -> &Value {
        &self.metadata.other[TRUTH_KEY]["effect"]
    }

    fn rows<'a>(&'a self, component: &'a str) -> impl Iterator<Item = &'a Event> {
        self.events.iter().filter(move |event| event.component == component)
    }

    /// Samples of a metric: seconds since the start and value.
    fn samples(&self, operation: &str, instance: &str) -> Vec<(f64, f64)> {
        let wanted = |event: &&Event| is(&event.operation, operation) && is(&event.instance, instance);
        self.rows("process").filter(wanted).map(|event| (self.at_s(event), event.value.unwrap())).collect()
    }

    /// Start in seconds since the start of the run.
    fn at_s(&self, event: &Event) -> f64 {
        (event.ts - self.start_us) as f64 / 1e6
    }
}

fn parameters(scenario: Scenario) -> Parameters {
    Parameters { seed: 42, ..Parameters::new(scenario) }
}

fn is(text: &Option<String>, word: &str) -> bool {
    text.as_deref() == Some(word)
}

fn end_us(event: &Event) -> i64 {
    event.ts + (event.duration_ms.unwrap() * 1000.0).round() as i64
}

fn has_failed(event: &Event) -> bool {
    !matches!(event.outcome.as_deref(), Some("ok" | "hit" | "miss" | "blocked"))
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len() as f64
}

/// Slope of the straight line through the points, by least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let (x_mean, y_mean) = (mean(points.iter().map(|p| p.0)), mean(points.iter().map(|p| p.1)));
    let covariance: f64 = points.iter().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
    covariance / points.iter().map(|(x, _)| (x - x_mean).powi(2)).sum::<f64>()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_another_run() {
    for scenario in Scenario::ALL {
        let bytes = |seed| {
            let short = Parameters { seed, length: Length::Seconds(20.0), ..parameters(scenario) };
            fs::read(Run::of(short).path).unwrap()
        };
        let first = bytes(1);
        assert!(first == bytes(1), "{scenario} differs from itself");
        assert!(first != bytes(2), "{scenario} does not depend on its seed");
    }
}

#[test]
fn impossible_parameters_are_refused_with_the_possible_range() {
    let refused = |change: fn(&mut Parameters), scenario| {
        let mut parameters = parameters(scenario);
        change(&mut parameters);
        Plan::new(parameters).unwrap_err().to_string()
    };
    let messages = [
        refused(|p| p.users = 0, Scenario::Healthy),
        refused(|p| p.length = Length::Seconds(f64::NAN), Scenario::Healthy),
        refused(|p| p.length = Length::Rows(10), Scenario::Healthy),
        refused(|p| p.rate_per_s = Some(1000.0), Scenario::Healthy),
        refused(|p| p.utilisation = Some(1.0), Scenario::Healthy),
        refused(|p| p.effect = Some(-1.0), Scenario::Drift),
        refused(|p| p.effect = Some(1.1), Scenario::ErrorBurst),
        refused(|p| p.started_at_us = 0, Scenario::Healthy),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r"
    users is 0; give a value from 1 to 100000
    the duration in seconds is NaN; give a value from 1 to 604800
    the number of events is 10; give a value from 10000 to 10000000000
    50 users cannot send 1000 requests a second: a request takes about 105 ms; ask for at most 475.8/s or more users
    the utilisation is 1; give a value from 0.01 to 0.99
    the effect is -1; give a value from -0.9 to 10
    the effect is 1.1; give a value from 0 to 1
    the start in µs since 1970 is 0; give a value from 946684800000000 to 4000000000000000
    ");
}
