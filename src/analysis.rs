//! All that reports receive: one run, measured and judged. Reports print it and compute nothing.

use std::sync::OnceLock;

use serde::Serialize;

use crate::advise::{self, Facts, Recommendation};
use crate::baseline::{Baseline, RunRecord};
use crate::config::{Config, ConfigError};
use crate::exit_code::ExitCode;
use crate::judge::{
    self, ComparisonOptions, ComponentHealth, Correlation, Grade, GradeOverTime, Leak, Regression,
    RequestsOverTime, Steadiness, TargetVerdict, Trend, TrendWord,
};
use crate::summary::{Measured, RunSummary, Window};

mod exit;
#[cfg(test)]
mod fixture;
mod measure_of_others;

pub use exit::{ExitOfAll, ExitReason, RunReason, gravest_first};

/// Version of `report.json`, `docs/TABLES.md` and the tables.
pub const SCHEMA_VERSION: u32 = 2;

/// One run, measured as a whole and in the window that is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Windows {
    pub whole: RunSummary,
    pub judged: RunSummary,
    pub steadiness: Steadiness,
}

/// What a run is compared with.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Against {
    /// No baseline was asked for.
    #[default]
    Nothing,
    Baseline {
        baseline: Baseline,
        options: ComparisonOptions,
    },
    /// A baseline was asked for and cannot be used: why.
    Fault(String),
}

/// One run, measured and judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
    /// What keeps it from being healthy, worst first: the grade, critical components, missed targets of the gate.
    pub concerns: Vec<String>,
    /// In fixed order: lightrag, cache, circuit_breaker, fallback_system; then components with custom targets.
    pub health: Vec<ComponentHealth>,
    /// In the order of the defaults, then the custom ones by name.
    pub targets: Vec<TargetVerdict>,
    /// Word of the reference for the memory growth of the run.
    pub memory_band: Measured<String>,
    pub cpu_band: Measured<String>,
    /// The reference's "behaves as expected" of the circuit breaker.
    pub breaker_as_expected: Measured<bool>,
    /// How each metric moved over the judged window: the reference's series first, then sampled metrics.
    pub trends: Vec<Trend>,
    /// One word for the requests' success, times and throughput.
    pub performance_trend: Measured<TrendWord>,
    pub leak: Measured<Leak>,
    pub correlation: Measured<Correlation>,
    /// Against a baseline, where one was asked for.
    pub regression: Measured<Regression>,
    /// Why the baseline that was asked for cannot be used.
    pub baseline_fault: Option<String>,
    /// Gravest first.
    pub recommendations: Vec<Recommendation>,
    /// The settings that were used, with the run's own overrides applied.
    pub config: Config,
    /// Made when it is first asked for, of the series.
    #[serde(skip)]
    requests_over_time: OnceLock<RequestsOverTime>,
}

impl Analysis {
    /// Judges a measured run by `config` with the run's own targets on top.
    ///
    /// # Errors
    /// When the run's metadata overrides a target that is not known, or with what is no limit.
    pub fn of(windows: Windows, against: &Against, config: &Config) -> Result<Self, ConfigError> {
        let Windows { whole, judged: summary, steadiness } = windows;
        let config = config.with_run_overrides(&summary.identity.metadata.targets)?;
        let grade = judge::grade_run(&summary.requests, &config.grade);
        let targets = judge::judge_targets(&summary, &config);
        let record = RunRecord::of(&summary, steadiness.is_trusted, &config);
        let (regression, baseline_fault) = compare(&record, against, &config);
        let OverTime { trends, leak, correlation, grade_over_time } = OverTime::of(&summary, &config);
        let performance_trend = judge::performance_trend(&trends);
        let health = judge::judge_health(&summary, &config, &targets);
        let concerns = judge::concerns(&grade, &health, &leak, &targets, &config.grade);
        let facts = Facts {
            summary: &summary,
            targets: &targets,
            health: &health,
            trends: &trends,
            leak: &leak,
            correlation: &correlation,
            regression: regression.value(),
            steadiness: Some(&steadiness),
        };
        let recommendations = advise::recommend(&facts, &config);
        Ok(Self {
            grade_over_time,
            system_health: judge::system_health(&grade, &concerns),
            concerns,
            health,
            memory_band: judge::memory_band(&summary.resources, &config.resources),
            cpu_band: judge::cpu_band(&summary.resources, &config.resources),
            breaker_as_expected: summary
                .breaker
                .as_ref()
                .and_then(|breaker| judge::breaks_as_expected(breaker, &config.breaker)),
            whole_grade: judge::grade_run(&whole.requests, &config.grade),
            grade,
            targets,
            trends,
            performance_trend,
            leak,
            correlation,
            regression,
            baseline_fault,
            recommendations,
            summary,
            whole,
            steadiness,
            config,
            requests_over_time: OnceLock::new(),
        })
    }

