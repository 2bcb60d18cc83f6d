//! The known truth of a simulated run: what a good analysis must find, as JSON for the run's metadata.

use serde_json::{Map, Value, json};

use super::engine::Log;
use super::plan::{HIT_RATES, Load, Outage, Plan, Stretch, UNCACHED_SHARE};
use super::scenario::Scenario;
use super::words::Word;

/// The truth of a run that was played. Times `*_us` are µs since 1970, times `*_s` seconds since the start.
pub fn tell(plan: &Plan, log: &Log) -> Value {
    let (lightrag_rate, perplexity_rate, _) = plan.failures(-1);
    json!({
        "scenario": plan.parameters.scenario.name(),
        "seed": plan.parameters.seed,
        "requests": log.requests,
        "succeeded_requests": log.succeeded,
        "lightrag": {
            "slots": plan.slots,
            "service_factor": plan.service_scale,
            "expected_share_of_requests": plan.expected.lightrag_share,
            "expected_service_ms": plan.expected.service_ms * plan.service_scale,
            "utilisation": plan.parameters.utilisation,
            "failure_rate": lightrag_rate,
        },
        "perplexity": { "failure_rate": perplexity_rate },
        "cache": { "uncached_share": UNCACHED_SHARE, "hit_rates": HIT_RATES },
        "expected_answer_ms_without_queue": plan.expected.answer_ms,
        "effect": effect(plan, log),
    })
}

fn effect(plan: &Plan, log: &Log) -> Value {
    match plan.parameters.scenario {
        Scenario::Healthy => Value::Null,
        Scenario::Drift | Scenario::Step => stretch(plan),
        Scenario::ErrorBurst => json!({
            "what": "errors of LightRAG and Perplexity",
            "bursts": outages(plan),
        }),
        Scenario::LightragBurst => json!({ "what": "errors of LightRAG", "bursts": outages(plan) }),
        Scenario::Hang => json!({
            "what": "LightRAG leaves calls without an answer from one moment on",
            "at_s": plan.hang_us.map(seconds),
            "at_us": plan.hang_us.map(|at_us| plan.parameters.started_at_us + at_us),
            "share_of_calls": plan.effect,
            "unanswered_requests": log.unanswered,
        }),
        Scenario::BreakerFlapping => json!({
            "what": "the circuit breaker opens and closes",
            "breaker": Word::Lightrag.text(),
            "outages": outages(plan),
            "openings": transitions(plan, log, |state| state == 2.0),
            "closings": transitions(plan, log, |state| state == 0.0),
            "transitions": log.transitions.len(),
        }),
        Scenario::Saturation => json!({
            "what": "more users than LightRAG's slots can serve",
            "knee_users": f64::from(plan.parameters.users) * plan.effect,
            "capacity_per_s": plan.expected.rate_per_s * plan.effect,
            "levels": plan.levels.iter().map(|(from_us, users)| json!({
                "from_s": seconds(*from_us), "users": users,
            })).collect::<Vec<_>>(),
        }),
        Scenario::Leak => json!({
            "what": "memory of the service",
            "instance": Word::Service.text(),
            "mb_per_min": plan.leak_mb_per_min,
        }),
        Scenario::OpenLoop => stall(plan, log),
    }
}

fn stretch(plan: &Plan) -> Value {
    match plan.stretch {
        Stretch::None => Value::Null,
        Stretch::Drift { change, .. } => json!({
            "what": "response times, stretched by 1 + change × (start of the request / duration)",
            "percent_per_run": change * 100.0,
        }),
        Stretch::Step { at_us, factor } => json!({
            "what": "response times, multiplied from one moment on",
            "at_s": seconds(at_us),
            "at_us": plan.parameters.started_at_us + at_us,
            "factor": factor,
        }),
    }
}

fn stall(plan: &Plan, log: &Log) -> Value {
    let Load::Open { rate_per_s, stall_us: (from_us, to_us) } = plan.load else { return Value::Null };
    json!({
        "what": "the load generator stalls: requests are sent later than meant",
        "target_rate_per_s": rate_per_s,
        "stall": interval(plan, from_us, to_us),
        "delayed_requests": log.delayed,
    })
}

fn outages(plan: &Plan) -> Vec<Value> {
    let describe = |outage: &Outage| {
        let mut described = interval(plan, outage.from_us, outage.to_us);
        described.insert("category".into(), outage.category.text().into());
        described.insert("lightrag_rate".into(), outage.lightrag_rate.into());
        described.insert("perplexity_rate".into(), outage.perplexity_rate.into());
        Value::Object(described)
    };
    plan.outages.iter().map(describe).collect()
}

/// From (included) to (excluded): calls that reach LightRAG in between are concerned.
fn interval(plan: &Plan, from_us: i64, to_us: i64) -> Map<String, Value> {
    let start_us = plan.parameters.started_at_us;
    let mut interval = Map::new();
    interval.insert("from_s".into(), seconds(from_us).into());
    interval.insert("to_s".into(), seconds(to_us).into());
    interval.insert("from_us".into(), (start_us + from_us).into());
    interval.insert("to_us".into(), (start_us + to_us).into());
    interval
}

fn transitions(plan: &Plan, log: &Log, wanted: impl Fn(f64) -> bool) -> Vec<Value> {
    let describe = |transition: &super::breaker::Transition| {
        json!({
            "at_s": seconds(transition.at_us),
            "at_us": plan.parameters.started_at_us + transition.at_us,
            "transition": transition.name.text(),
            "failure_rate": transition.failure_rate,
        })
    };
    log.transitions.iter().filter(|transition| wanted(transition.state)).map(describe).collect()
}

fn seconds(us: i64) -> f64 {
    us as f64 / 1e6
}
