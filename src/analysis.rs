//! All that reports receive: one run, measured and judged. Reports print it and compute nothing.

use serde::{Deserialize, Serialize};

use crate::config::{Config, ConfigError};
use crate::exit_code::ExitCode;
use crate::judge::{self, ComponentHealth, Grade, GradeOverTime, TargetVerdict};
use crate::summary::{Measured, RunSummary};

mod exit;

pub use exit::ExitReason;

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
    /// In fixed order: lightrag, cache, circuit_breaker, fallback_system; then components with custom targets.
    pub health: Vec<ComponentHealth>,
    /// In the order of the defaults, then the custom ones by name.
    pub targets: Vec<TargetVerdict>,
    /// Word of the reference for the memory growth of the run.
    pub memory_band: Measured<String>,
    pub cpu_band: Measured<String>,
    /// The reference's "behaves as expected" of the circuit breaker.
    pub breaker_as_expected: Measured<bool>,
    /// The settings that were used, with the run's own overrides applied.
    pub config: Config,
}

impl Analysis {
    /// Judges a measured run by `config` with the run's own targets on top.
    ///
    /// # Errors
    /// When the run's metadata overrides a target that is not known, or with what is no limit.
    pub fn of(summary: RunSummary, config: &Config) -> Result<Self, ConfigError> {
        let config = config.with_run_overrides(&summary.identity.metadata.targets)?;
        let grade = judge::grade_run(&summary.requests, &config.grade);
        let targets = judge::judge_targets(&summary, &config);
        Ok(Self {
            grade_over_time: judge::grade_over_time(&summary.series.request_seconds, &config.grade),
            system_health: judge::system_health(&grade, &config.grade),
            health: judge::judge_health(&summary, &config.health, &targets),
            memory_band: judge::memory_band(&summary.resources, &config.resources),
            cpu_band: judge::cpu_band(&summary.resources, &config.resources),
            breaker_as_expected: summary
                .breaker
                .as_ref()
                .and_then(|breaker| judge::breaks_as_expected(breaker, &config.breaker)),
            grade,
            targets,
            summary,
            config,
        })
    }
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

/// A run of which there is no report, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The run's id, or its path or argument where it has none yet.
    pub run: String,
    pub message: String,
    pub remedy: Option<String>,
    /// `could_not_judge` for a fault of the run, `unexpected` for one of ours or of the machine.
    pub exit_code: ExitCode,
}
