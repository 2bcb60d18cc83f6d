//! Finding the window that is judged: by hand, by the run's markers, or where the run is steady.

use crate::config::Config;
use crate::summary::{RunTimeline, WindowName};

use super::Steadiness;

mod choice;
mod found;
mod markers;
mod quarters;
mod ramps;
mod search;
mod seconds;
mod warm_up;

#[cfg(test)]
mod tests;

pub use choice::{WindowChoice, WindowError, in_seconds};

use found::{Found, US_PER_S, length_s};

/// The window of `whole` that is judged, and why that one: what was asked for by hand, else the stretch behind a
/// marker of the run, else what is left when ramps and warm-up are cut.
///
/// # Errors
/// When the window that was asked for by hand leaves nothing of this run.
pub fn find_window(
    whole: &RunTimeline,
    choice: &WindowChoice,
    config: &Config,
) -> Result<Steadiness, WindowError> {
    let settings = &config.window;
    let found = if choice.is_made() {
        by_hand(whole, choice)?
    } else {
        markers::longest_steady_phase(whole, settings).unwrap_or_else(|| search::search(whole, settings))
    };
    Ok(found.judge(whole, settings))
}

fn by_hand(whole: &RunTimeline, choice: &WindowChoice) -> Result<Found, WindowError> {
    let (from_s, to_s) = choice.part_of(length_s(whole))?;
    let at_us = |time_s: f64| whole.window.start_us + (time_s * US_PER_S).round() as i64;
    Ok(Found {
        name: WindowName::Chosen,
        start_us: at_us(from_s),
        end_us: at_us(to_s),
        reasons: vec![format!("chosen by {}", choice.flags())],
    })
}
