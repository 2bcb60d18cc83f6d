//! The parts of an outline: headings, tables, lists and lines, each piece with what it means.

use super::cell::Cell;
use super::figure::Figure;
use super::grid::Grid;
use super::printable;

/// Marks before a number.
pub const LOW_SAMPLE: char = '~';
pub const LOWER_BOUND: char = '≥';

/// Below a table of runs.
pub const OF_FINISHED: &str = "P95 and 1/s: of the finished requests";

/// A heading with a table, or lines, or both.
pub struct Section {
    /// Where a page can be linked to: a word of ours, never of a run. Empty where nothing links to it.
    pub id: &'static str,
    pub heading: String,
    /// Above the table.
    pub intro: Vec<Cell>,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// A numbered list.
    pub items: Vec<Item>,
    pub lines: Vec<Cell>,
    /// What a page draws; a terminal has the table.
    pub figures: Vec<Figure>,
    /// … beside each other, behind the others.
    pub grids: Vec<Grid>,
    /// What unfolds on a page, last.
    pub folds: Vec<Fold>,
    /// Where the page can fold it, it is folded.
    pub is_folded: bool,
}

/// A part of a section below a line that unfolds it.
pub struct Fold {
    pub summary: Cell,
    pub is_open: bool,
    pub section: Section,
}

/// An entry of a numbered list, with what stands behind it.
pub struct Item {
    pub text: Cell,
    pub details: Vec<Cell>,
    /// `id` of the figure that shows it.
    pub shown_by: Option<&'static str>,
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
            id: "",
            heading: printable(heading.as_ref()),
            intro: Vec::new(),
            columns: Vec::new(),
            rows: Vec::new(),
            items: Vec::new(),
            lines: Vec::new(),
            figures: Vec::new(),
            grids: Vec::new(),
            folds: Vec::new(),
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

    /// The same with a place to link to.
    pub fn named(self, id: &'static str) -> Self {
        Self { id, ..self }
    }

    pub fn add_lines(&mut self, lines: impl IntoIterator<Item = String>) {
        self.lines.extend(lines.into_iter().map(Cell::plain));
    }

    pub fn is_empty(&self) -> bool {
        self.intro.is_empty()
            && self.rows.is_empty()
            && self.items.is_empty()
            && self.lines.is_empty()
            && self.figures.is_empty()
            && self.grids.is_empty()
            && self.folds.is_empty()
    }
}

impl Fold {
    pub fn new(summary: Cell, is_open: bool, section: Section) -> Self {
        Self { summary, is_open, section }
    }
}
