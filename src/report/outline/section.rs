//! The parts of an outline: headings, tables, lists and lines, each piece with what it means.

use super::printable;
use crate::units;

/// Marks before a number.
pub const LOW_SAMPLE: char = '~';
pub const LOWER_BOUND: char = '≥';

/// Below a table of runs.
pub const OF_FINISHED: &str = "P95 and 1/s: of the finished requests";

/// A heading with a table, or lines, or both.
pub struct Section {
    pub heading: String,
    /// Above the table.
    pub intro: Vec<Cell>,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// A numbered list.
    pub items: Vec<Item>,
    pub lines: Vec<Cell>,
    /// Where the page can fold it, it is folded.
    pub is_folded: bool,
}

/// An entry of a numbered list, with what stands behind it.
pub struct Item {
    pub text: Cell,
    pub details: Vec<Cell>,
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub name: &'static str,
    pub kind: ColumnKind,
}

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// A short word: flush left, never cut.
    Word,
    /// A name that may be long: flush left, cut in the middle where room is short.
    Name,
    /// Flush right.
    Number,
    /// A word that neighbouring rows share. A narrow table has it once, above them.
    Group,
}

/// A piece of text with what it means for the reader.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    pub text: String,
    pub tone: Tone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Good,
    Doubtful,
    Bad,
    /// Says that something is not known.
    Dim,
}

impl Cell {
    pub fn plain(text: impl AsRef<str>) -> Self {
        Self::toned(text, Tone::Plain)
    }

    /// Whatever the text holds, it is safe to print.
    pub fn toned(text: impl AsRef<str>, tone: Tone) -> Self {
        Self { text: printable(text.as_ref()), tone }
    }

    pub fn none() -> Self {
        Self::toned(units::NONE, Tone::Dim)
    }
}

impl Column {
    pub const fn word(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Word }
    }

    pub const fn name(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Name }
    }

    pub const fn number(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Number }
    }

    pub const fn group(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Group }
    }
}

impl Section {
    pub fn new(heading: impl AsRef<str>) -> Self {
        Self {
            heading: printable(heading.as_ref()),
            intro: Vec::new(),
            columns: Vec::new(),
            rows: Vec::new(),
            items: Vec::new(),
            lines: Vec::new(),
            is_folded: false,
        }
    }

    pub fn of_lines(heading: &str, lines: Vec<String>) -> Self {
        let mut section = Self::new(heading);
        section.add_lines(lines);
        section
    }

    pub fn of_rows(heading: &str, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Self {
        Self { columns, rows, ..Self::new(heading) }
    }

    pub fn add_lines(&mut self, lines: impl IntoIterator<Item = String>) {
        self.lines.extend(lines.into_iter().map(Cell::plain));
    }

    pub fn is_empty(&self) -> bool {
        self.intro.is_empty() && self.rows.is_empty() && self.items.is_empty() && self.lines.is_empty()
    }
}
