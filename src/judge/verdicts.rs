//! The verdicts that judging yields: each an enum or a struct that carries its evidence.

use serde::Serialize;

use crate::summary::Measured;
use crate::units::Unit;

mod across_runs;
mod correlation;
mod load;
mod regression;
mod scalability;
mod steadiness;
mod trend;

pub use across_runs::*;
pub use correlation::*;
pub use load::*;
pub use regression::*;
pub use scalability::*;
pub use steadiness::*;
pub use trend::*;

pub use crate::config::Severity;

/// The grade of a run or of a stretch of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Grade {
    /// `A+` … `F`.
    pub grade: String,
    /// For ranking.
    pub score: u32,
    /// 0..1.
    pub success_rate: f64,
    /// `request/p95_ms`: of the finished requests, failures on the slow side; undefined where all failed.
    pub p95_ms: Measured<f64>,
    /// Fewer requests than the configured minimum.
    pub low_sample: bool,
    /// Null for the best grade.
    pub next_better: Option<NextGrade>,
}

/// What would have given the next better grade. A condition that already holds is null.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NextGrade {
    pub grade: String,
    /// The success rate would have to be above this.
    pub success_above: Option<f64>,
    /// The P95 would have to be below this, ms.
    pub p95_below_ms: Option<f64>,
}

/// The grade while the run went on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GradeOverTime {
    /// One per second of the window in which requests ended, judged over the trailing bin.
    pub per_second: Vec<GradeAt>,
    /// Seconds spent in each grade, best first, every grade of the scale and F.
    pub time_in_grade: Vec<TimeInGrade>,
    /// Seconds in which requests ended and that have no grade: before the first bin was full.
    pub undecided_s: f64,
    /// Seconds between the first and the last in which no request ended: they count for no grade.
    pub idle_s: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GradeAt {
    /// Start of the second, µs since 1970.
    pub at_us: i64,
    pub grade: String,
    /// Requests in the trailing bin and its length, s.
    pub requests: u64,
    pub bin_s: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TimeInGrade {
    pub grade: String,
    pub seconds: f64,
}

/// Health words, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    Healthy,
    Warning,
    Critical,
    Failing,
}

impl Health {
    /// As it prints.
    pub fn word(self) -> &'static str {
        match self {
            Health::Healthy => "healthy",
            Health::Warning => "warning",
            Health::Critical => "critical",
            Health::Failing => "failing",
        }
    }
}

/// Health of one component with the numbers that decided it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComponentHealth {
    /// `lightrag`, `cache`, `circuit_breaker`, `fallback_system`, or a component with custom targets.
    pub component: String,
    pub health: Measured<Health>,
    /// Critical or failing, however much chance is allowed for in shares of few calls.
    pub is_grave: bool,
    pub evidence: Vec<Evidence>,
}

/// A number that a verdict rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    pub name: String,
    pub value: Measured<f64>,
    pub unit: Unit,
    /// Calls that a share rests on.
    #[serde(skip)]
    pub share_of: Option<u64>,
}

/// Did the run keep a target?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetOutcome {
    Pass,
    Fail,
    CannotTell,
}

impl TargetOutcome {
    /// As people read it.
    pub fn told(self) -> &'static str {
        match self {
            TargetOutcome::Pass => "met",
            TargetOutcome::Fail => "missed",
            TargetOutcome::CannotTell => "unknown",
        }
    }
}

/// On which side of its limit a number should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitDirection {
    Above,
    Below,
}

impl LimitDirection {
    pub fn is_kept(self, value: f64, limit: f64) -> bool {
        match self {
            LimitDirection::Above => value > limit,
            LimitDirection::Below => value < limit,
        }
    }

    /// As it stands in tables.
    pub fn word(self) -> &'static str {
        match self {
            LimitDirection::Above => "above",
            LimitDirection::Below => "below",
        }
    }
}

/// Where a limit comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum LimitOrigin {
    #[serde(rename = "config")]
    Config,
    #[serde(rename = "run metadata")]
    Run,
}

/// One target with its actual value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TargetVerdict {
    /// Key under `[targets]` or `[custom_targets]`.
    pub name: String,
    /// Key of the metric that it is about: what the number means.
    pub metric: String,
    pub outcome: TargetOutcome,
    pub actual: Measured<f64>,
    /// Calls or samples that it rests on, where it rests on any.
    #[serde(skip)]
    pub n: Option<u64>,
    pub limit: f64,
    pub direction: LimitDirection,
    pub unit: Unit,
    pub limit_from: LimitOrigin,
    /// Fewer samples than the number needs.
    pub low_sample: bool,
    /// The outcome is beyond doubt: by enough samples, or by few that prove it.
    pub is_proven: bool,
    /// False when the target is meant for another kind of run: then it is neither kept nor missed, and the
    /// gate does not ask for it.
    pub applies: bool,
    pub gate: bool,
}
