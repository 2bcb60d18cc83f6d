//! `timeseries.parquet`: the calls of each component that ended in each tick, per 100 ms and per second, in each
//! window.

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

use super::columns::Columns;
use crate::analysis::Analysis;
use crate::summary::{CallTick, RunSummary};

pub(super) fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let rows = || {
        analyses
            .iter()
            .flat_map(|analysis| analysis.windows())
            .flat_map(|window| resolved_ticks(window).map(move |(component, tick)| (window, component, tick)))
    };
    let ticks = || rows().map(|(_, _, tick)| tick);
    Columns::default()
        .text("run_id", rows().map(|(run, _, _)| Some(run.identity.run_id.as_str())))
        .small_count("resolution_ms", ticks().map(|tick| Some(tick.resolution_ms)))
        .time("ts", ticks().map(|tick| Some(tick.start_us)))
        .count("tick", ticks().map(|tick| Some(tick.tick)))
        .text("component", rows().map(|(_, component, _)| Some(component)))
        .count("count", ticks().map(|tick| Some(tick.count)))
        .count("ok", ticks().map(|tick| Some(tick.ok)))
        .count("failed", ticks().map(|tick| Some(tick.failed)))
        .number("mean_ms", ticks().map(|tick| tick.mean_ms))
        .number("p50_ms", ticks().map(|tick| tick.p50_ms))
        .number("p95_ms", ticks().map(|tick| tick.p95_ms))
        .number("max_ms", ticks().map(|tick| tick.max_ms))
        .number("in_flight", ticks().map(|tick| Some(tick.in_flight)))
        .text("window", rows().map(|(run, _, _)| Some(run.window.name.as_str())))
        .into_rows()
}

/// The ticks of a window with the names of their components.
pub(in crate::report) fn resolved_ticks(run: &RunSummary) -> impl Iterator<Item = (&str, &CallTick)> {
    run.series.calls.iter().filter_map(|tick| {
        let component = run.components.get(tick.component)?;
        Some((component.component.as_str(), tick))
    })
}
