//! How one of many runs differs from what it was compared with: the verdict, the gate's metrics, and those that changed.

use serde::Serialize;

use crate::exit_code::ExitCode;
use crate::judge::{Assessment, ChangeWord, FieldComparison, Gate, MetricChange, Regression};
use crate::summary::Measured;
use crate::units;

/// The comparison of one run, without the metrics of which there is nothing to say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunRegression {
    /// "25 users, scenario steady": what the runs that it was compared with have in common.
    pub group: String,
    pub baseline_runs: Vec<String>,
    /// Undefined when the two may not be compared.
    pub outcome: Measured<Outcome>,
    pub gate: Gate,
    /// The runs that were judged as one, where they are several: repeats under the same conditions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub judged_together: Vec<String>,
    /// Judged runs that are in the baseline themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub in_baseline: Vec<String>,
    /// What stood in the way of a comparison.
    #[serde(skip)]
    pub obstacles: Vec<FieldComparison>,
}

/// What the comparison found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    pub assessment: Assessment,
    /// Metrics that were compared, of all that could be.
    pub compared: u64,
    pub total: u64,
    /// Those of the gate, and all that regressed, are suspected to, improved, or vanished, in the order of the comparison.
    pub changes: Vec<MetricChange>,
    /// Metrics that one would expect to be called regressed by chance: at most this many.
    pub expected_false_alarms: f64,
}

impl RunRegression {
    pub fn of(regression: &Regression) -> Self {
        let is_told = |change: &&MetricChange| {
            use ChangeWord::{Improved, Regressed, Suspected, Vanished};
            change.gate || matches!(change.word.value(), Some(Regressed | Suspected | Improved | Vanished))
        };
        let outcome = regression.comparison.as_ref().map(|found| Outcome {
            assessment: found.assessment.clone(),
            compared: found.coverage.compared,
            total: found.coverage.total,
            changes: found.changes.iter().filter(is_told).cloned().collect(),
            expected_false_alarms: found.expected_false_alarms,
        });
        Self {
            group: regression.baseline.group.clone(),
            baseline_runs: regression.baseline.runs.clone(),
            outcome,
            gate: regression.gate.clone(),
            judged_together: regression.judged_together.clone(),
            in_baseline: regression.in_baseline.clone(),
            obstacles: regression.comparability.obstacles().cloned().collect(),
        }
    }

    /// What vanished as a whole or in part, by component: `cache (3 metrics)`.
    pub fn vanished(&self) -> Vec<String> {
        let mut components: Vec<(&str, u64)> = Vec::new();
        for change in self.with_word(ChangeWord::Vanished) {
            match components.iter_mut().find(|(known, _)| *known == change.component) {
                Some((_, count)) => *count += 1,
                None => components.push((&change.component, 1)),
            }
        }
        components
            .iter()
            .map(|(name, count)| format!("{name} ({})", units::counted(*count, "metric")))
            .collect()
    }

    /// Could it be compared at all?
    pub fn is_compared(&self) -> bool {
        self.outcome.value().is_some()
    }

    /// Did the gate pass?
    pub fn passed(&self) -> bool {
        self.gate.code == ExitCode::Clean
    }

    /// Changes with this word.
    pub fn with_word(&self, word: ChangeWord) -> impl Iterator<Item = &MetricChange> {
        let changes = self.outcome.value().map(|outcome| outcome.changes.as_slice()).unwrap_or_default();
        changes.iter().filter(move |change| change.word.value() == Some(&word))
    }
}
