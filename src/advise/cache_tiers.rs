//! Cache tiers: hit rates below their targets, and tiers that answer slowly.

use super::Facts;
use super::finding::{Cause, Finding};
use super::missed::{Missed, miss_below, missed};
use super::words::{counted, label};
use crate::config::Config;
use crate::judge::Severity;
use crate::summary::{Cache, CacheTier, Measured};
use crate::units::{Unit, count};

/// The component of a tier: `l1` → `cache_l1`.
pub fn component(tier: &CacheTier) -> String {
    format!("cache_{}", tier.tier)
}

/// The highest hit rate that a tier of any size could have had if it was empty at the start: each key has to be
/// missed once.
pub fn cold_ceiling(tier: &CacheTier) -> Option<f64> {
    let distinct = *tier.distinct_keys.value()?;
    let lookups = tier.hits + tier.misses;
    (distinct > 0 && distinct <= lookups).then(|| 1.0 - distinct as f64 / lookups as f64)
}

/// The missed target of a tier's hit rate.
pub fn missed_target<'a>(facts: &Facts<'a>, tier: &CacheTier) -> Option<Missed<'a>> {
    missed(facts, &format!("{}_hit_rate", tier.tier))
}

/// A hit rate below its target.
pub fn tier_below_target(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(cache) = facts.summary.cache.value() else { return Vec::new() };
    cache
        .tiers
        .iter()
        .enumerate()
        .filter_map(|(index, tier)| {
            let missed = missed_target(facts, tier)?;
            Some(below_target(cache, (index, tier), &missed, config))
        })
        .collect()
}

fn below_target(
    cache: &Cache,
    (index, tier): (usize, &CacheTier),
    missed: &Missed<'_>,
    config: &Config,
) -> Finding {
    let component = component(tier);
    let name = label(&component);
    let what = format!("{name} hit rate");
    let mut finding = missed
        .finding(&component, Cause::HitRate, &what, config)
        .because([format!("{} hits and {} misses.", count(tier.hits), count(tier.misses))])
        .because(entries_told(tier))
        .because(missed_again(tier).map(|again| {
            format!("At least {} of the misses asked for a key that had been asked for before.", count(again))
        }))
        .act(action(tier, &name, config))
        .gaining(spared(cache, (index, tier), missed.verdict.limit));
    let hot = cache.tiers.get(index + 1).and_then(|below| hot_key(below, config));
    if let Some((key, times)) = hot {
        finding.evidence.push(format!("One key ({key}) was asked of the next tier {times} times."));
        finding.action.push_str(" Pin hot keys in it.");
    }
    // No setting lifts it above that ceiling: then it is a matter of how the run was started.
    if cold_ceiling(tier).is_some_and(|ceiling| ceiling < missed.verdict.limit) {
        finding.severity = finding.severity.min(Severity::Medium);
    }
    finding
}

fn entries_told(tier: &CacheTier) -> Option<String> {
    let came = tier.puts + tier.promotions_in;
    let fill = tier.peak_fill.number().map(|fill| format!(", fill at most {}", Unit::Ratio.print(fill)));
    (came > 0).then(|| {
        format!(
            "{} came in, {} evicted{}.",
            counted_entries(came),
            if tier.evictions == 1 { "1 was".to_owned() } else { format!("{} were", count(tier.evictions)) },
            fill.unwrap_or_default(),
        )
    })
}

fn counted_entries(number: u64) -> String {
    if number == 1 { "1 entry".to_owned() } else { format!("{} entries", count(number)) }
}

/// Misses beyond one for each key: keys that had been there, or should have been. A lower bound.
fn missed_again(tier: &CacheTier) -> Option<u64> {
    tier.misses.checked_sub(*tier.distinct_keys.value()?).filter(|again| *again > 0)
}

/// Does it push entries out that it has no room for?
fn is_full(tier: &CacheTier, config: &Config) -> bool {
    let came = tier.puts + tier.promotions_in;
    let is_filled = tier.peak_fill.number().is_some_and(|fill| fill >= config.advice.full_from_fill);
    let evicts = tier.evictions as f64 >= config.advice.full_from_evictions * came as f64;
    tier.evictions > 0 && (is_filled || (came > 0 && evicts))
}

