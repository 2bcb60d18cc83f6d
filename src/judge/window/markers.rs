//! A window that the run itself marks: from a `phase` marker of a steady phase to the next marker.

use super::found::Found;
use crate::config::WindowSettings;
use crate::summary::{RunTimeline, WindowName};

/// The longest stretch, within the run, that begins with a marker named in the settings.
pub fn longest_steady_phase(whole: &RunTimeline, settings: &WindowSettings) -> Option<Found> {
    let (start_us, end_us) = (whole.window.start_us, whole.window.end_us);
    let ends = whole.phases.iter().skip(1).map(|next| next.at_us).chain([end_us]);
    let stretches: Vec<(&str, i64, i64)> = whole
        .phases
        .iter()
        .zip(ends)
        .filter(|(phase, _)| settings.steady_phases.contains(&phase.name))
        .map(|(phase, until_us)| {
            (phase.name.as_str(), phase.at_us.clamp(start_us, end_us), until_us.clamp(start_us, end_us))
        })
        .filter(|(_, from_us, until_us)| until_us > from_us)
        .collect();
    let longest = stretches.iter().map(|(_, from_us, until_us)| until_us - from_us).max()?;
    // Of equally long ones the first.
    let (name, from_us, until_us) =
        *stretches.iter().find(|(_, from_us, until_us)| until_us - from_us == longest)?;
    let mut reason = format!("marked `{name}` in the run");
    if stretches.len() > 1 {
        reason.push_str(&format!(", the longest of {} such phases", stretches.len()));
    }
    Some(Found { name: WindowName::Chosen, start_us: from_us, end_us: until_us, reasons: vec![reason] })
}
