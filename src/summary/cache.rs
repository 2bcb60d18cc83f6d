//! The multi-tier cache.

use serde::Serialize;

use super::{CountedBy, Distribution, Measured};

/// The multi-tier cache.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cache {
    /// `l1`, `l2`, `l3`, in that order; a tier without rows is left out.
    pub tiers: Vec<CacheTier>,
    /// All hits / (all hits + all misses) over the tiers.
    pub tier_weighted_hit_rate: Measured<f64>,
    /// Share of look-ups that any tier answered: by `request_id`, else from the counts (see `lookups_by`).
    pub lookup_hit_rate: Measured<f64>,
    pub lookups: u64,
    pub lookups_by: CountedBy,
    /// Tier look-ups that carry no `request_id`; where others do, these are in the tiers only.
    pub tier_lookups_without_id: u64,
    /// 0..1, the weighted hit rate less the penalty for slow tiers.
    pub effectiveness: Measured<f64>,
    pub promotions_l3_to_l2: u64,
    pub promotions_l2_to_l1: u64,
}

/// One cache tier.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CacheTier {
    /// `l1`, `l2`, `l3`.
    pub tier: String,
    pub hits: u64,
    pub misses: u64,
    /// hits / (hits + misses), 0..1.
    pub hit_rate: Measured<f64>,
    /// Look-ups that failed (an outcome that is neither hit nor miss).
    pub failed: u64,
    pub puts: u64,
    pub evictions: u64,
    /// Promotions that arrived at this tier.
    pub promotions_in: u64,
    pub pressure_events: u64,
    /// Highest fill seen, 0..1.
    pub peak_fill: Measured<f64>,
    /// Of the look-ups (`get`).
    pub response_times: Distribution,
    /// Look-ups whose key is one more than that of the look-up before it in time; the others are random.
    pub sequential_accesses: Measured<u64>,
    pub random_accesses: Measured<u64>,
    /// Most looked-up keys with their counts, most first.
    pub hot_keys: Vec<HotKey>,
    pub distinct_keys: Measured<u64>,
}

/// A cache key and how often it was looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HotKey {
    pub key: u64,
    pub count: u64,
}
