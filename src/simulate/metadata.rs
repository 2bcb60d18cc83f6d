//! The metadata of a simulated run.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use super::engine::Log;
use super::plan::{Load, Plan};
use super::samples::TICK_US;
use super::truth;
use super::words::Word;
use crate::run::{BreakerSettings, RunMetadata, SCHEMA_VERSION};

/// Key of the known truth in the metadata.
pub const TRUTH_KEY: &str = "truth";

/// Everything that a recording of this run would say about itself, and the truth beside it.
pub fn describe(plan: &Plan, log: &Log) -> RunMetadata {
    let parameters = &plan.parameters;
    let time =
        |us: i64| Timestamp::from_microsecond(parameters.started_at_us + us).ok().map(|t| t.to_string());
    let (load_model, think_time_ms, target_rate_per_s) = match plan.load {
        Load::Closed { think_ms } => ("closed", Some(think_ms), None),
        Load::Open { rate_per_s, .. } => ("open", None, Some(rate_per_s)),
    };
    RunMetadata {
        schema_version: Some(SCHEMA_VERSION),
        run_id: Some(parameters.run_id.clone()),
        test_name: Some(format!("simulated {}", parameters.scenario)),
        scenario: Some(parameters.scenario.load().name().to_owned()),
        users: Some(parameters.users),
        load_model: Some(load_model.to_owned()),
        target_rate_per_s,
        think_time_ms,
        started_at: time(0),
        ended_at: time(log.end_us),
        sample_interval_ms: Some(TICK_US as f64 / 1000.0),
        complete: Some(true),
        instances: instances(),
        breakers: BTreeMap::from([(Word::Lightrag.text().to_owned(), breaker(plan))]),
        environment: BTreeMap::from([("host_class".to_owned(), json!("simulated"))]),
        source: Some("simulate".to_owned()),
        other: BTreeMap::from([(TRUTH_KEY.to_owned(), truth::tell(plan, log))]),
        ..RunMetadata::default()
    }
}

fn instances() -> BTreeMap<String, String> {
    let role = |word: Word, role: &str| (word.text().to_owned(), role.to_owned());
    BTreeMap::from([role(Word::Service, "service"), role(Word::Loadgen, "load_generator")])
}

fn breaker(plan: &Plan) -> BreakerSettings {
    BreakerSettings {
        open_above: Some(plan.breaker.open_above),
        close_below: Some(plan.breaker.close_below),
        window: Some(json!(plan.breaker.window_us as f64 / 1e6)),
        min_calls: Some(plan.breaker.min_calls as u32),
        rule: None,
        failures: None,
        other: BTreeMap::from([("window_unit".to_owned(), json!("s"))]),
    }
}
