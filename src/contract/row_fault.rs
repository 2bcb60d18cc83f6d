//! Rows that are left out: the reasons, and how often and where first each occurred.

use serde::{Deserialize, Serialize};

/// Rows that were left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFault {
    /// `null_ts`, `null_component`, `negative_duration`, `non_finite_duration`, `negative_value`, …
    pub reason: String,
    pub column: String,
    pub count: u64,
    /// File name (without folder) and row, counted from 1 over the file, of the first one.
    pub first_file: String,
    pub first_row: u64,
}
