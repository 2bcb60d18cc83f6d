//! Outcome counts, success rates and distributions of a component and of its operations.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::calls::{CallKind, Calls, Ending};
use super::context::Context;
use super::distribution::distribution_of;
use super::durations::{Durations, Union};
use super::span::WindowSpan;
use super::words::{Class, NO_WORD, Words};
use crate::config::MeasureSettings;
use crate::contract::OTHER;
use crate::summary::{Distribution, Measured, OutcomeCounts};

/// The calls of one operation with one ending: how many, and how long they took.
#[derive(Debug)]
pub struct Group {
    pub operation: u32,
    pub ending: Ending,
    /// Outcome code, where there is one.
    pub outcome: Option<u32>,
    pub count: u64,
    /// How many ended in the window, wherever they started; 0 of what did not end.
    pub ended: u64,
    pub durations: Durations,
}

impl Group {
    fn key(&self) -> GroupKey {
        (self.operation, self.outcome, !self.ending.is_finished())
    }

    pub fn is_failed(&self) -> bool {
        self.ending == Ending::Finished(Class::Failed)
    }
}

/// What calls must have in common to be of one group.
type GroupKey = (u32, Option<u32>, bool);

fn key_of(kind: &CallKind) -> GroupKey {
    (kind.operation, kind.outcome(), !kind.is_finished())
}

/// Splits a component's calls by operation and outcome.
pub fn group_calls(calls: &Calls<'_>, words: &Words) -> Vec<Group> {
    let (indices, mut groups) = empty_groups(calls, words);
    let mut sizes = vec![0; groups.len()];
    calls.kind().iter().for_each(|&kind| sizes[indices[kind as usize]] += 1);
    let mut durations_ms: Vec<Vec<f64>> = sizes.into_iter().map(Vec::with_capacity).collect();
    split(calls, &indices, &mut groups, &mut durations_ms);
    for (group, durations_ms) in groups.iter_mut().zip(durations_ms) {
        group.durations = Durations::of(durations_ms);
        group.ended = if group.ending.is_finished() { group.count } else { 0 };
    }
    groups.retain(|group| group.count > 0);
    groups
}

/// The groups of a part of the calls: those that start in `span`.
pub fn group_part(calls: &Calls<'_>, span: &WindowSpan, whole: &[Group], words: &Words) -> Vec<Group> {
    let others = calls.others();
    let mut groups = if others.iter().map(Calls::len).sum::<usize>() > calls.len() {
        group_calls(calls, words)
    } else {
        without(calls, whole, others, words)
    };
    let ended = calls.ended_in((span.start_us, span.end_us));
    let mut ended_of: FxHashMap<GroupKey, u64> = FxHashMap::default();
    for (kind, ended) in calls.kinds().iter().zip(ended) {
        *ended_of.entry(key_of(kind)).or_default() += ended;
    }
    for group in groups.iter_mut().filter(|group| group.ending.is_finished()) {
        group.ended = ended_of.get(&group.key()).copied().unwrap_or(0);
    }
    groups
}

/// The groups of a part of the calls of which `whole` are the groups: what is outside of it is taken away, since it
/// is mostly little.
fn without(calls: &Calls<'_>, whole: &[Group], others: [Calls<'_>; 2], words: &Words) -> Vec<Group> {
    let (indices, mut outside) = empty_groups(calls, words);
    let mut durations_ms: Vec<Vec<f64>> = vec![Vec::new(); outside.len()];
    others.iter().for_each(|calls| split(calls, &indices, &mut outside, &mut durations_ms));
    let mut groups = Vec::with_capacity(whole.len());
    let by_key: FxHashMap<GroupKey, usize> =
        outside.iter().enumerate().map(|(index, group)| (group.key(), index)).collect();
    for group in whole {
        let index = by_key.get(&group.key()).copied();
        let gone = index.map_or(0, |index| outside[index].count);
        let durations_ms = index.map(|index| std::mem::take(&mut durations_ms[index])).unwrap_or_default();
        if group.count > gone {
            groups.push(Group {
                count: group.count - gone,
                durations: group.durations.without(durations_ms),
                ..*group
            });
        }
    }
    groups
}

/// A group for each key that the component's calls can have, and the group of each kind.
fn empty_groups(calls: &Calls<'_>, words: &Words) -> (Vec<usize>, Vec<Group>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: FxHashMap<GroupKey, usize> = FxHashMap::default();
    let indices = calls
        .kinds()
        .iter()
        .map(|kind| {
            *known.entry(key_of(kind)).or_insert_with(|| {
                groups.push(Group {
                    operation: kind.operation,
                    ending: kind.ending(words),
                    outcome: kind.outcome(),
                    count: 0,
                    ended: 0,
                    durations: Durations::default(),
                });
                groups.len() - 1
            })
        })
        .collect();
    (indices, groups)
}

