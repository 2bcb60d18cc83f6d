//! How a run differs from a baseline: estimate, interval and word for each metric, severity for all, and the gate.
//!
//! Noise first, then size, then a word: a change is a regression when its interval lies beyond the margin, and how bad
//! it is follows from the estimate. Every number of a change is taken in the direction of harm inside this folder
//! (positive is worse), so that swapping run and baseline swaps the words.

use super::comparability::{Field, select_group};
use super::verdicts::{
    ChangeWord, Comparison, Coverage, Method, MetricChange, NotCompared, Regression, Severity,
};
use crate::baseline::{Baseline, RunRecord};
use crate::config::RegressionSettings;
use crate::summary::Measured;

mod assessment;
mod delta;
mod gate;
mod limits;
mod pairing;
mod words;

#[cfg(test)]
mod tests;

use delta::Delta;
use limits::Scale;
use pairing::{Pair, pair_metrics};
use words::Judged;

/// What the user asks of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonOptions {
    /// The gate fails on regressions of this severity and above.
    pub fail_on: Severity,
    /// Conditions that may differ.
    pub allow_different: Vec<Field>,
}

/// Compares a run with the runs of its group in `baseline`.
pub fn compare_with_baseline(
    current: &RunRecord,
    baseline: &Baseline,
    options: &ComparisonOptions,
    settings: &RegressionSettings,
) -> Regression {
    let mut choice = select_group(&current.conditions, baseline, &options.allow_different, settings);
    if choice.runs.iter().any(|run| run.run_id == current.run_id) {
        choice.group.group.push_str(", the run itself among them");
    }
    if !choice.comparability.comparable {
        let gate = gate::not_comparable(&choice.comparability, options.fail_on);
        let comparison = Measured::undefined(gate.reasons.join("; "));
        return Regression { baseline: choice.group, comparability: choice.comparability, comparison, gate };
    }
    let judged = judge_all(current, &choice.runs, settings);
    let gate = gate::judge_gate(&judged, options.fail_on, settings);
    let comparison = Measured::Value(comparison(judged, current, &choice.runs, settings));
    Regression { baseline: choice.group, comparability: choice.comparability, comparison, gate }
}

/// Every metric of either side, with its delta where it can be told.
fn judge_all(current: &RunRecord, baseline: &[&RunRecord], settings: &RegressionSettings) -> Vec<Judged> {
    let pairs = pair_metrics(current, baseline);
    let mut judged: Vec<Judged> = pairs.into_iter().map(|pair| judge(pair, settings)).collect();
    words::decide(&mut judged, settings);
    judged
}

fn judge(pair: Pair, settings: &RegressionSettings) -> Judged {
    let rule = settings.rule(&pair.key()).map(|(_, rule)| rule.clone());
    let delta = match &rule {
        None => Measured::undefined("no rule in `regression.metrics` says which way it is worse"),
        Some(rule) => Delta::of(&pair, Scale::of(rule), settings),
    };
    Judged::new(pair, rule, delta)
}

fn comparison(
    judged: Vec<Judged>,
    current: &RunRecord,
    baseline: &[&RunRecord],
    settings: &RegressionSettings,
) -> Comparison {
    let assessment = assessment::assess(&judged, settings);
    let alpha = words::one_sided_alpha(settings);
    let changes: Vec<MetricChange> = judged.iter().map(|judged| judged.change(settings)).collect();
    let coverage = coverage(&changes);
    Comparison {
        method: if delta::is_prediction(baseline.len(), settings) {
            Method::Prediction
        } else {
            Method::Batches
        },
        window: current.window,
        confidence: settings.confidence,
        assessment,
        expected_false_alarms: alpha * coverage.compared as f64,
        coverage,
        changes,
    }
}

fn coverage(changes: &[MetricChange]) -> Coverage {
    let reason = |change: &MetricChange| match &change.word {
        Measured::Undefined(undefined) => Some(undefined.reason().to_owned()),
        Measured::Value(ChangeWord::Vanished) => Some("in the baseline, not in this run".to_owned()),
        Measured::Value(ChangeWord::Appeared) => Some("in this run, not in the baseline".to_owned()),
        Measured::Value(_) => None,
    };
    let not_compared: Vec<NotCompared> = changes
        .iter()
        .filter_map(|change| {
            let metric = format!("{}/{}", change.component, change.metric);
            reason(change).map(|reason| NotCompared { metric, reason })
        })
        .collect();
    let total = changes.len() as u64;
    Coverage { compared: total - not_compared.len() as u64, total, not_compared }
}
