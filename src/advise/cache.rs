//! The cache as a whole: a cold start, and its health.

use super::Facts;
use super::cache_tiers::{cold_ceiling, component, missed_target};
use super::finding::{Cause, Finding};
use super::missed::{is_surely_below, miss_of_share, severity_by_health};
use super::words::label;
use crate::config::Config;
use crate::judge::{Severity, TrendWord};
use crate::metrics::CACHE;
use crate::summary::Cache;
use crate::units::Unit;

/// Hit rates that fall short because the tiers were empty at the start of the window: they still rise, or the run asks
/// too few questions twice.
pub fn cold(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(cache) = facts.summary.cache.value() else { return Vec::new() };
    let Some(rate) = cache.lookup_hit_rate.number() else { return Vec::new() };
    let falls_short = cache.tiers.iter().any(|tier| missed_target(facts, tier).is_some());
    let evidence: Vec<String> = ceilings(facts, cache).chain(rising(facts)).collect();
    if !falls_short || evidence.is_empty() || cache.lookups < config.advice.min_calls {
        return Vec::new();
    }
    let headline =
        format!("The caches started cold: {} of the look-ups were answered.", Unit::Ratio.print(rate));
    let mut finding = Finding::new(CACHE, Cause::Cold, (rate, Unit::Ratio), headline)
        .because(evidence)
        .act(
            "Warm the tiers with the most frequent questions before the load, or judge a later part of a longer run \
             (`--warmup`), before tuning their sizes.",
        );
    finding.severity = Severity::Low;
    vec![finding]
}

fn ceilings<'a>(facts: &Facts<'a>, cache: &'a Cache) -> impl Iterator<Item = String> {
    let facts = *facts;
    cache.tiers.iter().filter_map(move |tier| {
        let missed = missed_target(&facts, tier)?;
        let ceiling = cold_ceiling(tier).filter(|ceiling| *ceiling < missed.verdict.limit)?;
        Some(format!(
            "{}: of {} look-ups {} were the first for their key; starting empty, it could hit {} at most, below its \
             target of {}.",
            label(&component(tier)),
            Unit::Count.print((tier.hits + tier.misses) as f64),
            Unit::Count.print(*tier.distinct_keys.value()? as f64),
            Unit::Ratio.print(ceiling),
            Unit::Ratio.print(missed.verdict.limit),
        ))
    })
}

fn rising(facts: &Facts<'_>) -> Option<String> {
    let trend = facts.trends.iter().find(|trend| trend.metric == "cache_hit_rate")?;
    let is_rising = trend.direction.value() == Some(&TrendWord::Improving);
    let points = trend.evidence.value()?.change.number().filter(|_| is_rising)?;
    Some(format!(
        "The hit rate rose by {} points over the judged window.",
        Unit::Number.print(points * 100.0)
    ))
}

/// Hit rate or effectiveness below what healthy asks.
pub fn health(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(cache) = facts.summary.cache.value() else { return Vec::new() };
    let healthy = &config.health.cache.healthy;
    let hit_rate = cache.lookup_hit_rate.number();
    let hit_rate =
        hit_rate.filter(|rate| is_surely_below(*rate, cache.lookups, healthy.hit_rate_at_least, config));
    let effectiveness = cache.effectiveness.number().zip(healthy.effectiveness_at_least);
    let effectiveness =
        effectiveness.filter(|(actual, limit)| is_surely_ineffective(cache, *actual, *limit, config));
    let short = [
        hit_rate.map(|rate| ("Cache look-up hit rate", rate, healthy.hit_rate_at_least)),
        effectiveness.map(|(actual, limit)| ("Cache effectiveness", actual, limit)),
    ];
    let worst = short
        .into_iter()
        .flatten()
        .map(|(what, actual, limit)| (miss_of_share(actual, limit), what, actual, limit))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let Some((miss, what, actual, limit)) = worst else { return Vec::new() };
    let headline = format!(
        "{what} ({}) below the {} of a healthy cache.",
        Unit::Ratio.print(actual),
        Unit::Ratio.print(limit),
    );
    let tiers = cache.tiers.iter().filter_map(|tier| {
        Some(format!("{} hit rate: {}.", label(&component(tier)), Unit::Ratio.print(tier.hit_rate.number()?)))
    });
    let mut finding = Finding::new(CACHE, Cause::HitRate, (actual, Unit::Ratio), headline)
        .missing(limit, miss, &config.advice)
        .at_least(severity_by_health(facts, CACHE))
        .because(tiers)
        .act("Bring up the tier with the lowest hit rate first: more room, a longer TTL, fewer different keys.");
    for tier in &cache.tiers {
        finding = finding.joining(&component(tier), Cause::HitRate);
    }
    for tier in &cache.tiers {
        finding = finding.joining(&component(tier), Cause::Slow);
    }
    vec![finding]
}

/// The score is a weighted mean of the tiers' hit rates: its error is that of the tiers, weighted likewise.
fn is_surely_ineffective(cache: &Cache, actual: f64, limit: f64, config: &Config) -> bool {
    let weights = config.cache.tier_weights;
    let tiers = ["l1", "l2", "l3"].into_iter().zip(weights).filter_map(|(name, weight)| {
        let tier = cache.tiers.iter().find(|tier| tier.tier == name)?;
        let of = (tier.hits + tier.misses) as f64;
        Some((weight, tier.hit_rate.number()?, of))
    });
    let (variance, total) = tiers.fold((0.0, 0.0), |(variance, total), (weight, rate, of)| {
        (variance + weight * weight * rate * (1.0 - rate) / of, total + weight)
    });
    let error = if total > 0.0 { variance.max(0.0).sqrt() / total } else { 0.0 };
    cache.lookups >= config.advice.min_calls && limit - actual > config.advice.sure_from_errors * error
}
