//! `timeseries.parquet` and `timeseries_100ms.parquet`: the calls of each component that ended in each second and tick.

use std::sync::Arc;

use arrow_array::{RecordBatch, StringArray};
use arrow_schema::ArrowError;

use super::columns::{Batches, Columns};
use super::parquet_bytes::ROWS_PER_BATCH;
use crate::analysis::Analysis;
use crate::summary::{CallTick, CallTicks, RunSummary};

const SECOND_MS: u32 = 1000;
const TICK_MS: u32 = 100;

/// A tick of a component.
pub struct Row<'a> {
    pub calls: &'a CallTicks,
    pub tick: CallTick,
    pub is_judged: bool,
}

/// No rows.
pub fn empty() -> Result<RecordBatch, ArrowError> {
    columns("", &Arc::new(StringArray::from(vec![""])), &[])
}

pub fn seconds_of_run(analysis: &Analysis) -> Batches<'_> {
    batches(&analysis.whole, seconds(analysis))
}

pub fn ticks_of_run(analysis: &Analysis) -> Batches<'_> {
    batches(&analysis.whole, ticks(analysis, TICK_MS))
}

/// All seconds of a run, those of one component after those of the other.
pub fn seconds(analysis: &Analysis) -> impl Iterator<Item = Row<'_>> {
    ticks(analysis, SECOND_MS)
}

/// Each tick once; those of no known component are left out.
fn ticks(analysis: &Analysis, resolution_ms: u32) -> impl Iterator<Item = Row<'_>> {
    let run = &analysis.whole;
    let part = analysis.judged_part();
    let series =
        run.series.calls.iter().filter(move |calls| {
            calls.resolution_ms == resolution_ms && calls.component < run.components.len()
        });
    series.flat_map(move |calls| {
        calls.ticks().map(move |tick| {
            let is_judged = part.is_none_or(|window| calls.lies_in(&tick, window));
            Row { calls, tick, is_judged }
        })
    })
}

fn batches<'a>(run: &'a RunSummary, mut rows: impl Iterator<Item = Row<'a>> + 'a) -> Batches<'a> {
    let components = run.components.iter().map(|component| component.component.as_str());
    let components = Arc::new(StringArray::from_iter_values(components));
    let mut batch = Vec::with_capacity(ROWS_PER_BATCH);
    Box::new(std::iter::from_fn(move || {
        batch.clear();
        batch.extend(rows.by_ref().take(ROWS_PER_BATCH));
        (!batch.is_empty()).then(|| columns(&run.identity.run_id, &components, &batch))
    }))
}

fn columns(run_id: &str, components: &Arc<StringArray>, rows: &[Row<'_>]) -> Result<RecordBatch, ArrowError> {
    let all = || rows.iter();
    let columns = Columns::default()
        .constant("run_id", run_id, rows.len())
        .small_count("resolution_ms", all().map(|row| Some(row.calls.resolution_ms)))
        .time("ts", all().map(|row| Some(row.tick.start_us)))
        .count("tick", all().map(|row| Some(row.calls.number(&row.tick))))
        .words("component", components, all().map(|row| row.calls.component));
    numbers(columns, rows).flag("judged", all().map(|row| Some(row.is_judged))).into_rows()
}

fn numbers(columns: Columns, rows: &[Row<'_>]) -> Columns {
    let count = |of: fn(&CallTick) -> u32| rows.iter().map(move |row| Some(u64::from(of(&row.tick))));
    let number = |of: fn(&CallTick) -> Option<f64>| rows.iter().map(move |row| of(&row.tick));
    columns
        .count("count", count(|tick| tick.count))
        .count("ok", count(|tick| tick.ok))
        .count("failed", count(|tick| tick.failed))
        .count("hits", count(|tick| tick.hits))
        .count("misses", count(|tick| tick.misses))
        .number("mean_ms", number(|tick| tick.mean_ms.get()))
        .number("p50_ms", number(|tick| tick.p50_ms.get()))
        .number("p95_ms", number(|tick| tick.p95_ms.get()))
        .number("max_ms", number(|tick| tick.max_ms.get()))
        .number("in_flight", number(|tick| Some(tick.in_flight)))
}
