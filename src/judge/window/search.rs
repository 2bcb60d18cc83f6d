//! Looking for the steady window: ramps by the number of users go first, then the warm-up by MSER-5.

use super::choice::in_seconds;
use super::found::{Found, since_start_s};
use super::seconds::{SECOND_US, Seconds};
use super::{quarters, ramps, warm_up};
use crate::config::WindowSettings;
use crate::summary::{RunTimeline, WindowName};
use crate::units::Unit;

/// What is left of the run when nothing that is not steady is in it any more; all of it where that cannot be told.
pub fn search(whole: &RunTimeline, settings: &WindowSettings) -> Found {
    let all = Bounds::of_load(whole);
    let Some(seconds) = Seconds::of(whole, all.from_us, all.until_us) else {
        return Found::whole(whole, vec![quarters::NO_REQUESTS.to_owned()]);
    };
    if (seconds.len() as u64) < settings.min_seconds {
        return Found::whole(whole, vec![quarters::too_short(seconds.len(), settings)]);
    }
    let mut reasons = Vec::new();
    let bounds = all.without_ramps(whole, settings, &mut reasons);
    let Some(seconds) = Seconds::of(whole, bounds.from_us, bounds.until_us) else {
        return Found::whole(whole, reasons);
    };
    let warm_up = warm_up::warm_up(&seconds, settings);
    if warm_up.seconds > 0 {
        let length = in_seconds(warm_up.seconds as f64);
        reasons.push(format!("warm-up of {length} cut by MSER-5 on {}", warm_up.by));
    }
    if !warm_up.unsettled.is_empty() {
        let (series, share) =
            (warm_up.unsettled.join(" and "), Unit::Ratio.print(settings.max_warm_up_share));
        reasons.push(format!("MSER-5 finds no end of the warm-up of {series} in the first {share}"));
    }
    let begins_later = warm_up.seconds > 0 || bounds.from_us > whole.window.start_us;
    let found = Found {
        name: WindowName::Steady,
        // A cut begins and ends with a whole second; where nothing is cut, no part of a second is lost.
        start_us: if begins_later { seconds.start_us(warm_up.seconds) } else { whole.window.start_us },
        end_us: bounds.until_us,
        reasons,
    };
    found.or_whole(whole, settings, begins_later)
}

impl Found {
    /// Nothing was cut off the start or the end: then `steady` is what the run as a whole was found to be.
    fn or_whole(self, whole: &RunTimeline, settings: &WindowSettings, begins_later: bool) -> Self {
        let is_cut = begins_later || self.end_us < whole.window.end_us;
        if is_cut {
            return self;
        }
        match quarters::Check::of(whole, self.start_us, self.end_us, settings).is_steady(settings).value() {
            Some(false) => Found::whole(whole, self.reasons),
            _ => self,
        }
    }
}

/// From where to where load was on. µs since 1970.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    from_us: i64,
    until_us: i64,
}

impl Bounds {
    /// From the run's start to its end, or to its last request where it takes more than a second to drain.
    fn of_load(whole: &RunTimeline) -> Self {
        let (from_us, end_us) = (whole.window.start_us, whole.window.end_us);
        let last_us = whole.series.last_request_start_us.unwrap_or(end_us).clamp(from_us, end_us);
        let is_drained = end_us.saturating_sub(last_us) >= SECOND_US;
        Self { from_us, until_us: if is_drained { last_us } else { end_us } }
    }

    /// Cuts the ramps, unless they leave too little to tell a steady run by.
    fn without_ramps(
        self,
        whole: &RunTimeline,
        settings: &WindowSettings,
        reasons: &mut Vec<String>,
    ) -> Self {
        let cut = match ramps::plateau(whole, settings) {
            Some(plateau) => Self {
                from_us: plateau.from_us.clamp(self.from_us, self.until_us),
                until_us: plateau.until_us.unwrap_or(self.until_us).clamp(self.from_us, self.until_us),
            },
            None => self,
        };
        let seconds = cut.until_us.saturating_sub(cut.from_us) / SECOND_US;
        let cut = if seconds < settings.min_seconds as i64 {
            reasons.push(format!("the users are at their height for {seconds} s only: no ramp is cut"));
            self
        } else {
            cut
        };
        let since_start = |at_us: i64| in_seconds(since_start_s(whole, at_us));
        if self.until_us < whole.window.end_us && cut.until_us == self.until_us {
            reasons.push(format!("the last request starts at {}", since_start(self.until_us)));
        }
        if cut.from_us > self.from_us {
            reasons.push(format!("ramp-up by user count until {}", since_start(cut.from_us)));
        }
        if cut.until_us < self.until_us {
            reasons.push(format!("ramp-down by user count from {}", since_start(cut.until_us)));
        }
        cut.to_whole_seconds(whole)
    }

    /// Where something is cut off the end, the part of a second before it goes, too.
    fn to_whole_seconds(self, whole: &RunTimeline) -> Self {
        let until_us = if self.until_us < whole.window.end_us {
            self.until_us.div_euclid(SECOND_US) * SECOND_US
        } else {
            self.until_us
        };
        Self { until_us, ..self }
    }
}
