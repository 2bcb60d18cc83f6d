//! What reading a run had to decide: rows left out, columns missing and extra, notes.

use crate::contract::RowFault;

/// How the reading of a run went. The same for one thread and for many.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LoadReport {
    pub rows_total: u64,
    /// Rows that were passed on; with the counts of `faults` they add up to `rows_total`.
    pub rows_used: u64,
    /// Sorted by first occurrence, then by reason and column.
    pub faults: Vec<RowFault>,
    /// Columns of the contract that no file of the run has, in the contract's order.
    pub missing_columns: Vec<String>,
    /// Columns that are not of the contract, sorted.
    pub extra_columns: Vec<String>,
    /// Everything else the reader had to decide ("timestamps in ns, cut to µs").
    pub notes: Vec<String>,
    /// `verified` or `unverified`.
    pub integrity: String,
    /// From the metadata: false while a recording is unfinished.
    pub complete: Option<bool>,
    /// How often time ran backwards from one `process` row to the next in file order.
    pub clock_steps: u64,
}
