//! The change of one metric: estimate, standard error and degrees of freedom, in the direction of harm.

use super::collapse::Collapse;
use super::limits::Scale;
use super::moderated::Moderated;
use super::pairing::Pair;
use super::pool::Pool;
use super::positions::Positions;
use crate::config::RegressionSettings;
use crate::stats::distributions::{f_upper_tail, student_t_quantile, student_t_upper_tail};
use crate::summary::Measured;
use crate::units;

/// How far the judged runs are from their baseline on the inner scale; positive harm is worse.
#[derive(Debug, Clone, PartialEq)]
pub struct Delta {
    /// d.
    pub harm: f64,
    /// Of the runs that were recorded last alone, where the judged runs are of several days.
    pub harm_of_last_day: Option<f64>,
    /// How much runs of one kind differ.
    pub spread: Moderated,
    /// Variance among the judged runs; `None` for a single one.
    pub among_judged: Option<f64>,
    /// Runs judged together, w, and runs (or days) of the baseline, m.
    pub judged_runs: usize,
    pub baseline_runs: usize,
    /// Mean positions on the inner scale.
    pub judged_position: f64,
    pub baseline_position: f64,
    pub judged_effective: Option<f64>,
    pub baseline_effective: Option<f64>,
    pub collapse: Option<Collapse>,
}

impl Delta {
    /// The change of a metric; undefined, with the reason, where it has no value or no known uncertainty.
    pub fn of(pair: &Pair, scale: Scale, settings: &RegressionSettings) -> Measured<Delta> {
        let (Measured::Value(judged), Measured::Value(baseline)) = (&pair.current, &pair.baseline) else {
            let reason = pair.current.reason().or(pair.baseline.reason()).unwrap_or("no run");
            return Measured::undefined(reason.to_owned());
        };
        let pool = Pool::of(judged, baseline, scale, settings);
        Positions::of(judged, baseline, scale).and_then(|positions| {
            pool.and_then(|pool| {
                let noise = noise(scale, settings);
                let spread = Moderated::of(pool.variance, noise, &positions.baseline, settings);
                let delta = spread.map(|spread| Self::from(&positions, &pool, spread, judged.len(), scale));
                let reason = judged.iter().chain(baseline).find_map(|side| side.spread.reason());
                Measured::or(delta, reason.unwrap_or("how much it varies is unknown").to_owned())
            })
        })
    }

    fn from(positions: &Positions, pool: &Pool, spread: Moderated, judged: usize, scale: Scale) -> Self {
        let harm = |position: f64| scale.harm(position - positions.centre);
        Self {
            harm: harm(positions.judged),
            harm_of_last_day: positions.last_day.map(harm),
            spread,
            among_judged: positions.among_judged,
            judged_runs: judged,
            baseline_runs: positions.baseline.len(),
            judged_position: positions.judged,
            baseline_position: positions.centre,
            judged_effective: pool.judged_effective,
            baseline_effective: pool.baseline_effective,
            collapse: pool.collapse,
        }
    }

    /// The standard error, e.
    pub fn error(&self) -> f64 {
        self.error_with(self.judged_runs)
    }

    /// The same, were so many runs judged together.
    pub fn error_with(&self, judged_runs: usize) -> f64 {
        self.spread.error(judged_runs as f64, self.baseline_runs as f64)
    }

    /// The interval of the harm at the confidence of the settings.
    pub fn interval(&self, settings: &RegressionSettings) -> Option<(f64, f64)> {
        let reach = self.quantile(0.5 + settings.confidence / 2.0)? * self.error();
        Some((self.harm - reach, self.harm + reach))
    }

    /// The upper end of the interval, were so many runs judged together and the estimate to stay.
    pub fn at_most_with(&self, judged_runs: usize, settings: &RegressionSettings) -> Option<f64> {
        let t = self.quantile(0.5 + settings.confidence / 2.0)?;
        Some(self.harm + t * self.error_with(judged_runs))
    }

    fn quantile(&self, probability: f64) -> Option<f64> {
        student_t_quantile(probability, self.spread.degrees_of_freedom)
    }

    /// One-sided p of "worse at all".
    pub fn p_worse(&self) -> Option<f64> {
        self.p_beyond(self.harm)
    }

    /// The same for the better side.
    pub fn p_better(&self) -> Option<f64> {
        self.p_beyond(-self.harm)
    }

    /// How likely runs of one kind would differ by more than this.
    pub fn p_beyond(&self, distance: f64) -> Option<f64> {
        let error = self.error();
        if error == 0.0 {
            // Runs that never differ.
            return Some(if distance > 0.0 { 0.0 } else { 1.0 });
        }
        student_t_upper_tail(distance / error, self.spread.degrees_of_freedom)
    }

    /// Do the judged runs differ from one another by more than runs of one kind do, beyond chance?
    pub fn is_mixed(&self, settings: &RegressionSettings) -> bool {
        let ratio = self.among_judged.map(|among| among / self.spread.deviation.powi(2));
        let chance = ratio.and_then(|ratio| {
            f_upper_tail(ratio, self.judged_runs as f64 - 1.0, self.spread.degrees_of_freedom)
        });
        chance.is_some_and(|chance| chance <= settings.alpha)
    }

    /// The smallest harm that would be found with the configured power: one beyond `limit` and beyond chance.
    pub fn smallest_detectable(&self, limit: f64, settings: &RegressionSettings) -> Option<f64> {
        let needed = (self.quantile(1.0 - settings.alpha)? * self.error()).max(limit);
        Some(needed + self.quantile(settings.power)?.max(0.0) * self.error())
    }
}

/// What runs of one build differ by beyond their insides, σ.
pub fn noise(scale: Scale, settings: &RegressionSettings) -> f64 {
    match scale.change {
        units::Scale::Relative => settings.run_noise,
        units::Scale::Points => settings.run_noise_points,
        units::Scale::Amount => settings.run_noise_amount,
    }
}
