//! What the failures of a component were, cause by cause, and what helps against each.

use super::remedies::remedy;
use super::words::{counted, label, since_start};
use crate::config::AdviceSettings;
use crate::summary::{ErrorCategory, ErrorCause, Measured, RunSummary, without_ids};
use crate::units::{count, percent};

/// Longest message of a failure that is quoted, letters.
const QUOTED_LETTERS: usize = 80;
/// Causes, and operations of a cause, that are named.
const NAMED: usize = 3;

/// The failure categories of a component, most frequent first.
pub fn categories<'a>(summary: &'a RunSummary, component: &str) -> Vec<&'a ErrorCategory> {
    summary.errors.iter().filter(|error| error.component == component).collect()
}

/// The category that makes up more than half of a component's failures.
pub fn dominant<'a>(summary: &'a RunSummary, component: &str) -> Option<&'a ErrorCategory> {
    let found = categories(summary, component);
    let all: u64 = found.iter().map(|error| error.count).sum();
    found.into_iter().max_by_key(|error| error.count).filter(|error| error.count * 2 > all)
}

/// Do most failures mean that the caller stopped waiting?
pub fn are_cut_off(summary: &RunSummary, component: &str) -> bool {
    dominant(summary, component).is_some_and(|error| error.durations_are_lower_bounds)
}

/// Failures with one word and one text but for ids in it, whatever the operation.
struct Cause<'a> {
    category: &'a str,
    /// Without ids where texts differ by them.
    detail: Option<String>,
    without_ids: Option<String>,
    are_cut_off: bool,
    count: u64,
    /// Most frequent first.
    operations: Vec<(&'a str, u64)>,
}

/// The causes of a component's failures, most frequent first.
fn causes<'a>(summary: &'a RunSummary, component: &str) -> Vec<Cause<'a>> {
    let mut found: Vec<Cause<'a>> = Vec::new();
    for part in summary.error_causes.iter().filter(|cause| cause.component == component) {
        let text = part.detail.as_deref().map(without_ids);
        let is_same = |cause: &&mut Cause<'_>| cause.category == part.category && cause.without_ids == text;
        match found.iter_mut().find(is_same) {
            Some(cause) => cause.add(part),
            None => {
                let mut cause = Cause {
                    category: &part.category,
                    detail: part.detail.clone(),
                    without_ids: text,
                    are_cut_off: part.durations_are_lower_bounds,
                    count: 0,
                    operations: Vec::new(),
                };
                cause.add(part);
                found.push(cause);
            }
        }
    }
    // Stable: of equally frequent ones in the order of the summary.
    found.sort_by_key(|cause| std::cmp::Reverse(cause.count));
    for cause in &mut found {
        cause.operations.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    }
    found
}

impl<'a> Cause<'a> {
    fn add(&mut self, part: &'a ErrorCause) {
        self.count += part.count;
        if self.detail != part.detail {
            self.detail.clone_from(&self.without_ids);
        }
        let Some(operation) = part.operation.as_deref() else { return };
        match self.operations.iter_mut().find(|(known, _)| *known == operation) {
            Some((_, times)) => *times += part.count,
            None => self.operations.push((operation, part.count)),
        }
    }

    /// `api_error "Query returned no results"`.
    fn name(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} \"{}\"", self.category, quoted(detail)),
            None => format!("{} without a message", self.category),
        }
    }

    /// ` (naive 39, hybrid 2)`; nothing where the component has one operation.
    fn places(&self, has_operations: bool) -> String {
        if !has_operations || self.operations.is_empty() {
            return String::new();
        }
        let named: Vec<String> = self
            .operations
            .iter()
            .take(NAMED)
            .map(|(operation, times)| format!("{operation} {}", count(*times)))
            .collect();
        let more = if self.operations.len() > NAMED { ", …" } else { "" };
        format!(" ({}{more})", named.join(", "))
    }
}

fn quoted(text: &str) -> String {
    let letters: Vec<char> = text.chars().filter(|letter| !letter.is_control()).collect();
    let end = if letters.len() > QUOTED_LETTERS { "…" } else { "" };
    letters.into_iter().take(QUOTED_LETTERS).collect::<String>() + end
}

fn has_operations(summary: &RunSummary, component: &str) -> bool {
    let found = summary.components.iter().find(|found| found.component == component);
    found.is_some_and(|found| found.operations.len() > 1)
}

/// The failures of a component as sentences; none where it has none.
pub fn told(summary: &RunSummary, component: &str) -> Vec<String> {
    let found = categories(summary, component);
    let all: u64 = found.iter().map(|error| error.count).sum();
    let Some(most) = found.first().filter(|_| all > 0) else { return Vec::new() };
    let kinds: Vec<String> =
        found.iter().map(|error| format!("{} {}", count(error.count), error.category)).collect();
    let first_us = found.iter().map(|error| error.first_us).min().unwrap_or(most.first_us);
    let last_us = found.iter().map(|error| error.last_us).max().unwrap_or(most.last_us);
    let mut sentences = vec![format!(
        "{}: {} ({}), the first after {}, the last after {}.",
        label(component),
        counted(all, "failure"),
        kinds.join(", "),
        since_start(first_us, summary),
        since_start(last_us, summary),
    )];
    let has_operations = has_operations(summary, component);
    let tells =
        |cause: &&Cause<'_>| cause.detail.is_some() || (has_operations && !cause.operations.is_empty());
    let causes = causes(summary, component);
    sentences.extend(
        causes
            .iter()
            .filter(tells)
            .take(NAMED)
            .map(|cause| format!("{} {}{}.", count(cause.count), cause.name(), cause.places(has_operations))),
    );
    sentences
}

/// What the success rate would have been without the most frequent cause.
pub fn without_most_frequent(
    summary: &RunSummary,
    component: &str,
    (ok, failed): (u64, u64),
) -> Measured<String> {
    let causes = causes(summary, component);
    let Some(most) = causes.first().filter(|most| most.count > 0 && most.count <= failed) else {
        return Measured::undefined("the failures have no category");
    };
    if most.count == failed {
        return Measured::undefined("all failures have one cause");
    }
    let rate = Measured::ratio((ok + most.count) as f64, (ok + failed) as f64, "no finished call");
    rate.map(|rate| {
        format!(
            "Without its {} of {} the success rate would have been {}.",
            counted(most.count, "failure"),
            most.name(),
            percent(rate * 100.0)
        )
    })
}

/// What helps against a component's failures: each cause that is a good part of them has its remedy, most frequent first.
pub fn remedies(summary: &RunSummary, component: &str, settings: &AdviceSettings) -> Option<String> {
    let causes = causes(summary, component);
    let all: u64 = causes.iter().map(|cause| cause.count).sum();
    let mut found: Vec<(String, u64, Vec<String>)> = Vec::new();
    let weighty = causes.iter().filter(|cause| cause.count as f64 >= settings.cause_share * all as f64);
    for cause in weighty.take(NAMED) {
        let text = remedy(component, cause.category, cause.detail.as_deref(), cause.are_cut_off);
        match found.iter_mut().find(|(known, ..)| *known == text) {
            Some((_, count, names)) => {
                *count += cause.count;
                names.push(cause.name());
            }
            None => found.push((text, cause.count, vec![cause.name()])),
        }
    }
    match found.as_slice() {
        [] => None,
        [(only, ..)] => Some(only.clone()),
        several => {
            let each = several.iter().map(|(text, times, names)| {
                format!("Against {} of {} failures ({}): {text}", count(*times), count(all), names.join(", "))
            });
            Some(each.collect::<Vec<String>>().join(" "))
        }
    }
}
