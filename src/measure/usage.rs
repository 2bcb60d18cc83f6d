//! What calls used: tokens, cost, waiting, attempts, and the quality of what they gave. Sums per operation.

use std::collections::HashMap;

use super::retries::Attempts;
use super::rows::Rows;
use super::words::NO_WORD;
use crate::stats::sum::ExactSum;
use crate::summary::Measured;

/// A sum of one column over the rows that have it.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    n: u64,
    sum: ExactSum,
}

impl Tally {
    pub(super) fn add(&mut self, value: Option<f64>) {
        if let Some(value) = value {
            self.n += 1;
            self.sum.add(value);
        }
    }

    pub(super) fn merge(&mut self, other: &Tally) {
        self.n += other.n;
        self.sum.merge(&other.sum);
    }

    /// The sum; undefined where no row has the column.
    pub(super) fn total(&self, column: &'static str) -> Measured<f64> {
        Measured::or((self.n > 0).then(|| self.sum.value()), none(column))
    }

    /// The sum of a column of whole numbers.
    pub(super) fn whole_total(&self, column: &'static str) -> Measured<u64> {
        self.total(column).map(|total| total as u64)
    }

    /// The mean over the rows that have the column.
    pub(super) fn mean(&self, column: &'static str) -> Measured<f64> {
        Measured::or((self.n > 0).then(|| self.sum.value() / self.n as f64), none(column))
    }
}

fn none(column: &str) -> String {
    format!("no call has {column}")
}

/// Sums over calls.
#[derive(Debug, Clone, Default)]
pub(super) struct Usage {
    pub(super) tokens_in: Tally,
    pub(super) tokens_out: Tally,
    pub(super) cost_usd: Tally,
    pub(super) ttft_ms: Tally,
    pub(super) queue_ms: Tally,
    pub(super) quality: Tally,
    pub(super) attempts: Attempts,
}

impl Usage {
    fn add(&mut self, rows: &Rows<'_>, row: usize, is_spent: bool) {
        self.tokens_in.add(rows.tokens_in.get(row).map(f64::from));
        self.tokens_out.add(rows.tokens_out.get(row).map(f64::from));
        self.cost_usd.add(rows.cost_usd.get(row).filter(|_| is_spent));
        self.ttft_ms.add(rows.ttft_ms.get(row));
        self.queue_ms.add(rows.queue_ms.get(row));
        self.quality.add(rows.quality.get(row));
        self.attempts.add(rows.attempt.get(row));
    }

    pub(super) fn merge(&mut self, other: &Usage) {
        self.tokens_in.merge(&other.tokens_in);
        self.tokens_out.merge(&other.tokens_out);
        self.cost_usd.merge(&other.cost_usd);
        self.ttft_ms.merge(&other.ttft_ms);
        self.queue_ms.merge(&other.queue_ms);
        self.quality.merge(&other.quality);
        self.attempts.merge(other.attempts);
    }
}

/// Usage of every component and operation.
#[derive(Debug, Default)]
pub(super) struct UsageLog {
    by_operation: HashMap<(u32, u32), Usage>,
}

impl UsageLog {
    /// Adds a finished call; the cost of one that was blocked was not spent.
    pub(super) fn update(&mut self, rows: &Rows<'_>, row: usize, component: u32, is_spent: bool) {
        let operation = rows.operation.get(row).unwrap_or(NO_WORD);
        self.by_operation.entry((component, operation)).or_default().add(rows, row, is_spent);
    }

    pub(super) fn merge(&mut self, other: UsageLog) {
        for (place, usage) in other.by_operation {
            self.by_operation.entry(place).or_default().merge(&usage);
        }
    }

    /// Over all operations of a component.
    pub(super) fn of_component(&self, component: u32) -> Usage {
        self.over(|(its, _)| its == component)
    }

    /// Over one operation of a component.
    pub(super) fn of_operation(&self, component: u32, operation: u32) -> Usage {
        self.by_operation.get(&(component, operation)).cloned().unwrap_or_default()
    }

    /// Over the components that `keep` holds for.
    pub(super) fn of_components(&self, keep: impl Fn(u32) -> bool) -> Usage {
        self.over(|(component, _)| keep(component))
    }

    fn over(&self, keep: impl Fn((u32, u32)) -> bool) -> Usage {
        let mut total = Usage::default();
        for (_, usage) in self.by_operation.iter().filter(|&(&place, _)| keep(place)) {
            total.merge(usage);
        }
        total
    }
}
