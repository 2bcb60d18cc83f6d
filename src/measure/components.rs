//! Every component in the same way, whatever it is: counts, times, rates, cost; whole and by operation.

use rayon::prelude::*;

use super::calls::Calls;
use super::context::Context;
use super::counts::{self, Group};
use super::model_calls::ModelValues;
use super::span::WindowSpan;
use super::usage::{Usage, UsageSums};
use super::words::{Class, Words};
use crate::summary::{Component, ComponentCalls, Measured, ModelCalls, Operation};

/// A component's calls, split by operation and outcome.
#[derive(Debug)]
pub struct Grouped<'a> {
    pub component: u32,
    pub calls: Calls<'a>,
    pub groups: Vec<Group>,
}

impl Grouped<'_> {
    pub fn all(&self) -> Vec<&Group> {
        self.groups.iter().collect()
    }
}

/// Splits the calls of all components; in the order of `calls`.
pub fn group_components<'a>(calls: &[(u32, Calls<'a>)], words: &Words) -> Vec<Grouped<'a>> {
    let group = |&(component, calls): &(u32, Calls<'a>)| Grouped {
        component,
        calls,
        groups: counts::group_calls(&calls, words),
    };
    calls.par_iter().map(group).collect()
}

/// The same of a part of a run of which `whole` are the groups.
pub fn group_part<'a>(
    calls: &[(u32, Calls<'a>)],
    span: &WindowSpan,
    whole: &[Grouped<'_>],
    words: &Words,
) -> Vec<Grouped<'a>> {
    let group = |&(component, calls): &(u32, Calls<'a>)| {
        let whole = whole.iter().find(|whole| whole.component == component);
        let groups = whole.map(|whole| whole.groups.as_slice()).unwrap_or_default();
        let groups = counts::group_part(&calls, span, groups, words);
        Grouped { component, calls, groups }
    };
    calls.par_iter().map(group).collect()
}

/// What is known about every component; how the calls of `sent` ended counts.
pub fn measure(
    grouped: &[Grouped<'_>],
    sent: &[Grouped<'_>],
    (usage, model): (&UsageSums, &ModelValues),
    context: &Context<'_>,
) -> Vec<Component> {
    let one = |grouped: &Grouped<'_>| {
        let sent = sent.iter().find(|sent| sent.component == grouped.component);
        component(grouped, sent.unwrap_or(grouped), (usage, model), context)
    };
    grouped.par_iter().map(one).collect()
}

fn component(
    grouped: &Grouped<'_>,
    sent: &Grouped<'_>,
    (usage, model): (&UsageSums, &ModelValues),
    context: &Context<'_>,
) -> Component {
    let words = context.words;
    let component = grouped.component;
    let of_sent = counts::by_operation(&sent.groups, words);
    let operations = counts::by_operation(&grouped.groups, words)
        .into_iter()
        .map(|(operation, groups)| {
            let code = groups[0].operation;
            let (used, model) =
                (usage.of_operation(component, code), model.of_operation(component, code, context));
            let sent = of_sent.get(&operation).unwrap_or(&groups);
            Operation { calls: calls(&groups, sent, (&used, model), context), operation }
        })
        .collect();
    let (used, model) = (usage.of_component(component), model.of_component(component, context));
    Component {
        component: words.word(component).to_owned(),
        calls: calls(&grouped.all(), &sent.all(), (&used, model), context),
        operations,
    }
}

fn calls(
    groups: &[&Group],
    sent: &[&Group],
    (usage, model): (&Usage, Measured<Box<ModelCalls>>),
    context: &Context<'_>,
) -> ComponentCalls {
    let settings = context.settings;
    let counts = counts::count(sent, context.words);
    let here = counts::count(groups, context.words);
    let total_cost_usd = usage.cost_usd.total("cost_usd");
    ComponentCalls {
        cost_per_query_usd: per(&total_cost_usd, here.finished, "no finished call"),
        cost_per_success_usd: per(&total_cost_usd, here.ok, "no successful call"),
        model,
        success_rate: counts::success_rate(&counts),
        throughput_per_s: context.per_second(groups.iter().map(|group| group.ended).sum()),
        all: counts::of_finished(groups, settings),
        ok: counts::of_class(groups, Class::Ok, settings),
        failed: counts::of_class(groups, Class::Failed, settings),
        by_category: counts::of_categories(groups, context.max_categories, context),
        total_cost_usd,
        total_tokens_in: usage.tokens_in.whole_total("tokens_in"),
        total_tokens_out: usage.tokens_out.whole_total("tokens_out"),
        mean_queue_ms: usage.queue_ms.mean("queue_ms"),
        counts,
    }
}

fn per(total: &Measured<f64>, calls: u64, reason: &'static str) -> Measured<f64> {
    total.as_ref().and_then(|&total| Measured::ratio(total, calls as f64, reason))
}

/// The value behind `component` in a list sorted by name, if the run has it.
pub fn find<'a, 'b>(grouped: &'a [Grouped<'b>], words: &Words, component: &str) -> Option<&'a Grouped<'b>> {
    grouped.iter().find(|grouped| words.word(grouped.component) == component)
}

impl Context<'_> {
    /// `count` per second of the window.
    pub fn per_second(&self, count: u64) -> Measured<f64> {
        self.window.duration_s.as_ref().map(|&duration_s| count as f64 / duration_s)
    }
}
