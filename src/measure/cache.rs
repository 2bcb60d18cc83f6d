//! The multi-tier cache: look-ups, hit rates, effectiveness, promotions, evictions, access pattern.

use super::calls::Calls;
use super::components::{Grouped, find};
use super::context::Context;
use super::counts;
use super::counts::Group;
use super::shape::CacheOperation;
use super::span::WindowSpan;
use super::words::{Class, Kind};
use crate::config::CacheSettings;
use crate::summary::{Cache, CacheTier, CountedBy, Measured};

mod access;
mod lookups;

use access::AccessPattern;
pub use lookups::{Lookups, are_lookups};

const TIERS: [&str; 3] = ["l1", "l2", "l3"];

/// Rows of a tier that are no calls.
#[derive(Debug, Clone, Copy)]
pub struct TierSample {
    pub start_us: i64,
    pub is_pressure: bool,
    pub value: Option<f64>,
}

/// What the tiers report besides calls.
#[derive(Debug, Default)]
pub struct TierSamples {
    tiers: [Vec<TierSample>; 3],
}

impl TierSamples {
    pub fn push(&mut self, tier: usize, sample: TierSample) {
        self.tiers[tier].push(sample);
    }

    pub fn merge(&mut self, other: TierSamples) {
        for (mine, mut theirs) in self.tiers.iter_mut().zip(other.tiers) {
            mine.append(&mut theirs);
        }
    }

    /// Those of a tier that lie in `span`.
    fn within<'a>(
        &'a self,
        tier: usize,
        span: Option<&'a WindowSpan>,
    ) -> impl Iterator<Item = &'a TierSample> {
        let is_inside = move |sample: &&TierSample| span.is_none_or(|span| span.holds(sample.start_us));
        self.tiers[tier].iter().filter(is_inside)
    }
}

