//! Does more load bring more throughput? Pearson's and Spearman's coefficients with the seed's word for them.

use super::levels::Level;
use crate::config::ScalabilitySettings;
use crate::judge::verdicts::LoadCorrelation;
use crate::stats::correlation::{correlation_interval, pearson, spearman, spearman_interval};
use crate::summary::Measured;

/// Load against successful requests per second, one point per run.
pub fn correlate(levels: &[Level<'_>], settings: &ScalabilitySettings) -> Measured<LoadCorrelation> {
    let pairs = levels
        .iter()
        .flat_map(|(load, runs)| runs.iter().map(|run| (load.0, run)))
        .filter_map(|(load, run)| Some((load, run.ok_per_s.number()?)));
    let (load, throughput): (Vec<f64>, Vec<f64>) = pairs.unzip();
    let n = load.len();
    if n < 2 {
        return Measured::undefined(format!("runs with load and throughput: {n}, at least 2 needed"));
    }
    Measured::or(pearson(&load, &throughput), "load or throughput do not vary among the runs")
        .map(|coefficient| verdict(coefficient, spearman(&load, &throughput), n, settings))
}

fn verdict(pearson: f64, spearman: Option<f64>, n: usize, settings: &ScalabilitySettings) -> LoadCorrelation {
    let enough = (n as u64 >= settings.min_points_for_correlation).then_some(n as f64);
    let reason = format!("runs: {n}, at least {} needed", settings.min_points_for_correlation);
    let interval = |of: fn(f64, f64, f64) -> Option<_>, coefficient: Option<f64>| {
        let found = enough.zip(coefficient).and_then(|(n, r)| of(r, n, settings.confidence));
        Measured::or(found, reason.clone())
    };
    let pearson_interval = interval(correlation_interval, Some(pearson));
    let end = |of: fn(&crate::stats::interval::Interval) -> f64| {
        pearson_interval.as_ref().map(|found| rating(of(found), settings))
    };
    LoadCorrelation {
        n: n as u64,
        pearson,
        rating: rating(pearson, settings),
        rating_from: end(|found| found.low),
        rating_to: end(|found| found.high),
        spearman_interval: interval(spearman_interval, spearman),
        spearman: Measured::or(spearman, "the ranks do not vary"),
        pearson_interval,
    }
}

fn rating(coefficient: f64, settings: &ScalabilitySettings) -> String {
    let word = settings.ratings.iter().find(|rating| coefficient > rating.above).map(|rating| &rating.word);
    word.unwrap_or(&settings.worst_rating).clone()
}
