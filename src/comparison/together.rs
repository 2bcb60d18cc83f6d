//! Repeats of one level are judged together against the baseline: several runs say more than each of them alone.

use super::grouping::{self, GroupKey};
use super::{ComparedRun, RunRegression};
use crate::analysis::Against;
use crate::baseline::RunRecord;
use crate::config::{Config, RegressionSettings};
use crate::judge::{self, ChangeWord, CheckKind, Gate, GateCheck};

/// Judges runs of one group, one build and the same conditions as one, and shows the verdict with each of them.
pub fn judge_together(runs: &mut [ComparedRun], group_by: &GroupKey, against: &Against, config: &Config) {
    let Against::Baseline { baseline, options } = against else { return };
    let settings = &config.regression;
    for indices in repeats(runs, group_by, settings) {
        let records: Vec<RunRecord> =
            indices.iter().filter_map(|&index| runs[index].record.clone()).collect();
        let Some((first, others)) = records.split_first() else { continue };
        let others: Vec<&RunRecord> = others.iter().collect();
        let together = judge::compare_together(first, &others, baseline, options, settings);
        if together.is_mixed {
            // Something came over some of them: no mean of theirs says anything of the others.
            continue;
        }
        let together = RunRegression::of(&together);
        let alpha = settings.alpha / records.len() as f64;
        for index in indices {
            let run = &mut runs[index];
            let alone = run.regression.value().map(|own| proven_alone(own, alpha)).unwrap_or_default();
            run.compared_anew(RunRegression { gate: with(&together.gate, alone), ..together.clone() });
        }
    }
}

/// The runs by what they repeat; only where there are several.
fn repeats(runs: &[ComparedRun], group_by: &GroupKey, settings: &RegressionSettings) -> Vec<Vec<usize>> {
    let mut found: Vec<Vec<usize>> = Vec::new();
    for members in grouping::group(runs, group_by) {
        let mut of_group: Vec<Vec<usize>> = Vec::new();
        let comparable = members.indices.into_iter().filter(|&index| {
            runs[index].record.is_some()
                && runs[index].regression.value().is_some_and(RunRegression::is_compared)
        });
        for index in comparable {
            let same = |others: &&mut Vec<usize>| are_repeats(&runs[others[0]], &runs[index], settings);
            match of_group.iter_mut().find(same) {
                Some(others) => others.push(index),
                None => of_group.push(vec![index]),
            }
        }
        found.extend(of_group.into_iter().filter(|indices| indices.len() > 1));
    }
    found
}

/// The same conditions, compared with the same runs, and not known to be of different builds.
fn are_repeats(a: &ComparedRun, b: &ComparedRun, settings: &RegressionSettings) -> bool {
    let (Some(one), Some(other)) = (&a.record, &b.record) else { return false };
    let baseline = |run: &ComparedRun| run.regression.value().map(|own| own.baseline_runs.clone());
    let is_other_build = a.git_commit.is_some() && b.git_commit.is_some() && a.git_commit != b.git_commit;
    let conditions = judge::compare_conditions(&one.conditions, &[other], &[], settings);
    !is_other_build && baseline(a) == baseline(b) && conditions.comparable
}

/// What failed a run alone beyond the chance that each of several is given: healthy repeats must not hide it.
fn proven_alone(own: &RunRegression, alpha: f64) -> Vec<GateCheck> {
    let is_proven = |check: &&GateCheck| {
        check.kind == CheckKind::Regressed
            && own.with_word(ChangeWord::Regressed).any(|change| {
                format!("{}/{}", change.component, change.metric) == check.metric
                    && change.p.number().is_some_and(|p| p <= alpha)
            })
    };
    own.gate.checks.iter().filter(is_proven).cloned().collect()
}

/// The gate of all together, with what one of them showed alone.
fn with(together: &Gate, alone: Vec<GateCheck>) -> Gate {
    let fails = |metric: &str| {
        together.checks.iter().any(|check| check.metric == metric && check.kind == CheckKind::Regressed)
    };
    let alone: Vec<GateCheck> = alone
        .into_iter()
        .filter(|check| !fails(&check.metric))
        .map(|check| GateCheck { because: format!("{}, this run alone", check.because), ..check })
        .collect();
    if alone.is_empty() {
        return together.clone();
    }
    let is_replaced = |check: &&GateCheck| alone.iter().any(|other| other.metric == check.metric);
    let others = together.checks.iter().filter(|check| !is_replaced(check)).cloned();
    let mut checks: Vec<GateCheck> = others.chain(alone.iter().cloned()).collect();
    checks.sort_by_key(|check| (std::cmp::Reverse(check.code), check.kind));
    Gate::of(checks, together.fail_on, together.must_exclude)
}
