//! Look-ups of the cache as a whole: those of one request and key are one, whatever the number of tiers asked.

use rustc_hash::FxHashMap;

use crate::measure::calls::{CallKind, Calls};
use crate::measure::shape::CacheOperation;
use crate::measure::timed_flag::TimedFlag;
use crate::measure::words::{Class, Kind, Words};
use crate::summary::SecondOfLookups;

const US_PER_S: i64 = 1_000_000;

/// The look-ups in a part of the run.
#[derive(Debug, Default)]
pub struct Lookups {
    /// Of those that carry a request id.
    pub by_request: u64,
    /// Those that any tier answered.
    pub hits: u64,
    /// When the first tier was asked, and whether any hit; in any order, where the part is judged.
    pub flags: Vec<TimedFlag>,
    /// Tier look-ups.
    pub without_id: u64,
    seconds: BySecond,
    seconds_without_id: BySecond,
}

impl Lookups {
    /// Adds a look-up of a request.
    #[inline]
    pub fn add(&mut self, first_us: i64, is_hit: bool, is_judged: bool) {
        self.by_request += 1;
        self.hits += u64::from(is_hit);
        self.seconds.add(first_us, is_hit);
        if is_judged {
            self.flags.push(TimedFlag::new(first_us, is_hit));
        }
    }

    pub fn merge(&mut self, mut other: Self) {
        self.by_request += other.by_request;
        self.hits += other.hits;
        self.flags.append(&mut other.flags);
        self.without_id += other.without_id;
        self.seconds.merge(other.seconds);
        self.seconds_without_id.merge(other.seconds_without_id);
    }

    /// Adds the tier look-ups without id among `calls`, which are those of the part by component.
    pub fn add_without_id(&mut self, calls: &[(u32, Calls<'_>)], words: &Words) {
        for (component, calls) in calls {
            let kinds = calls.kinds();
            let is_tier = matches!(words.kind(*component), Kind::CacheTier(_));
            if !is_tier || kinds.iter().all(|kind| kind.has_request_id) {
                continue;
            }
            let is_lookup = are_lookups(calls, words);
            for (&kind, &start_us) in calls.kind().iter().zip(calls.start_us()) {
                let index = kind as usize;
                if !is_lookup[index] || kinds[index].has_request_id {
                    continue;
                }
                self.without_id += 1;
                match kinds[index].outcome().map(|code| words.class(code)) {
                    Some(Class::Ok) => self.seconds_without_id.add(start_us, true),
                    Some(Class::Miss) => self.seconds_without_id.add(start_us, false),
                    _ => {}
                }
            }
        }
    }

    /// Look-ups and hits of each second in which there were any: by request where they carry an id, else of all
    /// tiers together.
    pub fn seconds(&self) -> Vec<SecondOfLookups> {
        let seconds = if self.by_request == 0 { &self.seconds_without_id } else { &self.seconds };
        seconds.by_time()
    }
}

/// Look-ups and hits by second of the clock.
#[derive(Debug, Default)]
struct BySecond {
    known: FxHashMap<i64, Counts>,
    /// The second of the last look-up, in which the next one often is.
    last: (i64, Counts),
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    lookups: u64,
    hits: u64,
}

impl BySecond {
    #[inline]
    fn add(&mut self, start_us: i64, is_hit: bool) {
        let second = start_us.div_euclid(US_PER_S);
        if second != self.last.0 {
            let (last, counts) = std::mem::replace(&mut self.last, (second, Counts::default()));
            self.keep(last, counts);
        }
        self.last.1.lookups += 1;
        self.last.1.hits += u64::from(is_hit);
    }

    fn keep(&mut self, second: i64, counts: Counts) {
        if counts.lookups > 0 {
            let known = self.known.entry(second).or_default();
            known.lookups += counts.lookups;
            known.hits += counts.hits;
        }
    }

    fn merge(&mut self, other: Self) {
        other.known.into_iter().chain([other.last]).for_each(|(second, counts)| self.keep(second, counts));
    }

    fn by_time(&self) -> Vec<SecondOfLookups> {
        let mut all = Self::default();
        let here = self.known.iter().map(|(&second, &counts)| (second, counts)).chain([self.last]);
        here.for_each(|(second, counts)| all.keep(second, counts));
        let second = |(second, Counts { lookups, hits })| SecondOfLookups {
            start_us: second * US_PER_S,
            lookups,
            hits,
        };
        let mut seconds: Vec<SecondOfLookups> = all.known.into_iter().map(second).collect();
        seconds.sort_unstable_by_key(|second| second.start_us);
        seconds
    }
}

/// Whether calls of each kind are look-ups that came to an end.
pub fn are_lookups(calls: &Calls<'_>, words: &Words) -> Vec<bool> {
    let is_lookup = |kind: &CallKind| {
        let operation = CacheOperation::of(words.some_word(kind.operation));
        kind.outcome().is_some() && operation == CacheOperation::Lookup
    };
    calls.kinds().iter().map(is_lookup).collect()
}
