//! Finding the window that is judged, by hand, by the run's markers, or without the transient at the start; and was it steady?

use crate::config::Config;
use crate::summary::{Parts, RunTimeline, WindowName};

use super::Steadiness;

mod band;
mod bins;
mod check;
mod choice;
mod compare;
mod fading;
mod found;
mod markers;
mod overload;
mod ramps;
mod search;
mod transient;

#[cfg(test)]
mod tests;

pub use choice::{WindowChoice, WindowError, in_seconds};

use found::{Found, US_PER_S, length_s};

/// The window of `whole` that is judged, and why that one: what was asked for by hand, else the stretch behind a
/// marker of the run, else what is left when ramps and the initial transient are cut. `parts` has the run's requests.
///
/// # Errors
/// When the window that was asked for by hand leaves nothing of this run.
pub fn find_window(
    whole: &RunTimeline,
    parts: &impl Parts,
    choice: &WindowChoice,
    config: &Config,
) -> Result<Steadiness, WindowError> {
    let settings = &config.window;
    let found = if choice.is_made() {
        by_hand(whole, choice)?
    } else {
        markers::longest_steady_phase(whole, settings).unwrap_or_else(|| search::search(whole, settings))
    };
    Ok(found.judge(whole, parts, settings))
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
