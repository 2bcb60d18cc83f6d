//! Reads one row group: decodes it batch by batch, leaves out rows at fault, hands on the rest.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt32Type};
use arrow_array::{ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::ArrowError;
use arrow_select::take::take;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use super::batch::Batch;
use super::clock::Clock;
use super::columns::{COMPONENT, TS, Table};
use super::decode::{Decoded, Plausible, Reader, Reason, Rows, Tally, decode};
use super::duplicates::{GroupRows, SharedRows};
use super::error::RunError;
use super::frame;
use super::guard::guard;
use super::operations::Operations;
use super::order::{Order, OrderCheck};
use super::part::Part;
use super::row_hash::{hash_extra, hash_rows};
use crate::memory;

/// What all row groups of a run share while it is read.
pub struct Reading<'a> {
    pub table: Table,
    pub plausible: &'a Plausible,
    pub reader: Reader<'a>,
    /// Columns beyond the contract that tell rows apart; empty where they are not compared.
    pub extra: &'a [String],
    /// None where equal rows are different events.
    pub seen: Option<&'a SharedRows>,
}

/// One row group of a run.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    /// Index in the run, parts in order.
    pub index: usize,
    pub part: &'a Part,
    pub part_index: usize,
    /// Index in the part.
    pub group: usize,
    /// Position of its first row in the run.
    pub position: u64,
}

impl Group<'_> {
    pub fn rows(&self) -> u64 {
        self.part.parquet().row_group(self.group).num_rows() as u64
    }
}

/// What reading a row group found, besides its rows.
#[derive(Debug, Default)]
pub struct GroupOutcome {
    pub tally: Tally,
    pub clock: Clock,
    pub operations: Operations,
    /// A column beyond the contract that cannot be compared, and why.
    pub incomparable: Option<String>,
}

