//! What only a page shows: figures beside each other, and parts that unfold.

use super::cell::Cell;
use super::figure::Figure;
use super::section::Section;

/// Small figures beside each other that are read together.
pub struct Grid {
    /// Anchor on the page: words of ours.
    pub id: String,
    pub title: String,
    pub caption: Vec<Cell>,
    pub columns: Columns,
    pub figures: Vec<Figure>,
}

/// Where the page is wide; a narrow one has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    One,
    Two,
    Three,
}

/// A part of a section below a line that unfolds it.
pub struct Fold {
    pub summary: Cell,
    pub is_open: bool,
    pub section: Section,
}

impl Fold {
    pub fn new(summary: Cell, is_open: bool, section: Section) -> Self {
        Self { summary, is_open, section }
    }
}
