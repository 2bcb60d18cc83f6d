//! `timeseries.parquet`: the calls of each component that ended in each tick, per 100 ms and per second, in each
//! window.

use std::sync::Arc;

use arrow::array::{RecordBatch, StringArray};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use super::columns::Columns;
use crate::analysis::Analysis;
use crate::summary::{CallTick, RunSummary};

mod file;

pub(super) use file::encode_run;

pub(super) const FILE_NAME: &str = "timeseries.parquet";

/// Columns that are texts; the others are numbers and times.
const RUN_ID: &str = "run_id";
const COMPONENT: &str = "component";
const WINDOW: &str = "window";

/// All rows of `analyses`, for those who want them in memory.
pub(super) fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let windows = analyses.iter().flat_map(|analysis| analysis.windows());
    let batches: Vec<RecordBatch> = windows.map(rows_of).collect::<Result<_, _>>()?;
    arrow::compute::concat_batches(&schema()?, &batches)
}

fn schema() -> Result<SchemaRef, ArrowError> {
    Ok(rows("", "", &Arc::new(StringArray::from(vec![""])), &[])?.schema())
}

fn rows_of(run: &RunSummary) -> Result<RecordBatch, ArrowError> {
    let components = run.components.iter().map(|component| component.component.as_str());
    let components = Arc::new(StringArray::from_iter_values(components));
    let ticks: Vec<&CallTick> = resolved_ticks(run).map(|(_, tick)| tick).collect();
    rows(&run.identity.run_id, &run.window.name, &components, &ticks)
}

fn rows(
    run_id: &str,
    window: &str,
    components: &Arc<StringArray>,
    ticks: &[&CallTick],
) -> Result<RecordBatch, ArrowError> {
    let columns = Columns::default().constant(RUN_ID, run_id, ticks.len());
    let columns = times(columns, ticks).words(COMPONENT, components, ticks.iter().map(|tick| tick.component));
    calls(columns, ticks).constant(WINDOW, window, ticks.len()).into_rows()
}

/// The columns between `run_id` and `component`.
fn times(columns: Columns, ticks: &[&CallTick]) -> Columns {
    let all = || ticks.iter();
    columns
        .every_small_count("resolution_ms", all().map(|tick| tick.resolution_ms))
        .every_time("ts", all().map(|tick| tick.start_us))
        .every_count("tick", all().map(|tick| tick.tick))
}

/// The columns between `component` and `window`.
fn calls(columns: Columns, ticks: &[&CallTick]) -> Columns {
    let all = || ticks.iter();
    columns
        .every_count("count", all().map(|tick| tick.count))
        .every_count("ok", all().map(|tick| tick.ok))
        .every_count("failed", all().map(|tick| tick.failed))
        .number("mean_ms", all().map(|tick| tick.mean_ms))
        .number("p50_ms", all().map(|tick| tick.p50_ms))
        .number("p95_ms", all().map(|tick| tick.p95_ms))
        .number("max_ms", all().map(|tick| tick.max_ms))
        .number("in_flight", all().map(|tick| Some(tick.in_flight)))
}

/// The ticks of a window with the names of their components.
pub(in crate::report) fn resolved_ticks(run: &RunSummary) -> impl Iterator<Item = (&str, &CallTick)> {
    run.series.calls.iter().filter_map(|tick| {
        let component = run.components.get(tick.component)?;
        Some((component.component.as_str(), tick))
    })
}
