//! Settings of what is judged over time: trends, correlation, leaks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrendSettings {
    pub alpha: f64,
    pub waves: usize,
    pub min_points: usize,
    pub max_points: usize,
    pub bin_s: u64,
    pub min_requests_per_bin: u64,
    pub min_requests_per_p95_bin: u64,
    pub volatile_above_cv: f64,
    pub margin: f64,
    pub margin_points: f64,
    pub recent_values: usize,
    /// Metric → which way is better.
    pub good_direction: BTreeMap<String, GoodDirection>,
}

/// Which way a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodDirection {
    Up,
    Down,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrelationSettings {
    pub min_seconds: usize,
    pub alpha: f64,
    pub nearly_all_share: f64,
    pub max_components: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeakSettings {
    pub floor_window_s: f64,
    pub confidence: f64,
    pub horizon_min: f64,
}
