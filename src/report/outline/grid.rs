//! What only a page shows: figures beside each other.

use super::cell::Cell;
use super::figure::Figure;

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
