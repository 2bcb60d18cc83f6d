//! How a run differs from a baseline: comparable, metric by metric, as a whole, and for the gate.

use serde::Serialize;

use crate::config::Worse;
use crate::exit_code::ExitCode;
use crate::stats::interval::Interval;
use crate::summary::{Measured, WindowName};
use crate::units::{ChangeUnit, Scale, Unit};

/// A run against a baseline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Regression {
    pub baseline: BaselineGroup,
    pub comparability: Comparability,
    /// Undefined when the two may not be compared.
    pub comparison: Measured<Comparison>,
    pub gate: Gate,
}

/// The runs of the baseline that the run is compared with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BaselineGroup {
    pub name: String,
    /// RFC 3339.
    pub saved_at: String,
    pub runs: Vec<String>,
    /// "25 users, scenario steady": what the group has in common.
    pub group: String,
}

/// May the two be compared at all?
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparability {
    pub comparable: bool,
    /// Every field that was looked at.
    pub fields: Vec<FieldComparison>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldComparison {
    /// `scenario`, `users`, `load_model`, `rate`, `environment`, `config`.
    pub field: String,
    pub baseline: Option<String>,
    pub current: Option<String>,
    pub word: FieldWord,
    /// It stands in the way of a comparison.
    pub blocks: bool,
    /// What differs, part by part, the baseline's value first: `cpus 2 vs 4`; with the runs where only some differ.
    pub differences: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldWord {
    Same,
    Different,
    UnknownInBaseline,
    UnknownInCurrent,
    /// Named, but no obstacle.
    UnknownInBoth,
    /// Different or unknown on one side, and allowed on the command line.
    Allowed,
}

/// How changes are told from noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A baseline of few runs: Welch on batches, assumed run-to-run noise.
    Batches,
    /// Enough runs: a prediction interval.
    Prediction,
}

/// All metrics, compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    pub method: Method,
    /// The judged window of the run.
    pub window: WindowName,
    /// Two-sided, of all intervals.
    pub confidence: f64,
    pub assessment: Assessment,
    /// One for each metric of either side, sorted by component (`request` first) and name.
    pub changes: Vec<MetricChange>,
    pub coverage: Coverage,
    /// Metrics that one would expect to be called regressed by chance if nothing had changed: at most this many.
    pub expected_false_alarms: f64,
}

/// The words of the reference for all regressions together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    /// `CRITICAL`, `HIGH`, `MODERATE`, `LOW`; `No regressions detected` where each compared metric is shown to be no worse than its
    /// margin, else `No regression shown`.
    pub word: String,
    /// Regressions by severity; the times and the throughput of one component count once, with the worst severity.
    pub critical: u64,
    pub high: u64,
    pub medium: u64,
    pub low: u64,
    pub improved: u64,
    pub suspected: u64,
    /// Compared metrics that neither regressed nor are shown to be no worse than their margin, and those of the gate that could not be
    /// compared: what may hide a regression, the gate's first.
    pub not_excluded: Vec<String>,
}

/// How much of what could be compared was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    pub compared: u64,
    pub total: u64,
    pub not_compared: Vec<NotCompared>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NotCompared {
    pub metric: String,
    pub reason: String,
}

/// Smallest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// As it prints.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// What a comparison says of one metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeWord {
    /// The interval lies beyond the margin, on the bad side.
    Regressed,
    /// The estimate does; the interval excludes "no worse", but not the margin.
    Suspected,
    /// The interval lies within the margin.
    Unchanged,
    Improved,
    Inconclusive,
    /// In the baseline, not in the run.
    Vanished,
    /// In the run, not in the baseline.
    Appeared,
}

impl ChangeWord {
    /// As it prints.
    pub fn word(self) -> &'static str {
        match self {
            ChangeWord::Regressed => "regressed",
            ChangeWord::Suspected => "suspected",
            ChangeWord::Unchanged => "unchanged",
            ChangeWord::Improved => "improved",
            ChangeWord::Inconclusive => "inconclusive",
            ChangeWord::Vanished => "vanished",
            ChangeWord::Appeared => "appeared",
        }
    }
}

/// One metric, compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricChange {
    pub component: String,
    pub metric: String,
    pub unit: Unit,
    /// Mean of the baseline's runs (geometric for relative changes).
    pub baseline: Measured<f64>,
    pub current: Measured<f64>,
    /// None where no rule compares it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worse: Option<Worse>,
    pub change: Measured<f64>,
    pub interval: Measured<Interval>,
    pub margin: f64,
    /// Undefined when it could not be compared.
    pub word: Measured<ChangeWord>,
    /// Only of a regression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// One-sided p of "worse by more than the margin", adjusted over the metrics of the gate (Holm) or over all others
    /// (Benjamini–Hochberg).
    pub p: Measured<f64>,
    /// Independent samples that the two sides are worth.
    pub baseline_effective_samples: Measured<f64>,
    pub current_effective_samples: Measured<f64>,
    /// The smallest change for the worse that would have been found with the configured power, had nothing else changed.
    pub smallest_detectable_change: Measured<f64>,
    /// Part of the gate.
    pub gate: bool,
    /// What a reader must know of this verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl MetricChange {
    /// How its change prints.
    pub fn print_unit(&self) -> ChangeUnit {
        ChangeUnit::of(self.scale.unwrap_or(Scale::Amount), self.unit)
    }
}

/// What the gate says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gate {
    pub code: ExitCode,
    pub fail_on: Severity,
    /// One per metric of the gate.
    pub checks: Vec<GateCheck>,
    /// One sentence each: why it failed or could not judge. Empty when it passed.
    pub reasons: Vec<String>,
}

/// One metric in the gate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateCheck {
    pub metric: String,
    pub code: ExitCode,
    /// A change from here on has the severity that fails; undefined where no limit reaches it.
    pub limit: Measured<f64>,
    pub because: String,
    /// How much more data it would take, where that helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Gate {
    /// What keeps it from passing: each with the code that it asks for.
    pub fn findings(&self) -> Vec<(ExitCode, String)> {
        if self.checks.is_empty() {
            self.reasons.iter().map(|reason| (self.code, reason.clone())).collect()
        } else {
            self.checks.iter().filter_map(|check| Some((check.code, check.reason()?))).collect()
        }
    }
}

impl GateCheck {
    /// Why this metric does not pass, as a sentence.
    pub fn reason(&self) -> Option<String> {
        let remedy = self.remedy.as_ref().map(|remedy| format!(" ({remedy})")).unwrap_or_default();
        (self.code != ExitCode::Clean).then(|| format!("gate: {} {}{remedy}", self.metric, self.because))
    }
}
