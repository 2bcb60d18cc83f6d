//! What stands beside the tables: why it does not pass, what was not judged; capacity, degradation, opportunities.

use super::degradation::{self, MOST_NAMED};
use crate::comparison::{Comparison, Group};
use crate::judge::{RelatedPair, Severity};
use crate::report::outline::{Cell, Item, Section, Tone, of_run};
use crate::summary::Measured;
use crate::units::{self, Unit};

/// Entries of a list that a person still reads; the others are counted.
const MOST_LISTED: usize = 12;
/// Groups whose capacity and degradation are told; the others are in comparison.json.
const MOST_GROUPS: usize = 6;

/// What follows from the runs together.
pub fn over_load(comparison: &Comparison) -> Vec<Section> {
    let mut sections = Vec::new();
    for group in comparison.groups.iter().take(MOST_GROUPS) {
        let named = |heading: &str| match comparison.groups.len() {
            1 => heading.to_owned(),
            _ => format!("{heading}: {}", group.name),
        };
        sections.push(capacity(group, &named("Capacity")));
        sections.push(degradation::section(group, &named("Degradation")));
    }
    let others = comparison.groups.len().saturating_sub(MOST_GROUPS);
    if others > 0 {
        let line = format!("Capacity and degradation of {others} more groups are in comparison.json");
        sections.push(Section::of_lines("Other groups", vec![line]));
    }
    sections.push(opportunities(comparison));
    sections
}

/// Why the exit code is not 0. A reason that many runs share is told once.
pub fn reasons(comparison: &Comparison) -> Section {
    let mut told: Vec<(&str, Vec<&str>)> = Vec::new();
    let quarantined = |run: &str| comparison.quarantined.iter().any(|failure| failure.run == run);
    for reason in comparison.exit.reasons.iter().filter(|reason| !quarantined(&reason.run)) {
        match told.iter_mut().find(|(known, _)| *known == reason.reason) {
            Some((_, runs)) => runs.push(&reason.run),
            None => told.push((&reason.reason, vec![&reason.run])),
        }
    }
    let line = |(reason, runs): &(&str, Vec<&str>)| of_run(&units::some_of(runs, MOST_NAMED), reason);
    Section::of_lines("Why it does not pass", limited(told.iter().map(line).collect(), "reasons"))
}

fn limited(mut lines: Vec<String>, what: &str) -> Vec<String> {
    let others = lines.len().saturating_sub(MOST_LISTED);
    if others > 0 {
        lines.truncate(MOST_LISTED);
        lines.push(format!("… and {} more {what}, in comparison.json", units::count(others as u64)));
    }
    lines
}

/// What the build carries, how it scales, and what is seen across the runs.
pub fn capacity(group: &Group, heading: &str) -> Section {
    let scalability = &group.scalability;
    let mut lines = vec![scalability.capacity_sentence.clone(), scalability.scaling_sentence.clone()];
    if let Measured::Value(optimal) = &scalability.optimal_users {
        lines.push(format!(
            "The reference's old rule (success {} or more, mean {} or less) calls {} optimal; it ignores the P95 and is no \
             capacity.",
            Unit::Ratio.print(optimal.success_at_least),
            Unit::Milliseconds.print(optimal.mean_at_most_ms),
            units::counted(optimal.users.into(), "user")
        ));
    }
    if let Measured::Value(next) = &scalability.next_level {
        lines.push(format!("Test next: {}: {}", scalability.axis.print(next.load), next.reason));
    }
    // That nothing can be told, or shown, need not be told to people.
    let across = &group.across_runs;
    let is_shown = |pairs: &Vec<RelatedPair>| pairs.iter().any(|pair| pair.significant);
    lines.extend(across.pairs.value().filter(|pairs| is_shown(pairs)).map(|_| across.pairs_sentence.clone()));
    lines.extend(across.shares.value().map(|_| across.shares_sentence.clone()));
    lines.retain(|line| !line.is_empty());
    Section::of_lines(heading, lines)
}

pub fn opportunities(comparison: &Comparison) -> Section {
    let item = |severity: Severity, text: String| Item {
        text: Cell::toned(
            format!("({}) {text}", severity.word()),
            if severity >= Severity::High { Tone::Bad } else { Tone::Doubtful },
        ),
        details: Vec::new(),
        shown_by: None,
    };
    let mut found: Vec<_> = comparison
        .groups
        .iter()
        .flat_map(|group| group.opportunities.iter().map(move |found| (group, found)))
        .collect();
    // Gravest first; of one severity in the order of the groups.
    found.sort_by_key(|(_, found)| std::cmp::Reverse(found.severity));
    let others = found.len().saturating_sub(MOST_LISTED);
    let items = found.iter().take(MOST_LISTED).map(|(group, found)| match comparison.groups.len() {
        1 => item(found.severity, found.text.clone()),
        _ => item(found.severity, format!("{}: {}", group.name, found.text)),
    });
    let mut section = Section { items: items.collect(), ..Section::new("Opportunities") };
    section.add_lines((others > 0).then(|| format!("… and {others} more, in comparison.json")));
    section
}

/// Runs of which there is no verdict: where they are, why, and what helps.
pub fn quarantined(comparison: &Comparison) -> Section {
    let failures = &comparison.quarantined;
    let item = |failure: &crate::analysis::Failure| Item {
        text: Cell::toned(&failure.message, Tone::Bad),
        details: failure.remedy.iter().map(|remedy| Cell::toned(remedy, Tone::Dim)).collect(),
        shown_by: None,
    };
    let items = failures.iter().take(MOST_LISTED).map(item).collect();
    let mut section = Section { items, ..Section::new("Quarantined") };
    let others = failures.len().saturating_sub(MOST_LISTED);
    section.add_lines(
        (others > 0).then(|| format!("… and {} more, in comparison.json", units::count(others as u64))),
    );
    section
}
