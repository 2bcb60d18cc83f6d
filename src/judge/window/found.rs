//! A window that was found, and what is said of it: why this one, and whether the run is steady in it.

use super::check::Check;
use super::choice::in_seconds;
use crate::config::WindowSettings;
use crate::judge::{Steadiness, SteadyWord};
use crate::summary::{Parts, RunTimeline, WindowName};

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
    pub fn judge(self, whole: &RunTimeline, parts: &impl Parts, settings: &WindowSettings) -> Steadiness {
        let window_us = (self.start_us, self.end_us);
        let check = match whole.requests {
            Some(_) => Check::of(&whole.load, parts, window_us, settings),
            None => Check::without_requests(),
        };
        let word = check.word();
        Steadiness {
            window: self.name(whole, word),
            start_us: self.start_us,
            end_us: self.end_us,
            because: self.because(whole, &check.told()),
            warm_up_s: since_start_s(whole, self.start_us),
            ramp_down_s: length_s(whole) - since_start_s(whole, self.end_us),
            word,
            is_trusted: word == SteadyWord::Steady,
            overload: check.overload(),
            checks: check.checks,
        }
    }

    fn is_all(&self, whole: &RunTimeline) -> bool {
        (self.start_us, self.end_us) == (whole.window.start_us, whole.window.end_us)
    }

    /// Where nothing was cut, `steady` is what the whole run was found to be.
    fn name(&self, whole: &RunTimeline, word: SteadyWord) -> WindowName {
        let is_makeshift = self.name == WindowName::Steady && self.is_all(whole);
        if is_makeshift && word != SteadyWord::Steady { WindowName::Whole } else { self.name }
    }

    fn because(&self, whole: &RunTimeline, steadiness: &str) -> String {
        let at = |at_us: i64| in_seconds(since_start_s(whole, at_us));
        let place = if self.is_all(whole) {
            format!("the whole run of {}", in_seconds(length_s(whole)))
        } else {
            format!("from {} to {}", at(self.start_us), at(self.end_us))
        };
        let reasons: Vec<&str> = self.reasons.iter().map(String::as_str).chain([steadiness]).collect();
        format!("{place}: {}", reasons.join("; "))
    }
}
