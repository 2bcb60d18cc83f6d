//! The finished calls of a component by time, with the second of the window in which each started.

use super::super::calls::{Calls, Ending};
use super::super::context::Context;
use super::super::shape::CacheOperation;
use super::super::words::Class;

const US_PER_S: i64 = 1_000_000;

/// A finished call.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimedCall {
    /// Whole seconds since the window's start.
    pub(super) second: usize,
    /// NaN where the call has none.
    pub(super) duration_ms: f64,
    /// `None` where the run does not say how calls ended.
    pub(super) class: Option<Class>,
    pub(super) outcome: Option<u32>,
    is_lookup: bool,
}

impl TimedCall {
    /// Of class ok; any call where the run does not say how calls ended.
    pub(super) fn is_successful(&self) -> bool {
        matches!(self.class, None | Some(Class::Ok))
    }

    /// Look-up of a cache tier that hit or missed.
    pub(super) fn is_lookup(&self) -> bool {
        self.is_lookup && matches!(self.class, Some(Class::Ok | Class::Miss))
    }

    /// Ended ok or failed.
    pub(super) fn is_judged(&self) -> bool {
        matches!(self.class, Some(Class::Ok | Class::Failed))
    }
}

/// Finished calls, by start and then by content.
pub(super) struct TimedCalls<'a> {
    calls: Calls<'a>,
    /// Of each kind of call, without second and duration; `None` for unfinished ones.
    kinds: Vec<Option<TimedCall>>,
    start_us: i64,
}

impl<'a> TimedCalls<'a> {
    pub(super) fn of(calls: Calls<'a>, context: &Context<'_>) -> Self {
        let words = context.words;
        let kinds = calls
            .kinds()
            .iter()
            .map(|kind| {
                let class = match kind.ending(words) {
                    Ending::Finished(class) => Some(class),
                    Ending::Unknown => None,
                    Ending::Unfinished => return None,
                };
                let operation = CacheOperation::of(words.some_word(kind.operation));
                Some(TimedCall {
                    second: 0,
                    duration_ms: f64::NAN,
                    class,
                    outcome: kind.outcome(),
                    is_lookup: operation == CacheOperation::Lookup,
                })
            })
            .collect();
        Self { calls, kinds, start_us: context.window.start_us }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = TimedCall> {
        let columns = self.calls.start_us().iter().zip(self.calls.duration_ms()).zip(self.calls.kind());
        columns.filter_map(|((&start_us, &duration_ms), &kind)| {
            let call = self.kinds[kind as usize]?;
            Some(TimedCall { second: second_since(start_us, self.start_us), duration_ms, ..call })
        })
    }
}

/// Whole seconds from the window's start; what starts before it counts to its first second.
pub(super) fn second_of(start_us: i64, context: &Context<'_>) -> usize {
    second_since(start_us, context.window.start_us)
}

#[inline]
fn second_since(start_us: i64, window_start_us: i64) -> usize {
    let since_us = start_us.saturating_sub(window_start_us).max(0);
    usize::try_from(since_us / US_PER_S).unwrap_or(usize::MAX)
}
