//! The cache as a whole, and each of its tiers.

use super::entry::{Entry, entry, higher, lower, neither, quantiles};
use super::metric::{CACHE, Population::*};
use super::reading::{count, counted, over, share, value};
use super::subject::{Instances, Table, one, table, whole};
use crate::summary::{Cache, CacheTier, RunSummary};
use crate::units::Unit::*;

pub const SUBJECT: Table<Cache> = table(CACHE, &[CACHE], WHOLE, |run| one(CACHE, run.cache.as_ref()));

pub const TIERS: Table<CacheTier> = table("cache_l1, cache_l2, cache_l3", TIER_NAMES, TIER, tiers);

const TIER_NAMES: &[&str] = &["cache_l1", "cache_l2", "cache_l3"];

fn tiers(run: &RunSummary) -> Instances<'_, CacheTier> {
    run.cache.as_ref().map(|cache| {
        let component = |tier: &CacheTier| TIER_NAMES.iter().find(|name| name.ends_with(&tier.tier));
        cache.tiers.iter().filter_map(|tier| Some(whole(component(tier)?, tier))).collect()
    })
}

#[rustfmt::skip]
const WHOLE: &[Entry<Cache>] = &[
    entry(higher("lookup_hit_rate").compared().headline(), Ratio, Lookups,
        "look-ups that any tier answered / look-ups", |cache| share(&cache.lookup_hit_rate, cache.lookups)),
    entry(higher("tier_weighted_hit_rate"), Ratio, Lookups,
        "all hits / (all hits + all misses)", |cache| value(&cache.tier_weighted_hit_rate)),
    entry(higher("effectiveness").relative().compared().headline(), Ratio, Lookups,
        "weighted hit rate of the tiers less the penalty for slow ones",
        |cache| over(&cache.effectiveness, cache.lookups)),
    entry(neither("lookups"), Count, Lookups, "requests that asked the cache", |cache| count(cache.lookups)),
    entry(neither("promotions_l3_to_l2"), Count, Lookups,
        "entries moved from L3 to L2", |cache| count(cache.promotions_l3_to_l2)),
    entry(neither("promotions_l2_to_l1"), Count, Lookups,
        "entries moved from L2 to L1", |cache| count(cache.promotions_l2_to_l1)),
];

#[rustfmt::skip]
const TIER: &[Entry<CacheTier>] = &[
    entry(higher("hits"), Count, Lookups, "look-ups that found the entry", |tier| count(tier.hits)),
    entry(lower("misses"), Count, Lookups, "look-ups that did not", |tier| count(tier.misses)),
    entry(higher("hit_rate").compared(), Ratio, Lookups,
        "hits / (hits + misses)", |tier| share(&tier.hit_rate, tier.hits + tier.misses)),
    quantiles(lower("lookup_").compared(), Lookups,
        "quantile q of the durations of the look-ups, without as many of the fastest as failed",
        |tier| &tier.response_times),
    entry(lower("lookup_mean_ms").compared(), Milliseconds, Lookups, "mean duration of the look-ups",
        |tier| over(&tier.response_times.mean_ms, tier.response_times.n)),
    entry(neither("evictions"), Count, Finished, "entries that were evicted", |tier| count(tier.evictions)),
    entry(neither("promotions_in"), Count, Finished,
        "promotions that arrived at this tier", |tier| count(tier.promotions_in)),
    entry(neither("pressure_events"), Count, Samples,
        "rows of cache pressure", |tier| count(tier.pressure_events)),
    entry(neither("peak_fill"), Ratio, Samples, "highest fill seen", |tier| value(&tier.peak_fill)),
    entry(neither("sequential_accesses"), Count, Lookups,
        "look-ups whose key is one more than that of the one before",
        |tier| counted(&tier.sequential_accesses)),
    entry(neither("random_accesses"), Count, Lookups,
        "the other look-ups with a key, but the first", |tier| counted(&tier.random_accesses)),
    entry(neither("distinct_keys"), Count, Lookups, "different keys", |tier| counted(&tier.distinct_keys)),
];
