//! What a comparison needs to know of one run: under which conditions it ran, and its numbers.

use serde::{Deserialize, Serialize};

use super::Conditions;
use super::digest::digest;
use crate::config::Config;
use crate::metrics;
use crate::summary::{ComparableMetric, RunSummary, WindowName};

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
    /// The judged window and its length.
    pub window: WindowName,
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
            window: summary.window.name,
            window_s: summary.window.duration_s.number(),
            is_trusted,
            metrics: summary.comparable.iter().filter(|metric| is_compared(metric)).cloned().collect(),
        }
    }

    /// The day on which it was recorded, as its metadata names it: `2026-01-31`.
    pub fn day(&self) -> Option<&str> {
        self.started_at.as_deref()?.split(['T', ' ']).next().filter(|day| !day.is_empty())
    }

    /// The same run under another id: no two runs have all numbers alike.
    pub fn is_copy_of(&self, other: &Self) -> bool {
        self.run_id != other.run_id && self.metrics == other.metrics && has_numbers(&self.metrics)
    }

    /// The metric of this key, `component/name`.
    pub fn metric_of(&self, key: &str) -> Option<&ComparableMetric> {
        let (component, name) = key.split_once('/')?;
        self.metric(component, name)
    }

    /// The same in two words.
    pub fn metric(&self, component: &str, name: &str) -> Option<&ComparableMetric> {
        self.metrics.iter().find(|metric| metric.component == component && metric.name == name)
    }
}

/// What verdicts on the run alone rest on is no part of a comparison.
fn is_compared(metric: &ComparableMetric) -> bool {
    let key = metrics::MetricKey::parse(&metric.key()).ok();
    key.as_ref().and_then(metrics::metric_of).is_some_and(|metric| metric.is_compared)
}

/// What tells a run from all others: its numbers, and what stands `beside` them; `None` where it has no numbers.
pub fn fingerprint(metrics: &[ComparableMetric], beside: &impl Serialize) -> Option<String> {
    has_numbers(metrics).then(|| digest(&(metrics, beside)))
}

fn has_numbers(metrics: &[ComparableMetric]) -> bool {
    metrics.iter().any(|metric| metric.value.value().is_some())
}
