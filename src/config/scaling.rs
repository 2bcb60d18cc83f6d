//! Settings of what is judged over many runs: scalability, and metrics that move together.

use serde::{Deserialize, Serialize};

use crate::metrics::check_key;

use super::bounds::{at_least, at_least_one, hold, not_negative, positive, probability, share};
use super::error::Fault;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScalabilitySettings {
    pub confidence: f64,
    pub run_noise: f64,
    pub run_noise_points: f64,
    pub run_noise_weight: f64,
    pub min_levels: u64,
    pub min_levels_for_peak: u64,
    pub peak_within: f64,
    pub max_relative_residual: f64,
    pub little_tolerance: f64,
    pub rate_shortfall: f64,
    pub overload_shortfall: f64,
    pub overload_deviations: f64,
    /// Best first.
    pub ratings: Vec<Rating>,
    pub worst_rating: String,
    pub min_points_for_correlation: u64,
    pub optimal_success_at_least: f64,
    pub optimal_mean_at_most_ms: f64,
    pub linear_up_to_users: u32,
    pub linear_tolerance: f64,
    pub linear_min_levels: u64,
    pub memory_min_levels: u64,
    pub bracket_share: f64,
    pub gap_factor: f64,
    pub extend_factor: f64,
}

/// A word for correlations above a limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    pub above: f64,
    pub word: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcrossRunsSettings {
    pub min_runs: u64,
    pub alpha: f64,
    pub confidence: f64,
    pub metrics: Vec<String>,
    /// Metrics of one entry are one thing seen twice.
    pub one_thing: Vec<Vec<String>>,
    pub nearly_all_share: f64,
    pub min_levels: u64,
}

/// Coefficients of the law with the most, and one more.
const LEAST_LEVELS: u64 = 4;

impl ScalabilitySettings {
    /// Values that have the right type and still cannot be meant.
    pub fn check(&self) -> Result<(), Fault> {
        probability("scalability.confidence", self.confidence)?;
        not_negative("scalability.run_noise", self.run_noise)?;
        not_negative("scalability.run_noise_points", self.run_noise_points)?;
        positive("scalability.run_noise_weight", self.run_noise_weight)?;
        at_least("scalability.min_levels", self.min_levels, LEAST_LEVELS)?;
        at_least("scalability.min_levels_for_peak", self.min_levels_for_peak, self.min_levels)?;
        at_least("scalability.min_points_for_correlation", self.min_points_for_correlation, 4)?;
        positive("scalability.max_relative_residual", self.max_relative_residual)?;
        not_negative("scalability.little_tolerance", self.little_tolerance)?;
        share("scalability.rate_shortfall", self.rate_shortfall)?;
        share("scalability.overload_shortfall", self.overload_shortfall)?;
        not_negative("scalability.overload_deviations", self.overload_deviations)?;
        share("scalability.optimal_success_at_least", self.optimal_success_at_least)?;
        not_negative("scalability.optimal_mean_at_most_ms", self.optimal_mean_at_most_ms)?;
        at_least_one("scalability.linear_up_to_users", u64::from(self.linear_up_to_users))?;
        share("scalability.linear_tolerance", self.linear_tolerance)?;
        at_least("scalability.linear_min_levels", self.linear_min_levels, 2)?;
        at_least("scalability.memory_min_levels", self.memory_min_levels, 3)?;
        not_negative("scalability.bracket_share", self.bracket_share)?;
        for (key, factor) in [
            ("peak_within", self.peak_within),
            ("gap_factor", self.gap_factor),
            ("extend_factor", self.extend_factor),
        ] {
            let is_larger = factor.is_finite() && factor >= 1.0;
            hold(&format!("scalability.{key}"), factor, is_larger, "1 or more")?;
        }
        self.check_ratings()
    }

    fn check_ratings(&self) -> Result<(), Fault> {
        let mut last = f64::INFINITY;
        for (index, rating) in self.ratings.iter().enumerate() {
            let key = format!("scalability.ratings.[{index}].above");
            hold(&key, rating.above, (-1.0..1.0).contains(&rating.above), "a correlation, within -1..1")?;
            if rating.above >= last {
                return Err(Fault::new(&key, format!("is {}: put the best rating first", rating.above)));
            }
            last = rating.above;
        }
        Ok(())
    }
}

impl AcrossRunsSettings {
    /// Values that have the right type and still cannot be meant.
    pub fn check(&self, quantiles: &[f64]) -> Result<(), Fault> {
        at_least("across_runs.min_runs", self.min_runs, 4)?;
        probability("across_runs.alpha", self.alpha)?;
        probability("across_runs.confidence", self.confidence)?;
        at_least("across_runs.min_levels", self.min_levels, 3)?;
        share("across_runs.nearly_all_share", self.nearly_all_share)?;
        for (index, name) in self.metrics.iter().enumerate() {
            let key = format!("across_runs.metrics.[{index}]");
            if name != "users" {
                check_key(name, quantiles)
                    .map_err(|problem| Fault::new(&key, format!("is `{name}`, which {problem}")))?;
            }
            if self.metrics[..index].contains(name) {
                return Err(Fault::new(&key, format!("is `{name}`, which stands there twice")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn fault(change: impl Fn(&mut ScalabilitySettings)) -> String {
        let mut settings = Config::defaults().scalability;
        change(&mut settings);
        settings.check().unwrap_err().key.join(".")
    }

    #[test]
    fn the_defaults_can_be_meant_and_each_limit_has_its_bounds() {
        assert!(
            Config::defaults().scalability.check().is_ok()
                && Config::defaults().across_runs.check(&Config::defaults().measure.quantiles).is_ok()
        );
        assert_eq!(fault(|settings| settings.confidence = 1.0), "scalability.confidence");
        assert_eq!(fault(|settings| settings.min_levels = 3), "scalability.min_levels");
        assert_eq!(fault(|settings| settings.min_levels_for_peak = 3), "scalability.min_levels_for_peak");
        assert_eq!(fault(|settings| settings.extend_factor = 0.5), "scalability.extend_factor");
        assert_eq!(fault(|settings| settings.peak_within = f64::NAN), "scalability.peak_within");
        assert_eq!(
            fault(|settings| settings.max_relative_residual = 0.0),
            "scalability.max_relative_residual"
        );
        assert_eq!(fault(|settings| settings.overload_shortfall = 2.0), "scalability.overload_shortfall");
        assert_eq!(fault(|settings| settings.linear_tolerance = 1.5), "scalability.linear_tolerance");
    }

    #[test]
    fn ratings_descend() {
        assert_eq!(fault(|settings| settings.ratings[1].above = 0.9), "scalability.ratings.[1].above");
        assert_eq!(fault(|settings| settings.ratings[0].above = 1.5), "scalability.ratings.[0].above");
    }

    #[test]
    fn a_metric_across_runs_has_a_component_and_stands_once() {
        let faults = ["p95_ms", "users", "a/b/c"].map(|name| {
            let mut settings = Config::defaults().across_runs;
            settings.metrics.push(name.to_owned());
            settings.check(&Config::defaults().measure.quantiles).is_err()
        });
        assert_eq!(faults, [true, true, true]);
    }
}
