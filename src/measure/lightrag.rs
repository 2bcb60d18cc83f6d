//! LightRAG: outcomes, modes, tokens, cost.

use std::collections::BTreeMap;

use super::components::Grouped;
use super::context::Context;
use super::counts::{self, Group};
use super::usage::{Usage, UsageSums};
use super::words::Class;
use crate::summary::{Lightrag, Measured, ModeShare, ModelCalls, OutcomeCounts};

pub fn measure(
    grouped: Option<&Grouped<'_>>,
    usage: &UsageSums,
    context: &Context<'_>,
) -> Measured<Lightrag> {
    let Some(grouped) = grouped else { return Measured::undefined("no lightrag calls in this run") };
    let overall = model_calls(&grouped.all(), &usage.of_component(grouped.component), context);
    let by_mode = counts::by_operation(&grouped.groups, context.words)
        .into_iter()
        .map(|(mode, groups)| {
            let calls =
                model_calls(&groups, &usage.of_operation(grouped.component, groups[0].operation), context);
            ModeShare { mode, share: share(calls.counts.finished, overall.counts.finished), calls }
        })
        .collect();
    Measured::Value(Lightrag { errors: errors(&overall.counts, context), by_mode, overall })
}

fn share(part: u64, whole: u64) -> Measured<f64> {
    Measured::ratio(part as f64, whole as f64, "no finished lightrag call")
}

/// Failures by word, the configured categories first at 0.
fn errors(counts: &OutcomeCounts, context: &Context<'_>) -> BTreeMap<String, u64> {
    let expected = context.settings.lightrag_error_categories.iter().map(|category| (category.clone(), 0));
    let mut errors: BTreeMap<String, u64> = expected.collect();
    for (outcome, &count) in &counts.by_outcome {
        if Class::of(outcome) == Class::Failed {
            errors.insert(outcome.clone(), count);
        }
    }
    errors
}

fn model_calls(groups: &[&Group], usage: &Usage, context: &Context<'_>) -> ModelCalls {
    let counts = counts::count(groups, context.words);
    let total_cost_usd = usage.cost_usd.total("cost_usd");
    let mean_tokens_in = usage.tokens_in.mean("tokens_in");
    let mean_tokens_out = usage.tokens_out.mean("tokens_out");
    ModelCalls {
        success_rate: counts::success_rate(&counts),
        response_times: counts::of_finished(groups, context.settings),
        token_ratio: mean_tokens_in.as_ref().and_then(|&tokens_in| {
            mean_tokens_out.as_ref().and_then(|&out| Measured::ratio(out, tokens_in, "no input tokens"))
        }),
        mean_tokens_in,
        mean_tokens_out,
        total_tokens_in: usage.tokens_in.whole_total("tokens_in"),
        total_tokens_out: usage.tokens_out.whole_total("tokens_out"),
        cost_per_query_usd: per(&total_cost_usd, counts.finished, "no finished call"),
        cost_per_success_usd: per(&total_cost_usd, counts.ok, "no successful call"),
        total_cost_usd,
        mean_ttft_ms: usage.ttft_ms.mean("ttft_ms"),
        mean_queue_ms: usage.queue_ms.mean("queue_ms"),
        counts,
    }
}

fn per(total: &Measured<f64>, calls: u64, reason: &'static str) -> Measured<f64> {
    total.as_ref().and_then(|&total| Measured::ratio(total, calls as f64, reason))
}
