//! How a build scales: what runs at different numbers of users say together.

mod capacity;
mod correlation;
mod crossing;
mod levels;
mod littles_law;
mod models;
mod next_level;
mod noise;
mod point;
mod sentences;
mod targets;

pub use point::LoadPoint;

use super::verdicts::{LittlesLaw, LoadLevel, Scalability};
use crate::config::Config;
use crate::summary::Measured;

/// Judges runs of one build at different loads.
///
/// The caller groups the runs: all points are of one scenario, load model, target rate and environment, and measured with the
/// same settings; nothing here tells them apart. Runs at the same number of users are repetitions, whose spread is the noise.
/// The order of the points does not matter.
pub fn judge_scalability(points: &[LoadPoint], config: &Config) -> Scalability {
    let settings = &config.scalability;
    let points = sorted(points);
    let levels::Grouped { levels: grouped, left_out } = levels::group(&points);
    let used: Vec<&LoadPoint> = grouped.iter().flat_map(|(_, runs)| runs.iter().copied()).collect();
    let noises = levels::Noises::of(&grouped, config);
    let limits = capacity::Limits::of(config);
    let mut levels: Vec<LoadLevel> =
        grouped.iter().map(|(users, runs)| levels::level(*users, runs, &noises, config)).collect();
    levels.iter_mut().for_each(|level| level.holds = limits.hold(level));
    let fitted = models::fit(&grouped, settings);
    if let Measured::Value(fitted) = &fitted {
        fitted.compare(&mut levels);
    }
    let fitted = fitted.as_ref();
    let models = fitted.clone().map(|fitted| fitted.models(levels.len() as u64, settings));
    let knee = fitted.clone().and_then(|fitted| fitted.knee(&levels, settings));
    let peak = fitted.and_then(|fitted| fitted.peak(&levels, settings));
    let capacity = capacity::judge(&levels, limits);
    let littles_law: Vec<LittlesLaw> =
        points.iter().map(|point| littles_law::check(point, settings.little_tolerance)).collect();
    let limited: Vec<&str> = littles_law
        .iter()
        .filter(|check| check.generator_was_the_limit.value() == Some(&true))
        .map(|check| check.run_id.as_str())
        .collect();
    Scalability {
        left_out,
        correlation: correlation::correlate(&used, settings),
        throughput_noise: Measured::or(noises.throughput.spread, "no level was run twice"),
        optimal_users: capacity::optimal_users(&levels, config),
        linear_scaling: targets::linear_scaling(&levels, &grouped, &noises, config),
        memory_scaling: targets::memory_scaling(&grouped, config),
        next_level: next_level::next_level(&levels, &capacity, &knee, settings),
        capacity_sentence: sentences::capacity(&capacity, limits),
        scaling_sentence: sentences::scaling(&models, &knee, &peak, &limited),
        points: points.clone(),
        levels,
        littles_law,
        models,
        knee,
        peak,
        capacity,
    }
}

/// By users, those without last, then by id, then by what is left to tell two runs of one id apart.
fn sorted(points: &[LoadPoint]) -> Vec<LoadPoint> {
    let mut points = points.to_vec();
    let users = |point: &LoadPoint| point.users.value().copied().unwrap_or(u32::MAX);
    let rate = |point: &LoadPoint| point.ok_per_s.number().unwrap_or(-1.0);
    points.sort_by(|a, b| {
        let by_users =
            a.users.value().is_none().cmp(&b.users.value().is_none()).then(users(a).cmp(&users(b)));
        by_users.then_with(|| a.run_id.cmp(&b.run_id)).then_with(|| rate(a).total_cmp(&rate(b)))
    });
    points
}

#[cfg(test)]
mod tests;
