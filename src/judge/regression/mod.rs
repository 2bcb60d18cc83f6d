//! How a run differs from a baseline: estimate, interval and word for each metric, severity for all, and the gate.
//!
//! Noise first, then size, then a word: a change is a regression when it lies beyond the margin and chance does not explain
//! it, and how bad it is follows from the estimate. Every number of a change is taken in the direction of harm inside this
//! folder (positive is worse), so that swapping run and baseline swaps the words.

use super::comparability::{Field, keep_of_like_length, select_group};
use super::verdicts::{
    BaselineGroup, ChangeWord, Comparability, Comparison, Coverage, MetricChange, NotCompared, Regression,
    Severity,
};
use crate::baseline::{Baseline, RunRecord};
use crate::config::RegressionSettings;
use crate::summary::Measured;

mod assessment;
mod collapse;
mod delta;
mod gate;
mod limits;
mod moderated;
mod pairing;
mod passed;
mod pool;
mod positions;
mod remedy;
mod words;

#[cfg(test)]
mod tests;

use delta::Delta;
use gate::Limits;
use limits::Scale;
use pairing::{Pair, pair_metrics};
pub use pool::Insides;
use words::Judged;

/// What the user asks of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonOptions {
    /// The gate fails on regressions of this severity and above.
    pub fail_on: Severity,
    /// It passes only if a regression of this severity is excluded; otherwise as the settings say.
    pub must_exclude: Option<Severity>,
    /// Conditions that may differ.
    pub allow_different: Vec<Field>,
    /// Whole days since the baseline was saved, where somebody told the time.
    pub age_days: Option<i64>,
}

impl Default for ComparisonOptions {
    fn default() -> Self {
        Self { fail_on: Severity::Medium, must_exclude: None, allow_different: Vec::new(), age_days: None }
    }
}

/// Compares a run with the runs of its group in `baseline`.
pub fn compare_with_baseline(
    current: &RunRecord,
    baseline: &Baseline,
    options: &ComparisonOptions,
    settings: &RegressionSettings,
) -> Regression {
    compare_together(current, &[], baseline, options, settings)
}

/// Compares a run and `repeats` of it, under the same conditions, as one with the runs of their group in `baseline`.
pub fn compare_together(
    current: &RunRecord,
    repeats: &[&RunRecord],
    baseline: &Baseline,
    options: &ComparisonOptions,
    settings: &RegressionSettings,
) -> Regression {
    let judged = [&[current], repeats].concat();
    let Against { group, runs, comparability } = Against::of(&judged, baseline, options, settings);
    let must_exclude = options.must_exclude.unwrap_or(settings.must_exclude);
    let limits = Limits { fail_on: options.fail_on, must_exclude };
    let (comparison, gate, is_mixed) = if comparability.comparable {
        let metrics = judge_all(&judged, &runs, settings);
        let gate = gate::judge_gate(&metrics, limits, settings);
        let is_mixed = metrics.iter().any(|metric| metric.is_in_gate() && metric.is_mixed(settings));
        (Measured::Value(comparison(&metrics, current, limits, settings)), gate, is_mixed)
    } else {
        let gate = gate::not_comparable(&comparability, limits);
        (Measured::undefined(gate.reasons.join("; ")), gate, false)
    };
    let ids = |of: &dyn Fn(&RunRecord) -> bool| -> Vec<String> {
        judged.iter().filter(|run| of(run)).map(|run| run.run_id.clone()).collect()
    };
    Regression {
        comparability,
        comparison,
        gate,
        judged_together: ids(&|_| judged.len() > 1),
        is_mixed,
        in_baseline: ids(&|run| runs.iter().any(|other| other.run_id == run.run_id)),
        baseline: group,
    }
}

/// What runs are compared with, and whether that may be done.
struct Against<'a> {
    group: BaselineGroup,
    runs: Vec<&'a RunRecord>,
    comparability: Comparability,
}

impl<'a> Against<'a> {
    /// The runs of the nearest group that are about as long.
    fn of(
        judged: &[&RunRecord],
        baseline: &'a Baseline,
        options: &ComparisonOptions,
        settings: &RegressionSettings,
    ) -> Self {
        let allowed = &options.allow_different;
        let choice = select_group(&judged[0].conditions, baseline, allowed, settings);
        let (mut group, mut comparability, mut runs) = (choice.group, choice.comparability, choice.runs);
        group.age_days = options.age_days;
        // Of runs that were made otherwise the length is no matter.
        if comparability.comparable {
            let length;
            (runs, length) = keep_of_like_length(judged, runs, allowed, settings);
            comparability.comparable = !length.blocks;
            comparability.fields.push(length);
            group.runs = runs.iter().map(|run| run.run_id.clone()).collect();
        }
        if judged.iter().any(|run| group.runs.contains(&run.run_id)) {
            group.group.push_str(", the run itself among them");
        }
        Self { group, runs, comparability }
    }
}

/// Every metric of either side, with its delta where it can be told.
fn judge_all(judged: &[&RunRecord], baseline: &[&RunRecord], settings: &RegressionSettings) -> Vec<Judged> {
    let pairs = pair_metrics(judged, baseline);
    let mut metrics: Vec<Judged> = pairs.into_iter().map(|pair| judge(pair, settings)).collect();
    words::decide(&mut metrics, settings);
    metrics
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
    judged: &[Judged],
    current: &RunRecord,
    limits: Limits,
    settings: &RegressionSettings,
) -> Comparison {
    let changes: Vec<MetricChange> =
        judged.iter().map(|judged| judged.change(limits.fail_on, settings)).collect();
    let coverage = coverage(&changes);
    Comparison {
        window: current.window,
        confidence: settings.confidence,
        assessment: assessment::assess(judged, settings),
        expected_false_alarms: settings.alpha * coverage.compared as f64,
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
        .filter_map(|change| reason(change).map(|reason| NotCompared { metric: change.key(), reason }))
        .collect();
    let total = changes.len() as u64;
    Coverage { compared: total - not_compared.len() as u64, total, not_compared }
}