    /// The whole run in a few stretches.
    pub fn requests_over_time(&self) -> &RequestsOverTime {
        self.requests_over_time.get_or_init(|| judge::requests_over_time(&self.whole.series.request_seconds))
    }

    /// Lets go of the series, of which a printed summary needs no more than their shape.
    pub fn drop_series(&mut self) {
        self.requests_over_time();
        self.summary.series = Default::default();
        self.whole.series = Default::default();
    }

    /// The run as a whole, and the judged window where that has a name of its own; whether each is the judged one.
    pub fn windows(&self) -> impl Iterator<Item = (&RunSummary, bool)> {
        let is_whole = self.summary.window.name == self.whole.window.name;
        [(&self.whole, is_whole)].into_iter().chain((!is_whole).then_some((&self.summary, true)))
    }

    /// The judged window; `None` where that is all of the run.
    pub fn judged_part(&self) -> Option<&Window> {
        let (judged, whole) = (&self.summary.window, &self.whole.window);
        ((judged.start_us, judged.end_us) != (whole.start_us, whole.end_us)).then_some(judged)
    }
}

/// What is judged over the series of a run.
struct OverTime {
    trends: Vec<Trend>,
    leak: Measured<Leak>,
    correlation: Measured<Correlation>,
    grade_over_time: Measured<GradeOverTime>,
}

impl OverTime {
    /// Side by side: a run that is alone leaves threads idle.
    fn of(summary: &RunSummary, config: &Config) -> Self {
        let (trends, (correlation, (leak, grade_over_time))) = rayon::join(
            || judge::judge_trends(summary, config),
            || {
                let grade = || judge::grade_over_time(&summary.series.request_seconds, &config.grade);
                rayon::join(
                    || judge::correlate_components(summary, config),
                    || (judge::judge_leak(summary, config), grade()),
                )
            },
        );
        Self { trends, leak, correlation, grade_over_time }
    }
}

fn compare(record: &RunRecord, against: &Against, config: &Config) -> (Measured<Regression>, Option<String>) {
    match against {
        Against::Nothing => (Measured::undefined("no baseline was asked for"), None),
        Against::Fault(reason) => (Measured::undefined(reason.clone()), Some(reason.clone())),
        Against::Baseline { baseline, options } => {
            let regression = judge::compare_with_baseline(record, baseline, options, &config.regression);
            (Measured::Value(regression), None)
        }
    }
}

/// When and by what a report was made: passed in, never asked for inside.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Provenance {
    /// RFC 3339, UTC; `SOURCE_DATE_EPOCH` where it is set.
    pub generated_at: String,
    /// `cmo-metrics 0.1.0`.
    pub tool: String,
    /// Path of the configuration file that was on top of the defaults, as the user would type it.
    pub config_file: Option<String>,
}

impl Provenance {
    /// The day on which it was made, UTC: `2026-11-15`.
    pub fn day(&self) -> &str {
        self.generated_at.split('T').next().unwrap_or_default()
    }
}

/// A run of which there is no verdict or no report, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The run's id, or its path or argument where it has none yet.
    pub run: String,
    /// The file or folder at fault, or the argument that means none.
    pub path: String,
    /// One word for programs: `truncated`, `schema`, `still_recording`, …; all of them are in `docs/RUN_FILE.md`.
    pub kind: &'static str,
    pub message: String,
    pub remedy: Option<String>,
    /// `could_not_judge` for a fault of the run, `unexpected` for one of ours or of the machine.
    pub exit_code: ExitCode,
}

impl Failure {
    /// The kind of a run that was judged and whose report could not be written.
    pub const NOT_WRITTEN: &'static str = "report_not_written";
}
