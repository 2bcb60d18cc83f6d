//! What is a word or a yes about a call: what it did, how it ended, which ids it has.

use super::words::{Class, NO_WORD, Words};

/// Stands for an unfinished call in `outcome`.
const UNFINISHED: u32 = NO_WORD - 1;

/// How a call ended, as far as the recording knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Finished(Class),
    /// Finished; the run does not say how.
    Unknown,
    /// The load ended and nobody had answered, though the answer was long due: a failure.
    Unanswered,
    /// In flight when the load ended.
    Unfinished,
}

impl Ending {
    pub fn is_finished(self) -> bool {
        matches!(self, Ending::Finished(_) | Ending::Unknown)
    }

    /// Did the call fail, in whatever way?
    pub fn is_failed(self) -> bool {
        matches!(self, Ending::Finished(Class::Failed) | Ending::Unanswered)
    }
}

/// What is a word or a yes about a call. A component has few kinds, however many calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallKind {
    /// Operation code or `NO_WORD`.
    pub operation: u32,
    /// Outcome code, `NO_WORD` (unknown) or `UNFINISHED`.
    outcome: u32,
    pub has_request_id: bool,
    pub has_key: bool,
    is_unanswered: bool,
    /// A user who got nothing was failed, whatever the word for it is.
    is_request: bool,
}

impl CallKind {
    /// `outcome` is `None` where the run does not say how the call ended.
    pub fn new(
        operation: Option<u32>,
        outcome: Option<u32>,
        is_unfinished: bool,
        (has_request_id, has_key): (bool, bool),
    ) -> Self {
        Self {
            operation: operation.unwrap_or(NO_WORD),
            outcome: if is_unfinished { UNFINISHED } else { outcome.unwrap_or(NO_WORD) },
            has_request_id,
            has_key,
            is_unanswered: false,
            is_request: false,
        }
    }

    /// The same of a request.
    pub fn of_request(self, is_request: bool) -> Self {
        Self { is_request, ..self }
    }

    /// The kind of an unfinished call that should have been answered; `outcome` is the code of the word for it.
    pub fn unanswered(self, outcome: u32) -> Self {
        Self { outcome, is_unanswered: true, ..self }
    }

    /// Code of the outcome word, where the calls have one.
    pub fn outcome(&self) -> Option<u32> {
        Some(self.outcome).filter(|&code| code < UNFINISHED)
    }

    pub fn is_finished(&self) -> bool {
        self.outcome != UNFINISHED && !self.is_unanswered
    }

    pub fn ending(&self, words: &Words) -> Ending {
        match self.outcome {
            _ if self.is_unanswered => Ending::Unanswered,
            UNFINISHED => Ending::Unfinished,
            NO_WORD => Ending::Unknown,
            code => match words.class(code) {
                Class::Miss | Class::Blocked if self.is_request => Ending::Finished(Class::Failed),
                class => Ending::Finished(class),
            },
        }
    }

    /// The order of kinds: by words, never by codes.
    pub fn index(&self, words: &Words) -> (Option<u32>, bool, Option<u32>, bool, bool) {
        let outcome = self.outcome().and_then(|code| words.rank(code));
        (outcome, self.is_finished(), words.rank(self.operation), self.has_request_id, self.has_key)
    }
}
