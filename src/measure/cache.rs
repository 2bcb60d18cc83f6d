//! The multi-tier cache: look-ups, hit rates, effectiveness, promotions, evictions, access pattern.

use std::collections::{BTreeMap, HashMap};

use super::components::{Grouped, find};
use super::context::Context;
use super::counts::Group;
use super::distribution::distribution;
use super::rows::Rows;
use super::shape::{CacheOperation, Shape};
use super::words::Class;
use crate::config::CacheSettings;
use crate::summary::{Cache, CacheTier, HotKey, Measured, SecondOfLookups};

const US_PER_S: i64 = 1_000_000;
const TIERS: [&str; 3] = ["l1", "l2", "l3"];

/// Look-ups of one tier with what happened besides them.
#[derive(Debug, Default)]
struct TierLog {
    /// (start µs, key) of the look-ups that carry a key.
    accesses: Vec<(i64, u64)>,
    peak_fill: Option<f64>,
    pressure_events: u64,
    has_rows: bool,
}

/// Cache rows of the run.
#[derive(Debug, Default)]
pub(super) struct CacheLog {
    tiers: [TierLog; 3],
    /// By (request, key).
    lookups: HashMap<(u64, Option<u64>), Lookup>,
    lookups_without_id: u64,
    /// Start and hit of the tier look-ups without id that hit or missed.
    tier_lookups: Vec<(i64, bool)>,
}

/// One look-up, whatever the number of tiers that it asked.
#[derive(Debug, Clone, Copy)]
struct Lookup {
    /// When it asked the first tier, µs since 1970.
    first_us: i64,
    /// Did any tier hit?
    is_hit: bool,
}

impl Lookup {
    fn merge(self, other: Lookup) -> Lookup {
        Lookup { first_us: self.first_us.min(other.first_us), is_hit: self.is_hit || other.is_hit }
    }
}

/// When each look-up that carries a request id was made, µs since 1970, and whether it hit; in any order.
#[derive(Debug, Default)]
pub(super) struct LookupTimes {
    pub(super) entries: Vec<(i64, bool)>,
}

impl CacheLog {
    pub(super) fn update(
        &mut self,
        rows: &Rows<'_>,
        row: usize,
        tier: usize,
        operation: CacheOperation,
        shape: Shape,
        class: Option<Class>,
    ) {
        let log = &mut self.tiers[tier];
        log.has_rows = true;
        match operation {
            CacheOperation::Pressure => {
                log.pressure_events += 1;
                log.peak_fill = log.peak_fill.into_iter().chain(rows.value.get(row)).reduce(f64::max);
            }
            CacheOperation::Lookup if shape == Shape::Finished => {
                let key = rows.key.get(row);
                log.accesses.extend(key.map(|key| (rows.ts.values()[row], key)));
                match rows.request_id.get(row) {
                    Some(request_id) => {
                        let asked =
                            Lookup { first_us: rows.ts.values()[row], is_hit: class == Some(Class::Ok) };
                        self.add((request_id, key), asked);
                    }
                    None => {
                        self.lookups_without_id += 1;
                        if let Some(Class::Ok | Class::Miss) = class {
                            self.tier_lookups.push((rows.ts.values()[row], class == Some(Class::Ok)));
                        }
                    }
                }
            }
            _ => {}
        }
    }

    pub(super) fn merge(&mut self, other: CacheLog) {
        for (mine, mut theirs) in self.tiers.iter_mut().zip(other.tiers) {
            mine.accesses.append(&mut theirs.accesses);
            mine.peak_fill = mine.peak_fill.into_iter().chain(theirs.peak_fill).reduce(f64::max);
            mine.pressure_events += theirs.pressure_events;
            mine.has_rows |= theirs.has_rows;
        }
        for (place, lookup) in other.lookups {
            self.add(place, lookup);
        }
        self.lookups_without_id += other.lookups_without_id;
        self.tier_lookups.extend(other.tier_lookups);
    }

