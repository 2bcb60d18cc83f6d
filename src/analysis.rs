//! All that reports receive: one run, measured and judged. Reports print it and compute nothing.

use serde::{Deserialize, Serialize};

use crate::config::{Config, ConfigError};
use crate::exit_code::ExitCode;
use crate::judge::{self, ComponentHealth, Grade, GradeOverTime, Steadiness, TargetVerdict};
use crate::summary::{Measured, RunSummary};

mod exit;

pub use exit::ExitReason;

/// Version of `report.json`, `docs/TABLES.md` and the tables.
pub const SCHEMA_VERSION: u32 = 1;

/// One run, measured as a whole and in the window that is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Windows {
    pub whole: RunSummary,
    pub judged: RunSummary,
    pub steadiness: Steadiness,
}

/// One run, measured and judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// The judged window: what every verdict rests on.
    pub summary: RunSummary,
    /// All of the run; the same numbers where the whole of it is judged.
    pub whole: RunSummary,
    pub whole_grade: Measured<Grade>,
    /// Which window is judged, why, and how far it can be trusted.
    pub steadiness: Steadiness,
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
    pub fn of(windows: Windows, config: &Config) -> Result<Self, ConfigError> {
        let Windows { whole, judged: summary, steadiness } = windows;
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
            whole_grade: judge::grade_run(&whole.requests, &config.grade),
            grade,
            targets,
            summary,
            whole,
            steadiness,
            config,
        })
    }

    /// Lets go of the series, which no printed summary needs.
    pub fn drop_series(&mut self) {
        self.summary.series = Default::default();
        self.whole.series = Default::default();
    }

    /// A run that is judged as a whole, however steady.
    ///
    /// # Errors
    /// As [`Analysis::of`].
    #[cfg(test)]
    pub(crate) fn of_whole(summary: RunSummary, config: &Config) -> Result<Self, ConfigError> {
        let steadiness = Steadiness {
            window: summary.window.name.clone(),
            start_us: summary.window.start_us,
            end_us: summary.window.end_us,
            because: "the whole run: its parts agree".to_owned(),
            warm_up_s: 0.0,
            ramp_down_s: 0.0,
            is_steady: Measured::Value(true),
            quarters: Vec::new(),
            is_trusted: true,
        };
        Self::of(Windows { whole: summary.clone(), judged: summary, steadiness }, config)
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
