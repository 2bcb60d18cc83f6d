//! What is printed on: how wide it is, and which letters it has.

use std::borrow::Cow;

use super::ascii;

/// Between these the layout works; a narrower terminal breaks lines by itself, and on a wider one nobody reads to their ends.
const NARROWEST: usize = 40;
const WIDEST: usize = 200;

/// Where nobody says how wide it is: a pipe, a file, a log.
const USUAL: usize = 80;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    columns: usize,
    is_ascii: bool,
}

impl Paper {
    /// `None` where the width is not known.
    pub fn new(columns: Option<usize>, is_ascii: bool) -> Self {
        Self { columns: columns.unwrap_or(USUAL).clamp(NARROWEST, WIDEST), is_ascii }
    }

    /// Widest line.
    pub fn columns(self) -> usize {
        self.columns
    }

    /// `text` in the letters that there are.
    pub fn letters(self, text: &str) -> Cow<'_, str> {
        if self.is_ascii && !text.is_ascii() { Cow::Owned(ascii::spelt(text)) } else { Cow::Borrowed(text) }
    }

    /// Stands for what was cut.
    pub fn ellipsis(self) -> &'static str {
        if self.is_ascii { ".." } else { "…" }
    }
}

impl Default for Paper {
    fn default() -> Self {
        Self::new(None, false)
    }
}
