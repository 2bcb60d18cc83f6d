//! The classes that outcome words fall into: part of the run file's contract.

/// Stands for the words that are not kept apart: names beyond the limits, rare outcomes and causes.
pub const OTHER: &str = "(other)";

/// The class of an outcome word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutcomeClass {
    Ok,
    Failed,
    Miss,
    Blocked,
}

impl OutcomeClass {
    /// ok = {ok, hit}; miss and blocked are neither ok nor failed; every other word is a failure.
    pub fn of(outcome: &str) -> Self {
        match outcome {
            "ok" | "hit" => OutcomeClass::Ok,
            "miss" => OutcomeClass::Miss,
            "blocked" => OutcomeClass::Blocked,
            _ => OutcomeClass::Failed,
        }
    }
}
