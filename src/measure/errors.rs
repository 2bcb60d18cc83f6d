//! Failures by component and category: how many, when, an example, bursts, how long they took.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::calls::{CallKind, Calls};
use super::components::Grouped;
use super::context::Context;
use super::counts;
use super::messages::MessageLog;
use super::span::WindowSpan;
use crate::summary::ErrorCategory;

const US_PER_S: i64 = 1_000_000;

/// All failure categories, sorted by component, most frequent first, then by name.
pub fn measure(
    grouped: &[Grouped<'_>],
    messages: &MessageLog,
    span: Option<&WindowSpan>,
    context: &Context<'_>,
) -> Vec<ErrorCategory> {
    let mut errors: Vec<ErrorCategory> =
        grouped.iter().flat_map(|grouped| of_component(grouped, messages, span, context)).collect();
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
    grouped: &Grouped<'_>,
    messages: &MessageLog,
    span: Option<&WindowSpan>,
    context: &Context<'_>,
) -> Vec<ErrorCategory> {
    let words = context.words;
    let groups = grouped.all();
    let counts = counts::count(&groups, words);
    let ended = counts.finished + counts.unanswered;
    let times = failure_times(&grouped.calls, context);
    let mut distributions = counts::of_categories(&groups, usize::MAX, context);
    times
        .into_iter()
        .map(|(outcome, times)| {
            let category = words.word(outcome).to_owned();
            ErrorCategory {
                component: words.word(grouped.component).to_owned(),
                count: times.count,
                share: times.count as f64 / ended as f64,
                first_us: times.first_us,
                last_us: times.last_us,
                example: messages.earliest(grouped.component, outcome, span).map(str::to_owned),
                peak_per_s: times.per_second.values().copied().max().unwrap_or(0),
                durations: distributions
                    .remove(&category)
                    .unwrap_or_else(|| super::distribution::distribution(Vec::new(), 0, context.settings)),
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
    per_second: FxHashMap<i64, u64>,
}

fn failure_times(calls: &Calls<'_>, context: &Context<'_>) -> BTreeMap<u32, FailureTimes> {
    let is_failed = |kind: &CallKind| kind.ending(context.words).is_failed();
    let failed: Vec<bool> = calls.kinds().iter().map(is_failed).collect();
    let mut times: BTreeMap<u32, FailureTimes> = BTreeMap::new();
    if !failed.contains(&true) {
        return times;
    }
    for (call, &kind) in calls.kind().iter().enumerate().filter(|(_, kind)| failed[**kind as usize]) {
        let Some(outcome) = calls.kinds()[kind as usize].outcome() else { continue };
        let start_us = calls.start_us()[call];
        let entry = times.entry(outcome).or_insert_with(|| FailureTimes {
            count: 0,
            first_us: start_us,
            last_us: start_us,
            per_second: FxHashMap::default(),
        });
        entry.count += 1;
        entry.first_us = entry.first_us.min(start_us);
        entry.last_us = entry.last_us.max(start_us);
        *entry.per_second.entry(calls.end_us(call).div_euclid(US_PER_S)).or_default() += 1;
    }
    times
}
