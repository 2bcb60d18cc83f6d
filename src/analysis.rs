//! All that reports receive: one run, measured and judged. Reports print it and compute nothing.

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::judge::{ComponentHealth, Grade, GradeOverTime, TargetVerdict};
use crate::summary::{Measured, RunSummary};

/// Version of `report.json`, `docs/TABLES.md` and the tables.
pub const SCHEMA_VERSION: u32 = 1;

/// One run, measured and judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    pub summary: RunSummary,
    pub grade: Measured<Grade>,
    pub grade_over_time: Measured<GradeOverTime>,
    /// `healthy` or `needs_attention`.
    pub system_health: Measured<String>,
    /// In fixed order: lightrag, cache, circuit_breaker, fallback_system.
    pub health: Vec<ComponentHealth>,
    /// In the order of the configuration.
    pub targets: Vec<TargetVerdict>,
    /// Word of the reference for the memory growth of the run.
    pub memory_band: Measured<String>,
    pub cpu_band: Measured<String>,
    /// The reference's "behaves as expected" of the circuit breaker.
    pub breaker_as_expected: Measured<bool>,
    /// The settings that were used, with the run's own overrides applied.
    pub config: Config,
}

/// When and by what a report was made: passed in, never asked for inside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// RFC 3339, UTC; `SOURCE_DATE_EPOCH` where it is set.
    pub generated_at: String,
    /// `cmo-metrics 0.1.0`.
    pub tool: String,
    /// Path of the configuration file that was on top of the defaults, as the user would type it.
    pub config_file: Option<String>,
}
