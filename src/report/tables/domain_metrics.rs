//! Numbers that only some components have: models, cache, circuit breaker, fallback chain, time spent.

use super::components::Row;
use crate::summary::{Breaker, Cache, CacheTier, Fallback, Lightrag, Measured, ModelCalls, RunSummary};
use crate::units::Unit;

/// Names of what is made of several components.
const CACHE: &str = "cache";
const BREAKER: &str = "circuit_breaker";
const FALLBACK: &str = "fallback_system";
const LIGHTRAG: &str = "lightrag";

type Number = (&'static str, Option<f64>, Unit);

/// Adds what this run has of them.
pub fn add<'a>(run: &'a RunSummary, rows: &mut Vec<Row<'a>>) {
    if let Measured::Value(lightrag) = &run.lightrag {
        add_lightrag(lightrag, rows);
    }
    if let Measured::Value(cache) = &run.cache {
        add_cache(cache, rows);
    }
    if let Measured::Value(breaker) = &run.breaker {
        add_breaker(breaker, rows);
    }
    if let Measured::Value(fallback) = &run.fallback {
        add_fallback(fallback, rows);
    }
    if let Measured::Value(spent) = &run.time_spent {
        for share in &spent.shares {
            push(&share.component, None, [("time_share", Some(share.share), Unit::Ratio)], rows);
        }
    }
}

fn push<'a>(
    component: &'a str,
    operation: Option<&'a str>,
    numbers: impl IntoIterator<Item = Number>,
    rows: &mut Vec<Row<'a>>,
) {
    let row =
        |(metric, value, unit): Number| Row { component, operation, metric: metric.to_owned(), value, unit };
    rows.extend(numbers.into_iter().map(row));
}

fn count(n: u64) -> Option<f64> {
    Some(n as f64)
}

fn model_numbers(calls: &ModelCalls) -> [Number; 6] {
    [
        ("mean_tokens_in", calls.mean_tokens_in.number(), Unit::Count),
        ("mean_tokens_out", calls.mean_tokens_out.number(), Unit::Count),
        ("token_ratio", calls.token_ratio.number(), Unit::Ratio),
        ("cost_per_query_usd", calls.cost_per_query_usd.number(), Unit::Usd),
        ("cost_per_success_usd", calls.cost_per_success_usd.number(), Unit::Usd),
        ("mean_ttft_ms", calls.mean_ttft_ms.number(), Unit::Milliseconds),
    ]
}

fn add_lightrag<'a>(lightrag: &'a Lightrag, rows: &mut Vec<Row<'a>>) {
    push(LIGHTRAG, None, model_numbers(&lightrag.overall), rows);
    for mode in &lightrag.by_mode {
        push(LIGHTRAG, Some(&mode.mode), [("mode_share", mode.share.number(), Unit::Ratio)], rows);
        push(LIGHTRAG, Some(&mode.mode), model_numbers(&mode.calls), rows);
    }
}

fn add_cache<'a>(cache: &'a Cache, rows: &mut Vec<Row<'a>>) {
    let whole = [
        ("lookup_hit_rate", cache.lookup_hit_rate.number(), Unit::Ratio),
        ("tier_weighted_hit_rate", cache.tier_weighted_hit_rate.number(), Unit::Ratio),
        ("effectiveness", cache.effectiveness.number(), Unit::Ratio),
        ("lookups", count(cache.lookups), Unit::Count),
        ("promotions_l3_to_l2", count(cache.promotions_l3_to_l2), Unit::Count),
        ("promotions_l2_to_l1", count(cache.promotions_l2_to_l1), Unit::Count),
    ];
    push(CACHE, None, whole, rows);
    for tier in &cache.tiers {
        let component = match tier.tier.as_str() {
            "l1" => "cache_l1",
            "l2" => "cache_l2",
            "l3" => "cache_l3",
            other => other,
        };
        push(component, None, tier_numbers(tier), rows);
    }
}

fn tier_numbers(tier: &CacheTier) -> [Number; 10] {
    let maybe = |n: &Measured<u64>| n.value().map(|n| *n as f64);
    [
        ("hits", count(tier.hits), Unit::Count),
        ("misses", count(tier.misses), Unit::Count),
        ("hit_rate", tier.hit_rate.number(), Unit::Ratio),
        ("evictions", count(tier.evictions), Unit::Count),
        ("promotions_in", count(tier.promotions_in), Unit::Count),
        ("pressure_events", count(tier.pressure_events), Unit::Count),
        ("peak_fill", tier.peak_fill.number(), Unit::Ratio),
        ("sequential_accesses", maybe(&tier.sequential_accesses), Unit::Count),
        ("random_accesses", maybe(&tier.random_accesses), Unit::Count),
        ("distinct_keys", maybe(&tier.distinct_keys), Unit::Count),
    ]
}

fn add_breaker<'a>(breaker: &'a Breaker, rows: &mut Vec<Row<'a>>) {
    let whole = [
        ("availability_percent", breaker.availability_percent.number(), Unit::Percent),
        ("recovery_success_rate", breaker.recovery_success_rate.number(), Unit::Ratio),
        ("breaker_requests", count(breaker.requests), Unit::Count),
        ("breaker_blocked", count(breaker.blocked), Unit::Count),
        ("opened", count(breaker.opened), Unit::Count),
        ("cost_activations", count(breaker.cost_activations), Unit::Count),
        ("cost_blocked_usd", breaker.cost_blocked_usd.number(), Unit::Usd),
    ];
    push(BREAKER, None, whole, rows);
}

fn add_fallback<'a>(fallback: &'a Fallback, rows: &mut Vec<Row<'a>>) {
    let whole = [
        ("overall_success", fallback.overall_success.number(), Unit::Ratio),
        ("cost_efficiency", fallback.cost_efficiency.number(), Unit::Ratio),
        ("activation_rate", fallback.activation_rate.number(), Unit::Ratio),
        ("cost_per_answer_usd", fallback.cost_per_answer_usd.number(), Unit::Usd),
        ("requests_entered", count(fallback.requests_entered), Unit::Count),
        ("requests_answered", fallback.requests_answered.value().map(|n| *n as f64), Unit::Count),
    ];
    push(FALLBACK, None, whole, rows);
    for level in &fallback.levels {
        let numbers = [
            ("level_attempts", count(level.attempts), Unit::Count),
            ("level_successes", count(level.successes), Unit::Count),
            ("level_success_rate", level.success_rate.number(), Unit::Ratio),
            ("level_cost_usd", level.total_cost_usd.number(), Unit::Usd),
            ("level_mean_quality", level.mean_quality.number(), Unit::Ratio),
            ("level_quality_change", level.quality_change.number(), Unit::Ratio),
        ];
        push(FALLBACK, Some(&level.level), numbers, rows);
    }
}
