//! The cache as a whole, and each of its tiers.

use super::entry::{Entry, entry, metric, quantiles};
use super::metric::{CACHE, Population};
use super::reading::Reading;
use super::subject::{Instance, Instances, Table, one};
use crate::summary::{Cache, CacheTier, RunSummary};
use crate::units::Unit;

pub const SUBJECT: Table<Cache> = Table {
    component: CACHE,
    is_about: |component| component == CACHE,
    entries: WHOLE,
    instances: |run| one(CACHE, &run.cache),
    instance: None,
};

pub const TIERS: Table<CacheTier> = Table {
    component: "cache_l1, cache_l2, cache_l3",
    is_about: |component| TIER_NAMES.contains(&component),
    entries: TIER,
    instances: tiers,
    instance: None,
};

const TIER_NAMES: [&str; 3] = ["cache_l1", "cache_l2", "cache_l3"];

fn tiers(run: &RunSummary) -> Instances<'_, CacheTier> {
    run.cache.as_ref().map(|cache| {
        let component = |tier: &CacheTier| TIER_NAMES.iter().find(|name| name.ends_with(&tier.tier)).copied();
        let tier = |of| Some(Instance { component: component(of)?, operation: None, of });
        cache.tiers.iter().filter_map(tier).collect()
    })
}

const WHOLE: &[Entry<Cache>] = &[
    entry(
        metric(
            "lookup_hit_rate",
            Unit::Ratio,
            Population::Lookups,
            "look-ups that any tier answered / look-ups",
        )
        .higher()
        .compared()
        .headline(),
        |cache| Reading::share(&cache.lookup_hit_rate, cache.lookups),
    ),
    entry(
        metric(
            "tier_weighted_hit_rate",
            Unit::Ratio,
            Population::Lookups,
            "all hits / (all hits + all misses)",
        )
        .higher(),
        |cache| Reading::plain(&cache.tier_weighted_hit_rate),
    ),
    entry(
        metric(
            "effectiveness",
            Unit::Ratio,
            Population::Lookups,
            "weighted hit rate of the tiers less the penalty for slow ones",
        )
        .higher()
        .relative()
        .compared()
        .headline(),
        |cache| Reading::over(&cache.effectiveness, cache.lookups),
    ),
    entry(metric("lookups", Unit::Count, Population::Lookups, "requests that asked the cache"), |cache| {
        Reading::count(cache.lookups)
    }),
    entry(
        metric("promotions_l3_to_l2", Unit::Count, Population::Lookups, "entries moved from L3 to L2"),
        |cache| Reading::count(cache.promotions_l3_to_l2),
    ),
    entry(
        metric("promotions_l2_to_l1", Unit::Count, Population::Lookups, "entries moved from L2 to L1"),
        |cache| Reading::count(cache.promotions_l2_to_l1),
    ),
];

const TIER: &[Entry<CacheTier>] = &[
    entry(
        metric("hits", Unit::Count, Population::Lookups, "look-ups that found the entry").higher(),
        |tier| Reading::count(tier.hits),
    ),
    entry(metric("misses", Unit::Count, Population::Lookups, "look-ups that did not").lower(), |tier| {
        Reading::count(tier.misses)
    }),
    entry(
        metric("hit_rate", Unit::Ratio, Population::Lookups, "hits / (hits + misses)").higher().compared(),
        |tier| Reading::share(&tier.hit_rate, tier.hits + tier.misses),
    ),
    quantiles(
        "lookup_",
        Population::Lookups,
        "quantile q of the durations of the look-ups, without as many of the fastest as failed",
        |tier: &CacheTier| &tier.response_times,
    )
    .compared(),
    entry(
        metric("lookup_mean_ms", Unit::Milliseconds, Population::Lookups, "mean duration of the look-ups")
            .lower()
            .compared(),
        |tier| Reading::over(&tier.response_times.mean_ms, tier.response_times.n),
    ),
    entry(metric("evictions", Unit::Count, Population::Finished, "entries that were evicted"), |tier| {
        Reading::count(tier.evictions)
    }),
    entry(
        metric("promotions_in", Unit::Count, Population::Finished, "promotions that arrived at this tier"),
        |tier| Reading::count(tier.promotions_in),
    ),
    entry(metric("pressure_events", Unit::Count, Population::Samples, "rows of cache pressure"), |tier| {
        Reading::count(tier.pressure_events)
    }),
    entry(metric("peak_fill", Unit::Ratio, Population::Samples, "highest fill seen"), |tier| {
        Reading::plain(&tier.peak_fill)
    }),
    entry(
        metric(
            "sequential_accesses",
            Unit::Count,
            Population::Lookups,
            "look-ups whose key is one more than that of the one before",
        ),
        |tier| Reading::counted(&tier.sequential_accesses),
    ),
    entry(
        metric("random_accesses", Unit::Count, Population::Lookups, "the other look-ups with a key"),
        |tier| Reading::counted(&tier.random_accesses),
    ),
    entry(metric("distinct_keys", Unit::Count, Population::Lookups, "different keys"), |tier| {
        Reading::counted(&tier.distinct_keys)
    }),
];
