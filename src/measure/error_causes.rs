//! Failures by cause: category, operation and text, each counted; the most frequent of each component.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::call_kind::Ending;
use super::components::Grouped;
use super::context::Context;
use super::messages::{Message, MessageLog, OTHER};
use super::span::WindowSpan;
use super::words::{Class, NO_WORD};
use crate::summary::{ErrorCategory, ErrorCause};

/// The causes behind `errors`, at most so many of a component, by component, most frequent first; of each category they add up to its count.
pub fn measure(
    (grouped, errors): (&[Grouped<'_>], &[ErrorCategory]),
    messages: &MessageLog,
    span: Option<&WindowSpan>,
    most: usize,
    context: &Context<'_>,
) -> Vec<ErrorCause> {
    let mut causes = Vec::new();
    for found in grouped {
        let component = context.words.word(found.component);
        let of_component: Vec<&ErrorCategory> =
            errors.iter().filter(|error| error.component == component).collect();
        if !of_component.is_empty() {
            let told = told(found, messages, span, context);
            causes.extend(of_categories(&of_component, told, most));
        }
    }
    causes
}

/// Failures of one cause: how many, the first and the last.
#[derive(Debug, Clone, Copy)]
struct Tally {
    count: u64,
    first_us: i64,
    last_us: i64,
}

impl Tally {
    fn at(start_us: i64) -> Self {
        Self { count: 1, first_us: start_us, last_us: start_us }
    }

    fn add(&mut self, other: Tally) {
        self.count += other.count;
        self.first_us = self.first_us.min(other.first_us);
        self.last_us = self.last_us.max(other.last_us);
    }
}

/// Category, operation and text.
type Key<'a> = (&'a str, Option<&'a str>, Option<&'a str>);
type Tallies<'a> = BTreeMap<Key<'a>, Tally>;

fn add<'a>(tallies: &mut Tallies<'a>, key: Key<'a>, tally: Tally) {
    tallies.entry(key).and_modify(|known| known.add(tally)).or_insert(tally);
}

/// What the failed calls of one kind said, while they are walked through by time.
struct Walk<'a> {
    messages: Vec<Message<'a>>,
    next: usize,
}

impl<'a> Walk<'a> {
    /// The text of a call that started then; none where it said nothing.
    fn text_at(&mut self, start_us: i64) -> Option<&'a str> {
        while self.messages.get(self.next).is_some_and(|message| message.start_us < start_us) {
            self.next += 1;
        }
        let found = self.messages.get(self.next).filter(|message| message.start_us == start_us)?;
        self.next += 1;
        Some(found.text)
    }
}

/// The failed calls of a component, by what they were and said.
fn told<'a>(
    found: &Grouped<'a>,
    messages: &'a MessageLog,
    span: Option<&WindowSpan>,
    context: &Context<'a>,
) -> Tallies<'a> {
    let words = context.words;
    let mut tallies = Tallies::new();
    let failed: Vec<Option<(u32, u32)>> = found
        .calls
        .kinds()
        .iter()
        .map(|kind| {
            let is_failed = kind.ending(words) == Ending::Finished(Class::Failed);
            kind.outcome().filter(|_| is_failed).map(|outcome| (outcome, kind.operation))
        })
        .collect();
    let mut walks: BTreeMap<(u32, u32), Walk<'_>> = failed
        .iter()
        .flatten()
        .map(|&of| (of, Walk { messages: messages.of(found.component, of, span), next: 0 }))
        .collect();
    for (call, &kind) in found.calls.kind().iter().enumerate() {
        let Some((outcome, operation)) = failed[kind as usize] else { continue };
        let start_us = found.calls.start_us()[call];
        let text = walks.get_mut(&(outcome, operation)).and_then(|walk| walk.text_at(start_us));
        let operation = (operation != NO_WORD).then(|| words.word(operation));
        add(&mut tallies, (words.word(outcome), operation, text), Tally::at(start_us));
    }
    tallies
}

/// The most frequent causes of a component. The others of a category are one, and so is what no call tells of.
fn of_categories(errors: &[&ErrorCategory], told: Tallies<'_>, most: usize) -> Vec<ErrorCause> {
    let mut ordered: Vec<(Key<'_>, Tally)> = told.into_iter().collect();
    // Stable: of equally frequent ones in the order of their words.
    ordered.sort_by_key(|(_, tally)| Reverse(tally.count));
    let mut kept: Tallies<'_> = Tallies::new();
    for (index, (key, tally)) in ordered.into_iter().enumerate() {
        let key = if index < most { key } else { (key.0, None, Some(OTHER)) };
        add(&mut kept, key, tally);
    }
    for error in errors {
        let known: u64 = kept
            .iter()
            .filter(|((category, ..), _)| *category == error.category)
            .map(|(_, tally)| tally.count)
            .sum();
        let rest = error.count.saturating_sub(known);
        if rest > 0 {
            let tally = Tally { count: rest, first_us: error.first_us, last_us: error.last_us };
            add(&mut kept, (&error.category, None, None), tally);
        }
    }
    let mut causes: Vec<ErrorCause> = kept
        .into_iter()
        .filter_map(|((category, operation, detail), tally)| {
            let error = errors.iter().find(|error| error.category == category)?;
            Some(ErrorCause {
                component: error.component.clone(),
                category: category.to_owned(),
                operation: operation.map(str::to_owned),
                detail: detail.map(str::to_owned),
                count: tally.count,
                share: error.share * tally.count as f64 / error.count as f64,
                first_us: tally.first_us,
                last_us: tally.last_us,
                durations_are_lower_bounds: error.durations_are_lower_bounds,
            })
        })
        .collect();
    causes.sort_by_key(|cause| Reverse(cause.count));
    causes
}
