//! What stands below the table: what regressed, capacity, degradation, opportunities, and what was not judged.

use super::degradation::{self, MOST_NAMED};
use crate::comparison::{ComparedRun, Comparison, Group};
use crate::judge::{ChangeWord, MetricChange, RelatedPair, Severity};
use crate::report::outline::{Cell, Item, Section, Tone};
use crate::summary::Measured;
use crate::units::{self, Unit};

/// Entries of a list that a person still reads; the others are counted.
const MOST_LISTED: usize = 12;
/// Groups whose capacity and degradation are told; the others are in comparison.json.
const MOST_GROUPS: usize = 6;

pub fn all(comparison: &Comparison) -> Vec<Section> {
    let mut sections = vec![reasons(comparison), regressed(comparison)];
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
    sections.push(quarantined(comparison));
    sections
}

/// Why the exit code is not 0. A reason that many runs share is told once.
fn reasons(comparison: &Comparison) -> Section {
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

/// The reason behind the run, unless it begins with it anyway.
pub fn of_run(run: &str, reason: &str) -> String {
    let says_itself = reason.strip_prefix(run).is_some_and(|rest| rest.starts_with(':'));
    if says_itself { reason.to_owned() } else { format!("{run}: {reason}") }
}

fn limited(mut lines: Vec<String>, what: &str) -> Vec<String> {
    let others = lines.len().saturating_sub(MOST_LISTED);
    if others > 0 {
        lines.truncate(MOST_LISTED);
        lines.push(format!("… and {} more {what}, in comparison.json", units::count(others as u64)));
    }
    lines
}

/// Each run with what changed in it for the worse, and how many of these chance alone would bring.
fn regressed(comparison: &Comparison) -> Section {
    let Measured::Value(found) = &comparison.regressions else { return Section::new("") };
    let lines = comparison.runs.iter().filter_map(changes).collect();
    let mut section = Section::of_lines("Regressions", limited(lines, "runs"));
    let improved: Vec<&str> = comparison
        .runs
        .iter()
        .filter(|run| with_word(run, ChangeWord::Improved).next().is_some())
        .map(|run| run.run_id.as_str())
        .collect();
    if section.is_empty() {
        let none = if found.not_excluded.is_empty() { "None in" } else { "None shown in" };
        section.add_lines([format!("{none} {} compared", count_of(found.compared, "run"))]);
    }
    section.add_lines(not_excluded(comparison, &found.not_excluded));
    if !improved.is_empty() {
        section.add_lines([format!("Improved in some metric: {}", units::some_of(&improved, MOST_NAMED))]);
    }
    let alarms = units::number(found.expected_false_alarms);
    section.add_lines([format!("At most {alarms} false alarms expected over all runs and metrics")]);
    section
}

/// Runs in which none regressed and one may hide, with the number of metrics in which it may.
fn not_excluded(comparison: &Comparison, runs: &[String]) -> Option<String> {
    const NAMED: usize = 6;
    let of = |run: &ComparedRun| {
        let outcome = run.regression.value()?.outcome.value()?;
        let open = outcome.assessment.not_excluded.as_slice();
        runs.contains(&run.run_id).then(|| (run.run_id.clone(), open.to_vec()))
    };
    let open: Vec<(String, Vec<String>)> = comparison.runs.iter().filter_map(of).collect();
    match open.as_slice() {
        [] => None,
        [(run, metrics)] => {
            let (count, names) =
                (count_of(metrics.len() as u64, "metric"), units::some_of(metrics, MOST_NAMED));
            Some(format!("Beyond the margin not excluded in {count} of {run}: {names}"))
        }
        several => {
            let each: Vec<String> = several
                .iter()
                .map(|(run, metrics)| format!("{run} ({})", count_of(metrics.len() as u64, "metric")))
                .collect();
            Some(format!("Beyond the margin not excluded in {}", units::some_of(&each, NAMED)))
        }
    }
}

fn count_of(count: u64, what: &str) -> String {
    format!("{} {what}{}", units::count(count), if count == 1 { "" } else { "s" })
}

fn with_word(run: &ComparedRun, word: ChangeWord) -> impl Iterator<Item = &MetricChange> {
    run.regression.value().into_iter().flat_map(move |regression| regression.with_word(word))
}

/// `slow: request/p95_ms +61.0 % (high), …; suspected: …`.
fn changes(run: &ComparedRun) -> Option<String> {
    const NAMED: usize = 4;
    let list = |word: ChangeWord| -> Option<String> {
        let mut changes: Vec<&MetricChange> = with_word(run, word).collect();
        // Gravest first; of one severity in the order of the comparison.
        changes.sort_by_key(|change| std::cmp::Reverse(change.severity));
        let shown: Vec<String> = changes.iter().take(NAMED).map(|change| describe(change)).collect();
        let more = changes.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!shown.is_empty()).then(|| format!("{}{more}", shown.join(", ")))
    };
    let parts: Vec<String> = [
        list(ChangeWord::Regressed),
        list(ChangeWord::Suspected).map(|suspected| format!("suspected: {suspected}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| format!("{}: {}", run.run_id, parts.join("; ")))
}

fn describe(change: &MetricChange) -> String {
    let scale = change.print_unit();
    let by = change.change.number().map(|change| format!(" {}", scale.print(change))).unwrap_or_default();
    let severity = change.severity.map(|severity| format!(" ({})", severity.word())).unwrap_or_default();
    format!("{}/{}{by}{severity}", change.component, change.metric)
}

/// What the build carries, how it scales, and what is seen across the runs.
fn capacity(group: &Group, heading: &str) -> Section {
    let scalability = &group.scalability;
    let mut lines = vec![scalability.capacity_sentence.clone(), scalability.scaling_sentence.clone()];
    if let Measured::Value(optimal) = &scalability.optimal_users {
        lines.push(format!(
            "By the reference's old rule (success {} or more, mean {} or less) {} would be optimal; it asks for no P95 and is \
             no capacity.",
            Unit::Ratio.print(optimal.success_at_least),
            Unit::Milliseconds.print(optimal.mean_at_most_ms),
            count_of(optimal.users.into(), "user")
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

fn opportunities(comparison: &Comparison) -> Section {
    let item = |severity: Severity, text: String| Item {
        text: Cell::toned(
            format!("({}) {text}", severity.word()),
            if severity >= Severity::High { Tone::Bad } else { Tone::Doubtful },
        ),
        details: Vec::new(),
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
fn quarantined(comparison: &Comparison) -> Section {
    let failures = &comparison.quarantined;
    let item = |failure: &crate::analysis::Failure| Item {
        text: Cell::toned(&failure.message, Tone::Bad),
        details: failure.remedy.iter().map(|remedy| Cell::toned(remedy, Tone::Dim)).collect(),
    };
    let items = failures.iter().take(MOST_LISTED).map(item).collect();
    let mut section = Section { items, ..Section::new("Quarantined") };
    let others = failures.len().saturating_sub(MOST_LISTED);
    section.add_lines(
        (others > 0).then(|| format!("… and {} more, in comparison.json", units::count(others as u64))),
    );
    section
}
