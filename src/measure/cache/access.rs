//! Which keys a tier was asked for, and in what order.

use rustc_hash::FxHashMap;

use super::lookups::are_lookups;
use crate::measure::calls::Calls;
use crate::measure::context::Context;
use crate::summary::HotKey;

/// Undefined where no look-up carries a key.
#[derive(Default)]
pub struct AccessPattern {
    pub sequential: Option<u64>,
    pub random: Option<u64>,
    pub distinct: Option<u64>,
    pub hot_keys: Vec<HotKey>,
}

impl AccessPattern {
    /// An access is sequential when its key is one more than that of the access before it in time.
    pub fn of(calls: Option<&Calls<'_>>, context: &Context<'_>) -> Self {
        let mut accesses = Accesses::default();
        calls.into_iter().for_each(|calls| accesses.add(calls, context));
        accesses.pattern(context.settings.hot_keys)
    }
}

/// The accesses of a tier while they are gone through by time.
#[derive(Default)]
struct Accesses {
    /// Keys of the instant at hand, by key once it is over: the order in the file must not matter.
    of_instant: Vec<u64>,
    last: Option<u64>,
    count: u64,
    sequential: u64,
    by_key: FxHashMap<u64, u64>,
}

impl Accesses {
    fn add(&mut self, calls: &Calls<'_>, context: &Context<'_>) {
        let is_lookup = are_lookups(calls, context.words);
        let mut instant_us = i64::MIN;
        for (call, (&start_us, &kind)) in calls.start_us().iter().zip(calls.kind()).enumerate() {
            let Some(key) = calls.key(call).filter(|_| is_lookup[kind as usize]) else { continue };
            if start_us != instant_us {
                self.end_instant();
                instant_us = start_us;
            }
            self.of_instant.push(key);
        }
        self.end_instant();
    }

    #[inline]
    fn end_instant(&mut self) {
        self.of_instant.sort_unstable();
        for key in self.of_instant.drain(..) {
            let follows = self.last.is_some_and(|last| key.checked_sub(last) == Some(1));
            self.sequential += u64::from(follows);
            self.last = Some(key);
            self.count += 1;
            *self.by_key.entry(key).or_default() += 1;
        }
    }

    fn pattern(self, hot_keys: usize) -> AccessPattern {
        if self.count == 0 {
            return AccessPattern::default();
        }
        let distinct = self.by_key.len() as u64;
        let mut hottest: Vec<HotKey> =
            self.by_key.into_iter().map(|(key, count)| HotKey { key, count }).collect();
        let hotter = |hot: &HotKey| (std::cmp::Reverse(hot.count), hot.key);
        if (1..hottest.len()).contains(&hot_keys) {
            hottest.select_nth_unstable_by_key(hot_keys - 1, hotter);
        }
        hottest.truncate(hot_keys);
        hottest.sort_unstable_by_key(hotter);
        AccessPattern {
            sequential: Some(self.sequential),
            random: Some(self.count - 1 - self.sequential),
            distinct: Some(distinct),
            hot_keys: hottest,
        }
    }
}
