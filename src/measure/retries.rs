//! Calls that were tried again: how many of a component's calls are not the first attempt.

use super::components::Grouped;
use super::context::Context;
use super::usage::UsageSums;
use crate::summary::Retries;

/// Sorted by component, those of which no call carries its attempt left out.
pub fn measure(grouped: &[Grouped<'_>], usage: &UsageSums, context: &Context<'_>) -> Vec<Retries> {
    let of = |grouped: &Grouped<'_>| {
        let attempts = usage.of_component(grouped.component).attempts;
        (attempts.calls > 0).then(|| Retries {
            component: context.words.word(grouped.component).to_owned(),
            calls: attempts.calls,
            retried: attempts.retried,
            share: attempts.retried as f64 / attempts.calls as f64,
            highest_attempt: attempts.highest,
        })
    };
    grouped.iter().filter_map(of).collect()
}
