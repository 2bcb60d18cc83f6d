//! What the verdicts over load levels need of one run: small enough to keep for hundreds of runs.

use serde::Serialize;

use crate::config::ScalabilitySettings;
use crate::judge::verdicts::{Load, LoadAxis};
use crate::metrics;
use crate::stats::moments::standard_deviation;
use crate::summary::{Measured, RunSummary, Spread};

/// One run as a point of load and what the service made of it, over its judged window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoadPoint {
    pub run_id: String,
    /// Configured.
    pub users: Measured<u32>,
    /// Configured, of an open-loop run.
    pub target_rate_per_s: Measured<f64>,
    /// `closed` or `open`, as the metadata names it.
    pub load_model: Option<String>,
    /// Successful requests per second (all finished ones where the run has no outcomes).
    pub ok_per_s: Measured<f64>,
    /// Requests that were sent per second.
    pub offered_per_s: Measured<f64>,
    /// λ: finished requests per second.
    pub finished_per_s: Measured<f64>,
    /// Length of the judged window.
    pub duration_s: Measured<f64>,
    /// N: requests in flight, measured; λW where only totals are known.
    pub in_flight: Measured<f64>,
    /// W: over all finished requests.
    pub mean_ms: Measured<f64>,
    /// `request/p95_ms`: of the finished requests, failures on the slow side.
    pub p95_ms: Measured<f64>,
    /// 0..1.
    pub success_rate: Measured<f64>,
    /// Mean gap between a user's answer and that user's next request.
    pub measured_think_time_ms: Measured<f64>,
    /// As the metadata names it.
    pub configured_think_time_ms: Measured<f64>,
    pub memory_growth_mb: Measured<f64>,
    pub memory_growth_mb_per_100_users: Measured<f64>,
    /// Standard errors from inside the run: of the logarithm of throughput and of the P95 …
    pub throughput_log_error: Measured<f64>,
    pub p95_log_error: Measured<f64>,
    /// … and how many independent requests the success rate is worth.
    pub success_effective: Measured<f64>,
}

impl LoadPoint {
    /// The point of a run as measured over its judged window.
    pub fn of(run: &RunSummary) -> Self {
        let metadata = &run.identity.metadata;
        let read = |key: &str| metrics::read(run, key).value;
        let has_outcomes = run.requests.totals.ok.value().is_some();
        Self {
            run_id: run.identity.run_id.clone(),
            users: Measured::or(metadata.users, "the metadata names no number of users"),
            target_rate_per_s: Measured::or(
                metadata.target_rate_per_s.filter(|rate| rate.is_finite() && *rate > 0.0),
                "the metadata names no target rate",
            ),
            load_model: metadata.load_model.clone().filter(|model| !model.trim().is_empty()),
            ok_per_s: read(if has_outcomes { "request/ok_per_s" } else { "request/throughput_per_s" }),
            offered_per_s: read("request/offered_per_s"),
            finished_per_s: read("request/throughput_per_s"),
            duration_s: run.window.duration_s.clone(),
            in_flight: in_flight(run),
            mean_ms: read("request/mean_ms"),
            p95_ms: read("request/p95_ms"),
            success_rate: read("request/success_rate"),
            measured_think_time_ms: read("request/think_time_ms"),
            configured_think_time_ms: Measured::or(
                metadata.think_time_ms.filter(|gap_ms| gap_ms.is_finite() && *gap_ms >= 0.0),
                "the metadata names no think time",
            ),
            memory_growth_mb: read("resources/memory_growth_mb"),
            memory_growth_mb_per_100_users: read("resources/memory_growth_mb_per_100_users"),
            throughput_log_error: log_error(run, "ok_per_s"),
            p95_log_error: log_error(run, "p95_ms"),
            success_effective: effective(run),
        }
    }

    /// Its load on an axis. Of a rate it is what was asked for, unless the load generator sent less, beyond chance.
    pub fn load(&self, axis: LoadAxis, settings: &ScalabilitySettings) -> Measured<Load> {
        let LoadAxis::OfferedPerS = axis else {
            return self.users.clone().map(|users| Load(f64::from(users)));
        };
        self.target_rate_per_s.clone().map(|target| {
            let is_short = |sent: &f64| {
                let missing = target - sent;
                let by_chance = self.duration_s.number().map(|duration_s| {
                    // The number of arrivals that come at random varies by its root.
                    settings.overload_deviations * (target / duration_s).sqrt()
                });
                *sent > 0.0
                    && missing > settings.rate_shortfall * target
                    && missing > by_chance.unwrap_or(0.0)
            };
            Load(self.offered_per_s.number().filter(is_short).unwrap_or(target))
        })
    }

