//! What a run says about itself: the JSON under the Parquet key `cmo.run` or in a sidecar file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The newest `schema_version` of a run's metadata that this build understands.
pub const SCHEMA_VERSION: u32 = 1;

/// Metadata of a run. Everything may be missing; what is missing is derived from the events or null.
///
/// Units stand in the names; keys that we do not know are kept in `other` and written back unchanged.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunMetadata {
    /// Version of this structure; absent means 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_version: Option<u32>,
    /// Name of the run: names folders, so it is checked before use (`RunId`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Configured number of virtual users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<u32>,
    /// `closed` or `open`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_rate_per_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub think_time_ms: Option<f64>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_interval_ms: Option<f64>,
    /// `false` while a recording is unfinished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
    /// Instance name → role (`service`, `load_generator`, `model`, `other`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub instances: BTreeMap<String, String>,
    /// Breaker name → its configuration.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub breakers: BTreeMap<String, BreakerSettings>,
    /// Host class, cpus, memory, os, software versions: free form.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_branch: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Overrides of the configured targets for this run: dotted key of `config/default.toml` → value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub targets: BTreeMap<String, Value>,
    /// Declared totals, where the events are only a sample of the operations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totals: Option<DeclaredTotals>,
    /// `recorder`, `simulate`, `import:locust`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Keys that this version does not know, kept as they came.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// The keys that are known, of all and of what is nested in it.
pub const METADATA_KEYS: [&str; 21] = [
    "schema_version",
    "run_id",
    "test_name",
    "scenario",
    "users",
    "load_model",
    "target_rate_per_s",
    "think_time_ms",
    "started_at",
    "ended_at",
    "sample_interval_ms",
    "complete",
    "instances",
    "breakers",
    "environment",
    "git_commit",
    "git_branch",
    "tags",
    "targets",
    "totals",
    "source",
];
pub const BREAKER_KEYS: [&str; 7] =
    ["open_above", "close_below", "window", "min_calls", "rule", "failures", "window_unit"];
pub const TOTALS_KEYS: [&str; 4] = ["requests", "ok", "failed", "duration_s"];

/// The recorder and the simulator.
const OWN_SOURCES: [&str; 2] = ["recorder", "simulate"];

impl RunMetadata {
    /// When the run began and ended, µs since 1970, where both are known and in this order.
    pub fn span_us(&self) -> Option<(i64, i64)> {
        let us = |text: &Option<String>| text.as_deref().and_then(instant_us);
        us(&self.started_at).zip(us(&self.ended_at)).filter(|(from_us, to_us)| from_us < to_us)
    }

    /// When the load ended as declared, µs since 1970. Of our own recordings `ended_at` is when the recorder stopped, which
    /// runs on for a while.
    pub fn load_ended_us(&self) -> Option<i64> {
        let is_ours = self.source.as_deref().is_some_and(|source| OWN_SOURCES.contains(&source));
        self.ended_at.as_deref().filter(|_| !is_ours).and_then(instant_us)
    }

    /// Lines that the recorder was sent and could not take; none where no recorder tells.
    pub fn refused_lines(&self) -> Option<u64> {
        self.other.get("recording")?.get("malformed")?.as_u64()
    }
}

/// µs since 1970 of an instant in RFC 3339.
fn instant_us(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond)
}

/// How a circuit breaker was configured during the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BreakerSettings {
    /// Failure rate (0..1) above which it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_above: Option<f64>,
    /// Failure rate (0..1) below which it closes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close_below: Option<f64>,
    /// Number of calls, or a duration, in whatever form the writer gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_calls: Option<u32>,
    /// What it decides by: `rate` or `consecutive`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Failures in a row after which it opens, with the rule `consecutive`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failures: Option<u32>,
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

impl BreakerSettings {
    /// What it decides by, as far as is known: a failure rate in its settings is a rule, too.
    pub fn rule(&self) -> BreakerRule {
        match self.rule.as_deref() {
            Some("rate") => BreakerRule::Rate,
            Some("consecutive") => BreakerRule::Consecutive,
            Some(_) => BreakerRule::Unknown,
            None if self.open_above.is_some() || self.close_below.is_some() => BreakerRule::Rate,
            None if self.failures.is_some() => BreakerRule::Consecutive,
            None => BreakerRule::Unknown,
        }
    }
}

/// What a circuit breaker decides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerRule {
    /// The share of failures among its last calls.
    Rate,
    /// Failures in a row.
    Consecutive,
    #[default]
    Unknown,
}

/// Totals of the `request` component as the test counted them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeclaredTotals {
    /// All finished requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ok: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<u64>,
    /// Length of the test in seconds, for the rates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<f64>,
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// Where the metadata of a run was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetadataOrigin {
    /// The Parquet key `cmo.run`.
    Footer,
    /// `<run_id>.run.json` beside the file.
    Sidecar,
    /// `_run.json` in the folder of the run.
    Folder,
    /// Nowhere: what can be derived is derived.
    None,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_lists_of_known_keys_are_those_that_are_read() {
        let metadata = json!({
            "schema_version": 1, "run_id": "a", "test_name": "a", "scenario": "a", "users": 1, "load_model": "open",
            "target_rate_per_s": 1.0, "think_time_ms": 1.0, "started_at": "a", "ended_at": "a",
            "sample_interval_ms": 1.0, "complete": true, "instances": {"a": "b"},
            "breakers": {"a": {"open_above": 0.5, "close_below": 0.5, "window": 1, "min_calls": 1, "rule": "rate",
                               "failures": 1, "window_unit": "s"}},
            "environment": {"a": 1}, "git_commit": "a", "git_branch": "a", "tags": {"a": "b"}, "targets": {"a": 1},
            "totals": {"requests": 1, "ok": 1, "failed": 1, "duration_s": 1.0}, "source": "a",
        });
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&metadata), METADATA_KEYS);
        assert_eq!(keys(&metadata["breakers"]["a"]), BREAKER_KEYS);
        assert_eq!(keys(&metadata["totals"]), TOTALS_KEYS);
        let read: RunMetadata = serde_json::from_value(metadata).unwrap();
        assert!(read.other.is_empty() && read.totals.unwrap().other.is_empty());
        assert_eq!(read.breakers["a"].other.keys().collect::<Vec<_>>(), ["window_unit"]);
    }

    #[test]
    fn a_breaker_decides_by_what_its_settings_name() {
        let rule = |settings: Value| serde_json::from_value::<BreakerSettings>(settings).unwrap().rule();
        for (settings, wanted) in [
            (json!({"rule": "rate"}), BreakerRule::Rate),
            (json!({"open_above": 0.2}), BreakerRule::Rate),
            (json!({"rule": "consecutive", "open_above": 0.2}), BreakerRule::Consecutive),
            (json!({"failures": 5}), BreakerRule::Consecutive),
            (json!({"rule": "moon"}), BreakerRule::Unknown),
            (json!({"window": 60}), BreakerRule::Unknown),
        ] {
            assert_eq!(rule(settings.clone()), wanted, "{settings}");
        }
    }
}
