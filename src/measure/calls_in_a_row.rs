//! Rows that can be read together, because all of them are finished calls.

use std::ops::Range;

use super::memo::Look;
use super::rows::{Even, Rows};
use super::words::Kind;

/// Fewer rows than this are not looked through for a column that has values.
pub const FEW_ROWS: usize = 64;

/// Rows of a component that are finished calls, one after the other, each with an outcome; the other words and ids are
/// in all of them or in none.
pub struct CallsInARow<'a> {
    pub range: Range<usize>,
    operations: Even<'a, u32>,
    outcomes: &'a [u32],
    has_ids: (bool, bool),
}

impl<'a> CallsInARow<'a> {
    /// `None` where rows have to be looked at one by one.
    pub fn of(rows: &Rows<'a>, range: Range<usize>, kind: Kind) -> Option<Self> {
        // Of these, rows with an outcome may be no calls.
        if range.len() < FEW_ROWS || matches!(kind, Kind::Phase | Kind::Process | Kind::Breaker) {
            return None;
        }
        let has_ids =
            (rows.request_id.evenly(range.clone())?.has_each(), rows.key.evenly(range.clone())?.has_each());
        let operations = rows.operation.evenly(range.clone())?;
        let outcomes = rows.outcome.all_of(range.clone())?;
        Some(Self { range, operations, outcomes, has_ids })
    }

    pub fn looks(&self) -> impl Iterator<Item = Look> {
        let call = |(index, &outcome)| Look::of_call(self.operations.get(index), outcome, self.has_ids);
        self.outcomes.iter().enumerate().map(call)
    }
}
