//! Failures by component and category: how many, when, an example, bursts, how long they took.

use std::collections::{BTreeMap, HashMap};

use super::calls::{CallLog, Ending};
use super::components::Grouped;
use super::context::Context;
use super::counts;
use super::rows::Rows;
use super::words::Class;
use crate::summary::ErrorCategory;

const US_PER_S: i64 = 1_000_000;

/// The earliest message of each component and outcome; ties go to the first in alphabetical order.
#[derive(Debug, Default)]
pub(super) struct MessageLog {
    earliest: HashMap<(u32, u32), (i64, String)>,
}

impl MessageLog {
    pub(super) fn update(&mut self, rows: &Rows<'_>, row: usize, component: u32) {
        if let (Some(outcome), Some(detail)) = (rows.outcome.get(row), rows.detail(row)) {
            self.offer((component, outcome), rows.ts.values()[row], detail);
        }
    }

    fn offer(&mut self, place: (u32, u32), ts: i64, detail: &str) {
        match self.earliest.get_mut(&place) {
            Some(known) if (known.0, known.1.as_str()) <= (ts, detail) => {}
            Some(known) => *known = (ts, detail.to_owned()),
            None => {
                self.earliest.insert(place, (ts, detail.to_owned()));
            }
        }
    }

    pub(super) fn merge(&mut self, other: MessageLog) {
        for (place, (ts, detail)) in other.earliest {
            self.offer(place, ts, &detail);
        }
    }
}

/// All failure categories, sorted by component, most frequent first, then by name.
pub(super) fn measure(
    grouped: &[Grouped],
    calls: &HashMap<u32, CallLog>,
    messages: &MessageLog,
    context: &Context<'_>,
) -> Vec<ErrorCategory> {
    let mut errors: Vec<ErrorCategory> = grouped
        .iter()
        .flat_map(|grouped| of_component(grouped, &calls[&grouped.component], messages, context))
        .collect();
    errors.sort_by(|a, b| {
        (&a.component, std::cmp::Reverse(a.count), &a.category).cmp(&(
            &b.component,
            std::cmp::Reverse(b.count),
            &b.category,
        ))
    });
    errors
}

fn of_component(
    grouped: &Grouped,
    calls: &CallLog,
    messages: &MessageLog,
    context: &Context<'_>,
) -> Vec<ErrorCategory> {
    let words = context.words;
    let groups = grouped.all();
    let finished = counts::count(&groups, words).finished;
    let times = failure_times(calls, context);
    let mut distributions = counts::of_categories(&groups, words, context.settings);
    times
        .into_iter()
        .map(|(outcome, times)| {
            let category = words.word(outcome).to_owned();
            ErrorCategory {
                component: words.word(grouped.component).to_owned(),
                count: times.count,
                share: times.count as f64 / finished as f64,
                first_us: times.first_us,
                last_us: times.last_us,
                example: messages.earliest.get(&(grouped.component, outcome)).map(|(_, text)| text.clone()),
                peak_per_s: times.per_second.values().copied().max().unwrap_or(0),
                durations: distributions
                    .remove(&category)
                    .unwrap_or_else(|| super::distribution::distribution(&mut [], context.settings)),
                durations_are_lower_bounds: context.settings.cut_off_outcomes.contains(&category),
                category,
            }
        })
        .collect()
}

/// When the failures of one category happened; per second of their end, as in the series.
struct FailureTimes {
    count: u64,
    first_us: i64,
    last_us: i64,
    per_second: HashMap<i64, u64>,
}

fn failure_times(calls: &CallLog, context: &Context<'_>) -> BTreeMap<u32, FailureTimes> {
    let mut times: BTreeMap<u32, FailureTimes> = BTreeMap::new();
    for call in 0..calls.len() {
        if calls.ending(call, context.words) != Ending::Finished(Class::Failed) {
            continue;
        }
        let Some(outcome) = calls.outcome(call) else { continue };
        let start_us = calls.start_us[call];
        let entry = times.entry(outcome).or_insert_with(|| FailureTimes {
            count: 0,
            first_us: start_us,
            last_us: start_us,
            per_second: HashMap::new(),
        });
        entry.count += 1;
        entry.first_us = entry.first_us.min(start_us);
        entry.last_us = entry.last_us.max(start_us);
        *entry.per_second.entry(calls.end_us(call).div_euclid(US_PER_S)).or_default() += 1;
    }
    times
}
