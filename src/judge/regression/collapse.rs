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

/// Did it pause for as long as a batch, wherever that began, as no run of the baseline did and chance does not explain? 0 has no
/// logarithm, so no interval can say it.
pub fn falls_to_zero(side: &Side, baseline: &[Side], scale: Scale, settings: &RegressionSettings) -> bool {
    let is_of_kind = scale.change == units::Scale::Relative && scale.worse == Worse::Lower;
    let theirs: Option<Vec<Pauses>> = baseline.iter().map(Pauses::of).collect();
    let (Some(mine), Some(theirs), true) = (Pauses::of(side), theirs, is_of_kind) else { return false };
    mine.is_long() && !theirs.iter().any(Pauses::is_long) && !mine.is_chance(baseline, settings)
}

/// How long it was at 0.
struct Pauses {
    batches: f64,
    /// The longest, as a share of the window.
    longest: f64,
}

impl Pauses {
    /// Where the run does not say how long it paused, a batch at 0 does.
    fn of(side: &Side) -> Option<Self> {
        let Some(Spread::Batches { values }) = side.spread.value() else { return None };
        let batches = values.len() as f64;
        let at_zero = if values.iter().any(|&value| value <= 0.0) { 1.0 / batches } else { 0.0 };
        Some(Self { batches, longest: side.longest_pause.unwrap_or(0.0).max(at_zero) })
    }

    fn is_long(&self) -> bool {
        self.longest > 0.0 && self.longest * self.batches >= 1.0 - ROUNDING
    }

    /// Of so few samples that a healthy run might pause as long: independent ones leave a stretch empty with e⁻ᵏ, k their
    /// number in one.
    fn is_chance(&self, baseline: &[Side], settings: &RegressionSettings) -> bool {
        let samples: Vec<f64> = baseline.iter().map(|side| side.samples as f64).collect();
        let in_one = mean(&samples).unwrap_or(0.0) * self.longest;
        (-in_one).exp() / self.longest > settings.alpha
    }
}

/// A batch at 0 is one batch long but for rounding.
const ROUNDING: f64 = 1e-9;
