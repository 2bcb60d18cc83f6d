//! Hit rates of the cache and of its tiers, and its effectiveness.

use std::ops::Range;

use rayon::prelude::*;

use super::super::cache::{TierScore, effectiveness};
use super::super::timed_flag::TimedFlag;
use super::super::words::Kind;
use super::batches::{by_time, spread};
use super::calls::{Finished, Kept, TimedCalls};
use super::maker::Maker;
use super::order::in_order;
use super::rates::share_of;
use super::times::positive;
use crate::metrics::CACHE;
use crate::stats::flags::Flags;
use crate::stats::sum::ExactSum;
use crate::summary::ComparableMetric;

/// The numbers of the cache; none where the run has no cache rows.
pub fn measure(timed: &[TimedCalls<'_>], lookups: &[TimedFlag], maker: &Maker<'_>) -> Vec<ComparableMetric> {
    let Some(cache) = maker.summary.cache.value() else { return Vec::new() };
    let mut tiers: Vec<TierLookups<'_>> = timed
        .iter()
        .filter_map(|calls| match maker.context.words.kind(calls.component) {
            Kind::CacheTier(tier) => Some((tier, calls.only(Finished::is_lookup))),
            _ => None,
        })
        .collect();
    tiers.sort_by_key(|(tier, _)| *tier);
    let of_tiers = || tiers.par_iter().map(|&(tier, lookups)| tier_hit_rate(tier, lookups, maker)).collect();
    let of_cache = || {
        let spread = share_of(&in_order(lookups), "the look-ups carry no request_id");
        maker.metric(CACHE, "lookup_hit_rate", cache.lookups, spread)
    };
    let score = || effectiveness_of(&tiers, maker);
    let (of_cache, (of_tiers, score)) = rayon::join(of_cache, || rayon::join(of_tiers, score));
    let mut metrics: Vec<ComparableMetric> = of_tiers;
    metrics.extend([of_cache, score]);
    metrics
}

/// A tier with its look-ups that hit or missed.
type TierLookups<'t> = (usize, Kept<'t>);

fn tier_hit_rate(tier: usize, lookups: Kept<'_>, maker: &Maker<'_>) -> ComparableMetric {
    let hits: Flags = lookups.each(Finished::is_ok).collect();
    let share = share_of(&hits, "no look-up that hit or missed");
    maker.metric(&format!("cache_l{}", tier + 1), "hit_rate", hits.len() as u64, share)
}

/// The score of each stretch of time, from the look-ups that started in it.
fn effectiveness_of(tiers: &[TierLookups<'_>], maker: &Maker<'_>) -> ComparableMetric {
    let window = &maker.summary.window;
    let length_s = (window.end_us - window.start_us).max(0) / 1_000_000;
    let batches = by_time(usize::try_from(length_s).unwrap_or(0), &maker.config.regression);
    let score = |seconds: Range<usize>| {
        let scores = tiers.iter().filter_map(|&(tier, lookups)| score_of(tier, lookups, &seconds));
        effectiveness(&scores.collect::<Vec<_>>(), &maker.config.cache).number()
    };
    let n = tiers.iter().map(|(_, lookups)| lookups.len() as u64).sum();
    maker.metric(CACHE, "effectiveness", n, positive(spread(batches, score)))
}

/// What a tier brings to the score of `seconds`; nothing without look-ups.
fn score_of(tier: usize, lookups: Kept<'_>, seconds: &Range<usize>) -> Option<TierScore> {
    let (mut count, mut hits, mut timed, mut total_ms) = (0u64, 0u64, 0u64, ExactSum::default());
    for (is_hit, duration_ms) in lookups.within(seconds, Finished::is_ok) {
        count += 1;
        hits += u64::from(is_hit);
        if !duration_ms.is_nan() {
            timed += 1;
            total_ms.add(duration_ms);
        }
    }
    let hit_rate = (count > 0).then(|| hits as f64 / count as f64)?;
    let mean_ms = (timed > 0).then(|| total_ms.value() / timed as f64);
    Some(TierScore { tier, hit_rate, mean_ms })
}
