//! The parts of an outline: headings, tables, lists and lines, each piece with what it means.

use super::cell::Cell;
use super::figure::Figure;
use super::grid::Grid;
use super::printable;
use crate::units::Unit;

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
    /// Series in one line each.
    pub sparks: Vec<Spark>,
    /// What a page draws; a terminal has the table.
    pub figures: Vec<Figure>,
    /// … beside each other, behind the others.
    pub grids: Vec<Grid>,
    /// What unfolds on a page, last.
    pub folds: Vec<Fold>,
    /// Where the page can fold it, it is folded.
    pub is_folded: bool,
    /// Where lines are counted its last rows may be left out.
    pub may_give_way: bool,
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
    pub importance: Importance,
}

/// Which columns give way where room is short, the last of a kind first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Importance {
    /// Always shown.
    Major,
    /// Left out where the table would not fit without it, and named then.
    Minor,
    /// Shown where there is room to spare.
    Extra,
}

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// A short word: flush left, never cut.
    Word,
    /// A name that may be long: flush left, cut in the middle where room is short.
    Name,
    /// A sentence: flush left, cut at its end where room is short.
    Text,
    /// Flush right.
    Number,
    /// A word that neighbouring rows share. A narrow table has it once, above them.
    Group,
}

/// How a number went over time, from the start to the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Spark {
    pub name: String,
    pub unit: Unit,
    /// One for each stretch of the same length; none where nothing is known of it.
    pub values: Vec<Option<f64>>,
    /// Where several stretches share a mark, the lowest stands for them instead of the highest.
    pub is_worse_low: bool,
}

impl Column {
    const fn of(name: &'static str, kind: ColumnKind) -> Self {
        Self { name, kind, importance: Importance::Major }
    }

    pub const fn word(name: &'static str) -> Self {
        Self::of(name, ColumnKind::Word)
    }

    pub const fn name(name: &'static str) -> Self {
        Self::of(name, ColumnKind::Name)
    }

    pub const fn number(name: &'static str) -> Self {
        Self::of(name, ColumnKind::Number)
    }

    pub const fn text(name: &'static str) -> Self {
        Self::of(name, ColumnKind::Text)
    }

    pub const fn group(name: &'static str) -> Self {
        Self::of(name, ColumnKind::Group)
    }

    pub const fn minor(self) -> Self {
        Self { importance: Importance::Minor, ..self }
    }

    pub const fn extra(self) -> Self {
        Self { importance: Importance::Extra, ..self }
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
            sparks: Vec::new(),
            figures: Vec::new(),
            grids: Vec::new(),
            folds: Vec::new(),
            is_folded: false,
            may_give_way: false,
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

    /// Its rows stand in the order of their gravity.
    pub fn gravest_first(self) -> Self {
        Self { may_give_way: true, ..self }
    }

    /// The same with a place to link to.
    pub fn named(self, id: &'static str) -> Self {
        Self { id, ..self }
    }

    pub fn add_lines(&mut self, lines: impl IntoIterator<Item = String>) {
        self.lines.extend(lines.into_iter().map(Cell::plain));
    }

    pub fn is_empty(&self) -> bool {
        let has_text = !(self.intro.is_empty() && self.items.is_empty() && self.lines.is_empty());
        let is_drawn = !(self.figures.is_empty() && self.grids.is_empty() && self.folds.is_empty());
        !has_text && !is_drawn && self.rows.is_empty() && self.sparks.is_empty()
    }
}

impl Fold {
    pub fn new(summary: Cell, is_open: bool, section: Section) -> Self {
        Self { summary, is_open, section }
    }
}
