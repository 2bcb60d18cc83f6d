//! How a run differs from a baseline: comparable, metric by metric, as a whole, and for the gate.

use serde::Serialize;

use crate::config::{Severity, Worse};
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
    /// The runs that were judged as one, where they are several: repeats under the same conditions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub judged_together: Vec<String>,
    /// They differ from one another by more than repeats do: each is to be judged by itself.
    #[serde(skip)]
    pub is_mixed: bool,
    /// Judged runs that are in the baseline themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub in_baseline: Vec<String>,
}

/// The runs of the baseline that the run is compared with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BaselineGroup {
    pub name: String,
    /// RFC 3339.
    pub saved_at: String,
    /// Whole days since then; none where nobody told the time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_days: Option<i64>,
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
    /// `scenario`, `users`, `load_model`, `rate`, `environment`, `config`, `length`.
    pub field: String,
    pub baseline: Option<String>,
    pub current: Option<String>,
    pub word: FieldWord,
    /// It stands in the way of a comparison.
    pub blocks: bool,
    /// What differs, part by part, the baseline's value first: `cpus 2 vs 4`; with the runs where only some differ.
    pub differences: Vec<String>,
    /// What to do about it, where that is plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
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

/// All metrics, compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
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

/// What a comparison says of one metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeWord {
    /// The estimate lies beyond the margin on the bad side, and chance does not explain it.
    Regressed,
    /// The same, but chance would explain it in up to one case of twenty.
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
    /// Runs of the baseline that have it, and runs that were judged by it.
    pub baseline_runs: u64,
    pub runs: u64,
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
    /// One-sided p of "worse at all", of metrics beside the gate adjusted over all of them (Benjamini–Hochberg).
    pub p: Measured<f64>,
    /// Independent samples that the two sides are worth.
    pub baseline_effective_samples: Measured<f64>,
    pub current_effective_samples: Measured<f64>,
    /// The smallest change for the worse that would have been found with the configured power; of the gate's metrics the
    /// smallest that would have failed it.
    pub smallest_detectable_change: Measured<f64>,
    /// Part of the gate.
    pub gate: bool,
    /// What a reader must know of this verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl MetricChange {
    /// `component/metric`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.component, self.metric)
    }

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
    /// A regression of this severity must be excluded to pass.
    pub must_exclude: Severity,
    /// One per metric of the gate.
    pub checks: Vec<GateCheck>,
    /// One sentence each: why it failed or could not judge. Empty when it passed.
    pub reasons: Vec<String>,
    /// What it means that it passed, of the metric that came nearest to not passing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passed: Option<Passed>,
}

/// What a pass says and what it does not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Passed {
    /// `no regression found: P95 +2.0 % (at most +13.0 %); runs like these show +22.0 % four times in five`.
    pub sentence: String,
    /// How near it came to what must be excluded: 1 would be that.
    #[serde(skip)]
    pub nearness: f64,
}

/// One metric in the gate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateCheck {
    pub metric: String,
    pub code: ExitCode,
    pub kind: CheckKind,
    /// A change from here on has the severity that fails; undefined where no limit reaches it.
    pub limit: Measured<f64>,
    pub because: String,
    /// What would tell, where something would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// How near the worse end of its interval comes to what must be excluded: 1 is that.
    #[serde(skip)]
    pub nearness: f64,
    /// What the check rests on; none where nothing could be compared. Of runs that were judged together it is that of all of
    /// them, which `Comparison::changes` of one of them need not be.
    #[serde(skip)]
    pub evidence: Option<CheckEvidence>,
}

/// The numbers behind a check of the gate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CheckEvidence {
    /// How the change, its interval and the limit print.
    pub unit: ChangeUnit,
    pub change: f64,
    pub interval: Interval,
    pub baseline_runs: u64,
    pub runs: u64,
}

/// What became of a metric in the gate, gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// Proven and large.
    Regressed,
    /// Large, and not proven.
    Suspected,
    /// So little is known that a grave regression could hide.
    CouldHide,
    /// It has no value, vanished, or was not compared.
    NotJudged,
    Passed,
}

impl Gate {
    /// Of checks, gravest first.
    pub fn of(checks: Vec<GateCheck>, fail_on: Severity, must_exclude: Severity) -> Self {
        let reasons = checks.iter().filter_map(GateCheck::reason).collect();
        let code = checks.iter().map(|check| check.code).max().unwrap_or(ExitCode::Clean);
        Self { code, fail_on, must_exclude, checks, reasons, passed: None }
    }

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