    fn add(&mut self, place: (u64, Option<u64>), lookup: Lookup) {
        self.lookups.entry(place).and_modify(|known| *known = known.merge(lookup)).or_insert(lookup);
    }

    /// Look-ups and hits of each second in which there were any: by request where they carry an id, else of all
    /// tiers together.
    pub(super) fn seconds(&self) -> Vec<SecondOfLookups> {
        let by_request = self.lookups.values().map(|lookup| (lookup.first_us, lookup.is_hit));
        let tiers = self.tier_lookups.iter().copied().filter(|_| self.lookups.is_empty());
        let mut seconds: BTreeMap<i64, SecondOfLookups> = BTreeMap::new();
        for (start_us, is_hit) in by_request.chain(tiers) {
            let start_us = start_us.div_euclid(US_PER_S) * US_PER_S;
            let second = seconds.entry(start_us).or_insert(SecondOfLookups { start_us, lookups: 0, hits: 0 });
            second.lookups += 1;
            second.hits += u64::from(is_hit);
        }
        seconds.into_values().collect()
    }

    pub(super) fn times(&self) -> LookupTimes {
        LookupTimes {
            entries: self.lookups.values().map(|lookup| (lookup.first_us, lookup.is_hit)).collect(),
        }
    }
}

pub(super) fn measure(
    log: CacheLog,
    grouped: &[Grouped],
    settings: &CacheSettings,
    context: &Context<'_>,
) -> Measured<Cache> {
    if log.tiers.iter().all(|tier| !tier.has_rows) {
        return Measured::undefined("no cache rows in this run");
    }
    let CacheLog { tiers: tier_logs, lookups, lookups_without_id, tier_lookups: _ } = log;
    let tiers: Vec<(usize, CacheTier)> = tier_logs
        .into_iter()
        .enumerate()
        .filter(|(_, tier_log)| tier_log.has_rows)
        .map(|(index, tier_log)| (index, measure_tier(index, tier_log, grouped, context)))
        .collect();
    let hits: u64 = tiers.iter().map(|(_, tier)| tier.hits).sum();
    let misses: u64 = tiers.iter().map(|(_, tier)| tier.misses).sum();
    let promotions_into = |wanted: usize| {
        tiers.iter().find(|(index, _)| *index == wanted).map_or(0, |(_, tier)| tier.promotions_in)
    };
    let (lookup_count, lookup_hits, lookups_by) = count_lookups(&lookups, &tiers, hits);
    Measured::Value(Cache {
        tier_weighted_hit_rate: Measured::ratio(hits as f64, (hits + misses) as f64, NO_LOOKUP),
        lookup_hit_rate: match lookup_hits <= lookup_count {
            true => Measured::ratio(lookup_hits as f64, lookup_count as f64, NO_LOOKUP),
            false => {
                Measured::undefined("the look-ups carry no request_id and more hits than first look-ups")
            }
        },
        lookups: lookup_count,
        lookups_by: lookups_by.to_owned(),
        tier_lookups_without_id: lookups_without_id,
        effectiveness: effectiveness(&scores(&tiers), settings),
        promotions_l3_to_l2: promotions_into(1),
        promotions_l2_to_l1: promotions_into(0),
        tiers: tiers.into_iter().map(|(_, tier)| tier).collect(),
    })
}

const NO_LOOKUP: &str = "no cache look-up that hit or missed";

/// (look-ups, look-ups that a tier answered, counted by).
fn count_lookups(
    lookups: &HashMap<(u64, Option<u64>), Lookup>,
    tiers: &[(usize, CacheTier)],
    hits: u64,
) -> (u64, u64, &'static str) {
    if lookups.is_empty() {
        // Every look-up starts at the first tier; what a tier behind it finds, the first one missed.
        let first = tiers.first().map_or(0, |(_, tier)| tier.hits + tier.misses + tier.failed);
        return (first, hits, "first_tier");
    }
    (lookups.len() as u64, lookups.values().filter(|lookup| lookup.is_hit).count() as u64, "request_id")
}

