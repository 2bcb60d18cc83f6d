//! Rows that look alike mean the same: what the last few meant is remembered.

use super::rows::Rows;
use super::shape::Shape;
use super::words::Class;

/// All that decides what a row of a component means, besides its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub operation: Option<u32>,
    pub outcome: Option<u32>,
    pub has_request_id: bool,
    pub has_key: bool,
    /// Where a row has no outcome, these tell a call from a sample.
    has_duration: bool,
    has_value: bool,
}

impl Look {
    #[inline]
    pub fn at(rows: &Rows<'_>, row: usize) -> Self {
        let outcome = rows.outcome.get(row);
        Self {
            operation: rows.operation.get(row),
            outcome,
            has_request_id: rows.request_id.get(row).is_some(),
            has_key: rows.key.get(row).is_some(),
            has_duration: outcome.is_none() && rows.duration_ms.get(row).is_some(),
            has_value: outcome.is_none() && rows.value.get(row).is_some(),
        }
    }

    /// Of a finished call that has an outcome.
    #[inline]
    pub fn of_call(operation: Option<u32>, outcome: u32, (has_request_id, has_key): (bool, bool)) -> Self {
        let outcome = Some(outcome);
        Self { operation, outcome, has_request_id, has_key, has_duration: false, has_value: false }
    }

    fn index(&self) -> usize {
        let words = self.operation.unwrap_or(0).wrapping_mul(5) ^ self.outcome.unwrap_or(0);
        words as usize % PLACES
    }
}

/// What rows of one look mean.
#[derive(Debug, Clone, Copy)]
pub struct Read {
    pub look: Look,
    pub shape: Shape,
    pub class: Option<Class>,
    /// The index of their kind among the calls of the component, once one was added.
    pub kind: Option<u32>,
}

const PLACES: usize = 16;

/// What the last few looks of one component's rows meant.
#[derive(Debug, Default)]
pub struct Memo {
    known: [Option<Read>; PLACES],
}

impl Memo {
    /// What rows of that look mean; `mean` is asked where it was forgotten.
    #[inline]
    pub fn read(&mut self, look: Look, mean: impl FnOnce() -> (Shape, Option<Class>)) -> &mut Read {
        let known = &mut self.known[look.index()];
        if known.is_some_and(|read| read.look != look) {
            *known = None;
        }
        known.get_or_insert_with(|| {
            let (shape, class) = mean();
            Read { look, shape, class, kind: None }
        })
    }
}
