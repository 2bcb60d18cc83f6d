//! The settings: a typed view of `config/default.toml` with a user's overrides on top.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod advice;
mod bounds;
mod doubts;
mod error;
mod history;
mod layers;
mod opportunities;
mod over_time;
mod overrides;
mod regression;
mod sanity;
mod scaling;
mod severity;
mod shape;
mod targets;
mod window;

pub use advice::{AdviceRule, AdviceSettings};
pub use error::ConfigError;
pub use history::HistorySettings;
pub use layers::{Layers, Origin, Setting};
pub use opportunities::OpportunitySettings;
pub use over_time::{CorrelationSettings, GoodDirection, LeakSettings, TrendSettings};
pub use overrides::override_name;
pub use regression::{MetricRule, RegressionSettings, Worse, fits};
pub use scaling::{AcrossRunsSettings, Rating, ScalabilitySettings};
pub use severity::Severity;
pub use targets::{NAMED_SERIES, NAMED_TARGETS};
pub use window::{CutSettings, OverloadSettings, SteadySettings, WindowSettings};

/// The embedded defaults, commented.
pub const DEFAULT_TOML: &str = include_str!("../config/default.toml");

/// Name of the file that is looked for upwards from the working folder.
pub const FILE_NAME: &str = "cmo-metrics.toml";

/// The grade of what meets no row of the scale.
pub const FAIL: &str = "F";

/// The section whose keys are free: each names a custom target (`MetricKey`).
const CUSTOM_TARGETS: &str = "custom_targets";

/// The sections whose keys are free: their values are like one another.
const FREE: [&[&str]; 3] = [&[CUSTOM_TARGETS], &["trend", "good_direction"], &["regression", "metrics"]];

fn is_free(key: &[String]) -> bool {
    FREE.iter().any(|free| free.iter().copied().eq(key.iter().map(String::as_str)))
}

/// All settings. Each field is documented, with its reason, in `config/default.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub run: RunLimits,
    pub measure: MeasureSettings,
    pub grade: GradeSettings,
    pub health: HealthLimits,
    pub cache: CacheSettings,
    pub breaker: BreakerSettings,
    pub resources: ResourceSettings,
    pub targets: BTreeMap<String, Target>,
    pub target_conditions: TargetConditions,
    /// Targets for any component or metric, by what they judge (`MetricKey`).
    pub custom_targets: BTreeMap<String, Target>,
    pub window: WindowSettings,
    pub trend: TrendSettings,
    pub correlation: CorrelationSettings,
    pub leak: LeakSettings,
    pub regression: RegressionSettings,
    pub history: HistorySettings,
    pub opportunities: OpportunitySettings,
    pub scalability: ScalabilitySettings,
    pub across_runs: AcrossRunsSettings,
    pub advice: AdviceSettings,
    pub report: ReportSettings,
    pub record: RecordSettings,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunLimits {
    pub max_faulty_row_share: f64,
    pub ok_words: Vec<String>,
    pub max_left_out_share: f64,
    pub max_in_flight_at_end: f64,
    pub stray_s: f64,
    pub max_duration_runs: f64,
    pub max_silent_share: f64,
    pub max_overlapping_share: f64,
    pub drop_duplicate_rows: bool,
    pub max_rows_per_file: u64,
    pub max_rows_per_byte: u64,
    pub max_uncompressed_mb_per_file: u64,
    pub max_column_chunk_mb: u64,
    pub memory_bytes_per_row: u64,
    pub max_error_causes: usize,
    pub max_categories: usize,
    pub max_components: usize,
    pub max_operations: usize,
    pub max_outcomes: usize,
    pub max_instances: usize,
    pub max_names: usize,
    pub max_streams: usize,
    pub max_name_bytes: usize,
    pub max_detail_bytes: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureSettings {
    pub quantiles: Vec<f64>,
    pub min_samples_beyond_quantile: u64,
    pub min_samples_for_quantile: u64,
    pub recent_window_s: f64,
    pub slowest_requests: usize,
    pub hot_keys: usize,
    pub cut_off_outcomes: Vec<String>,
    pub breaker_window_s: f64,
    pub breaker_context_s: f64,
    pub breaker_trigger_slack_ms: f64,
    pub gap_s: f64,
    pub sample_interval_ms: f64,
    pub memory_metrics: Vec<String>,
    pub cpu_metrics: Vec<String>,
    pub lightrag_error_categories: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradeSettings {
    /// Best grade first.
    pub scale: Vec<GradeStep>,
    pub fail_score: u32,
    pub healthy: Vec<String>,
    pub min_requests: u64,
    pub min_requests_per_bin: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradeStep {
    pub grade: String,
    pub success_above: f64,
    pub p95_below_ms: f64,
    pub score: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HealthLimits {
    pub lightrag: Levels<LightragHealth>,
    pub cache: Levels<CacheHealth>,
    pub circuit_breaker: Levels<BreakerHealth>,
    pub fallback_system: Levels<FallbackHealth>,
}

/// Conditions of the three better health words; what meets none of them is failing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Levels<T> {
    pub healthy: T,
    pub warning: T,
    pub critical: T,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LightragHealth {
    pub success_at_least: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_at_most_ms: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheHealth {
    pub hit_rate_at_least: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effectiveness_at_least: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakerHealth {
    pub availability_at_least: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_at_least: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackHealth {
    pub success_at_least: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_efficiency_at_least: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheSettings {
    /// L1, L2, L3.
    pub tier_weights: [f64; 3],
    pub slow_above_ms: f64,
    pub penalty_divisor_ms: f64,
    pub max_penalty: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakerSettings {
    pub expected_availability_percent: f64,
    pub expected_recovery: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceSettings {
    pub memory_growth_bands: Vec<MemoryBand>,
    pub cpu_bands: Vec<CpuBand>,
    pub worst_band: String,
    pub load_generator_saturated_percent: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoryBand {
    pub below_mb: f64,
    pub word: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CpuBand {
    pub below_percent: f64,
    pub word: String,
}

/// A limit that a measured number must keep. Exactly one of `above` and `below` is set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Passes when the actual value is greater.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
    /// Passes when the actual value is smaller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
    /// Part of the gate.
    #[serde(default)]
    pub gate: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetConditions {
    pub stress_words: Vec<String>,
    pub proof_alpha: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportSettings {
    pub max_entries: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordSettings {
    pub sample_interval_ms: u64,
    pub max_line_kb: usize,
    pub drain_grace_s: f64,
    pub leftover_grace_s: f64,
}
