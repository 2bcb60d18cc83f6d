//! Runs that hung or broke down: what varies so much that its own variance would excuse it, and what did not come back, of which
//! a mean tells how late that was and not how bad.

use super::limits::Scale;
use super::pairing::Side;
use super::starved::{Starved, ends_starved};
use crate::config::{RegressionSettings, Worse};
use crate::stats::distributions::normal_upper_tail;
use crate::stats::moments::mean;
use crate::stats::proportion::agresti_caffo_variance;
use crate::summary::{LostUsers, Spread};
use crate::units;

/// Why a judged run does not count among those that tell how much runs vary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Collapse {
    /// Its batches vary far more than those of the baseline.
    VariesMore,
    /// So many users never came back, a share that is larger by `more` than that of the baseline.
    LostUsers { users: LostUsers, more: f64 },
    /// It broke down before its end and did not recover.
    Starved(Starved),
    /// It had batches at 0, where the baseline has none.
    ToZero,
}

impl Collapse {
    /// The gravest that is found.
    pub fn of(side: &Side, baseline: &[Side], scale: Scale, settings: &RegressionSettings) -> Option<Self> {
        if scale.change != units::Scale::Relative || scale.worse != Worse::Lower {
            return None;
        }
        if falls_to_zero(side, baseline, settings) {
            return Some(Collapse::ToZero);
        }
        let starved = ends_starved(side, baseline, settings).map(Collapse::Starved);
        let lost = loses_users(side, baseline, settings);
        [starved, lost].into_iter().flatten().reduce(Collapse::graver)
    }

    /// How much worse it was in the end, as harm; none of what varies, of which the mean tells that.
    pub fn harm(self) -> Option<f64> {
        match self {
            Collapse::VariesMore => None,
            Collapse::LostUsers { more, .. } => Some(-(-more).ln_1p()),
            Collapse::Starved(Starved { loss, .. }) => Some(-(-loss).ln_1p()),
            Collapse::ToZero => Some(f64::INFINITY),
        }
    }

    /// The one of two that was worse in the end.
    pub fn graver(self, other: Self) -> Self {
        if other.harm() > self.harm() { other } else { self }
    }

    /// As it stands beside the verdict.
    pub fn note(self) -> String {
        match self {
            Collapse::VariesMore => "varies more than its baseline".to_owned(),
            Collapse::LostUsers { users, .. } => lost_users(users),
            Collapse::Starved(starved) => starved.note(),
            Collapse::ToZero => "fell to 0 for a while, its baseline never did".to_owned(),
        }
    }
}

/// `97 of 100 users never came back: at the end of the load they waited for answers that were long due`.
pub fn lost_users(LostUsers { lost, of }: LostUsers) -> String {
    format!(
        "{} of {} never came back: at the end of the load they waited for answers that were long due",
        units::count(lost),
        units::counted(of, "user")
    )
}

/// Did more users wait at its end for answers long due than in the baseline, beyond chance? As of other shares, chance is told by the
/// variance of both (Agresti and Caffo).
fn loses_users(side: &Side, baseline: &[Side], settings: &RegressionSettings) -> Option<Collapse> {
    let users = side.lost_users?;
    // A run that does not say so lost none, of as many: users are compared only where they are as many.
    let theirs = baseline.iter().map(|side| side.lost_users.unwrap_or(LostUsers { lost: 0, ..users }));
    let theirs = theirs.fold((0.0, 0.0), |(lost, of), side| (lost + side.lost as f64, of + side.of as f64));
    let mine = (users.lost as f64, users.of as f64);
    let more = mine.0 / mine.1 - theirs.0 / theirs.1;
    let variance = agresti_caffo_variance(mine.0, mine.1)? + agresti_caffo_variance(theirs.0, theirs.1)?;
    let chance = normal_upper_tail(more / variance.sqrt());
    (more > 0.0 && chance <= settings.alpha).then_some(Collapse::LostUsers { users, more })
}

/// Did it pause for as long as a batch, wherever that began, as no run of the baseline did and chance does not explain? 0 has no
/// logarithm, so no interval can say it.
fn falls_to_zero(side: &Side, baseline: &[Side], settings: &RegressionSettings) -> bool {
    let theirs: Option<Vec<Pauses>> = baseline.iter().map(Pauses::of).collect();
    let (Some(mine), Some(theirs)) = (Pauses::of(side), theirs) else { return false };
    mine.is_long() && !theirs.iter().any(Pauses::is_long) && !is_chance(mine.longest, baseline, settings)
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
}

/// Of so few samples that a healthy run might pause as long, a share of the window: independent ones leave a stretch empty with
/// e⁻ᵏ, k their number in one.
pub fn is_chance(pause: f64, baseline: &[Side], settings: &RegressionSettings) -> bool {
    let samples: Vec<f64> = baseline.iter().map(|side| side.samples as f64).collect();
    let in_one = mean(&samples).unwrap_or(0.0) * pause;
    (-in_one).exp() / pause > settings.alpha
}

/// A batch at 0 is one batch long but for rounding.
const ROUNDING: f64 = 1e-9;
