//! How a build scales: what runs at different loads say together.

mod capacity;
mod correlation;
mod crossing;
mod levels;
mod littles_law;
mod models;
mod next_level;
mod noise;
mod point;
mod saturation;
mod sentences;
mod targets;

pub use point::{LoadPoint, axis as load_axis};

use super::verdicts::{LittlesLaw, LoadAxis, LoadLevel, Scalability};
use crate::config::Config;
use crate::config::ScalabilitySettings;
use crate::summary::Measured;
use sentences::Told;

/// Judges runs of one build at different loads.
///
/// The caller groups the runs: all points are of one scenario, load model and environment, and measured with the same settings;
/// nothing here tells them apart. Levels are of users, or of rates where open-loop runs were asked for different ones. Runs at the
/// same load are repetitions, whose spread is the noise. The order of the points does not matter.
pub fn judge_scalability(points: &[LoadPoint], config: &Config) -> Scalability {
    let settings = &config.scalability;
    let axis = load_axis(points);
    let points = sorted(points, axis, settings);
    let levels::Grouped { levels: grouped, left_out } = levels::group(&points, axis, settings);
    let noises = levels::Noises::of(&grouped, config);
    let limits = capacity::Limits::of(config);
    let mut levels: Vec<LoadLevel> =
        grouped.iter().map(|level| levels::level(level, &noises, config)).collect();
    levels.iter_mut().for_each(|level| level.holds = limits.hold(level));
    let fitted = models::fit(&grouped, &levels, settings);
    if let Measured::Value(fitted) = &fitted {
        fitted.compare(&mut levels);
    }
    let fitted = fitted.as_ref();
    let models = fitted.clone().map(|fitted| fitted.models(levels.len() as u64, settings));
    let knee = fitted.clone().and_then(|fitted| fitted.knee(&levels, settings));
    let peak = fitted.and_then(|fitted| fitted.peak(&levels, settings));
    let saturation = saturation::judge(&levels, &grouped, axis, &noises, settings);
    let capacity = capacity::judge(&levels, axis, limits);
    let littles_law: Vec<LittlesLaw> =
        points.iter().map(|point| littles_law::check(point, settings.little_tolerance)).collect();
    let limited: Vec<&str> = littles_law
        .iter()
        .filter(|check| check.generator_was_the_limit.value() == Some(&true))
        .map(|check| check.run_id.as_str())
        .collect();
    Scalability {
        axis,
        left_out,
        correlation: correlation::correlate(&grouped, settings),
        throughput_noise: Measured::or(noises.throughput.spread, "no level was run twice"),
        optimal_users: capacity::optimal_users(&levels, axis, config),
        linear_scaling: targets::linear_scaling(&levels, &grouped, axis, &noises, config),
        memory_scaling: targets::memory_scaling(&grouped, config),
        next_level: next_level::next_level(&levels, axis, &capacity, &knee, settings),
        capacity_sentence: sentences::capacity(&capacity, axis, limits),
        scaling_sentence: sentences::scaling(&Told {
            axis,
            models: &models,
            knee: &knee,
            peak: &peak,
            saturation: &saturation,
            limited_runs: &limited,
        }),
        points: points.clone(),
        levels,
        littles_law,
        models,
        knee,
        peak,
        saturation,
        capacity,
    }
}

/// By load, those without last, then by id, then by what is left to tell two runs of one id apart.
fn sorted(points: &[LoadPoint], axis: LoadAxis, settings: &ScalabilitySettings) -> Vec<LoadPoint> {
    let mut points = points.to_vec();
    let load = |point: &LoadPoint| point.load(axis, settings).value().map_or(f64::INFINITY, |load| load.0);
    let rate = |point: &LoadPoint| point.ok_per_s.number().unwrap_or(-1.0);
    points.sort_by(|a, b| {
        let by_load = load(a).total_cmp(&load(b));
        by_load.then_with(|| a.run_id.cmp(&b.run_id)).then_with(|| rate(a).total_cmp(&rate(b)))
    });
    points
}

#[cfg(test)]
mod sweeps;
#[cfg(test)]
mod tests;
