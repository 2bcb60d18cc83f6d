//! A piece of text with what it means for the reader.

use super::printable;
use crate::units;

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
