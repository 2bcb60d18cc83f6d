//! The metadata of a recorded run: what the user said, what was seen, and what the test sent along.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::command::{Ending, Leftovers};
use super::intake::{IntakeCounts, merge};
use super::plan::Plan;
use crate::run::{RunMetadata, SCHEMA_VERSION};

/// What is known before the command starts.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub environment: BTreeMap<String, Value>,
    pub git_commit: Option<String>,
    pub git_branch: Option<String>,
}

/// What is known when all has been recorded.
#[derive(Debug)]
pub struct RecordedSession {
    /// µs since 1970.
    pub started_us: i64,
    pub ended_us: i64,
    pub ending: Ending,
    pub sample_interval_ms: f64,
    /// Instance → role.
    pub roles: BTreeMap<String, String>,
    pub statistics: Statistics,
}

/// How the recording went: under `recording` in the metadata.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Statistics {
    /// Instants at which the tree was sampled, and deadlines that passed without.
    pub samples: usize,
    pub missed_ticks: u64,
    pub processes: usize,
    #[serde(flatten)]
    pub intake: IntakeCounts,
    /// Processes left behind by the command.
    pub leftovers: Leftovers,
    /// CPU time of the sampler and of the whole recorder until the file's end was written, ms.
    pub sampler_cpu_ms: f64,
    pub recorder_cpu_ms: f64,
    /// What the recorder failed to do although the file was written: an events file that could not be read, …
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

/// Puts the metadata together. What the test announced fills in; what the command line says and what the
/// recorder saw stands above it.
pub fn describe(
    plan: &Plan,
    surroundings: Surroundings,
    recorded_session: &RecordedSession,
    announced: Map<String, Value>,
) -> RunMetadata {
    let recorded = recorded(plan, surroundings, recorded_session);
    let Ok(Value::Object(upper)) = serde_json::to_value(&recorded) else { return recorded };
    let mut merged = announced;
    merge(&mut merged, upper);
    // Each announced fragment fitted by itself; should the sum not fit, the recorder's own part stands.
    serde_json::from_value(Value::Object(merged)).unwrap_or(recorded)
}

fn recorded(plan: &Plan, surroundings: Surroundings, recorded_session: &RecordedSession) -> RunMetadata {
    let command: Vec<_> = plan.command.iter().map(|word| word.to_string_lossy()).collect();
    let other = [
        ("command", json!(command)),
        ("exit_code", json!(recorded_session.ending.exit_code())),
        ("recording", json!(recorded_session.statistics)),
    ];
    RunMetadata {
        schema_version: Some(SCHEMA_VERSION),
        run_id: Some(plan.run_id.clone()),
        test_name: Some(plan.test_name.clone()),
        scenario: plan.scenario.clone(),
        users: plan.users,
        load_model: plan.load_model.clone(),
        think_time_ms: plan.think_time_ms,
        started_at: rfc_3339(recorded_session.started_us),
        ended_at: rfc_3339(recorded_session.ended_us),
        sample_interval_ms: Some(recorded_session.sample_interval_ms),
        complete: Some(true),
        instances: recorded_session.roles.clone(),
        environment: surroundings.environment,
        git_commit: surroundings.git_commit,
        git_branch: surroundings.git_branch,
        tags: plan.tags.clone(),
        source: Some("recorder".to_owned()),
        other: other.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        ..RunMetadata::default()
    }
}

fn rfc_3339(us: i64) -> Option<String> {
    Timestamp::from_microsecond(us).ok().map(|instant| instant.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded_session() -> RecordedSession {
        RecordedSession {
            started_us: 1_700_000_000_000_000,
            ended_us: 1_700_000_001_500_000,
            ending: Ending::Signalled(15),
            sample_interval_ms: 100.0,
            roles: BTreeMap::from([("api".to_owned(), "service".to_owned())]),
            statistics: Statistics::default(),
        }
    }

    fn described(announced: Value) -> RunMetadata {
        let plan = Plan {
            command: vec!["run".into(), "it".into()],
            run_id: "id".into(),
            test_name: "name".into(),
            users: Some(7),
            tags: BTreeMap::from([("a".to_owned(), "ours".to_owned())]),
            ..Plan::default()
        };
        let surroundings = Surroundings {
            environment: BTreeMap::from([("cpus".to_owned(), json!(2))]),
            git_commit: None,
            git_branch: None,
        };
        let Value::Object(announced) = announced else { panic!("an object") };
        describe(&plan, surroundings, &recorded_session(), announced)
    }

    #[test]
    fn what_was_seen_is_in_the_metadata() {
        let metadata = described(json!({}));
        assert_eq!(metadata.started_at.as_deref(), Some("2023-11-14T22:13:20Z"));
        assert_eq!(metadata.ended_at.as_deref(), Some("2023-11-14T22:13:21.5Z"));
        assert_eq!(metadata.other["exit_code"], 143);
        assert_eq!(metadata.other["command"], json!(["run", "it"]));
        assert_eq!(metadata.other["recording"]["malformed"], 0);
        assert_eq!(metadata.git_commit, None);
    }

    #[test]
    fn what_the_test_announced_fills_in_but_does_not_overrule() {
        let metadata = described(json!({
            "users": 99, "run_id": "theirs", "think_time_ms": 500.0, "complete": false,
            "tags": {"a": "theirs", "b": "2"}, "environment": {"redis": "7.0"}, "anything": [1],
            "breakers": {"lightrag": {"open_above": 0.2}},
        }));
        assert_eq!(metadata.users, Some(7));
        assert_eq!(metadata.run_id.as_deref(), Some("id"));
        assert_eq!(metadata.complete, Some(true));
        assert_eq!(metadata.think_time_ms, Some(500.0));
        assert_eq!((metadata.tags["a"].as_str(), metadata.tags["b"].as_str()), ("ours", "2"));
        assert_eq!(metadata.environment["redis"], "7.0");
        assert_eq!(metadata.environment["cpus"], 2);
        assert_eq!(metadata.breakers["lightrag"].open_above, Some(0.2));
        assert_eq!(metadata.other["anything"], json!([1]));
    }
}
