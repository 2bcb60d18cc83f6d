//! The finished calls of a component by time, with the second of the window in which each started.

use super::super::calls::{CallLog, Ending};
use super::super::context::Context;
use super::super::shape::CacheOperation;
use super::super::words::Class;

const US_PER_S: i64 = 1_000_000;

/// A finished call.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimedCall {
    /// Whole seconds since the window's start.
    pub(super) second: usize,
    pub(super) start_us: i64,
    /// NaN where the call has none.
    pub(super) duration_ms: f64,
    /// `None` where the run does not say how calls ended.
    pub(super) class: Option<Class>,
    pub(super) outcome: Option<u32>,
    pub(super) operation: u32,
}

/// Finished calls, sorted by start and then by content, so that the order of the rows does not matter.
#[derive(Debug, Clone, Default)]
pub(super) struct TimedCalls {
    pub(super) calls: Vec<TimedCall>,
}

impl TimedCalls {
    pub(super) fn of(log: &CallLog, context: &Context<'_>) -> Self {
        let words = context.words;
        let mut calls: Vec<TimedCall> = (0..log.len())
            .filter_map(|call| {
                let class = match log.ending(call, words) {
                    Ending::Finished(class) => Some(class),
                    Ending::Unknown => None,
                    Ending::Unfinished => return None,
                };
                let start_us = log.start_us[call];
                Some(TimedCall {
                    second: second_of(start_us, context),
                    start_us,
                    duration_ms: log.duration_ms(call).unwrap_or(f64::NAN),
                    class,
                    outcome: log.outcome(call),
                    operation: log.operation[call],
                })
            })
            .collect();
        let rank = |code: Option<u32>| code.and_then(|code| words.rank(code));
        calls.sort_unstable_by(|a, b| {
            let place = |call: &TimedCall| (call.start_us, rank(call.outcome), words.rank(call.operation));
            place(a).cmp(&place(b)).then(a.duration_ms.total_cmp(&b.duration_ms))
        });
        Self { calls }
    }

    /// Those of class ok; all of them where the run does not say how calls ended.
    pub(super) fn successful(&self) -> TimedCalls {
        self.those(|call| matches!(call.class, None | Some(Class::Ok)))
    }

    /// Look-ups of a cache tier that hit or missed.
    pub(super) fn lookups(&self, context: &Context<'_>) -> TimedCalls {
        self.those(|call| {
            let operation = CacheOperation::of(context.words.some_word(call.operation));
            operation == CacheOperation::Lookup && matches!(call.class, Some(Class::Ok | Class::Miss))
        })
    }

    /// Those that ended ok or failed.
    pub(super) fn judged(&self) -> TimedCalls {
        self.those(|call| matches!(call.class, Some(Class::Ok | Class::Failed)))
    }

    fn those(&self, keep: impl Fn(&TimedCall) -> bool) -> TimedCalls {
        TimedCalls { calls: self.calls.iter().filter(|call| keep(call)).copied().collect() }
    }
}

/// Whole seconds from the window's start; what starts before it counts to its first second.
pub(super) fn second_of(start_us: i64, context: &Context<'_>) -> usize {
    let since_us = start_us.saturating_sub(context.window.start_us).max(0);
    usize::try_from(since_us / US_PER_S).unwrap_or(usize::MAX)
}
