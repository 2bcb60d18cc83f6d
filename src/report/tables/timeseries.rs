//! `timeseries.parquet`: the calls of each component that ended in each tick, per 100 ms and per second, in each
//! window.

use std::sync::Arc;

use arrow::array::{RecordBatch, StringArray};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use parquet::errors::ParquetError;

use super::columns::Columns;
use super::parquet_bytes::{Encoded, Rows, encode};
use super::splice::Splice;
use crate::analysis::{Analysis, Provenance};
use crate::summary::{CallTick, RunSummary, Window};

pub(super) const FILE_NAME: &str = "timeseries.parquet";

const WINDOW: &str = "window";

/// Rows of one batch: few enough that its columns and the ticks that they come from stay in the processor's cache.
const ROWS_PER_BATCH: usize = 8_192;

/// All rows of `analyses`, for those who want them in memory.
pub(super) fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let windows = analyses.iter().flat_map(|analysis| analysis.windows());
    let batches: Vec<RecordBatch> = windows
        .map(|run| rows(&Words::of(run), &run.series.calls.iter().collect::<Vec<_>>()))
        .collect::<Result<_, _>>()?;
    arrow::compute::concat_batches(&schema()?, &batches)
}

pub(super) fn schema() -> Result<SchemaRef, ArrowError> {
    let nothing = Words { run_id: "", window: "", components: Arc::new(StringArray::from(vec![""])) };
    Ok(rows(&nothing, &[])?.schema())
}

/// The rows of one run: of the whole before the judged window, within it, and behind it; then those of the judged window.
/// What lies within is in both and differs in the column `window` alone: its pages are stored once.
pub(super) fn encode_run(analysis: &Analysis, provenance: &Provenance) -> Result<Vec<u8>, ParquetError> {
    let (whole, judged) = (&analysis.whole, &analysis.summary);
    if judged.window.name == whole.window.name {
        return Ok(encode_all(&[whole], provenance)?.bytes);
    }
    let [before, within, behind] = split(&whole.series.calls, &judged.window);
    if !is_same(&within, whole, judged) {
        return Ok(encode_all(&[whole, judged], provenance)?.bytes);
    }
    let words = Words::of(whole);
    let file = encode(schema()?, FILE_NAME, provenance, |file| {
        [&before, &within, &behind].into_iter().try_for_each(|ticks| write_ticks(file, &words, ticks))
    })?;
    let mut splice = Splice::begin(Vec::new(), &file)?;
    let repeated: usize = within.iter().map(|ticks| ticks.len()).sum();
    if repeated > 0 {
        let window = encode_window(&judged.window.name, repeated, provenance)?;
        let row_group = usize::from(!before.is_empty());
        splice.repeat(row_group, schema()?.index_of(WINDOW)?, &window)?;
    }
    splice.finish()
}

/// A row group for each window.
fn encode_all(windows: &[&RunSummary], provenance: &Provenance) -> Result<Encoded, ParquetError> {
    encode(schema()?, FILE_NAME, provenance, |file| {
        windows.iter().try_for_each(|run| write_ticks(file, &Words::of(run), &[&run.series.calls]))
    })
}

/// The column `window` alone.
fn encode_window(name: &str, rows: usize, provenance: &Provenance) -> Result<Encoded, ParquetError> {
    let batch = Columns::default().constant(WINDOW, name, rows).into_rows()?;
    encode(batch.schema(), FILE_NAME, provenance, |file| file.write(&batch))
}

/// Ticks as a row group of their own; without ticks there is none.
fn write_ticks(file: &mut Rows<'_>, words: &Words<'_>, ticks: &[&[CallTick]]) -> Result<(), ParquetError> {
    let mut batch = Vec::with_capacity(ROWS_PER_BATCH);
    for tick in ticks.iter().copied().flatten() {
        batch.push(tick);
        if batch.len() == ROWS_PER_BATCH {
            file.write(&rows(words, &batch)?)?;
            batch.clear();
        }
    }
    if !batch.is_empty() {
        file.write(&rows(words, &batch)?)?;
    }
    file.flush()
}