fn split(calls: &Calls<'_>, indices: &[usize], groups: &mut [Group], durations_ms: &mut [Vec<f64>]) {
    for (&kind, &duration_ms) in calls.kind().iter().zip(calls.duration_ms()) {
        let index = indices[kind as usize];
        groups[index].count += 1;
        // An unfinished call has not taken its time yet.
        if !duration_ms.is_nan() && groups[index].ending.is_finished() {
            durations_ms[index].push(duration_ms);
        }
    }
}

/// How many calls ended how.
pub fn count(groups: &[&Group], words: &Words) -> OutcomeCounts {
    let mut counts = OutcomeCounts::default();
    for group in groups {
        let slot = match group.ending {
            Ending::Finished(Class::Ok) => &mut counts.ok,
            Ending::Finished(Class::Failed) => &mut counts.failed,
            Ending::Finished(Class::Miss) => &mut counts.miss,
            Ending::Finished(Class::Blocked) => &mut counts.blocked,
            Ending::Unknown => &mut counts.unknown,
            Ending::Unanswered => &mut counts.unanswered,
            Ending::Unfinished => &mut counts.unfinished,
        };
        *slot += group.count;
        if let Some(outcome) = group.outcome {
            *counts.by_outcome.entry(words.word(outcome).to_owned()).or_default() += group.count;
        }
    }
    counts.finished = counts.ok + counts.failed + counts.miss + counts.blocked + counts.unknown;
    counts.failed += counts.unanswered;
    counts
}

/// ok / (ok + failed).
pub fn success_rate(counts: &OutcomeCounts) -> Measured<f64> {
    let reason = match (counts.finished + counts.unanswered, counts.unknown) {
        (0, _) => "no finished call",
        (_, 1..) => "the calls carry no outcome",
        _ => "no call that is ok or failed",
    };
    Measured::ratio(counts.ok as f64, (counts.ok + counts.failed) as f64, reason)
}

/// All durations of the groups that `keep` holds for.
fn union<'g>(groups: &[&'g Group], keep: impl Fn(&Group) -> bool) -> Union<'g> {
    Union::of(groups.iter().filter(|group| keep(group)).map(|group| &group.durations))
}

/// Over all finished calls; failures weigh on the slow side of its quantiles.
pub fn of_finished(groups: &[&Group], settings: &MeasureSettings) -> Distribution {
    let failed = union(groups, Group::is_failed).len();
    distribution_of(&union(groups, |_| true), failed, settings)
}

/// Over the finished calls of one class.
pub fn of_class(groups: &[&Group], class: Class, settings: &MeasureSettings) -> Distribution {
    distribution_of(&union(groups, |group| group.ending == Ending::Finished(class)), 0, settings)
}

/// One distribution per outcome word that is not of class ok; of too many failures the rarest stand together.
pub fn of_categories(
    groups: &[&Group],
    most: usize,
    context: &Context<'_>,
) -> BTreeMap<String, Distribution> {
    let words = context.words;
    let mut categories: BTreeMap<&str, Vec<&Group>> = BTreeMap::new();
    for group in groups {
        if let Some(outcome) = group.outcome.filter(|&outcome| words.class(outcome) != Class::Ok) {
            categories.entry(words.word(outcome)).or_default().push(group);
        }
    }
    pool_rarest(&mut categories, most);
    let distribution = |(category, groups): (&str, Vec<&Group>)| {
        let durations = groups.iter().map(|group| &group.durations);
        (category.to_owned(), distribution_of(&Union::of(durations), 0, context.settings))
    };
    categories.into_iter().map(distribution).collect()
}

/// Leaves `most` words of failures, those of the most calls, and puts the others under one name.
fn pool_rarest<'g>(categories: &mut BTreeMap<&str, Vec<&'g Group>>, most: usize) {
    let is_failure = |word: &str| OutcomeCounts::is_failure_word(word);
    let calls = |groups: &[&Group]| groups.iter().map(|group| group.count).sum::<u64>();
    let failures = categories.iter().filter(|(word, _)| is_failure(word) && **word != OTHER);
    let mut ranked: Vec<(Reverse<u64>, &str)> =
        failures.map(|(word, groups)| (Reverse(calls(groups)), *word)).collect();
    ranked.sort_unstable();
    let rarest: Vec<&'g Group> = ranked
        .into_iter()
        .skip(most)
        .flat_map(|(_, word)| categories.remove(word).unwrap_or_default())
        .collect();
    if !rarest.is_empty() {
        categories.entry(OTHER).or_default().extend(rarest);
    }
}

/// The groups of each operation that has a name, by name.
pub fn by_operation<'a>(groups: &'a [Group], words: &Words) -> BTreeMap<String, Vec<&'a Group>> {
    let mut operations: BTreeMap<String, Vec<&Group>> = BTreeMap::new();
    for group in groups.iter().filter(|group| group.operation != NO_WORD) {
        operations.entry(words.word(group.operation).to_owned()).or_default().push(group);
    }
    operations
}
