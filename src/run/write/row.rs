//! One row being filled in.

use super::stores::RunStores;

/// A row that was just started; what is not set is null.
pub struct Row<'a, S = RunStores> {
    pub(crate) stores: &'a mut S,
    pub(crate) row: usize,
}
