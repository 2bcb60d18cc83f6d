//! Settings of the judged window: what is cut off its start, and whether the run was steady in it.

use serde::{Deserialize, Serialize};

use super::bounds::{Checked, at_least, at_least_one, hold, not_negative, positive, probability, share};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowSettings {
    pub min_seconds: u64,
    pub min_ok: u64,
    pub ramp_users_share: f64,
    pub user_metrics: Vec<String>,
    pub steady_phases: Vec<String>,
    pub cut: CutSettings,
    pub overload: OverloadSettings,
    pub steady: SteadySettings,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutSettings {
    pub max_share: f64,
    pub min_bins: usize,
    pub max_bins: usize,
    pub min_ok_per_bin: u64,
    pub min_ok: u64,
    pub min_ok_share: f64,
    pub alpha: f64,
    pub blocks: Vec<usize>,
    pub min_blocks: usize,
    pub reference_end_share: f64,
    pub time_tolerance: f64,
    pub starts_tolerance: f64,
    pub failing_z: f64,
    pub failing_share: f64,
    pub failing_requests: u64,
    pub relapse_share: f64,
    pub fade_alpha: f64,
    pub fade_tolerance: f64,
    pub fade_share: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverloadSettings {
    pub min_excess: f64,
    pub growth: f64,
    pub late_growth: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SteadySettings {
    pub max_mean_difference: f64,
    pub max_p95_difference: f64,
    pub max_ok_difference: f64,
    pub max_failure_difference: f64,
    pub min_failures: u64,
    pub alpha: f64,
    pub doubt_alpha: f64,
    pub max_noise: f64,
    pub min_parts: usize,
    pub min_requests_per_p95: u64,
}

impl WindowSettings {
    /// Whether each value can be meant.
    pub fn check(&self) -> Checked {
        share("window.ramp_users_share", self.ramp_users_share)?;
        self.cut.check()?;
        positive("window.overload.min_excess", self.overload.min_excess)?;
        at_least_as_much("window.overload.growth", self.overload.growth)?;
        at_least_as_much("window.overload.late_growth", self.overload.late_growth)?;
        self.steady.check()
    }
}

/// Below 1, what shrinks would grow.
fn at_least_as_much(key: &str, factor: f64) -> Checked {
    hold(key, factor, factor.is_finite() && factor >= 1.0, "1 or more")
}

impl CutSettings {
    fn check(&self) -> Checked {
        // What is cut is compared with the last half.
        let is_first_half = (0.0..=0.5).contains(&self.max_share);
        hold("window.cut.max_share", self.max_share, is_first_half, "within 0..0.5")?;
        at_least("window.cut.min_bins", self.min_bins as u64, 20)?;
        at_least("window.cut.max_bins", self.max_bins as u64, self.min_bins as u64)?;
        at_least_one("window.cut.min_ok_per_bin", self.min_ok_per_bin)?;
        at_least_one("window.cut.min_ok", self.min_ok)?;
        share("window.cut.min_ok_share", self.min_ok_share)?;
        probability("window.cut.alpha", self.alpha)?;
        for (index, &blocks) in self.blocks.iter().enumerate() {
            at_least(&format!("window.cut.blocks.[{index}]"), blocks as u64, 10)?;
        }
        hold("window.cut.blocks", self.blocks.len() as f64, !self.blocks.is_empty(), "one number or more")?;
        at_least("window.cut.min_blocks", self.min_blocks as u64, 2)?;
        let end = self.reference_end_share;
        hold("window.cut.reference_end_share", end, end > 0.5 && end <= 1.0, "above 0.5, at most 1")?;
        not_negative("window.cut.time_tolerance", self.time_tolerance)?;
        not_negative("window.cut.starts_tolerance", self.starts_tolerance)?;
        not_negative("window.cut.failing_z", self.failing_z)?;
        share("window.cut.failing_share", self.failing_share)?;
        at_least_one("window.cut.failing_requests", self.failing_requests)?;
        not_negative("window.cut.relapse_share", self.relapse_share)?;
        probability("window.cut.fade_alpha", self.fade_alpha)?;
        not_negative("window.cut.fade_tolerance", self.fade_tolerance)?;
        share("window.cut.fade_share", self.fade_share)
    }
}

impl SteadySettings {
    fn check(&self) -> Checked {
        positive("window.steady.max_mean_difference", self.max_mean_difference)?;
        positive("window.steady.max_p95_difference", self.max_p95_difference)?;
        positive("window.steady.max_ok_difference", self.max_ok_difference)?;
        share("window.steady.max_failure_difference", self.max_failure_difference)?;
        probability("window.steady.alpha", self.alpha)?;
        probability("window.steady.doubt_alpha", self.doubt_alpha)?;
        positive("window.steady.max_noise", self.max_noise)?;
        let parts = self.min_parts;
        hold("window.steady.min_parts", parts as f64, (2..=5).contains(&parts), "2 to 5")?;
        at_least_one("window.steady.min_requests_per_p95", self.min_requests_per_p95)
    }
}