impl Reading<'_> {
    /// Reads `group` and calls `use_batch` for each batch that has rows.
    ///
    /// # Errors
    /// When it cannot be decoded.
    pub fn read(
        &self,
        group: Group<'_>,
        mut use_batch: impl FnMut(&Batch),
    ) -> Result<GroupOutcome, RunError> {
        let path = &group.part.path;
        let mut reader = guard(path, || self.open(group))?;
        let mut seen = self.seen.map(Seen::new);
        let mut outcome = GroupOutcome::default();
        let mut position = group.position;
        while let Some((batch, rows)) =
            guard(path, || self.next(group, &mut reader, &mut seen, &mut outcome, position))?
        {
            if self.reader.names.are_too_many() {
                return Ok(outcome);
            }
            if memory::is_scarce() {
                return Err(RunError::TooLarge { path: path.clone() });
            }
            position += rows;
            if batch.frame.height() > 0 {
                use_batch(&batch);
            }
        }
        let rows = group.rows();
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
        let mut columns: Vec<&str> = group.part.columns.iter().map(|column| column.name).collect();
        columns.extend(self.extra.iter().map(String::as_str));
        #[cfg(test)]
        super::tests::panic_where_asked(&group.part.path);
        group.part.read_group(group.group, &columns, self.reader.limits)
    }

    /// The next batch and the number of rows that were read for it.
    fn next(
        &self,
        group: Group<'_>,
        reader: &mut ParquetRecordBatchReader,
        seen: &mut Option<Seen<'_>>,
        outcome: &mut GroupOutcome,
        position: u64,
    ) -> Result<Option<(Batch, u64)>, RunError> {
        let convert = |error: ArrowError| group.part.undecodable(&error);
        let Some(raw) = reader.next().transpose().map_err(convert)? else { return Ok(None) };
        let mut rows = decode(&raw, &group.part.columns, &self.reader).map_err(convert)?;
        rows.mark_implausible(self.plausible);
        outcome.clock.follow(&rows, self.reader.lexicon);
        outcome.operations.follow(&rows, self.reader.lexicon);
        outcome.tally.add(&rows.marks, position);
        if let Some(seen) = seen {
            if seen.follow(&rows) {
                self.remember(group, position - group.position, seen, outcome).map_err(convert)?;
            }
            self.mark_duplicates(&raw, &mut rows, seen, outcome, position);
        }
        let (kept, height) = (rows.marks.kept(), raw.num_rows());
        // The frame takes the columns over where nobody else holds them.
        drop(raw);
        let frame = frame::build(rows.columns, kept.as_ref(), height).map_err(convert)?;
        Ok(Some((Batch { frame }, height as u64)))
    }

    /// Remembers the first `behind` rows of the group: in the order that it turned out to have, some that were passed over
    /// may have an equal one among the rows to come. Among themselves they have none but those that were found.
    fn remember(
        &self,
        group: Group<'_>,
        behind: u64,
        seen: &mut Seen<'_>,
        outcome: &mut GroupOutcome,
    ) -> Result<(), ArrowError> {
        let external = |error: RunError| ArrowError::ExternalError(Box::new(error));
        let mut reader = self.open(group).map_err(external)?;
        let mut position = group.position;
        while position - group.position < behind {
            let Some(raw) = reader.next().transpose()? else { return Ok(()) };
            let rows = decode(&raw, &group.part.columns, &self.reader)?;
            self.find_equal(&raw, &rows, seen, outcome, position, |_, _| {});
            position += raw.num_rows() as u64;
        }
        Ok(())
    }

    /// Marks the rows that equal an earlier one, among those that can.
    fn mark_duplicates(
        &self,
        raw: &RecordBatch,
        rows: &mut Rows,
        seen: &mut Seen<'_>,
        outcome: &mut GroupOutcome,
        position: u64,
    ) {
        let mut found = Vec::new();
        self.find_equal(raw, rows, seen, outcome, position, |row, later| found.push((row, later)));
        for (row, later) in found {
            outcome.tally.add_duplicate(later);
            rows.marks.mark(row, Reason::Duplicate, TS);
        }
    }

    /// Looks for rows that equal an earlier one; `found` gets each, and the position of the later one of the two.
    fn find_equal(
        &self,
        raw: &RecordBatch,
        rows: &Rows,
        seen: &mut Seen<'_>,
        outcome: &mut GroupOutcome,
        position: u64,
        mut found: impl FnMut(usize, u64),
    ) {
        let candidates = seen.candidates(rows);
        let Some(ts) = rows.column(TS).cloned() else { return };
        let ts = ts.as_primitive::<Int64Type>();
        let mut hashes = match self.hash(raw, rows, &candidates) {
            Ok(hashes) => hashes.into_iter(),
            Err((column, error)) => {
                outcome.incomparable.get_or_insert(format!("`{column}` ({error})"));
                return;
            }
        };
        for row in candidates {
            let Some(hash) = hashes.next() else { return };
            if rows.marks.is_marked(row) {
                continue;
            }
            if let Some(later) = seen.rows.insert(ts.value(row), hash, position + row as u64) {
                found(row, later);
            }
        }
    }

    /// The hashes of the rows at `wanted`; otherwise the column that cannot be compared, and why.
    fn hash<'c>(
        &'c self,
        raw: &RecordBatch,
        rows: &Rows,
        wanted: &[usize],
    ) -> Result<Vec<u64>, (&'c str, ArrowError)> {
        let is_all = wanted.len() == rows.marks.rows();
        let indices = UInt32Array::from_iter_values(wanted.iter().map(|&row| row as u32));
        let pick = |values: &ArrayRef| if is_all { Ok(values.clone()) } else { take(values, &indices, None) };
        let mut picked = Vec::with_capacity(rows.columns.len());
        for decoded in &rows.columns {
            picked.push(Decoded {
                column: decoded.column,
                values: pick(&decoded.values).map_err(|error| (self.table[TS].name, error))?,
                tell_apart: decoded
                    .tell_apart
                    .as_ref()
                    .map(|apart| wanted.iter().map(|&row| apart[row]).collect()),
            });
        }
        let mut hashes = hash_rows(&picked, self.table, wanted.len());
        for column in self.extra {
            let values = raw.column_by_name(column).map(pick).transpose();
            let hashed = values.and_then(|values| hash_extra(values.as_ref(), &mut hashes));
            hashed.map_err(|error| (column.as_str(), error))?;
        }
        Ok(hashes)
    }
}

/// The rows of a row group that were seen so far, and in what order they come.
struct Seen<'a> {
    rows: GroupRows<'a>,
    check: OrderCheck,
    /// That of the rows up to the last batch; none before the first.
    order: Option<Order>,
}

impl<'a> Seen<'a> {
    fn new(shared: &'a SharedRows) -> Self {
        Self { rows: GroupRows::new(shared), check: OrderCheck::default(), order: None }
    }

    /// Goes on with the rows of the next batch; whether they are not in the order that those before were in.
    fn follow(&mut self, rows: &Rows) -> bool {
        if let (Some(ts), Some(components)) = (rows.column(TS), rows.column(COMPONENT)) {
            let components = components.as_primitive::<UInt32Type>();
            self.check.follow(ts.as_primitive::<Int64Type>().values(), components.values());
        }
        let order = self.check.order();
        self.order.replace(order).is_some_and(|before| before != order)
    }

    /// The rows that may have an equal one.
    fn candidates(&self, rows: &Rows) -> Vec<usize> {
        match (rows.column(TS), rows.column(COMPONENT), self.order) {
            (Some(ts), Some(components), Some(order)) => {
                let ts = ts.as_primitive::<Int64Type>().values();
                let components = components.as_primitive::<UInt32Type>().values();
                order.candidates(ts, components, self.rows.are_shared())
            }
            _ => (0..rows.marks.rows()).collect(),
        }
    }
}
