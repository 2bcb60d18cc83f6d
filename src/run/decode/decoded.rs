//! A column of the contract in its own type, and how its words are read.

use arrow_array::ArrayRef;

use crate::config::RunLimits;
use crate::run::batch::Lexicon;
use crate::run::columns::Column;
use crate::run::names::Names;

/// A column of the contract in its own type.
#[derive(Debug)]
pub struct Decoded {
    pub column: &'static Column,
    pub values: ArrayRef,
    /// What tells equal values apart, 0 where nothing does: of timestamps in ns, what was cut off each, ns; of names that are
    /// one, their hash. Not used but to tell rows apart.
    pub tell_apart: Option<Vec<u32>>,
}

impl Decoded {
    pub fn new(column: &'static Column, values: ArrayRef) -> Self {
        Self { column, values, tell_apart: None }
    }
}

/// How words are read.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    pub lexicon: &'a Lexicon,
    pub limits: &'a RunLimits,
    pub names: &'a Names,
}
