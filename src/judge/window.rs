//! Finding the window that is judged: by hand, by the run's markers, or where the run is steady.

use crate::config::Config;
use crate::summary::{Measured, RunSummary};

use super::Steadiness;

mod choice;

pub use choice::{WindowChoice, WindowError};

const US_PER_S: f64 = 1e6;

/// The window of `whole` that is judged, and why that one.
///
/// # Errors
/// When the window that was asked for by hand leaves nothing of this run.
pub fn find_window(
    whole: &RunSummary,
    choice: &WindowChoice,
    _config: &Config,
) -> Result<Steadiness, WindowError> {
    let (start_us, end_us) = (whole.window.start_us, whole.window.end_us);
    let length_s = end_us.saturating_sub(start_us) as f64 / US_PER_S;
    let (from_s, to_s) = match choice.is_made() {
        true => choice.part_of(length_s)?,
        false => (0.0, length_s),
    };
    Ok(Steadiness {
        window: if choice.is_made() { "chosen" } else { "whole" }.to_owned(),
        start_us: start_us + (from_s * US_PER_S).round() as i64,
        end_us: start_us + (to_s * US_PER_S).round() as i64,
        because: "the whole run".to_owned(),
        warm_up_s: from_s,
        ramp_down_s: length_s - to_s,
        is_steady: Measured::undefined("not looked for"),
        quarters: Vec::new(),
        is_trusted: false,
    })
}