/// What lies before a window, within it and behind it: a piece of the series of each component and resolution.
fn split<'a>(calls: &'a [CallTick], window: &Window) -> [Vec<&'a [CallTick]>; 3] {
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    let same_series =
        |a: &CallTick, b: &CallTick| (a.resolution_ms, a.component) == (b.resolution_ms, b.component);
    for ticks in calls.chunk_by(same_series) {
        let start = ticks.partition_point(|tick| tick.start_us < window.start_us);
        let end = ticks.partition_point(|tick| end_us(tick) <= window.end_us).max(start);
        let (rest, behind) = ticks.split_at(end);
        let (before, within) = rest.split_at(start);
        for (part, ticks) in parts.iter_mut().zip([before, within, behind]) {
            part.extend((!ticks.is_empty()).then_some(ticks));
        }
    }
    parts
}

fn end_us(tick: &CallTick) -> i64 {
    tick.start_us.saturating_add(i64::from(tick.resolution_ms) * 1000)
}

/// Are the ticks of the whole within the judged window those of the judged window?
fn is_same(within: &[&[CallTick]], whole: &RunSummary, judged: &RunSummary) -> bool {
    let ticks = within.iter().map(|ticks| ticks.len()).sum::<usize>();
    let name = |run: &RunSummary, tick: &CallTick| {
        run.components.get(tick.component).map(|component| component.component.clone())
    };
    // Of one series the first tick tells the component.
    let same_names = |(ticks, start): (&&[CallTick], usize)| {
        judged.series.calls.get(start).is_some_and(|other| name(whole, &ticks[0]) == name(judged, other))
    };
    let starts = within.iter().scan(0, |next, ticks| {
        let start = *next;
        *next += ticks.len();
        Some(start)
    });
    ticks == judged.series.calls.len()
        && within.iter().zip(starts).all(same_names)
        && within
            .iter()
            .copied()
            .flatten()
            .zip(&judged.series.calls)
            .all(|(a, b)| CallTick { component: b.component, ..a.clone() } == *b)
}

/// What the rows of one window share.
struct Words<'a> {
    run_id: &'a str,
    window: &'a str,
    components: Arc<StringArray>,
}

impl<'a> Words<'a> {
    fn of(run: &'a RunSummary) -> Self {
        let components = run.components.iter().map(|component| component.component.as_str());
        Self {
            run_id: &run.identity.run_id,
            window: &run.window.name,
            components: Arc::new(StringArray::from_iter_values(components)),
        }
    }
}

fn rows(words: &Words<'_>, ticks: &[&CallTick]) -> Result<RecordBatch, ArrowError> {
    let all = || ticks.iter();
    Columns::default()
        .constant("run_id", words.run_id, ticks.len())
        .every_small_count("resolution_ms", all().map(|tick| tick.resolution_ms))
        .every_time("ts", all().map(|tick| tick.start_us))
        .every_count("tick", all().map(|tick| tick.tick))
        .words("component", &words.components, all().map(|tick| tick.component))
        .every_count("count", all().map(|tick| tick.count))
        .every_count("ok", all().map(|tick| tick.ok))
        .every_count("failed", all().map(|tick| tick.failed))
        .number("mean_ms", all().map(|tick| tick.mean_ms))
        .number("p50_ms", all().map(|tick| tick.p50_ms))
        .number("p95_ms", all().map(|tick| tick.p95_ms))
        .number("max_ms", all().map(|tick| tick.max_ms))
        .number("in_flight", all().map(|tick| Some(tick.in_flight)))
        .constant(WINDOW, words.window, ticks.len())
        .into_rows()
}

/// The ticks of a window with the names of their components.
pub(in crate::report) fn resolved_ticks(run: &RunSummary) -> impl Iterator<Item = (&str, &CallTick)> {
    run.series.calls.iter().filter_map(|tick| {
        let component = run.components.get(tick.component)?;
        Some((component.component.as_str(), tick))
    })
}
