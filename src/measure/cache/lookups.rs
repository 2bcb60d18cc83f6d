//! Look-ups of the cache as a whole: those of one request and key are one, whatever the number of tiers asked.

use super::{Steps, are_lookups};
use crate::measure::calls::{Calls, Columns};
use crate::measure::part::WindowSpan;
use crate::measure::words::{Class, Kind, Words};
use crate::summary::SecondOfLookups;

const US_PER_S: i64 = 1_000_000;

/// The look-ups in a part of the run.
#[derive(Debug, Default)]
pub(crate) struct Lookups {
    /// Of those that carry a request id: when the first tier was asked, µs since 1970, and whether any tier hit.
    pub(in crate::measure) by_request: Vec<(i64, bool)>,
    pub(in crate::measure) without_id: u64,
    /// Of the tier look-ups without id that hit or missed: start and hit.
    of_tiers: Vec<(i64, bool)>,
}

/// A tier whose look-ups are looked for.
struct Tier<'a> {
    calls: Calls<'a>,
    columns: Columns<'a>,
    is_lookup: Vec<bool>,
    /// The class of each kind.
    class: Vec<Option<Class>>,
}

impl<'a> Tier<'a> {
    fn of(component: u32, calls: Calls<'a>, words: &Words) -> Option<Self> {
        let Kind::CacheTier(_) = words.kind(component) else { return None };
        let class = calls.kinds().iter().map(|kind| kind.outcome().map(|code| words.class(code))).collect();
        Some(Tier { calls, columns: calls.columns(), is_lookup: are_lookups(&calls, words), class })
    }
}

impl Lookups {
    /// Those that start in `span`; all without one. `calls` are all calls of the run by component.
    pub(in crate::measure) fn of(
        steps: &Steps<'_>,
        calls: &[(u32, Calls<'_>)],
        span: Option<&WindowSpan>,
        words: &Words,
    ) -> Self {
        let mut found = Self::default();
        let is_inside = |start_us: i64| span.is_none_or(|span| span.holds(start_us));
        for tier in calls.iter().filter_map(|&(component, calls)| Tier::of(component, calls, words)) {
            found.add_without_id(&tier, is_inside);
        }
        let tiers: Vec<Option<Tier<'_>>> = steps
            .components
            .iter()
            .map(|component| Tier::of(component.code, component.calls, words))
            .collect();
        if tiers.iter().all(Option::is_none) {
            return found;
        }
        // Keys of one request: seldom more than one.
        let mut of_slot: Vec<(Option<u64>, i64, bool)> = Vec::new();
        for slot in 0..steps.slots() {
            of_slot.clear();
            for step in steps.in_slot(slot) {
                let Some(tier) = &tiers[step.component as usize] else { continue };
                let kind = tier.columns.kind[step.call()] as usize;
                let start_us = tier.columns.start_us[step.call()];
                if !tier.is_lookup[kind] || !is_inside(start_us) {
                    continue;
                }
                let is_hit = tier.class[kind] == Some(Class::Ok);
                let key = tier.calls.key(step.call());
                // Steps come by start: the first is the earliest.
                match of_slot.iter_mut().find(|(other, ..)| *other == key) {
                    Some(known) => known.2 |= is_hit,
                    None => of_slot.push((key, start_us, is_hit)),
                }
            }
            found.by_request.extend(of_slot.iter().map(|&(_, first_us, is_hit)| (first_us, is_hit)));
        }
        found
    }

    fn add_without_id(&mut self, tier: &Tier<'_>, is_inside: impl Fn(i64) -> bool) {
        if tier.calls.kinds().iter().all(|kind| kind.has_request_id) {
            return;
        }
        for (&kind, &start_us) in tier.calls.kind().iter().zip(tier.calls.start_us()) {
            let kind = kind as usize;
            if tier.is_lookup[kind] && !tier.calls.kinds()[kind].has_request_id && is_inside(start_us) {
                self.without_id += 1;
                if let Some(Class::Ok | Class::Miss) = tier.class[kind] {
                    self.of_tiers.push((start_us, tier.class[kind] == Some(Class::Ok)));
                }
            }
        }
    }

    /// Look-ups and hits of each second in which there were any: by request where they carry an id, else of all
    /// tiers together.
    pub(in crate::measure) fn seconds(&self) -> Vec<SecondOfLookups> {
        let lookups = if self.by_request.is_empty() { &self.of_tiers } else { &self.by_request };
        let mut by_second: rustc_hash::FxHashMap<i64, (u64, u64)> = Default::default();
        for &(start_us, is_hit) in lookups {
            let (lookups, hits) = by_second.entry(start_us.div_euclid(US_PER_S)).or_default();
            *lookups += 1;
            *hits += u64::from(is_hit);
        }
        let mut seconds: Vec<SecondOfLookups> = by_second
            .into_iter()
            .map(|(second, (lookups, hits))| SecondOfLookups { start_us: second * US_PER_S, lookups, hits })
            .collect();
        seconds.sort_unstable_by_key(|second| second.start_us);
        seconds
    }
}
