//! Outcome counts, success rates and distributions of a component and of its operations.

use std::collections::BTreeMap;

use super::calls::{CallLog, Ending};
use super::distribution::distribution;
use super::words::{Class, NO_WORD, Words};
use crate::config::MeasureSettings;
use crate::summary::{Distribution, Measured, OutcomeCounts};

/// The calls of one operation with one ending: how many, and how long they took.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) operation: u32,
    pub(super) ending: Ending,
    /// Outcome code, where there is one.
    pub(super) outcome: Option<u32>,
    pub(super) count: u64,
    pub(super) durations_ms: Vec<f64>,
}

/// Splits a component's calls by operation and outcome.
pub(super) fn group_calls(calls: &CallLog, words: &Words) -> Vec<Group> {
    let mut places: std::collections::HashMap<(u32, Option<u32>, bool), usize> = Default::default();
    let mut groups: Vec<Group> = Vec::new();
    for call in 0..calls.len() {
        let ending = calls.ending(call, words);
        let outcome = calls.outcome(call);
        let operation = calls.operation[call];
        let place = *places.entry((operation, outcome, ending == Ending::Unfinished)).or_insert_with(|| {
            groups.push(Group { operation, ending, outcome, count: 0, durations_ms: Vec::new() });
            groups.len() - 1
        });
        groups[place].count += 1;
        // An unfinished call has not taken its time yet.
        if ending != Ending::Unfinished {
            groups[place].durations_ms.extend(calls.duration_ms(call));
        }
    }
    groups
}

/// How many calls ended how.
pub(super) fn count(groups: &[&Group], words: &Words) -> OutcomeCounts {
    let mut counts = OutcomeCounts::default();
    for group in groups {
        let slot = match group.ending {
            Ending::Finished(Class::Ok) => &mut counts.ok,
            Ending::Finished(Class::Failed) => &mut counts.failed,
            Ending::Finished(Class::Miss) => &mut counts.miss,
            Ending::Finished(Class::Blocked) => &mut counts.blocked,
            Ending::Unknown => &mut counts.unknown,
            Ending::Unfinished => &mut counts.unfinished,
        };
        *slot += group.count;
        if let Some(outcome) = group.outcome {
            *counts.by_outcome.entry(words.word(outcome).to_owned()).or_default() += group.count;
        }
    }
    counts.finished = counts.ok + counts.failed + counts.miss + counts.blocked + counts.unknown;
    counts
}

/// ok / (ok + failed).
pub(super) fn success_rate(counts: &OutcomeCounts) -> Measured<f64> {
    let reason = match (counts.finished, counts.unknown) {
        (0, _) => "no finished call",
        (_, 1..) => "the calls carry no outcome",
        _ => "no call that is ok or failed",
    };
    Measured::ratio(counts.ok as f64, (counts.ok + counts.failed) as f64, reason)
}

/// The distribution of all durations of the groups that `keep` holds for.
pub(super) fn pooled(
    groups: &[&Group],
    keep: impl Fn(&Group) -> bool,
    settings: &MeasureSettings,
) -> Distribution {
    let kept = groups.iter().filter(|group| keep(group));
    let mut durations_ms: Vec<f64> = kept.flat_map(|group| group.durations_ms.iter().copied()).collect();
    distribution(&mut durations_ms, settings)
}

/// Over all finished calls.
pub(super) fn of_all(groups: &[&Group], settings: &MeasureSettings) -> Distribution {
    pooled(groups, |_| true, settings)
}

/// Over the finished calls of one class.
pub(super) fn of_class(groups: &[&Group], class: Class, settings: &MeasureSettings) -> Distribution {
    pooled(groups, |group| group.ending == Ending::Finished(class), settings)
}

/// One distribution per outcome word that is not of class ok.
pub(super) fn of_categories(
    groups: &[&Group],
    words: &Words,
    settings: &MeasureSettings,
) -> BTreeMap<String, Distribution> {
    let mut categories: Vec<u32> = groups
        .iter()
        .filter_map(|group| group.outcome)
        .filter(|&outcome| words.class(outcome) != Class::Ok)
        .collect();
    categories.sort_unstable();
    categories.dedup();
    categories
        .into_iter()
        .map(|category| {
            let durations = pooled(groups, |group| group.outcome == Some(category), settings);
            (words.word(category).to_owned(), durations)
        })
        .collect()
}

/// The groups of each operation that has a name, by name.
pub(super) fn by_operation<'a>(groups: &'a [Group], words: &Words) -> BTreeMap<String, Vec<&'a Group>> {
    let mut operations: BTreeMap<String, Vec<&Group>> = BTreeMap::new();
    for group in groups.iter().filter(|group| group.operation != NO_WORD) {
        operations.entry(words.word(group.operation).to_owned()).or_default().push(group);
    }
    operations
}
