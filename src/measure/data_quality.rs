//! What was used, what was not, and what is odd about the recording.

use super::context::Context;
use super::recording::Recording;
use super::requests::Outcomes;
use super::samples::{Samples, Stream};
use crate::run::{DUPLICATE_ROW, RowFault};
use crate::stats::quantile::type7_sorted;
use crate::summary::{DataQuality, Gap, LeftOut, Measured, SamplerQuality};
use crate::units::counted;

/// `shared_ids`: ids that several requests have, and how many requests these are.
pub fn measure(
    recording: &Recording<'_>,
    shared_ids: (u64, u64),
    requests: &Outcomes,
    load_generator_limit_percent: f64,
    context: &Context<'_>,
) -> DataQuality {
    let Recording { samples, coverage, .. } = recording;
    let load = recording.load.clone();
    let refused_lines = context.metadata.refused_lines();
    let left_out = left_out(&load.faults, requests, refused_lines.unwrap_or(0));
    let mut load_notes = load.notes;
    if let (1.., requests) = shared_ids {
        load_notes.push(format!(
            "{} on several requests ({}): their calls cannot be attributed, so these have no trace and no share of time",
            counted_ids(shared_ids.0),
            counted(requests, "row")
        ));
    }
    if samples.without_value > 0 {
        load_notes.push(format!("{} process rows without a value say nothing", samples.without_value));
    }
    DataQuality {
        rows_total: load.rows_total,
        rows_used: load.rows_used,
        rows_left_out: load.faults,
        refused_lines: Measured::or(refused_lines, "the recorder's line counts are unknown"),
        missing_columns: load.missing_columns,
        extra_columns: load.extra_columns,
        load_notes,
        integrity: load.integrity,
        complete: load.complete,
        sampler: sampler(samples, load.clock_steps, context),
        gaps: coverage.gaps(context.settings.gap_s),
        silences: recording.silences(context.window),
        load: Gap { start_us: context.window.start_us, end_us: context.window.end_us },
        overlapping_s: overlapping_s(samples, load.clock_steps, context),
        left_out,
        load_generator_saturated: load_generator_saturated(samples, load_generator_limit_percent, context),
    }
}

fn counted_ids(ids: u64) -> String {
    let verb = if ids == 1 { "is" } else { "are" };
    format!("{} {verb}", counted(ids, "request id"))
}

/// Samples that a stretch of time has on average when it is looked at for too many.
const SAMPLES_PER_BIN: f64 = 10.0;

/// What is not among the outcomes of the requests.
fn left_out(faults: &[RowFault], requests: &Outcomes, refused_lines: u64) -> LeftOut {
    let Outcomes { counts, without_duration, .. } = requests;
    let is_counted = |fault: &&RowFault| fault.column != "value" && fault.reason != DUPLICATE_ROW;
    let faulty_rows: u64 = faults.iter().filter(is_counted).map(|fault| fault.count).sum();
    let unknown_outcomes = counts.unknown;
    let of = (counts.sent() + faulty_rows + refused_lines).max(1);
    let share = (faulty_rows + unknown_outcomes + without_duration + refused_lines) as f64 / of as f64;
    LeftOut { faulty_rows, unknown_outcomes, without_duration: *without_duration, refused_lines, share }
}

/// Seconds in which the longest process stream has half as many samples again as it should have, or more: a clock that was
/// set back goes through a stretch of time twice. The order of the rows must tell of it, too: a sampler may change its pace.
fn overlapping_s(samples: &Samples, clock_steps: u64, context: &Context<'_>) -> f64 {
    let Some(stream) = samples.longest_process().filter(|_| clock_steps > 0) else { return 0.0 };
    let points = &stream.points;
    let span_us = (points[points.len() - 1].0 - points[0].0).max(1) as f64;
    let bin_us = span_us / (points.len() as f64 / SAMPLES_PER_BIN).ceil();
    let bin = |&(at_us, _): &(i64, f64)| ((at_us - points[0].0) as f64 / bin_us) as u64;
    let mut counts: Vec<f64> = points.chunk_by(|a, b| bin(a) == bin(b)).map(|bin| bin.len() as f64).collect();
    counts.sort_unstable_by(f64::total_cmp);
    let declared = context.metadata.sample_interval_ms.filter(|&interval_ms| interval_ms > 0.0);
    let expected = declared.map(|interval_ms| bin_us / 1000.0 / interval_ms);
    // A quarter of the time at least is not gone through twice.
    let usual = expected.or_else(|| type7_sorted(&counts, 0.25)).unwrap_or(0.0);
    let twice = counts.iter().filter(|&&count| count >= 1.5 * usual).count();
    twice as f64 * bin_us / 1e6
}

/// Judged on the process stream with the most samples.
fn sampler(samples: &Samples, clock_steps: u64, context: &Context<'_>) -> Measured<SamplerQuality> {
    let Some(stream) = samples.longest_process() else {
        return Measured::undefined("fewer than 2 process samples");
    };
    let interval_ms = samples.interval_ms(context);
    let distances_ms = stream.distances_ms();
    let missed = distances_ms.iter().map(|distance_ms| (distance_ms / interval_ms).round() - 1.0);
    let mut jitter_ms: Vec<f64> =
        distances_ms.iter().map(|distance_ms| (distance_ms - interval_ms).abs()).collect();
    jitter_ms.sort_unstable_by(f64::total_cmp);
    Measured::Value(SamplerQuality {
        interval_ms,
        samples: stream.points.len() as u64,
        missed_ticks: missed.filter(|&missed| missed > 0.0).sum::<f64>() as u64,
        jitter_p50_ms: type7_sorted(&jitter_ms, 0.5).unwrap_or(0.0),
        jitter_max_ms: jitter_ms.last().copied().unwrap_or(0.0),
        clock_steps,
    })
}

/// Did any process of the load generator use more than its share of a core, on average?
fn load_generator_saturated(samples: &Samples, limit_percent: f64, context: &Context<'_>) -> Measured<bool> {
    let is_generator_cpu = |stream: &&Stream| {
        stream.role.as_deref() == Some("load_generator")
            && stream.component == "process"
            && context.settings.cpu_metrics.contains(&stream.metric)
    };
    let means: Vec<f64> = samples
        .streams
        .iter()
        .filter(is_generator_cpu)
        .map(|stream| stream.points.iter().map(|point| point.1).sum::<f64>() / stream.points.len() as f64)
        .collect();
    Measured::or(
        (!means.is_empty()).then(|| means.iter().any(|&mean| mean > limit_percent)),
        "no CPU samples of an instance with the role load_generator",
    )
}
