//! Can a run be judged by what was recorded of it? What was left out, what nobody saw, a clock that was set.

use super::window::in_seconds;
use crate::config::RunLimits;
use crate::summary::{DataQuality, Gap, RunSummary};
use crate::units::{self, Unit};

const US_PER_S: f64 = 1e6;

/// Why no verdict about the run is clean, though its recording is complete, one phrase each.
pub fn recording_faults(run: &RunSummary, limits: &RunLimits) -> Vec<String> {
    let quality = &run.data_quality;
    let faults =
        [left_out(quality, limits), in_flight(run, limits), silent(run, limits), overlapping(run, limits)];
    faults.into_iter().flatten().collect()
}

fn left_out(quality: &DataQuality, limits: &RunLimits) -> Option<String> {
    let (share, limit) = (quality.left_out.share, limits.max_left_out_share);
    (share > limit).then(|| {
        format!(
            "{} of what was sent is left out ({}), more than `run.max_left_out_share` = {limit} allows",
            Unit::Ratio.print(share),
            left_out_parts(quality).join(", ")
        )
    })
}

/// What is left out, in numbers.
pub fn left_out_parts(quality: &DataQuality) -> Vec<String> {
    let parts = [
        (quality.left_out.faulty_rows, "faulty row", ""),
        (quality.left_out.unknown_outcomes, "request", " without an outcome"),
        (quality.left_out.without_duration, "request", " without a duration"),
        (quality.left_out.refused_lines, "line", " refused while recording"),
    ];
    let some = parts.into_iter().filter(|(count, ..)| *count > 0);
    some.map(|(count, what, how)| units::counted(count, what) + how).collect()
}

/// Who waits when the load ends has no vote, unless they are far more than usual: offered rate · mean response time (N = λW).
fn in_flight(run: &RunSummary, limits: &RunLimits) -> Option<String> {
    let counts = &run.requests.counts;
    let usual = run.throughput.offered_per_s.number()? * run.requests.all.mean_ms.number()? / 1000.0;
    let most = limits.max_in_flight_at_end * usual.max(LEAST_USUAL);
    let is_much = counts.unfinished as f64 > limits.max_left_out_share * counts.sent() as f64;
    (is_much && counts.unfinished as f64 > most).then(|| {
        format!(
            "{} in flight when the load ended, where {} are usual: how they would have ended is unknown",
            units::counted(counts.unfinished, "request"),
            units::number(usual)
        )
    })
}

/// Fewer requests in flight than this say nothing.
const LEAST_USUAL: f64 = 5.0;

fn silent(run: &RunSummary, limits: &RunLimits) -> Option<String> {
    let silences = &run.data_quality.silences;
    let silent_s: f64 = silences.iter().map(length_s).sum();
    let longest = silences.iter().max_by(|a, b| length_s(a).total_cmp(&length_s(b)))?;
    let load = &run.data_quality.load;
    let share = silent_s / length_s(load);
    (share > limits.max_silent_share).then(|| {
        format!(
            "nothing was recorded for {} of {}, the longest stretch from {}: the clock was set, or the recorder or \
             the load stopped",
            units::duration_s(silent_s),
            units::duration_s(length_s(load)),
            in_seconds(longest.start_us.saturating_sub(load.start_us) as f64 / US_PER_S),
        )
    })
}

fn overlapping(run: &RunSummary, limits: &RunLimits) -> Option<String> {
    let seconds = run.data_quality.overlapping_s;
    (seconds > limits.max_overlapping_share * length_s(&run.data_quality.load)).then(|| {
        format!(
            "samples overlap by {}: the clock was set back while recording, or two recordings are in one run",
            units::duration_s(seconds)
        )
    })
}

fn length_s(stretch: &Gap) -> f64 {
    stretch.end_us.saturating_sub(stretch.start_us) as f64 / US_PER_S
}
