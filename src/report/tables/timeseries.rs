//! `timeseries.parquet`: the calls of each component that ended in each tick, per 100 ms and per second, in each
//! window.

use std::sync::Arc;

use arrow::array::{RecordBatch, StringArray};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use super::columns::Columns;
use crate::analysis::Analysis;
use crate::summary::{CallTick, CallTicks, RunSummary};

mod file;

pub use file::encode_run;

pub const FILE_NAME: &str = "timeseries.parquet";

/// Columns that are texts; the others are numbers and times.
const RUN_ID: &str = "run_id";
const COMPONENT: &str = "component";
const WINDOW: &str = "window";

/// A tick and those that it is one of.
type Row<'a> = (&'a CallTicks, CallTick);

/// All rows of `analyses`, for those who want them in memory.
pub fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
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
    let calls = resolved_calls(run).map(|(_, calls)| calls);
    let ticks: Vec<Row<'_>> = calls.flat_map(|calls| calls.ticks().map(move |tick| (calls, tick))).collect();
    rows(&run.identity.run_id, &run.window.name, &components, &ticks)
}

fn rows(
    run_id: &str,
    window: &str,
    components: &Arc<StringArray>,
    ticks: &[Row<'_>],
) -> Result<RecordBatch, ArrowError> {
    let columns = Columns::default().constant(RUN_ID, run_id, ticks.len());
    let columns =
        times(columns, ticks).words(COMPONENT, components, ticks.iter().map(|(calls, _)| calls.component));
    calls(columns, ticks).constant(WINDOW, window, ticks.len()).into_rows()
}

/// The columns between `run_id` and `component`.
fn times(columns: Columns, ticks: &[Row<'_>]) -> Columns {
    let all = || ticks.iter();
    columns
        .every_small_count("resolution_ms", all().map(|(calls, _)| calls.resolution_ms))
        .every_time("ts", all().map(|(_, tick)| tick.start_us))
        .every_count("tick", all().map(|(calls, tick)| calls.number(tick)))
}

/// The columns between `component` and `window`.
fn calls(columns: Columns, ticks: &[Row<'_>]) -> Columns {
    let all = || ticks.iter().map(|(_, tick)| tick);
    columns
        .every_count("count", all().map(|tick| u64::from(tick.count)))
        .every_count("ok", all().map(|tick| u64::from(tick.ok)))
        .every_count("failed", all().map(|tick| u64::from(tick.failed)))
        .number("mean_ms", all().map(|tick| tick.mean_ms.get()))
        .number("p50_ms", all().map(|tick| tick.p50_ms.get()))
        .number("p95_ms", all().map(|tick| tick.p95_ms.get()))
        .number("max_ms", all().map(|tick| tick.max_ms.get()))
        .number("in_flight", all().map(|tick| Some(tick.in_flight)))
}

/// The series of a window with the names of their components; those of no known component are left out.
pub fn resolved_calls(run: &RunSummary) -> impl Iterator<Item = (&str, &CallTicks)> {
    run.series.calls.iter().filter_map(|calls| {
        let component = run.components.get(calls.component)?;
        Some((component.component.as_str(), calls))
    })
}
