//! `cmo_specific_analysis` of the report: LightRAG, cache, circuit breaker, fallback.
//!
//! A component without events keeps its object: the keys of the reference are there, null.

use serde_json::{Map, Value, json};

use super::detailed::{distribution, tokens};
use super::short::Shortener;
use crate::summary::{
    Breaker, Cache, CacheTier, ComponentCalls, Fallback, FallbackLevel, Lightrag, Measured,
};

/// The tiers that the reference names.
const TIERS: [&str; 3] = ["l1", "l2", "l3"];

/// `part` of a component: undefined for the component's reason when that is undefined.
fn of<T, U: serde::Serialize>(component: &Measured<T>, part: impl FnOnce(&T) -> Measured<U>) -> Value {
    json!(component.as_ref().and_then(part))
}

/// `object` with the entries of `more` behind its own.
fn with(mut object: Value, more: Value) -> Value {
    if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
        object.extend(more);
    }
    object
}

/// Success 0..1, `cost_efficiency` in USD per query.
pub fn lightrag(lightrag: &Measured<Lightrag>, shortener: &mut Shortener) -> Value {
    let reference = json!({
        "success_rate": of(lightrag, |found| found.overall.success_rate.clone()),
        "cost_efficiency": of(lightrag, |found| found.overall.cost_per_query_usd.clone()),
    });
    let Measured::Value(found) = lightrag else { return reference };
    let pointer = "/cmo_specific_analysis/lightrag_performance/query_modes";
    let modes =
        shortener.most(pointer, &found.by_mode, |mode| mode.calls.counts.sent()).into_iter().map(|mode| {
            let calls = with(
                json!({ "share": mode.share, "success_rate": mode.calls.success_rate }),
                model_calls(&mode.calls),
            );
            (mode.mode.clone(), calls)
        });
    let modes: Map<String, Value> = modes.collect();
    let more = with(model_calls(&found.overall), json!({ "errors": found.errors, "query_modes": modes }));
    with(reference, more)
}

fn model_calls(calls: &ComponentCalls) -> Value {
    let model = &calls.model;
    json!({
        "counts": calls.counts,
        "response_times": distribution(&calls.all),
        "ttft": of(model, |model| model.ttft.as_ref().map(distribution)),
        "tpot": of(model, |model| model.tpot.as_ref().map(distribution)),
        "tokens_in": of(model, |model| model.tokens_in.as_ref().map(tokens)),
        "tokens_out": of(model, |model| model.tokens_out.as_ref().map(tokens)),
        "token_ratio": of(model, |model| model.token_ratio()),
        "total_tokens_in": calls.total_tokens_in,
        "total_tokens_out": calls.total_tokens_out,
        "total_cost_usd": calls.total_cost_usd,
        "cost_per_query_usd": calls.cost_per_query_usd,
        "cost_per_success_usd": calls.cost_per_success_usd,
        "mean_queue_ms": calls.mean_queue_ms,
    })
}

/// Hit rates of the tiers, 0..1, and all that was measured about each.
pub fn cache(cache: &Measured<Cache>) -> Value {
    let rate = |name: &str| {
        of(cache, |found| match found.tiers.iter().find(|tier| tier.tier == name) {
            Some(tier) => tier.hit_rate.clone(),
            None => Measured::undefined("this tier has no rows"),
        })
    };
    let performance: Map<String, Value> = TIERS.iter().map(|name| ((*name).to_owned(), rate(name))).collect();
    let reference = json!({ "tier_performance": performance });
    let Measured::Value(found) = cache else { return reference };
    let tiers: Map<String, Value> =
        found.tiers.iter().map(|found| (found.tier.clone(), tier(found))).collect();
    with(
        reference,
        json!({
            "lookup_hit_rate": found.lookup_hit_rate,
            "tier_weighted_hit_rate": found.tier_weighted_hit_rate,
            "lookups": found.lookups,
            "lookups_by": found.lookups_by,
            "tier_lookups_without_id": found.tier_lookups_without_id,
            "effectiveness": found.effectiveness,
            "promotions_l3_to_l2": found.promotions_l3_to_l2,
            "promotions_l2_to_l1": found.promotions_l2_to_l1,
            "tiers": tiers,
        }),
    )
}

fn tier(tier: &CacheTier) -> Value {
    json!({
        "hits": tier.hits,
        "misses": tier.misses,
        "hit_rate": tier.hit_rate,
        "failed": tier.failed,
        "puts": tier.puts,
        "evictions": tier.evictions,
        "promotions_in": tier.promotions_in,
        "pressure_events": tier.pressure_events,
        "peak_fill": tier.peak_fill,
        "response_times": distribution(&tier.response_times),
        "sequential_accesses": tier.sequential_accesses,
        "random_accesses": tier.random_accesses,
        "hot_keys": tier.hot_keys,
        "distinct_keys": tier.distinct_keys,
    })
}

/// Availability 0..100 (%), recovery 0..1.
pub fn breaker(breaker: &Measured<Breaker>, as_expected: &impl serde::Serialize) -> Value {
    let reference = json!({
        "availability": of(breaker, |found| found.availability_percent.clone()),
        "recovery_effectiveness": of(breaker, |found| found.recovery_success_rate.clone()),
        "behaves_as_expected": as_expected,
    });
    let Measured::Value(found) = breaker else { return reference };
    with(
        reference,
        json!({
            "requests": found.requests,
            "blocked": found.blocked,
            "opened": found.opened,
            "cost_activations": found.cost_activations,
            "cost_blocked_usd": found.cost_blocked_usd,
            "breakers": found.breakers,
        }),
    )
}

/// Success of the chain 0..1, `cost_efficiency` = success / (1 + USD per answer).
pub fn fallback(fallback: &Measured<Fallback>) -> Value {
    let reference = json!({
        "overall_effectiveness": of(fallback, |found| found.overall_success.clone()),
        "cost_efficiency": of(fallback, |found| found.cost_efficiency.clone()),
    });
    let Measured::Value(found) = fallback else { return reference };
    let levels: Map<String, Value> =
        found.levels.iter().map(|found| (found.level.clone(), level(found))).collect();
    with(
        reference,
        json!({
            "requests_entered": found.requests_entered,
            "requests_answered": found.requests_answered,
            "counted_by": found.counted_by,
            "attempts_without_id": found.attempts_without_id,
            "cost_per_answer_usd": found.cost_per_answer_usd,
            "activation_rate": found.activation_rate,
            "levels": levels,
        }),
    )
}

fn level(level: &FallbackLevel) -> Value {
    json!({
        "attempts": level.attempts,
        "successes": level.successes,
        "success_rate": level.success_rate,
        "response_times": distribution(&level.response_times),
        "total_cost_usd": level.total_cost_usd,
        "mean_quality": level.mean_quality,
        "quality_change": level.quality_change,
    })
}
