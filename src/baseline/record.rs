//! What a comparison needs to know of one run: under which conditions it ran, and its numbers.

use serde::{Deserialize, Serialize};

use super::Conditions;
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

    /// The metric of this `component/name`.
    pub fn metric(&self, component: &str, name: &str) -> Option<&ComparableMetric> {
        self.metrics.iter().find(|metric| metric.component == component && metric.name == name)
    }
}
