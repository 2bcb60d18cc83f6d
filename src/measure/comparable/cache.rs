//! Hit rates of the cache and of its tiers, and its effectiveness.

use super::super::cache::{TierScore, effectiveness};
use super::super::components::Grouped;
use super::super::words::Kind;
use super::batches::{by_time, spread};
use super::calls::{TimedCall, TimedCalls};
use super::rates::share_of;
use super::times::positive;
use super::{Maker, is_ok};
use crate::stats::sum::exact_mean;
use crate::summary::{ComparableMetric, Measured};
use crate::units::Unit;

const CACHE: &str = "cache";

/// The numbers of the cache; none where the run has no cache rows.
pub(super) fn measure(
    timed: &[(&Grouped<'_>, TimedCalls<'_>)],
    lookups: &[(i64, bool)],
    maker: &Maker<'_>,
) -> Vec<ComparableMetric> {
    let Some(cache) = maker.summary.cache.value() else { return Vec::new() };
    let mut tiers: Vec<TierLookups> = timed
        .iter()
        .filter_map(|(grouped, calls)| match maker.context.words.kind(grouped.component) {
            Kind::CacheTier(tier) => Some((tier, calls.iter().filter(TimedCall::is_lookup).collect())),
            _ => None,
        })
        .collect();
    tiers.sort_by_key(|(tier, _)| *tier);
    let mut metrics: Vec<ComparableMetric> =
        tiers.iter().map(|(tier, lookups)| tier_hit_rate(*tier, lookups, maker)).collect();

    let mut entries = lookups.to_vec();
    // Stable: look-ups by request come nearly in order.
    entries.sort();
    let hits: Vec<bool> = entries.into_iter().map(|(_, is_hit)| is_hit).collect();
    let (_, spread) = share_of(&hits, "the look-ups carry no request_id");
    let found = (cache.lookup_hit_rate.clone(), spread);
    metrics.push(maker.metric(CACHE, "lookup_hit_rate", Unit::Ratio, cache.lookups, found));
    metrics.push(effectiveness_of(&tiers, cache.effectiveness.clone(), maker));
    metrics
}

/// A tier with its look-ups that hit or missed, by time.
type TierLookups = (usize, Vec<TimedCall>);

fn tier_hit_rate(tier: usize, lookups: &[TimedCall], maker: &Maker<'_>) -> ComparableMetric {
    let hits: Vec<bool> = lookups.iter().map(|call| is_ok(call.class)).collect();
    let share = share_of(&hits, "no look-up that hit or missed");
    maker.metric(CACHE, format!("l{}_hit_rate", tier + 1), Unit::Ratio, hits.len() as u64, share)
}

/// The score of each stretch of time, from the look-ups that started in it.
fn effectiveness_of(tiers: &[TierLookups], value: Measured<f64>, maker: &Maker<'_>) -> ComparableMetric {
    let window = &maker.summary.window;
    let length_s = (window.end_us - window.start_us).max(0) / 1_000_000;
    let batches = by_time(usize::try_from(length_s).unwrap_or(0), &maker.config.regression);
    let score = |seconds: std::ops::Range<usize>| {
        let scores: Vec<TierScore> = tiers
            .iter()
            .filter_map(|(tier, lookups)| {
                let place = |second: usize| lookups.partition_point(|call| call.second < second);
                let calls = &lookups[place(seconds.start)..place(seconds.end)];
                let hits = calls.iter().filter(|call| is_ok(call.class)).count();
                let times: Vec<f64> =
                    calls.iter().map(|call| call.duration_ms).filter(|ms| !ms.is_nan()).collect();
                let hit_rate = (!calls.is_empty()).then(|| hits as f64 / calls.len() as f64)?;
                Some(TierScore { tier: *tier, hit_rate, mean_ms: exact_mean(&times) })
            })
            .collect();
        effectiveness(&scores, &maker.config.cache).number()
    };
    let n = tiers.iter().map(|(_, lookups)| lookups.len() as u64).sum();
    let found = (value, positive(spread(batches, score)));
    maker.metric(CACHE, "effectiveness", Unit::Ratio, n, found)
}
