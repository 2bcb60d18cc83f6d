//! What happened in a run that is too small to be judged, and that nobody should learn of from elsewhere: pauses, and users that
//! never came back.

use super::collapse::{Collapse, is_chance, lost_users};
use super::pairing::{Pair, Side};
use crate::config::RegressionSettings;
use crate::units;

/// Whole seconds are counted: two pauses that differ by no more than this are alike.
const RESOLUTION_S: f64 = 1.0;

/// One phrase each; what the verdict says anyway is not told again.
pub fn find(pair: &Pair, collapse: Option<Collapse>, settings: &RegressionSettings) -> Vec<String> {
    let (Some(judged), Some(baseline)) = (pair.current.value(), pair.baseline.value()) else {
        return Vec::new();
    };
    let is_told = |other: fn(&Collapse) -> bool| collapse.as_ref().is_some_and(other);
    let paused = paused(judged, baseline, settings);
    let paused =
        paused.filter(|_| !is_told(|found| matches!(found, Collapse::ToZero | Collapse::Starved(_))));
    let lost =
        lost(judged, baseline).filter(|_| !is_told(|found| matches!(found, Collapse::LostUsers { .. })));
    paused.into_iter().chain(lost).collect()
}

/// `paused for 9 s, its baseline for at most 2 s`: as no run of the baseline did, and beyond chance.
fn paused(judged: &[Side], baseline: &[Side], settings: &RegressionSettings) -> Option<String> {
    let theirs: Option<Vec<f64>> = baseline.iter().map(pause_s).collect();
    let usual_s = theirs?.into_iter().fold(0.0, f64::max);
    let pauses = judged.iter().filter_map(|side| Some((pause_s(side)?, side.longest_pause?)));
    let (longest_s, share) = pauses.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    let is_shown = longest_s > usual_s + RESOLUTION_S && !is_chance(share, baseline, settings);
    is_shown.then(|| {
        let usual = if usual_s > 0.0 {
            format!("for at most {}", units::duration_s(usual_s))
        } else {
            "never".to_owned()
        };
        format!("paused for {}, its baseline {usual}", units::duration_s(longest_s))
    })
}

/// The longest stretch of whole seconds without a sample.
fn pause_s(side: &Side) -> Option<f64> {
    Some((side.longest_pause? * side.window_s?.floor()).round())
}

/// Users that never came back, a larger share than in any run of the baseline.
fn lost(judged: &[Side], baseline: &[Side]) -> Option<String> {
    let share = |side: &Side| side.lost_users.map_or(0.0, |users| users.lost as f64 / users.of as f64);
    let usual = baseline.iter().map(share).fold(0.0, f64::max);
    let worst = judged.iter().max_by(|a, b| share(a).total_cmp(&share(b)))?;
    worst.lost_users.filter(|_| share(worst) > usual).map(lost_users)
}
