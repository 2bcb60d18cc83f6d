//! A window that was found, and what is said of it: why this one, and whether the run is steady in it.

use super::choice::in_seconds;
use super::quarters::Check;
use crate::config::WindowSettings;
use crate::judge::Steadiness;
use crate::summary::{Measured, RunTimeline, WindowName};

pub const US_PER_S: f64 = 1e6;

/// A window with the reasons for it, not yet checked for steadiness.
pub struct Found {
    pub name: WindowName,
    pub start_us: i64,
    pub end_us: i64,
    /// Phrases.
    pub reasons: Vec<String>,
}

pub fn length_s(whole: &RunTimeline) -> f64 {
    since_start_s(whole, whole.window.end_us)
}

pub fn since_start_s(whole: &RunTimeline, at_us: i64) -> f64 {
    at_us.saturating_sub(whole.window.start_us) as f64 / US_PER_S
}

impl Found {
    /// All of the run, because there is no better window.
    pub fn whole(whole: &RunTimeline, reasons: Vec<String>) -> Self {
        Self {
            name: WindowName::Whole,
            start_us: whole.window.start_us,
            end_us: whole.window.end_us,
            reasons,
        }
    }

    pub fn judge(self, whole: &RunTimeline, settings: &WindowSettings) -> Steadiness {
        let check = Check::of(whole, self.start_us, self.end_us, settings);
        let is_steady = self.is_steady(&check, settings);
        Steadiness {
            window: self.name,
            start_us: self.start_us,
            end_us: self.end_us,
            because: self.because(whole, check.doubt(&is_steady, settings)),
            warm_up_s: since_start_s(whole, self.start_us),
            ramp_down_s: length_s(whole) - since_start_s(whole, self.end_us),
            is_trusted: !self.is_makeshift() && check.is_complete() && is_steady != Measured::Value(false),
            is_steady,
            quarters: check.quarters,
        }
    }

    /// All of the run because no better window can be told.
    fn is_makeshift(&self) -> bool {
        self.name == WindowName::Whole
    }

    /// What the check says; of a makeshift nothing good, however well its quarters agree.
    fn is_steady(&self, check: &Check, settings: &WindowSettings) -> Measured<bool> {
        match (check.is_steady(settings), self.reasons.first()) {
            (Measured::Value(false), _) => Measured::Value(false),
            (_, Some(reason)) if self.is_makeshift() => Measured::undefined(reason.clone()),
            (is_steady, _) => is_steady,
        }
    }

    fn because(&self, whole: &RunTimeline, doubt: Option<String>) -> String {
        let is_all = (self.start_us, self.end_us) == (whole.window.start_us, whole.window.end_us);
        let at = |at_us: i64| in_seconds(since_start_s(whole, at_us));
        let place = if is_all {
            format!("the whole run of {}", in_seconds(length_s(whole)))
        } else {
            format!("from {} to {}", at(self.start_us), at(self.end_us))
        };
        // A makeshift has told its reason already.
        let doubt = doubt.filter(|doubt| !self.reasons.contains(doubt));
        let reasons: Vec<String> = self.reasons.iter().cloned().chain(doubt).collect();
        if reasons.is_empty() { place } else { format!("{place}: {}", reasons.join("; ")) }
    }
}
