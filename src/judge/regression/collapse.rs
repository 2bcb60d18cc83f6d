//! Runs that hung or broke down: what varies so much that its own variance would excuse it.

use super::limits::Scale;
use super::pairing::Side;
use crate::config::{RegressionSettings, Worse};
use crate::stats::moments::mean;
use crate::summary::Spread;
use crate::units;

/// Why a judged run does not count among those that tell how much runs vary. The graver last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Collapse {
    /// Its batches vary far more than those of the baseline.
    VariesMore,
    /// It had batches at 0, where the baseline has none.
    ToZero,
}

impl Collapse {
    /// As it stands beside the verdict.
    pub fn note(self) -> &'static str {
        match self {
            Collapse::VariesMore => "varies more than its baseline",
            Collapse::ToZero => "fell to 0 for a while, its baseline never did",
        }
    }
}

/// Did it fall to 0 for at least a batch, as no run of the baseline did and chance does not explain? 0 has no logarithm, so
/// no interval can say it.
pub fn falls_to_zero(side: &Side, baseline: &[Side], scale: Scale, settings: &RegressionSettings) -> bool {
    let batches = |side: &Side| match side.spread.value() {
        Some(Spread::Batches { values }) => Some(values.clone()),
        _ => None,
    };
    let is_of_kind = scale.change == units::Scale::Relative && scale.worse == Worse::Lower;
    let theirs: Option<Vec<Vec<f64>>> = baseline.iter().map(batches).collect();
    let (Some(mine), Some(theirs), true) = (batches(side), theirs, is_of_kind) else { return false };
    let has_zero = |values: &Vec<f64>| values.iter().any(|&value| value <= 0.0);
    has_zero(&mine) && !theirs.iter().any(has_zero) && !is_zero_by_chance(&mine, baseline, settings)
}

/// Of so few samples that some batch of a healthy run might be without any: independent ones leave a batch empty with e⁻ᵏ, k
/// their number in one.
fn is_zero_by_chance(mine: &[f64], baseline: &[Side], settings: &RegressionSettings) -> bool {
    let batches = mine.len() as f64;
    let samples: Vec<f64> = baseline.iter().map(|side| side.samples as f64).collect();
    let in_one = mean(&samples).unwrap_or(0.0) / batches;
    batches * (-in_one).exp() > settings.alpha
}
