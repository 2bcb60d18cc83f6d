//! What the failures of a component were, and what helps against each kind.

use super::words::{counted, label, since_start};
use crate::summary::{ErrorCategory, Measured, RunSummary};
use crate::units::{count, percent};

/// Longest message of a failure that is quoted, letters.
const QUOTED_LETTERS: usize = 80;

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
    sentences.extend(most.example.as_ref().map(|example| {
        let quoted: String =
            example.chars().filter(|letter| !letter.is_control()).take(QUOTED_LETTERS).collect();
        format!("{} {}, for example: \"{quoted}\".", count(most.count), most.category)
    }));
    sentences
}

/// What the success rate would have been without the most frequent category.
pub fn without_most_frequent(
    summary: &RunSummary,
    component: &str,
    (ok, failed): (u64, u64),
) -> Measured<String> {
    let most = categories(summary, component).into_iter().max_by_key(|error| error.count);
    let Some(most) = most.filter(|most| most.count > 0 && most.count <= failed) else {
        return Measured::undefined("the failures have no category");
    };
    let rate = Measured::ratio((ok + most.count) as f64, (ok + failed) as f64, "no finished call");
    rate.map(|rate| {
        format!(
            "Without its {} failures the success rate would have been {}.",
            most.category,
            percent(rate * 100.0)
        )
    })
}

/// What helps against failures of this category, as a sentence.
pub fn remedy(error: &ErrorCategory) -> String {
    match error.category.as_str() {
        _ if error.durations_are_lower_bounds => {
            "Find out what the calls wait for: give the model more slots (`MAX_ASYNC`, workers), lower `top_k` and \
             `max_total_tokens`, and raise the deadline only if answers would still be wanted then."
                .to_owned()
        }
        "api_error" => "Raise the provider's rate limit or spread the calls over more keys, and retry with \
                        exponential backoff and jitter within a retry budget."
            .to_owned(),
        "parsing_error" => {
            "Ask the model for structured output (JSON schema) and repair or ask again once.".to_owned()
        }
        "cost_limit" => {
            "Raise the budget per minute, or route simple questions to a cheaper mode.".to_owned()
        }
        other => format!("Look at the messages of `{other}` and mend the first of its causes."),
    }
}
