//! The rows of one run as a Parquet file: numbers in batches, texts run by run, shared pages once.

use std::io::Write;

use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;

use super::{COMPONENT, FILE_NAME, RUN_ID, Row, WINDOW, calls, resolved_calls, schema, times};
use crate::analysis::{Analysis, Provenance};
use crate::report::tables::columns::Columns;
use crate::report::tables::parquet_bytes::{ROWS_PER_BATCH, ROWS_PER_GROUP, encode, properties};
use crate::report::tables::splice::{Copied, Splice};
use crate::report::tables::words;
use crate::summary::{CallTicks, RunSummary, Window};

/// The rows of one run: of the whole before the judged window, within it, and behind it; then those of the judged window.
/// What lies within is in both and differs in the column `window` alone: its pages are stored once.
pub fn encode_run(
    analysis: &Analysis,
    provenance: &Provenance,
    out: &mut (dyn Write + Send),
) -> Result<(), ParquetError> {
    let (whole, judged) = (&analysis.whole, &analysis.summary);
    let mut file = TickFile::begin(provenance, out)?;
    if judged.window.name == whole.window.name {
        file.add(&Part::of(whole))?;
        return file.splice.finish().map(drop);
    }
    let [before, within, behind] = split(whole, &judged.window);
    if within.is_same(&Part::of(judged)) {
        file.add(&before)?;
        let repeated = file.add(&within)?;
        file.add(&behind)?;
        file.repeat(repeated, &judged.window.name)?;
    } else {
        file.add(&Part::of(whole))?;
        file.add(&Part::of(judged))?;
    }
    file.splice.finish().map(drop)
}

/// Ticks of one run and window, those of one component and resolution after the other.
struct Part<'a> {
    run: &'a RunSummary,
    pieces: Vec<CallTicks>,
}

impl<'a> Part<'a> {
    fn of(run: &'a RunSummary) -> Self {
        Self { run, pieces: resolved_calls(run).map(|(_, calls)| calls.clone()).collect() }
    }

    fn rows(&self) -> usize {
        self.pieces.iter().map(|calls| calls.len()).sum()
    }

    /// Parts of few enough rows for a row group each, one behind the other.
    fn groups(&self) -> Vec<Self> {
        let mut groups = Vec::new();
        let (mut pieces, mut rows) = (Vec::new(), 0);
        for calls in &self.pieces {
            let mut calls = calls.clone();
            while !calls.is_empty() {
                let [piece, rest] = calls.split_at(ROWS_PER_GROUP - rows);
                rows += piece.len();
                pieces.push(piece);
                calls = rest;
                if rows == ROWS_PER_GROUP {
                    groups.push(Self { run: self.run, pieces: std::mem::take(&mut pieces) });
                    rows = 0;
                }
            }
        }
        groups.extend((!pieces.is_empty()).then_some(Self { run: self.run, pieces }));
        groups
    }

    fn components(&self) -> Vec<&'a str> {
        self.run.components.iter().map(|component| component.component.as_str()).collect()
    }

    /// Do both have the same rows, the window apart?
    fn is_same(&self, other: &Part<'_>) -> bool {
        let (ours, theirs) = (self.components(), other.components());
        let same = |(a, b): (&CallTicks, &CallTicks)| {
            ours.get(a.component) == theirs.get(b.component) && a.has_ticks_of(b)
        };
        self.pieces.len() == other.pieces.len() && self.pieces.iter().zip(&other.pieces).all(same)
    }
}

/// What lies before a window, within it and behind it.
fn split<'a>(run: &'a RunSummary, window: &Window) -> [Part<'a>; 3] {
    let part = || Part { run, pieces: Vec::new() };
    let mut parts = [part(), part(), part()];
    for (_, calls) in resolved_calls(run) {
        let split = calls.split(window.start_us, window.end_us);
        for (part, calls) in parts.iter_mut().zip(split) {
            part.pieces.extend((!calls.is_empty()).then_some(calls));
        }
    }
    parts
}

/// The file in the making.
struct TickFile<'a, W: Write + Send> {
    splice: Splice<W>,
    provenance: &'a Provenance,
}

impl<'a, W: Write + Send> TickFile<'a, W> {
    fn begin(provenance: &'a Provenance, out: W) -> Result<Self, ParquetError> {
        let empty = encode(schema()?, FILE_NAME, provenance, |_| Ok(()))?;
        Ok(Self { splice: Splice::begin(out, &empty)?, provenance })
    }

    /// Adds the rows of a part. Returns what its row groups are made of.
    fn add(&mut self, part: &Part<'_>) -> Result<Vec<Copied>, ParquetError> {
        part.groups().iter().map(|part| self.add_group(part)).collect()
    }

    /// Adds a row group.
    fn add_group(&mut self, part: &Part<'_>) -> Result<Copied, ParquetError> {
        let rows = part.rows();
        let mut group = match <[Copied; 1]>::try_from(self.add_numbers(part)?) {
            Ok([group]) if usize::try_from(group.rows) == Ok(rows) => group,
            _ => return Err(ParquetError::General("one row group was expected".to_owned())),
        };
        let run_id = self.text(RUN_ID, &[&part.run.identity.run_id], &[(0, rows)])?;
        let runs: Vec<(usize, usize)> =
            part.pieces.iter().map(|calls| (calls.component, calls.len())).collect();
        let component = self.text(COMPONENT, &part.components(), &runs)?;
        let window = self.text(WINDOW, &[&part.run.window.name], &[(0, rows)])?;
        // From left to right, so that each index is right when it is filled.
        for (index, chunk) in [run_id, component, window] {
            group.columns.insert(index, chunk);
        }
        self.splice.add_row_group(group.clone())?;
        Ok(group)
    }

    /// Adds the rows of row groups once more, under another window.
    fn repeat(&mut self, groups: Vec<Copied>, window: &str) -> Result<(), ParquetError> {
        groups.into_iter().try_for_each(|mut group| {
            let rows =
                usize::try_from(group.rows).map_err(|error| ParquetError::General(error.to_string()))?;
            let (index, chunk) = self.text(WINDOW, &[window], &[(0, rows)])?;
            group.columns[index] = chunk;
            self.splice.add_row_group(group)
        })
    }

    fn text(
        &mut self,
        name: &str,
        words: &[&str],
        runs: &[(usize, usize)],
    ) -> Result<(usize, ColumnChunkMetaData), ParquetError> {
        let (index, column) = self.splice.column(name)?;
        let pages = words::encode(column, words, runs)?;
        Ok((index, self.splice.copy_column(&pages)?))
    }

    /// The pages of the columns that are numbers or times.
    fn add_numbers(&mut self, part: &Part<'_>) -> Result<Vec<Copied>, ParquetError> {
        let numbers = |ticks: &[Row<'_>]| calls(times(Columns::default(), ticks), ticks).into_rows();
        let schema = numbers(&[])?.schema();
        let properties = properties(&schema, FILE_NAME, self.provenance)?;
        self.splice.encode(schema, properties, |file| {
            let mut batch: Vec<Row<'_>> = Vec::with_capacity(ROWS_PER_BATCH);
            for calls in &part.pieces {
                for tick in calls.ticks() {
                    batch.push((calls, tick));
                    if batch.len() == ROWS_PER_BATCH {
                        file.write(&numbers(&batch)?)?;
                        batch.clear();
                    }
                }
            }
            if batch.is_empty() { Ok(()) } else { file.write(&numbers(&batch)?) }
        })
    }
}