    /// Were more requests sent than finished, by more than the number in flight wanders when nothing piles up? A closed loop
    /// waits for its answers.
    pub fn is_overloaded(&self, settings: &ScalabilitySettings) -> Measured<bool> {
        if self.load_model.as_deref() != Some("open") && self.target_rate_per_s.value().is_none() {
            return Measured::undefined("no open loop: its users wait for answers");
        }
        let numbers = (
            self.offered_per_s.number(),
            self.finished_per_s.number(),
            self.duration_s.number(),
            self.in_flight.number(),
        );
        let (Some(offered), Some(finished), Some(duration_s), Some(in_flight)) = numbers else {
            return Measured::undefined("what was sent, finished and in flight is unknown");
        };
        let piled_up = (offered - finished) * duration_s;
        let by_chance = settings.overload_deviations * in_flight.max(1.0).sqrt();
        Measured::Value(offered - finished > settings.overload_shortfall * offered && piled_up > by_chance)
    }
}

/// What the levels of these runs are of: rates where open-loop runs were asked for different ones.
pub fn axis(points: &[LoadPoint]) -> LoadAxis {
    let is_closed = |point: &LoadPoint| point.load_model.as_deref() == Some("closed");
    let rates: std::collections::BTreeSet<Load> =
        points.iter().filter_map(|point| point.target_rate_per_s.number()).map(Load).collect();
    if rates.len() > 1 && !points.iter().any(is_closed) { LoadAxis::OfferedPerS } else { LoadAxis::Users }
}

/// Measured, or by Little's law where the requests' course is not in the events.
fn in_flight(run: &RunSummary) -> Measured<f64> {
    match &run.requests.mean_in_flight {
        Measured::Value(in_flight) => Measured::Value(*in_flight),
        Measured::Undefined(undefined) => {
            let rate = run.throughput.mean_per_s.number();
            let by_law = rate.zip(run.requests.all.mean_ms.number()).map(|(rate, ms)| rate * ms / MS_PER_S);
            Measured::or(by_law, undefined.reason().to_owned())
        }
    }
}

const MS_PER_S: f64 = 1000.0;

fn spread<'a>(run: &'a RunSummary, name: &str) -> Option<&'a Spread> {
    let metric = run.comparable.iter().find(|metric| metric.component == "request" && metric.name == name)?;
    metric.spread.value()
}

/// Standard error of the logarithm of a number, from the logarithms of its batches.
fn log_error(run: &RunSummary, name: &str) -> Measured<f64> {
    let error = match spread(run, name) {
        Some(Spread::Batches { values }) if values.iter().all(|value| *value > 0.0) => {
            let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
            standard_deviation(&logs).map(|deviation| deviation / (logs.len() as f64).sqrt())
        }
        _ => None,
    };
    Measured::or(error, "too few requests for batches")
}

fn effective(run: &RunSummary) -> Measured<f64> {
    let effective = match spread(run, "success_rate") {
        Some(Spread::Share { effective, .. }) => Some(*effective),
        _ => None,
    };
    Measured::or(effective.filter(|n| *n > 0.0), "the requests carry no outcome")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::fixture;

    #[test]
    fn the_point_of_a_run_holds_its_numbers() {
        let run = fixture::run_summary();
        let point = LoadPoint::of(&run);
        assert_eq!((point.run_id.as_str(), point.users.value()), ("fixture", Some(&25)));
        assert_eq!(point.ok_per_s, Measured::Value(20.0));
        assert_eq!(point.finished_per_s, Measured::Value(20.6));
        // The slower of all (failures included) and ok.
        assert_eq!(
            point.p95_ms.number(),
            [run.requests.all.value_ms(0.95), run.requests.ok.value_ms(0.95)]
                .into_iter()
                .flatten()
                .reduce(f64::max)
        );
        assert_eq!(point.configured_think_time_ms.reason(), Some("the metadata names no think time"));
        let mut without = run;
        without.identity.metadata.users = None;
        without.requests.mean_in_flight = Measured::undefined("totals were declared");
        let point = LoadPoint::of(&without);
        assert_eq!(point.users.reason(), Some("the metadata names no number of users"));
        let by_law = 20.6 * without.requests.all.mean_ms.number().unwrap() / 1000.0;
        assert_eq!(point.in_flight, Measured::Value(by_law));
    }
}
