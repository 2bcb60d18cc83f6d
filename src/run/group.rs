//! Reads one row group: decodes it batch by batch, leaves out rows at fault, hands on the rest.

use arrow::array::{ArrayRef, AsArray, RecordBatch, new_null_array};
use arrow::datatypes::{DataType, Int64Type};
use arrow::error::ArrowError;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use crate::config::RunLimits;

use super::batch::{Batch, Lexicon};
use super::clock::Clock;
use super::columns::{COLUMNS, Kind, TS};
use super::decode::{Decoded, Reason, Rows, Tally, decode};
use super::duplicates::{GroupRows, SharedRows};
use super::error::RunError;
use super::frame;
use super::guard::guard;
use super::part::Part;
use super::row_hash::{hash_extra, hash_rows};

/// What all row groups of a run share while it is read.
pub(super) struct Reading<'a> {
    pub(super) limits: &'a RunLimits,
    pub(super) lexicon: &'a Lexicon,
    /// Places of the columns that any part has: a part without one gets nulls.
    pub(super) places: &'a [usize],
    /// Columns beyond the contract that tell rows apart; empty where they are not compared.
    pub(super) extra: &'a [String],
    /// None where equal rows are different events.
    pub(super) seen: Option<&'a SharedRows>,
}

/// One row group of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group<'a> {
    /// Place in the run, parts in order.
    pub(super) place: usize,
    pub(super) part: &'a Part,
    pub(super) part_place: usize,
    /// Place in the part.
    pub(super) group: usize,
    /// Position of its first row in the run.
    pub(super) position: u64,
}

/// What reading a row group found, besides its rows.
#[derive(Debug, Default)]
pub(super) struct GroupOutcome {
    pub(super) tally: Tally,
    pub(super) clock: Clock,
    /// A column beyond the contract that cannot be compared, and why.
    pub(super) incomparable: Option<String>,
}

impl Reading<'_> {
    /// Reads `group` and calls `use_batch` for each batch that has rows.
    ///
    /// # Errors
    /// When it cannot be decoded.
    pub(super) fn read(
        &self,
        group: Group<'_>,
        mut use_batch: impl FnMut(&Batch),
    ) -> Result<GroupOutcome, RunError> {
        let path = &group.part.path;
        let mut reader = guard(path, || self.open(group))?;
        let mut seen = self.seen.map(GroupRows::new);
        let mut outcome = GroupOutcome::default();
        let mut position = group.position;
        while let Some((batch, rows)) =
            guard(path, || self.next(group, &mut reader, &mut seen, &mut outcome, position))?
        {
            position += rows;
            if batch.frame.height() > 0 {
                use_batch(&batch);
            }
        }
        let rows = group.part.parquet().row_group(group.group).num_rows() as u64;
        if position - group.position != rows {
            let read = position - group.position;
            return Err(RunError::FalseFooter {
                path: path.clone(),
                column: None,
                reason: format!("{rows} rows in a row group that holds {read}"),
            });
        }
        Ok(outcome)
    }

    fn open(&self, group: Group<'_>) -> Result<ParquetRecordBatchReader, RunError> {
        let mut columns: Vec<&str> = group.part.places.iter().map(|&place| COLUMNS[place].name).collect();
        columns.extend(self.extra.iter().map(String::as_str));
        #[cfg(test)]
        super::tests::panic_where_asked(&group.part.path);
        group.part.read_group(group.group, &columns, self.limits)
    }

    /// The next batch and the number of rows that were read for it.
    fn next(
        &self,
        group: Group<'_>,
        reader: &mut ParquetRecordBatchReader,
        seen: &mut Option<GroupRows<'_>>,
        outcome: &mut GroupOutcome,
        position: u64,
    ) -> Result<Option<(Batch, u64)>, RunError> {
        let convert = |error: ArrowError| group.part.undecodable(&error);
        let Some(raw) = reader.next().transpose().map_err(convert)? else { return Ok(None) };
        let mut rows = decode(&raw, &group.part.places, self.lexicon).map_err(convert)?;
        self.fill_missing(&mut rows);
        outcome.clock.follow(&rows, self.lexicon);
        outcome.tally.add(&rows.marks, position);
        if let Some(seen) = seen {
            self.mark_duplicates(&raw, &mut rows, seen, outcome, position);
        }
        let kept = rows.marks.kept();
        let frame = frame::build(&rows.columns, kept.as_ref(), raw.num_rows()).map_err(convert)?;
        Ok(Some((Batch { frame }, raw.num_rows() as u64)))
    }

    /// Columns that only other parts have: nulls here, so that all batches of a run have the same columns.
    fn fill_missing(&self, rows: &mut Rows) {
        for &place in self.places {
            if !rows.columns.iter().any(|column| column.place == place) {
                let values = new_null_array(&canonical(COLUMNS[place].kind), rows.marks.rows());
                rows.columns.push(Decoded { place, values, cut_ns: None });
            }
        }
        rows.columns.sort_by_key(|column| column.place);
    }

    fn mark_duplicates(
        &self,
        raw: &RecordBatch,
        rows: &mut Rows,
        seen: &mut GroupRows<'_>,
        outcome: &mut GroupOutcome,
        position: u64,
    ) {
        let mut hashes = hash_rows(&rows.columns, rows.marks.rows());
        for column in self.extra {
            if let Err(error) = hash_extra(raw.column_by_name(column), &mut hashes) {
                outcome.incomparable.get_or_insert(format!("`{column}` ({error})"));
                return;
            }
        }
        let Some(ts) = column(rows, TS).cloned() else { return };
        let ts = ts.as_primitive::<Int64Type>();
        for (row, &hash) in hashes.iter().enumerate() {
            if rows.marks.is_marked(row) {
                continue;
            }
            if let Some(later) = seen.insert(ts.value(row), hash, position + row as u64) {
                outcome.tally.add_duplicate(later);
                rows.marks.mark(row, Reason::Duplicate, TS);
            }
        }
    }
}

pub(super) fn column(rows: &Rows, place: usize) -> Option<&ArrayRef> {
    rows.columns.iter().find(|column| column.place == place).map(|column| &column.values)
}

/// The type that columns of a kind have once decoded.
fn canonical(kind: Kind) -> DataType {
    match kind {
        Kind::Time => DataType::Int64,
        Kind::Word | Kind::SmallId | Kind::Count(_) => DataType::UInt32,
        Kind::Text => DataType::Utf8,
        Kind::Measure(_) | Kind::Number => DataType::Float64,
        Kind::Id => DataType::UInt64,
    }
}
