//! Runs at one load are repetitions: their means, and how far the level may be off.

use super::LoadPoint;
use super::noise::{RunNoise, Sample};
use crate::config::{Config, ScalabilitySettings};
use crate::judge::verdicts::{Load, LoadAxis, LoadLevel, RunLeftOut};
use crate::stats::interval::Interval;
use crate::stats::moments::{mean, standard_deviation};
use crate::stats::proportion::wilson_interval;
use crate::summary::Measured;

/// The runs of one load.
pub type Level<'a> = (Load, Vec<&'a LoadPoint>);

/// The points by level, ascending.
pub struct Grouped<'a> {
    pub levels: Vec<Level<'a>>,
    pub left_out: Vec<RunLeftOut>,
}

/// Groups points that are sorted by load; one without a load has no level.
pub fn group<'a>(points: &'a [LoadPoint], axis: LoadAxis, settings: &ScalabilitySettings) -> Grouped<'a> {
    let mut grouped = Grouped { levels: Vec::new(), left_out: Vec::new() };
    for point in points {
        match (point.load(axis, settings), grouped.levels.last_mut()) {
            (Measured::Value(load), _) if load.0 <= 0.0 => {
                grouped.left_out.push(left_out(point, "0 users make no load"));
            }
            (Measured::Value(load), Some((last, runs))) if load == *last => runs.push(point),
            (Measured::Value(load), _) => grouped.levels.push((load, vec![point])),
            (Measured::Undefined(undefined), _) => grouped.left_out.push(left_out(point, undefined.reason())),
        }
    }
    grouped
}

fn left_out(point: &LoadPoint, reason: &str) -> RunLeftOut {
    RunLeftOut { run_id: point.run_id.clone(), reason: reason.to_owned() }
}

/// What runs differ by, in each quantity that has an interval.
pub struct Noises {
    /// Of the logarithm.
    pub throughput: RunNoise,
    p95: RunNoise,
    /// In points.
    success: RunNoise,
}

