//! Looking for the steady window: ramps by the number of users go first, then the initial transient.

use super::choice::in_seconds;
use super::found::{Found, since_start_s};
use super::ramps;
use super::transient::{Transient, transient};
use crate::config::WindowSettings;
use crate::summary::{RunTimeline, WindowName};

const US_PER_S: i64 = 1_000_000;

/// What is left of the run when ramps and the initial transient are cut.
pub fn search(whole: &RunTimeline, settings: &WindowSettings) -> Found {
    let mut reasons = Vec::new();
    let bounds = Bounds::without_ramps(whole, settings, &mut reasons);
    let load = &whole.load;
    let first = load.first_from(bounds.from_us);
    let until = load.whole_until(bounds.until_us);
    let cut = match transient(load, first, until, settings) {
        Transient::Cut { steps, by } => {
            let length = in_seconds((steps as i64 * load.step_us) as f64 / US_PER_S as f64);
            reasons.push(format!("warm-up of {length} cut by {by}"));
            steps
        }
        Transient::Unknown(reason) => {
            reasons.push(reason);
            0
        }
        Transient::None => 0,
    };
    let begins_later = cut > 0 || bounds.from_us > whole.window.start_us;
    Found {
        name: WindowName::Steady,
        start_us: if begins_later { load.begin_us(first + cut) } else { whole.window.start_us },
        end_us: bounds.until_us,
        reasons,
    }
}

/// From where to where the users are at their height. µs since 1970.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    from_us: i64,
    until_us: i64,
}

impl Bounds {
    /// All of the load but its ramps, unless these leave too little to tell a steady run by.
    fn without_ramps(whole: &RunTimeline, settings: &WindowSettings, reasons: &mut Vec<String>) -> Self {
        let all = Self { from_us: whole.window.start_us, until_us: whole.window.end_us };
        let Some(plateau) = ramps::plateau(whole, settings) else { return all };
        let cut = Self {
            from_us: plateau.from_us.clamp(all.from_us, all.until_us),
            until_us: plateau.until_us.unwrap_or(all.until_us).clamp(all.from_us, all.until_us),
        };
        let seconds = cut.until_us.saturating_sub(cut.from_us) / US_PER_S;
        if seconds < settings.min_seconds as i64 && (cut.from_us, cut.until_us) != (all.from_us, all.until_us)
        {
            reasons.push(format!("the users are at their peak for only {seconds} s: no ramp is cut"));
            return all;
        }
        let since_start = |at_us: i64| in_seconds(since_start_s(whole, at_us));
        if cut.from_us > all.from_us {
            reasons.push(format!("ramp-up by user count until {}", since_start(cut.from_us)));
        }
        if cut.until_us < all.until_us {
            reasons.push(format!("ramp-down by user count from {}", since_start(cut.until_us)));
        }
        cut
    }
}
