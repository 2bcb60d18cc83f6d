//! LightRAG: its calls by mode, and its failures.

use std::collections::BTreeMap;

use super::context::Context;
use super::words::Class;
use crate::metrics::LIGHTRAG;
use crate::summary::{Component, Lightrag, Measured, ModeShare, Operation, OutcomeCounts};

/// From what is known of all components.
pub fn measure(components: &[Component], context: &Context<'_>) -> Measured<Lightrag> {
    let Some(found) = components.iter().find(|found| found.component == LIGHTRAG) else {
        return Measured::undefined("no lightrag calls in this run");
    };
    let all = found.calls.counts.finished as f64;
    let mode = |Operation { operation, calls }: &Operation| ModeShare {
        mode: operation.clone(),
        share: Measured::ratio(calls.counts.finished as f64, all, "no finished lightrag call"),
        calls: calls.clone(),
    };
    Measured::Value(Lightrag {
        errors: errors(&found.calls.counts, context),
        by_mode: found.operations.iter().map(mode).collect(),
        overall: found.calls.clone(),
    })
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
