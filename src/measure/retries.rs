//! Calls that were tried again: how many of a component's calls are not the first attempt.

use super::components::Grouped;
use super::context::Context;
use super::usage::UsageSums;
use crate::summary::Retries;

/// Attempts of one operation's calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Calls that carry their attempt.
    calls: u64,
    /// Of these, the second attempt or a later one.
    retried: u64,
    highest: u32,
}

impl Attempts {
    pub fn add(&mut self, attempt: Option<u32>) {
        if let Some(attempt) = attempt {
            self.calls += 1;
            self.retried += u64::from(attempt > 1);
            self.highest = self.highest.max(attempt);
        }
    }

    pub fn merge(&mut self, other: Attempts) {
        self.calls += other.calls;
        self.retried += other.retried;
        self.highest = self.highest.max(other.highest);
    }
}

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