fn is_scanned(tier: &CacheTier, config: &Config) -> bool {
    let (Some(&sequential), Some(&random)) = (tier.sequential_accesses.value(), tier.random_accesses.value())
    else {
        return false;
    };
    let all = sequential + random;
    all >= config.advice.min_calls && sequential as f64 >= config.advice.sequential_share * all as f64
}

fn hot_key(tier: &CacheTier, config: &Config) -> Option<(u64, String)> {
    let lookups = tier.hits + tier.misses;
    let hottest = tier.hot_keys.first()?;
    let is_hot = lookups >= config.advice.min_calls
        && hottest.count as f64 >= config.advice.hot_key_share * lookups as f64;
    is_hot.then(|| (hottest.key, count(hottest.count)))
}

fn action(tier: &CacheTier, name: &str, config: &Config) -> String {
    if is_scanned(tier, config) {
        return format!(
            "Consider prefetching the keys that follow, and an eviction for {name} that withstands scans (LFU, ARC): \
             its keys are asked in sequence."
        );
    }
    if is_full(tier, config) {
        let again = if missed_again(tier).is_some() { " that are asked for again" } else { "" };
        return format!("Consider increasing {name} size: it is full and evicts entries{again}.");
    }
    match tier.tier.as_str() {
        "l1" => format!(
            "Consider a longer TTL for {name} and fewer different keys (normalise questions): it is not full."
        ),
        _ => format!(
            "Optimize {name} TTL settings: it is not full, so entries expire or were never put; keep them longer and \
             write answers through to it."
        ),
    }
}

/// What a hit rate at the target would spare the next tier, or LightRAG.
fn spared(cache: &Cache, (index, tier): (usize, &CacheTier), limit: f64) -> Measured<String> {
    let lookups = (tier.hits + tier.misses) as f64;
    let reachable = cold_ceiling(tier).map_or(limit, |ceiling| limit.min(ceiling));
    let more = (reachable * lookups - tier.hits as f64).round();
    if more < 1.0 {
        return Measured::undefined("starting empty, this tier could not have hit more often");
    }
    let next = match cache.tiers.get(index + 1) {
        Some(next) => format!("look-ups of the {}", label(&component(next))),
        None => "look-ups that go on to LightRAG".to_owned(),
    };
    let at = Unit::Ratio.print(reachable);
    let why = if reachable < limit { ", the most that a tier which starts empty could reach" } else { "" };
    Measured::Value(format!("At {at}{why}, it would spare up to {} {next}.", count(more as u64)))
}

/// Answers so slowly that the effectiveness score is cut for it.
pub fn tier_slow(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(cache) = facts.summary.cache.value() else { return Vec::new() };
    let limit_ms = config.cache.slow_above_ms;
    let of = |tier: &CacheTier| {
        let mean_ms = tier.response_times.mean_ms.number()?;
        if tier.response_times.n < config.advice.min_calls || mean_ms <= limit_ms {
            return None;
        }
        let component = component(tier);
        let print = |value| Unit::Milliseconds.print(value);
        let headline = format!(
            "{} mean response time ({}) above {}, from where the cache's effectiveness is cut.",
            label(&component),
            print(mean_ms),
            print(limit_ms),
        );
        let p95 = tier.response_times.value_ms(0.95);
        let finding = Finding::new(&component, Cause::Slow, (mean_ms, Unit::Milliseconds), headline)
            .missing(limit_ms, miss_below(mean_ms, limit_ms), &config.advice)
            .because([format!("{} in the judged window.", counted(tier.response_times.n, "timed look-up"))])
            .because(p95.map(|p95_ms| format!("P95 of its look-ups is {}.", print(p95_ms))))
            .act(
                "Give it more connections and keep them open, move it nearer to the service, and keep slow look-ups \
                 off the event loop (threads, batches).",
            );
        Some(finding)
    };
    cache.tiers.iter().filter_map(of).collect()
}
