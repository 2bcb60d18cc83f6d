//! A piece of text with what it means for the reader.

use super::printable;
use crate::units;

/// A piece of text with what it means for the reader.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    pub text: String,
    pub tone: Tone,
    /// Where lines are counted it takes no more of them; what is too much is cut at its end.
    pub most_lines: Option<usize>,
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
        Self { text: printable(text.as_ref()), tone, most_lines: None }
    }

    pub fn at_most(self, lines: usize) -> Self {
        Self { most_lines: Some(lines), ..self }
    }

    pub fn none() -> Self {
        Self::toned(units::NONE, Tone::Dim)
    }
}
