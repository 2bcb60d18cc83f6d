//! What calls used: tokens, cost, waiting, attempts, and the quality of what they gave. Sums per operation.

use rustc_hash::FxHashMap;

use super::rows::used_columns;
use super::spending::{Spending, Spent};
use crate::stats::sum::ExactSum;
use crate::summary::Measured;

/// A sum of one column over the rows that have it.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    n: u64,
    sum: ExactSum,
}

impl Tally {
    pub fn add(&mut self, value: Option<f64>) {
        if let Some(value) = value {
            self.n += 1;
            self.sum.add(value);
        }
    }

    pub fn merge(&mut self, other: &Tally) {
        self.n += other.n;
        self.sum.merge(&other.sum);
    }

    /// The sum; undefined where no row has the column.
    pub fn total(&self, column: &'static str) -> Measured<f64> {
        Measured::or((self.n > 0).then(|| self.sum.value()), none(column))
    }

    /// The sum of a column of whole numbers.
    pub fn whole_total(&self, column: &'static str) -> Measured<u64> {
        self.total(column).map(|total| total as u64)
    }

    /// The mean over the rows that have the column.
    pub fn mean(&self, column: &'static str) -> Measured<f64> {
        Measured::or((self.n > 0).then(|| self.sum.value() / self.n as f64), none(column))
    }
}

fn none(column: &str) -> String {
    format!("no call has {column}")
}

/// Attempts of one operation's calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Calls that carry their attempt.
    pub calls: u64,
    /// Of these, the second attempt or a later one.
    pub retried: u64,
    pub highest: u32,
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

macro_rules! define_usage {
    ($($name:ident)*) => {
        /// Sums over calls.
        #[derive(Debug, Clone, Default)]
        pub struct Usage {
            $(pub $name: Tally,)*
            pub attempts: Attempts,
        }

        impl Usage {
            fn add(&mut self, spent: &Spent) {
                $(self.$name.add(spent.$name());)*
                self.attempts.add(spent.attempt());
            }

            pub fn merge(&mut self, other: &Usage) {
                $(self.$name.merge(&other.$name);)*
                self.attempts.merge(other.attempts);
            }
        }
    };
}

used_columns!(define_usage);

/// Usage of every component and operation.
#[derive(Debug, Default)]
pub struct UsageSums {
    by_operation: FxHashMap<(u32, u32), Usage>,
}

impl UsageSums {
    /// Of the calls that start in a part of the run, for which `is_inside` holds.
    pub fn of(spending: &Spending, is_inside: impl Fn(i64) -> bool) -> Self {
        let mut sums = Self::default();
        for (component, spent) in spending.by_component() {
            // Calls of one operation come in a row as often as not.
            for run in spent.chunk_by(|a, b| a.operation == b.operation) {
                let usage = sums.by_operation.entry((component, run[0].operation)).or_default();
                run.iter().filter(|spent| is_inside(spent.start_us)).for_each(|spent| usage.add(spent));
            }
        }
        sums
    }

    /// Over all operations of a component.
    pub fn of_component(&self, component: u32) -> Usage {
        self.over(|(its, _)| its == component)
    }

    /// Over one operation of a component.
    pub fn of_operation(&self, component: u32, operation: u32) -> Usage {
        self.by_operation.get(&(component, operation)).cloned().unwrap_or_default()
    }

    /// Over the components that `keep` holds for.
    pub fn of_components(&self, keep: impl Fn(u32) -> bool) -> Usage {
        self.over(|(component, _)| keep(component))
    }

    fn over(&self, keep: impl Fn((u32, u32)) -> bool) -> Usage {
        let mut total = Usage::default();
        for (_, usage) in self.by_operation.iter().filter(|&(&index, _)| keep(index)) {
            total.merge(usage);
        }
        total
    }
}
