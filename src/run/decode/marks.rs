//! Which rows are at fault and why; and the count of each reason with its first row.

use arrow_array::{Array, BooleanArray};

use crate::run::columns::{COLUMNS, Column, Kind, Table};

/// Why a row is left out. The first reason found, in the order of the columns, is the one that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Reason {
    Null,
    Negative,
    NonFinite,
    OutOfRange,
    Duplicate,
    /// Far from all others.
    Stray,
}

/// Reason of rows that are equal to another one.
pub const DUPLICATE_ROW: &str = "duplicate_row";

const REASONS: [Reason; 6] =
    [Reason::Null, Reason::Negative, Reason::NonFinite, Reason::OutOfRange, Reason::Duplicate, Reason::Stray];
/// A mark is the reason and the column in one byte; 0 is none. So many columns have a mark.
const MOST_COLUMNS: usize = u8::MAX as usize / REASONS.len();
const _: () = assert!(COLUMNS.len() <= MOST_COLUMNS);

impl Reason {
    fn mark(self, index: usize) -> u8 {
        (1 + self as usize * MOST_COLUMNS + index) as u8
    }

    /// The word for reports.
    fn name(self, column: &Column) -> String {
        match (self, column.kind) {
            (Reason::Duplicate, _) => DUPLICATE_ROW.to_owned(),
            (Reason::Stray, Kind::Time) => "stray_ts".to_owned(),
            (Reason::Stray, _) => format!("absurd_{}", column.quantity()),
            (Reason::Null, _) => format!("null_{}", column.name),
            (Reason::Negative, Kind::Measure) => format!("negative_{}", column.quantity()),
            (Reason::NonFinite, Kind::Measure) => format!("non_finite_{}", column.quantity()),
            (Reason::NonFinite, _) => format!("non_finite_{}", column.name),
            (Reason::Negative, Kind::Id | Kind::SmallId) => "negative_id".to_owned(),
            (Reason::Negative, _) => "negative_count".to_owned(),
            (Reason::OutOfRange, Kind::Time) => "ts_out_of_range".to_owned(),
            (Reason::OutOfRange, Kind::Id | Kind::SmallId) => "invalid_id".to_owned(),
            (Reason::OutOfRange, _) => "invalid_count".to_owned(),
        }
    }
}

/// The marks of a batch's rows.
#[derive(Debug)]
pub struct Marks {
    rows: usize,
    /// One mark a row; empty as long as there is none.
    marks: Vec<u8>,
}

impl Marks {
    pub fn new(rows: usize) -> Self {
        Marks { rows, marks: Vec::new() }
    }

    /// Marks `row`, unless it is marked already.
    pub fn mark(&mut self, row: usize, reason: Reason, index: usize) {
        if self.marks.is_empty() {
            self.marks = vec![0; self.rows];
        }
        if self.marks[row] == 0 {
            self.marks[row] = reason.mark(index);
        }
    }

    pub fn mark_nulls(&mut self, values: &dyn Array, index: usize) {
        if values.null_count() > 0 {
            for row in (0..values.len()).filter(|&row| values.is_null(row)) {
                self.mark(row, Reason::Null, index);
            }
        }
    }

    pub fn is_marked(&self, row: usize) -> bool {
        self.marks.get(row).is_some_and(|&mark| mark != 0)
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Which rows stay; none when all do.
    pub fn kept(&self) -> Option<BooleanArray> {
        (!self.marks.is_empty()).then(|| self.marks.iter().map(|&mark| Some(mark == 0)).collect())
    }
}

/// How often each reason occurred and where first, by position in the run.
#[derive(Debug)]
pub struct Tally {
    entries: Vec<(u64, u64)>,
}

/// One line of a tally.
#[derive(Debug, PartialEq, Eq)]
pub struct TallyLine {
    pub reason: String,
    pub column: &'static str,
    pub count: u64,
    pub first_position: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Tally { entries: vec![(0, u64::MAX); 1 + u8::MAX as usize] }
    }
}

impl Tally {
    /// Counts the marks of rows that begin at `position` in the run.
    pub fn add(&mut self, marks: &Marks, position: u64) {
        for (row, &mark) in marks.marks.iter().enumerate().filter(|&(_, &mark)| mark != 0) {
            self.add_one(mark, position + row as u64);
        }
    }

    /// Counts a row that equals another; `position` is that of the later one.
    pub fn add_duplicate(&mut self, position: u64) {
        self.add_one(Reason::Duplicate.mark(0), position);
    }

    fn add_one(&mut self, mark: u8, position: u64) {
        let (count, first) = &mut self.entries[mark as usize];
        *count += 1;
        *first = position.min(*first);
    }

    pub fn merge(&mut self, other: Tally) {
        for ((count, first), (more, theirs)) in self.entries.iter_mut().zip(other.entries) {
            *count += more;
            *first = theirs.min(*first);
        }
    }

    /// Rows that equal another.
    pub fn duplicates(&self) -> u64 {
        self.entries[Reason::Duplicate.mark(0) as usize].0
    }

    pub fn total(&self) -> u64 {
        self.entries.iter().map(|&(count, _)| count).sum()
    }

    /// What occurred in columns of `table`, sorted by first position.
    pub fn lines(&self, table: Table) -> Vec<TallyLine> {
        let mut lines = Vec::new();
        for reason in REASONS {
            for column in table {
                let (count, first_position) = self.entries[reason.mark(column.index) as usize];
                if count > 0 {
                    let name = if reason == Reason::Duplicate { "all" } else { column.name };
                    let reason = reason.name(column);
                    lines.push(TallyLine { reason, column: name, count, first_position });
                }
            }
        }
        lines.sort_by(|a, b| {
            (a.first_position, &a.reason, a.column).cmp(&(b.first_position, &b.reason, b.column))
        });
        lines
    }
}
