//! Which keys a tier was asked for, and in what order.

use rustc_hash::FxHashMap;

use super::are_lookups;
use crate::measure::calls::Calls;
use crate::measure::context::Context;
use crate::summary::HotKey;

/// Undefined where no look-up carries a key.
#[derive(Default)]
pub(super) struct AccessPattern {
    pub(super) sequential: Option<u64>,
    pub(super) random: Option<u64>,
    pub(super) distinct: Option<u64>,
    pub(super) hot_keys: Vec<HotKey>,
}

impl AccessPattern {
    /// An access is sequential when its key is one more than that of the access before it in time.
    pub(super) fn of(calls: Option<&Calls<'_>>, context: &Context<'_>) -> Self {
        let keys = calls.map(|calls| keys_by_time(calls, context)).unwrap_or_default();
        if keys.is_empty() {
            return Self::default();
        }
        let follows = |pair: &&[u64]| pair[1].checked_sub(pair[0]) == Some(1);
        let sequential = keys.windows(2).filter(follows).count() as u64;
        let mut counts: FxHashMap<u64, u64> = FxHashMap::default();
        for &key in &keys {
            *counts.entry(key).or_default() += 1;
        }
        let distinct = counts.len() as u64;
        let mut hottest: Vec<HotKey> = counts.into_iter().map(|(key, count)| HotKey { key, count }).collect();
        let hotter = |hot: &HotKey| (std::cmp::Reverse(hot.count), hot.key);
        let wanted = context.settings.hot_keys;
        if (1..hottest.len()).contains(&wanted) {
            hottest.select_nth_unstable_by_key(wanted - 1, hotter);
        }
        hottest.truncate(wanted);
        hottest.sort_unstable_by_key(hotter);
        Self {
            sequential: Some(sequential),
            random: Some(keys.len() as u64 - 1 - sequential),
            distinct: Some(distinct),
            hot_keys: hottest,
        }
    }
}

/// The keys that were looked up, by time; those of one instant by key: the order in the file must not matter.
fn keys_by_time(calls: &Calls<'_>, context: &Context<'_>) -> Vec<u64> {
    let is_lookup = are_lookups(calls, context.words);
    let mut keys: Vec<u64> = Vec::new();
    let mut instant = (i64::MIN, 0);
    for (call, (&start_us, &kind)) in calls.start_us().iter().zip(calls.kind()).enumerate() {
        let Some(key) = calls.key(call).filter(|_| is_lookup[kind as usize]) else { continue };
        if start_us != instant.0 {
            keys[instant.1..].sort_unstable();
            instant = (start_us, keys.len());
        }
        keys.push(key);
    }
    keys[instant.1..].sort_unstable();
    keys
}
