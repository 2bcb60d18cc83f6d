//! The finished calls of a component by time, with the second of the window in which each started.

use std::ops::Range;

use super::super::calls::{Calls, Ending};
use super::super::components::Grouped;
use super::super::context::Context;
use super::super::counts::Group;
use super::super::durations::Union;
use super::super::shape::CacheOperation;
use super::super::words::{Class, Words};
use super::batches::Seconds;

const US_PER_S: i64 = 1_000_000;

/// What a finished call was and how it ended.
#[derive(Debug, Clone, Copy)]
pub struct Finished {
    /// `None` where the run does not say how calls ended.
    pub class: Option<Class>,
    pub outcome: Option<u32>,
    is_lookup: bool,
}

impl Finished {
    /// `None` for unfinished calls.
    fn of(operation: u32, ending: Ending, outcome: Option<u32>, words: &Words) -> Option<Self> {
        let class = match ending {
            Ending::Finished(class) => Some(class),
            Ending::Unknown => None,
            Ending::Unfinished => return None,
        };
        let is_lookup = CacheOperation::of(words.some_word(operation)) == CacheOperation::Lookup;
        Some(Self { class, outcome, is_lookup })
    }

    /// Look-up of a cache tier that hit or missed.
    pub fn is_lookup(&self) -> bool {
        self.is_lookup && matches!(self.class, Some(Class::Ok | Class::Miss))
    }

    /// Look-up of a cache tier, however it ended.
    pub fn asks_the_cache(&self) -> bool {
        self.is_lookup
    }

    /// Ended ok or failed.
    pub fn is_judged(&self) -> bool {
        matches!(self.class, Some(Class::Ok | Class::Failed))
    }

    pub fn is_failed(&self) -> bool {
        self.class == Some(Class::Failed)
    }

    /// Of class ok, as far as the run says.
    pub fn is_ok(&self) -> bool {
        self.class == Some(Class::Ok)
    }
}

/// The calls of a component by start and then by content. Which of them are meant is said of their kinds, of which there
/// are few.
pub struct TimedCalls<'a> {
    pub component: u32,
    calls: Calls<'a>,
    /// `None` for unfinished ones.
    kinds: Vec<Option<Finished>>,
    /// The finished calls by operation and outcome.
    groups: Vec<(Finished, &'a Group)>,
    window_start_us: i64,
}

/// The finished calls of the kinds that something holds for.
#[derive(Clone, Copy)]
pub struct Kept<'t> {
    calls: &'t TimedCalls<'t>,
    keep: fn(&Finished) -> bool,
}

impl<'a> TimedCalls<'a> {
    pub fn of(grouped: &'a Grouped<'a>, context: &Context<'_>) -> Self {
        let words = context.words;
        let kinds = grouped.calls.kinds().iter();
        let group = |group: &'a Group| {
            Some((Finished::of(group.operation, group.ending, group.outcome, words)?, group))
        };
        Self {
            component: grouped.component,
            calls: grouped.calls,
            kinds: kinds
                .map(|kind| Finished::of(kind.operation, kind.ending(words), kind.outcome(), words))
                .collect(),
            groups: grouped.groups.iter().filter_map(group).collect(),
            window_start_us: context.window.start_us,
        }
    }

    /// All finished calls.
    pub fn finished(&self) -> Kept<'_> {
        self.only(|_| true)
    }

    /// The finished calls that `keep` holds for.
    pub fn only(&self, keep: fn(&Finished) -> bool) -> Kept<'_> {
        Kept { calls: self, keep }
    }

    /// The index of the first call in `second` or later.
    fn index(&self, second: usize) -> usize {
        let starts_us = self.calls.start_us();
        starts_us.partition_point(|&start_us| second_since(start_us, self.window_start_us) < second)
    }

    /// Each second in which calls start, with their indices.
    fn seconds(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        let starts_us = self.calls.start_us();
        let mut from = 0;
        std::iter::from_fn(move || {
            let second = second_since(*starts_us.get(from)?, self.window_start_us);
            let is_in = |&start_us: &i64| second_since(start_us, self.window_start_us) <= second;
            // In steps that double: a second has few of all calls.
            let mut step = 1;
            while starts_us.get(from + step).is_some_and(is_in) {
                step *= 2;
            }
            let near = &starts_us[from + step / 2..starts_us.len().min(from + step)];
            let end = from + step / 2 + near.partition_point(is_in);
            Some((second, std::mem::replace(&mut from, end)..end))
        })
    }
}

