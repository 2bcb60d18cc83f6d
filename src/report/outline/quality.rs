//! Data quality: what was used, what was not, and what is odd about the recording.

use super::{Cell, Section, Tone};
use crate::analysis::Analysis;
use crate::summary::{DataQuality, RowFault};
use crate::units::{self, Unit};

/// Gaps that are listed; the others are in the report.
const GAPS_LISTED: usize = 3;
/// Columns that nobody knows; the others are in the report.
const COLUMNS_LISTED: usize = 20;

pub fn section(analysis: &Analysis) -> Section {
    let quality = &analysis.summary.data_quality;
    let mut lines = vec![rows(quality)];
    lines.extend(quality.rows_left_out.iter().map(fault));
    if quality.complete == Some(false) {
        lines.push("The recording is incomplete".to_owned());
    }
    if analysis.summary.requests.totals.declared {
        lines.push("Requests, ok and failed are the test's own totals, not the events'".to_owned());
    }
    lines.extend(sampler(quality));
    lines.extend(gaps(quality));
    if quality.load_generator_saturated.value() == Some(&true) {
        lines.push("The load generator was at its limit: slow answers may be its own".to_owned());
    }
    if !quality.missing_columns.is_empty() {
        lines.push(format!("Columns not recorded: {}", quality.missing_columns.join(", ")));
    }
    if !quality.extra_columns.is_empty() {
        let shown = quality.extra_columns.iter().take(COLUMNS_LISTED).map(String::as_str);
        let shown = shown.collect::<Vec<_>>().join(", ");
        let more = quality.extra_columns.len().saturating_sub(COLUMNS_LISTED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        lines.push(format!("Columns ignored: {shown}{more}"));
    }
    lines.extend(quality.load_notes.iter().cloned());
    Section::of_lines("Data quality", lines)
}

/// What is wrong with the recording, as far as no other line of a short view says it.
pub fn doubts(analysis: &Analysis) -> Option<Cell> {
    let quality = &analysis.summary.data_quality;
    let mut doubts: Vec<String> = quality.rows_left_out.iter().map(fault_in_brief).collect();
    doubts.extend(quality.load_notes.iter().cloned());
    doubts.extend(gaps(quality).into_iter().take(1));
    let first = doubts.first()?;
    let more = match doubts.len() - 1 {
        0 => String::new(),
        more => format!("; and {more} more: --full"),
    };
    Some(Cell::toned(format!("Data: {first}{more}"), Tone::Doubtful))
}

fn fault_in_brief(fault: &RowFault) -> String {
    format!("{} left out: {}", units::counted(fault.count, "row"), fault.reason.replace('_', " "))
}

fn rows(quality: &DataQuality) -> String {
    let integrity = match quality.integrity.as_str() {
        "verified" => "checksum verified".to_owned(),
        "unverified" => "no checksum".to_owned(),
        other => other.to_owned(),
    };
    let (used, total) = (units::count(quality.rows_used), units::count(quality.rows_total));
    if quality.rows_used == quality.rows_total {
        format!("All {total} rows used, {integrity}")
    } else {
        format!("{used} of {total} rows used, {integrity}")
    }
}

fn fault(fault: &RowFault) -> String {
    format!(
        "{} left out: {} (first: {}, row {}, column {})",
        units::count(fault.count),
        fault.reason.replace('_', " "),
        fault.first_file,
        units::count(fault.first_row),
        fault.column
    )
}

fn sampler(quality: &DataQuality) -> Option<String> {
    let sampler = quality.sampler.value()?;
    let ms = |value| Unit::Milliseconds.print(value);
    let steps = match sampler.clock_steps {
        0 => String::new(),
        steps => format!(", steps of the clock {}", units::count(steps)),
    };
    Some(format!(
        "{} samples every {}, missed ticks {}, jitter P50 {}, max {}{steps}",
        units::count(sampler.samples),
        ms(sampler.interval_ms),
        units::count(sampler.missed_ticks),
        ms(sampler.jitter_p50_ms),
        ms(sampler.jitter_max_ms)
    ))
}

fn gaps(quality: &DataQuality) -> Vec<String> {
    const US_PER_S: f64 = 1e6;
    let gap = |gap: &crate::summary::Gap| {
        let length_s = (gap.end_us - gap.start_us) as f64 / US_PER_S;
        format!("No events for {} from {}", units::duration_s(length_s), units::instant(gap.start_us))
    };
    let mut lines: Vec<String> = quality.gaps.iter().take(GAPS_LISTED).map(gap).collect();
    if let Some(more) = quality.gaps.len().checked_sub(GAPS_LISTED).filter(|more| *more > 0) {
        lines.push(format!("{more} more gaps in report.json"));
    }
    lines
}
