//! What was used, what was not, and what is odd about the recording.

use super::context::Context;
use super::coverage::Coverage;
use super::samples::{Samples, Stream};
use crate::run::LoadReport;
use crate::stats::quantile::type7_sorted;
use crate::summary::{DataQuality, Measured, SamplerQuality};

pub fn measure(
    load: LoadReport,
    samples: &Samples,
    coverage: &Coverage,
    load_generator_limit_percent: f64,
    context: &Context<'_>,
) -> DataQuality {
    let mut load_notes = load.notes;
    if samples.without_value > 0 {
        load_notes.push(format!("{} process rows without a value say nothing", samples.without_value));
    }
    DataQuality {
        rows_total: load.rows_total,
        rows_used: load.rows_used,
        rows_left_out: load.faults,
        refused_lines: Measured::or(context.metadata.refused_lines(), "no recorder tells of its lines"),
        missing_columns: load.missing_columns,
        extra_columns: load.extra_columns,
        load_notes,
        integrity: load.integrity,
        complete: load.complete,
        sampler: sampler(samples, load.clock_steps, context),
        gaps: coverage.gaps(context.settings.gap_s),
        load_generator_saturated: load_generator_saturated(samples, load_generator_limit_percent, context),
    }
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
