//! What a comparison needs to know of one run: under which conditions it ran, and its numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::summary::{ComparableMetric, RunSummary};

/// One run, ready to be compared; a baseline is made of these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    pub run_id: String,
    pub conditions: Conditions,
    /// Provenance, from the run's metadata.
    pub started_at: Option<String>,
    pub git_commit: Option<String>,
    pub git_branch: Option<String>,
    /// The judged window: its name and length.
    pub window: String,
    pub window_s: Option<f64>,
    /// False when the run never got steady or was too short to tell.
    pub is_trusted: bool,
    /// Sorted by component and name.
    pub metrics: Vec<ComparableMetric>,
}

/// What two runs must share to be compared. `None`: not known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    pub scenario: Option<String>,
    pub users: Option<u32>,
    pub load_model: Option<String>,
    pub target_rate_per_s: Option<f64>,
    /// Of the environment what makes its class (host class, CPUs, memory, operating system), as text; not the versions of the
    /// software, which are what a comparison may be about. Empty: not known.
    pub environment: BTreeMap<String, String>,
    /// Digest of the settings that change measured numbers.
    pub config_digest: String,
}

impl RunRecord {
    /// The record of a run as measured over its judged window.
    pub fn of(summary: &RunSummary, is_trusted: bool, config: &Config) -> Self {
        let metadata = &summary.identity.metadata;
        Self {
            run_id: summary.identity.run_id.clone(),
            conditions: Conditions::of(summary, config),
            started_at: metadata.started_at.clone(),
            git_commit: metadata.git_commit.clone(),
            git_branch: metadata.git_branch.clone(),
            window: summary.window.name.clone(),
            window_s: summary.window.duration_s.number(),
            is_trusted,
            metrics: summary.comparable.clone(),
        }
    }
}

impl Conditions {
    fn of(summary: &RunSummary, _config: &Config) -> Self {
        let metadata = &summary.identity.metadata;
        Self {
            scenario: metadata.scenario.clone(),
            users: metadata.users,
            load_model: metadata.load_model.clone(),
            target_rate_per_s: metadata.target_rate_per_s,
            environment: BTreeMap::new(),
            config_digest: String::new(),
        }
    }
}