/// The cache in the part `span` of the run; all of it without one.
pub fn measure(
    samples: &TierSamples,
    lookups: &Lookups,
    span: Option<&WindowSpan>,
    grouped: &[Grouped<'_>],
    settings: &CacheSettings,
    context: &Context<'_>,
) -> Measured<Cache> {
    let of_tier = |tier: usize| {
        grouped.iter().find(|grouped| context.words.kind(grouped.component) == Kind::CacheTier(tier))
    };
    let tiers: Vec<(usize, CacheTier)> = (0..TIERS.len())
        .filter(|&tier| of_tier(tier).is_some() || samples.within(tier, span).next().is_some())
        .map(|tier| {
            let samples: Vec<&TierSample> = samples.within(tier, span).collect();
            (tier, measure_tier(tier, &samples, of_tier(tier).map(|tier| tier.calls), grouped, context))
        })
        .collect();
    if tiers.is_empty() {
        return Measured::undefined("no cache rows in this run");
    }
    let hits: u64 = tiers.iter().map(|(_, tier)| tier.hits).sum();
    let misses: u64 = tiers.iter().map(|(_, tier)| tier.misses).sum();
    let promotions_into = |wanted: usize| {
        tiers.iter().find(|(index, _)| *index == wanted).map_or(0, |(_, tier)| tier.promotions_in)
    };
    let (lookup_count, lookup_hits, lookups_by) = count_lookups(lookups, &tiers, hits);
    Measured::Value(Cache {
        tier_weighted_hit_rate: Measured::ratio(hits as f64, (hits + misses) as f64, NO_LOOKUP),
        lookup_hit_rate: if lookup_hits <= lookup_count {
            Measured::ratio(lookup_hits as f64, lookup_count as f64, NO_LOOKUP)
        } else {
            Measured::undefined("the look-ups carry no request_id and more hits than first look-ups")
        },
        lookups: lookup_count,
        lookups_by,
        tier_lookups_without_id: lookups.without_id,
        effectiveness: effectiveness(&scores(&tiers), settings),
        promotions_l3_to_l2: promotions_into(1),
        promotions_l2_to_l1: promotions_into(0),
        tiers: tiers.into_iter().map(|(_, tier)| tier).collect(),
    })
}

const NO_LOOKUP: &str = "no cache look-up that hit or missed";

/// (look-ups, look-ups that a tier answered, counted by).
fn count_lookups(lookups: &Lookups, tiers: &[(usize, CacheTier)], hits: u64) -> (u64, u64, CountedBy) {
    if lookups.by_request == 0 {
        // Every look-up starts at the first tier; what a tier behind it finds, the first one missed.
        let first = tiers.first().map_or(0, |(_, tier)| tier.hits + tier.misses + tier.failed);
        return (first, hits, CountedBy::FirstTier);
    }
    (lookups.by_request, lookups.hits, CountedBy::RequestId)
}

/// What a tier brings to the effectiveness.
#[derive(Debug, Clone, Copy)]
pub struct TierScore {
    /// L1, L2, L3 as 0, 1, 2.
    pub tier: usize,
    pub hit_rate: f64,
    pub mean_ms: Option<f64>,
}

/// Of the tiers that had look-ups.
fn scores(tiers: &[(usize, CacheTier)]) -> Vec<TierScore> {
    let score = |&(tier, ref found): &(usize, CacheTier)| {
        let hit_rate = found.hit_rate.number()?;
        Some(TierScore { tier, hit_rate, mean_ms: found.response_times.mean_ms.number() })
    };
    tiers.iter().filter_map(score).collect()
}

/// max(0, Σ weight·hit rate / Σ weight − penalty) over the tiers that had look-ups.
pub fn effectiveness(tiers: &[TierScore], settings: &CacheSettings) -> Measured<f64> {
    let mut weighted = 0.0;
    let mut weights = 0.0;
    let mut penalty = 0.0;
    for score in tiers {
        let weight = settings.tier_weights[score.tier];
        weighted += weight * score.hit_rate;
        weights += weight;
        if let Some(mean_ms) = score.mean_ms
            && mean_ms > settings.slow_above_ms
        {
            penalty += (mean_ms / settings.penalty_divisor_ms).min(settings.max_penalty);
        }
    }
    Measured::ratio(weighted, weights, NO_LOOKUP).map(|score| (score - penalty).max(0.0))
}

fn measure_tier(
    index: usize,
    samples: &[&TierSample],
    calls: Option<Calls<'_>>,
    grouped: &[Grouped<'_>],
    context: &Context<'_>,
) -> CacheTier {
    let words = context.words;
    let component = format!("cache_{}", TIERS[index]);
    let groups = find(grouped, words, &component).map(|tier| tier.all()).unwrap_or_default();
    let operation_of = |group: &Group| CacheOperation::of(words.some_word(group.operation));
    let rows_of = |wanted: CacheOperation| {
        groups.iter().filter(|group| operation_of(group) == wanted).map(|group| group.count).sum::<u64>()
    };
    let lookups: Vec<&Group> =
        groups.iter().copied().filter(|group| operation_of(group) == CacheOperation::Lookup).collect();
    let of_class = |class: Class| {
        let in_class = |group: &&&Group| group.outcome.is_some_and(|code| words.class(code) == class);
        lookups.iter().filter(in_class).map(|group| group.count).sum::<u64>()
    };
    let (hits, misses) = (of_class(Class::Ok), of_class(Class::Miss));
    let pattern = AccessPattern::of(calls.as_ref(), context);
    let pressure = || samples.iter().filter(|sample| sample.is_pressure);
    CacheTier {
        tier: TIERS[index].to_owned(),
        hits,
        misses,
        hit_rate: Measured::ratio(hits as f64, (hits + misses) as f64, "no look-up that hit or missed"),
        failed: of_class(Class::Failed),
        puts: rows_of(CacheOperation::Put),
        evictions: rows_of(CacheOperation::Evict),
        promotions_in: rows_of(CacheOperation::Promote),
        pressure_events: pressure().count() as u64,
        peak_fill: Measured::or(
            pressure().filter_map(|sample| sample.value).reduce(f64::max),
            "no pressure rows with a value",
        ),
        response_times: counts::of_finished(&lookups, context.settings),
        sequential_accesses: Measured::or(pattern.sequential, NO_KEYS),
        random_accesses: Measured::or(pattern.random, NO_KEYS),
        hot_keys: pattern.hot_keys,
        distinct_keys: Measured::or(pattern.distinct, NO_KEYS),
    }
}

const NO_KEYS: &str = "the look-ups carry no key";