/// What a tier brings to the effectiveness.
#[derive(Debug, Clone, Copy)]
pub(super) struct TierScore {
    /// L1, L2, L3 as 0, 1, 2.
    pub(super) tier: usize,
    pub(super) hit_rate: f64,
    pub(super) mean_ms: Option<f64>,
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
pub(super) fn effectiveness(tiers: &[TierScore], settings: &CacheSettings) -> Measured<f64> {
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

fn measure_tier(index: usize, log: TierLog, grouped: &[Grouped], context: &Context<'_>) -> CacheTier {
    let words = context.words;
    let component = format!("cache_{}", TIERS[index]);
    let groups = find(grouped, words, &component).map(Grouped::all).unwrap_or_default();
    let operation_of = |group: &Group| CacheOperation::of(words.some_word(group.operation));
    let rows_of = |wanted: CacheOperation| {
        groups.iter().filter(|group| operation_of(group) == wanted).map(|group| group.count).sum::<u64>()
    };
    let lookups: Vec<&&Group> =
        groups.iter().filter(|group| operation_of(group) == CacheOperation::Lookup).collect();
    let of_class = |class: Class| {
        let in_class = |group: &&&&Group| group.outcome.is_some_and(|code| words.class(code) == class);
        lookups.iter().filter(in_class).map(|group| group.count).sum::<u64>()
    };
    let (hits, misses) = (of_class(Class::Ok), of_class(Class::Miss));
    let mut durations_ms: Vec<f64> =
        lookups.iter().flat_map(|group| group.durations_ms.iter().copied()).collect();
    let pattern = AccessPattern::of(log.accesses, context.settings.hot_keys);
    CacheTier {
        tier: TIERS[index].to_owned(),
        hits,
        misses,
        hit_rate: Measured::ratio(hits as f64, (hits + misses) as f64, "no look-up that hit or missed"),
        failed: of_class(Class::Failed),
        puts: rows_of(CacheOperation::Put),
        evictions: rows_of(CacheOperation::Evict),
        promotions_in: rows_of(CacheOperation::Promote),
        pressure_events: log.pressure_events,
        peak_fill: Measured::or(log.peak_fill, "no pressure rows with a value"),
        response_times: distribution(&mut durations_ms, context.settings),
        sequential_accesses: Measured::or(pattern.sequential, NO_KEYS),
        random_accesses: Measured::or(pattern.random, NO_KEYS),
        hot_keys: pattern.hot_keys,
        distinct_keys: Measured::or(pattern.distinct, NO_KEYS),
    }
}

const NO_KEYS: &str = "the look-ups carry no key";

/// Which keys were asked for, and in what order.
#[derive(Default)]
struct AccessPattern {
    sequential: Option<u64>,
    random: Option<u64>,
    distinct: Option<u64>,
    hot_keys: Vec<HotKey>,
}

impl AccessPattern {
    /// An access is sequential when its key is one more than that of the access before it in time.
    fn of(mut accesses: Vec<(i64, u64)>, hot_keys: usize) -> Self {
        if accesses.is_empty() {
            return Self::default();
        }
        // Equal times by key: the order in the file must not matter.
        accesses.sort_unstable();
        let follows = |pair: &&[(i64, u64)]| pair[1].1.checked_sub(pair[0].1) == Some(1);
        let sequential = accesses.windows(2).filter(follows).count() as u64;
        let mut counts: HashMap<u64, u64> = HashMap::new();
        for &(_, key) in &accesses {
            *counts.entry(key).or_default() += 1;
        }
        let distinct = counts.len() as u64;
        let mut hottest: Vec<HotKey> = counts.into_iter().map(|(key, count)| HotKey { key, count }).collect();
        hottest.sort_unstable_by_key(|hot| (std::cmp::Reverse(hot.count), hot.key));
        hottest.truncate(hot_keys);
        Self {
            sequential: Some(sequential),
            random: Some(accesses.len() as u64 - 1 - sequential),
            distinct: Some(distinct),
            hot_keys: hottest,
        }
    }
}
