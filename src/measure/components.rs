//! Every component in the same way, whatever it is: counts, times, rates, cost; whole and by operation.

use std::collections::HashMap;

use rayon::prelude::*;

use super::calls::CallLog;
use super::context::Context;
use super::counts::{self, Group};
use super::usage::{Usage, UsageLog};
use super::words::{Class, Words};
use crate::summary::{Component, ComponentCalls, Measured, Operation};

/// A component's calls, split by operation and outcome.
pub(super) struct Grouped {
    pub(super) component: u32,
    pub(super) groups: Vec<Group>,
}

impl Grouped {
    pub(super) fn all(&self) -> Vec<&Group> {
        self.groups.iter().collect()
    }
}

/// Splits the calls of all components, sorted by component name.
pub(super) fn group_components(calls: &HashMap<u32, CallLog>, words: &Words) -> Vec<Grouped> {
    let mut components: Vec<u32> = calls.keys().copied().collect();
    components.sort_unstable_by_key(|&component| words.rank(component));
    components
        .into_par_iter()
        .map(|component| Grouped { component, groups: counts::group_calls(&calls[&component], words) })
        .collect()
}

/// What is known about every component.
pub(super) fn measure(grouped: &[Grouped], usage: &UsageLog, context: &Context<'_>) -> Vec<Component> {
    grouped.par_iter().map(|grouped| component(grouped, usage, context)).collect()
}

fn component(grouped: &Grouped, usage: &UsageLog, context: &Context<'_>) -> Component {
    let words = context.words;
    let operations = counts::by_operation(&grouped.groups, words)
        .into_iter()
        .map(|(operation, groups)| {
            let used = usage.of_operation(grouped.component, groups[0].operation);
            Operation { operation, calls: calls(&groups, &used, context) }
        })
        .collect();
    Component {
        component: words.word(grouped.component).to_owned(),
        calls: calls(&grouped.all(), &usage.of_component(grouped.component), context),
        operations,
    }
}

fn calls(groups: &[&Group], usage: &Usage, context: &Context<'_>) -> ComponentCalls {
    let settings = context.settings;
    let counts = counts::count(groups, context.words);
    ComponentCalls {
        success_rate: counts::success_rate(&counts),
        throughput_per_s: context.per_second(counts.finished),
        all: counts::of_all(groups, settings),
        ok: counts::of_class(groups, Class::Ok, settings),
        failed: counts::of_class(groups, Class::Failed, settings),
        by_category: counts::of_categories(groups, context.words, settings),
        total_cost_usd: usage.cost_usd.total("cost_usd"),
        total_tokens_in: usage.tokens_in.whole_total("tokens_in"),
        total_tokens_out: usage.tokens_out.whole_total("tokens_out"),
        mean_queue_ms: usage.queue_ms.mean("queue_ms"),
        counts,
    }
}

/// The value behind `component` in a list sorted by name, if the run has it.
pub(super) fn find<'a>(grouped: &'a [Grouped], words: &Words, component: &str) -> Option<&'a Grouped> {
    grouped.iter().find(|grouped| words.word(grouped.component) == component)
}

impl Context<'_> {
    /// `count` per second of the window.
    pub(super) fn per_second(&self, count: u64) -> Measured<f64> {
        self.window.duration_s.as_ref().map(|&duration_s| count as f64 / duration_s)
    }
}