impl Noises {
    pub fn of(levels: &[Level<'_>], config: &Config) -> Self {
        let settings = &config.scalability;
        let of = |sample: fn(&LoadPoint) -> Option<Sample>, assumed| {
            let samples: Vec<Vec<Sample>> = levels.iter().map(|(_, runs)| samples(runs, sample)).collect();
            RunNoise::of(&samples, assumed, settings)
        };
        Self {
            throughput: of(log_throughput, settings.run_noise),
            p95: of(log_p95, settings.run_noise),
            success: of(success, settings.run_noise_points),
        }
    }
}

/// The level of some runs, without what depends on other levels or on the fitted law.
pub fn level((load, runs): &Level<'_>, noises: &Noises, config: &Config) -> LoadLevel {
    let runs = runs.as_slice();
    let confidence = config.scalability.confidence;
    let p95 = samples(runs, log_p95);
    let log_p95_ms = average(runs, |run| &run.p95_ms).and_then(|_| mean_of(&p95));
    let reach = noises.p95.reach(&p95, confidence);
    let throughput: Vec<f64> = values(runs, |run| &run.ok_per_s);
    let spread = standard_deviation(&throughput).zip(mean(&throughput)).map(|(spread, mean)| spread / mean);
    let mut run_ids: Vec<String> = runs.iter().map(|run| run.run_id.clone()).collect();
    run_ids.sort();
    LoadLevel {
        load: *load,
        run_ids,
        in_flight: average(runs, |run| &run.in_flight),
        offered_per_s: average(runs, |run| &run.offered_per_s),
        finished_per_s: average(runs, |run| &run.finished_per_s),
        is_overloaded: is_overloaded(runs, &config.scalability),
        ok_per_s: average(runs, |run| &run.ok_per_s),
        throughput_spread: Measured::or(
            spread.filter(|spread| spread.is_finite()),
            "a single run has no spread",
        ),
        mean_ms: average(runs, |run| &run.mean_ms),
        p95_interval_ms: log_p95_ms.clone().and_then(|log| {
            let interval = reach.map(|reach| Interval::around(log, reach).map(f64::exp));
            Measured::or(interval, NO_ERROR)
        }),
        p95_ms: log_p95_ms.map(f64::exp),
        success_rate: average(runs, |run| &run.success_rate),
        success_interval: success_interval(runs, &noises.success, confidence),
        memory_growth_mb: average(runs, |run| &run.memory_growth_mb),
        holds: Measured::undefined("not judged"),
        residual_per_s: Measured::undefined("no law was fitted"),
        relative_residual: Measured::undefined("no law was fitted"),
    }
}

/// One run in which requests pile up is enough; undefined where no run tells.
fn is_overloaded(runs: &[&LoadPoint], settings: &ScalabilitySettings) -> Measured<bool> {
    let told: Vec<Measured<bool>> = runs.iter().map(|run| run.is_overloaded(settings)).collect();
    let known = told.iter().filter_map(Measured::value).copied().reduce(|one, other| one || other);
    let reason = told.first().and_then(Measured::reason).unwrap_or("not measured").to_owned();
    Measured::or(known, reason)
}

const NO_ERROR: &str = "no run has an uncertainty, and no level was run twice";
/// No response is faster, ms: keeps the logarithm of a P95 of 0 finite.
const LEAST_MS: f64 = 1e-3;

/// Wilson's score interval of the calls that the level is worth, widened by what runs differ by.
fn success_interval(runs: &[&LoadPoint], noise: &RunNoise, confidence: f64) -> Measured<Interval> {
    let rates = values(runs, |run| &run.success_rate);
    let effective: f64 = values(runs, |run| &run.success_effective).iter().sum();
    let found = mean(&rates).and_then(|rate| {
        let inside = wilson_interval(rate * effective, effective, confidence)?;
        let between = noise.reach_of_noise(rates.len(), confidence)?;
        let low = rate - (rate - inside.low).hypot(between);
        let high = rate + (inside.high - rate).hypot(between);
        Some(Interval::new(low.clamp(0.0, 1.0), high.clamp(0.0, 1.0)))
    });
    Measured::or(found, "the effective number of requests at this level is unknown")
}

/// The values of the runs that have one.
pub fn values(runs: &[&LoadPoint], of: impl Fn(&LoadPoint) -> &Measured<f64>) -> Vec<f64> {
    runs.iter().filter_map(|run| of(run).number()).collect()
}

/// Their mean; undefined for the reason of the first run where none has it.
fn average(runs: &[&LoadPoint], of: impl Fn(&LoadPoint) -> &Measured<f64>) -> Measured<f64> {
    let reason = runs.first().and_then(|run| of(run).reason()).unwrap_or("not measured").to_owned();
    Measured::or(mean(&values(runs, of)), reason)
}

fn mean_of(samples: &[Sample]) -> Measured<f64> {
    let values: Vec<f64> = samples.iter().map(|sample| sample.value).collect();
    Measured::or(mean(&values), "no run of this level has such a number")
}

pub fn samples(runs: &[&LoadPoint], sample: fn(&LoadPoint) -> Option<Sample>) -> Vec<Sample> {
    runs.iter().filter_map(|run| sample(run)).collect()
}

pub fn log_throughput(run: &LoadPoint) -> Option<Sample> {
    let value = run.ok_per_s.number().filter(|value| *value > 0.0)?.ln();
    Some(Sample { value, error: run.throughput_log_error.number() })
}

fn log_p95(run: &LoadPoint) -> Option<Sample> {
    let value = run.p95_ms.number()?.max(LEAST_MS).ln();
    Some(Sample { value, error: run.p95_log_error.number() })
}

fn success(run: &LoadPoint) -> Option<Sample> {
    let rate = run.success_rate.number()?;
    let effective = run.success_effective.number();
    Some(Sample { value: rate, error: effective.map(|n| (rate * (1.0 - rate) / n).max(0.0).sqrt()) })
}
