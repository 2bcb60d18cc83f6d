//! The calls of one component: the columns that times, counts, rates and series are made of.

use super::words::{Class, NO_WORD, Words};

/// Stands for an unfinished call in `outcome`.
const UNFINISHED: u32 = NO_WORD - 1;

/// How a call ended, as far as the recording knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Finished(Class),
    /// Finished; the run does not say how.
    Unknown,
    Unfinished,
}

/// Calls in columns. Merging appends, so nothing depends on the order in which batches came.
#[derive(Debug, Default)]
pub(super) struct CallLog {
    /// µs since 1970.
    pub(super) start_us: Vec<i64>,
    /// NaN where the call has none; never negative.
    duration_ms: Vec<f64>,
    /// Outcome code, `NO_WORD` (unknown) or `UNFINISHED`.
    outcome: Vec<u32>,
    /// Operation code or `NO_WORD`.
    pub(super) operation: Vec<u32>,
}

impl CallLog {
    /// Adds a call; `outcome` is `None` where the run does not say how it ended.
    pub(super) fn push(
        &mut self,
        start_us: i64,
        duration_ms: Option<f64>,
        outcome: Option<u32>,
        operation: Option<u32>,
        unfinished: bool,
    ) {
        self.start_us.push(start_us);
        // Adding +0 turns −0 into +0, which total orders keep apart.
        self.duration_ms.push(duration_ms.map_or(f64::NAN, |duration_ms| duration_ms + 0.0));
        self.outcome.push(if unfinished { UNFINISHED } else { outcome.unwrap_or(NO_WORD) });
        self.operation.push(operation.unwrap_or(NO_WORD));
    }

    pub(super) fn merge(&mut self, mut other: CallLog) {
        self.start_us.append(&mut other.start_us);
        self.duration_ms.append(&mut other.duration_ms);
        self.outcome.append(&mut other.outcome);
        self.operation.append(&mut other.operation);
    }

    pub(super) fn len(&self) -> usize {
        self.start_us.len()
    }

    pub(super) fn duration_ms(&self, call: usize) -> Option<f64> {
        Some(self.duration_ms[call]).filter(|duration_ms| !duration_ms.is_nan())
    }

    /// Code of the outcome word, where the call has one.
    pub(super) fn outcome(&self, call: usize) -> Option<u32> {
        Some(self.outcome[call]).filter(|&code| code < UNFINISHED)
    }

    pub(super) fn ending(&self, call: usize, words: &Words) -> Ending {
        match self.outcome[call] {
            UNFINISHED => Ending::Unfinished,
            NO_WORD => Ending::Unknown,
            code => Ending::Finished(words.class(code)),
        }
    }

    /// End of the call, µs since 1970; its start where it has no duration.
    pub(super) fn end_us(&self, call: usize) -> i64 {
        let start_us = self.start_us[call];
        self.duration_ms(call).map_or(start_us, |duration_ms| super::rows::end_us(start_us, duration_ms))
    }
}
