//! The requests among the calls of a run or of a part of it.

use super::calls::Calls;

/// The requests as recorded, by time.
#[derive(Debug, Clone, Copy)]
pub struct Requests<'a> {
    /// None where the run has no requests.
    calls: Option<Calls<'a>>,
}

impl<'a> Requests<'a> {
    pub fn new(calls: Option<Calls<'a>>) -> Self {
        Self { calls: calls.filter(|calls| !calls.is_empty()) }
    }

    pub fn calls(&self) -> Option<&Calls<'a>> {
        self.calls.as_ref()
    }
}