impl<'t> Kept<'t> {
    /// What is known of them, by operation and outcome.
    pub fn kinds(self) -> impl Iterator<Item = (&'t Finished, &'t Group)> {
        let groups = self.calls.groups.iter().map(|(finished, group)| (finished, *group));
        groups.filter(move |(finished, _)| (self.keep)(finished))
    }

    pub fn len(self) -> usize {
        self.kinds().map(|(_, group)| group.count as usize).sum()
    }

    pub fn durations(self) -> Union<'t> {
        Union::of(self.kinds().map(|(_, group)| &group.durations))
    }

    /// By time, `value` of the kind of each.
    pub fn each<T: Copy + 't>(self, value: impl Fn(&Finished) -> T) -> impl Iterator<Item = T> + 't {
        let kinds = self.of_kinds(value);
        self.calls.calls.kind().iter().filter_map(move |&kind| kinds[kind as usize])
    }

    /// How many there are in each second.
    pub fn seconds(self) -> Seconds {
        if self.len() == self.calls.calls.len() {
            return self.calls.seconds().map(|(second, indices)| (second, indices.len())).collect();
        }
        let (is_kept, kinds) = (self.are_kept(), self.calls.calls.kind());
        let count = |indices: Range<usize>| {
            kinds[indices].iter().map(|&kind| usize::from(is_kept[kind as usize])).sum::<usize>()
        };
        self.calls.seconds().map(|(second, indices)| (second, count(indices))).collect()
    }

    /// How many with a duration there are in each second.
    pub fn timed_seconds(self) -> Seconds {
        if self.durations().len() == self.len() {
            return self.seconds();
        }
        let is_kept = self.are_kept();
        let (kinds, durations_ms) = (self.calls.calls.kind(), self.calls.calls.duration_ms());
        let count = |indices: Range<usize>| {
            let columns = kinds[indices.clone()].iter().zip(&durations_ms[indices]);
            let is_timed = |(&kind, ms): (&u32, &f64)| is_kept[kind as usize] & !ms.is_nan();
            columns.map(|call| usize::from(is_timed(call))).sum::<usize>()
        };
        self.calls.seconds().map(|(second, indices)| (second, count(indices))).collect()
    }

    fn are_kept(self) -> Vec<bool> {
        self.of_kinds(|_| ()).iter().map(Option::is_some).collect()
    }

    /// Calls with an outcome of `value` and the durations of those that start in `seconds`, NaN where one has none.
    pub fn within<T: Copy + 't>(
        self,
        seconds: &Range<usize>,
        value: impl Fn(&Finished) -> T,
    ) -> impl Iterator<Item = (T, f64)> + 't {
        let kinds = self.of_kinds(value);
        let calls = &self.calls.calls;
        let from = self.calls.index(seconds.start);
        let indices = from..self.calls.index(seconds.end).max(from);
        let columns = calls.kind()[indices.clone()].iter().zip(&calls.duration_ms()[indices]);
        columns.filter_map(move |(&kind, &duration_ms)| Some((kinds[kind as usize]?, duration_ms)))
    }

    /// Puts the durations of those that start in `seconds` into `room`; how many of these `counts` holds for.
    pub fn durations_within(
        self,
        seconds: &Range<usize>,
        counts: fn(&Finished) -> bool,
        room: &mut Vec<f64>,
    ) -> usize {
        room.clear();
        let mut counted = 0;
        let timed = self.within(seconds, counts).filter(|(_, duration_ms)| !duration_ms.is_nan());
        room.extend(timed.map(|(is_counted, duration_ms)| {
            counted += usize::from(is_counted);
            duration_ms
        }));
        counted
    }

    fn of_kinds<T>(self, value: impl Fn(&Finished) -> T) -> Vec<Option<T>> {
        let kinds = self.calls.kinds.iter();
        kinds.map(|kind| kind.as_ref().filter(|kind| (self.keep)(kind)).map(&value)).collect()
    }
}

/// Whole seconds from the window's start; what starts before it counts to its first second.
pub fn second_of(start_us: i64, context: &Context<'_>) -> usize {
    second_since(start_us, context.window.start_us)
}

#[inline]
fn second_since(start_us: i64, window_start_us: i64) -> usize {
    let since_us = start_us.saturating_sub(window_start_us).max(0);
    usize::try_from(since_us / US_PER_S).unwrap_or(usize::MAX)
}
