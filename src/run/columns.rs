//! The columns of the contract: one table, from which everything that names them follows.

pub mod kinds;
mod table;

use std::ops::Range;

pub use kinds::Kind;
pub(crate) use kinds::value_type;
pub(crate) use table::{define_columns, names_and_kinds, run_columns, run_table};

/// The timestamps of the contract, 2000-01-01 to 2100-01-01 UTC, µs since 1970.
pub const TIMES_US: Range<i64> = 946_684_800_000_000..4_102_444_800_000_000;
/// Floats below this are exact integers: 2^53.
pub const EXACT_FLOATS_BELOW: f64 = 9_007_199_254_740_992.0;

/// The columns that a run may have, each at its index.
pub type Table = &'static [Column];

/// One column of the contract.
#[derive(Debug)]
pub struct Column {
    /// Index in its table.
    pub index: usize,
    pub name: &'static str,
    pub kind: Kind,
    /// Whether each row has it.
    pub required: bool,
    /// Its unit where the name ends in it.
    pub unit: Option<&'static str>,
    /// The least and the most that a recorder takes. A reader takes what its kind says.
    pub least: f64,
    pub most: f64,
    pub encoding: Encoding,
    /// Whether pages tell what they hold, so that readers skip what they don't need.
    pub is_skipped_by_page: bool,
    /// What others call it.
    pub also: &'static [&'static str],
    /// As documents have it.
    pub meaning: &'static str,
}

/// How a column is encoded in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Distinct values once.
    Dictionary,
    /// Numbers that are nearly sorted: differences take a byte or two instead of eight.
    Differences,
    /// Measured values hardly repeat: a dictionary would be built and thrown away.
    Plain,
}

run_table! { [define_columns] [] }

/// Indices of the columns that reading itself looks at.
pub const TS: usize = At::ts as usize;
pub const COMPONENT: usize = At::component as usize;
pub const DURATION: usize = At::duration_ms as usize;
pub const OUTCOME: usize = At::outcome as usize;
pub const OPERATION: usize = At::operation as usize;
pub const ANSWERED_BY: usize = At::answered_by as usize;
pub const INSTANCE: usize = At::instance as usize;
pub const VALUE: usize = At::value as usize;

/// The column `name` of a table.
pub fn find(table: Table, name: &str) -> Option<&'static Column> {
    table.iter().find(|column| column.name == name)
}

/// The table as documents have it: what each column is called, the type that we write, what it means.
pub fn describe_columns(table: Table) -> String {
    let lines = table.iter().map(Column::describe).collect::<String>();
    format!("| column | type | meaning |\n|---|---|---|\n{lines}")
}

impl Column {
    /// A column like most.
    pub const fn new(index: usize, name: &'static str, kind: Kind) -> Column {
        Column {
            index,
            name,
            kind,
            required: false,
            unit: None,
            least: f64::NEG_INFINITY,
            most: f64::INFINITY,
            encoding: Encoding::Dictionary,
            is_skipped_by_page: false,
            also: &[],
            meaning: "",
        }
    }

    /// Its name without the unit.
    pub fn quantity(&self) -> &'static str {
        let unit = self.unit.map(|unit| format!("_{}", unit.to_lowercase()));
        unit.and_then(|unit| self.name.strip_suffix(&unit)).unwrap_or(self.name)
    }

    fn describe(&self) -> String {
        let Column { name, meaning, .. } = self;
        let (_, written) = self.kind.wanted().split_once(' ').unwrap_or_default();
        let unit = self.unit.map(|unit| format!(", {unit}")).unwrap_or_default();
        format!("| `{name}` | {written}{unit} | {} |\n", meaning.trim())
    }
}
