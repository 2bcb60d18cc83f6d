//! What single calls used, with their time: tokens, cost, waiting, attempts, and the quality of what they gave.

use rustc_hash::FxHashMap;

use super::rows::{Rows, used_columns};
use super::words::NO_WORD;

/// Stands for no attempt: attempts are small numbers.
const NO_ATTEMPT: u32 = u32::MAX;

/// A finished call that has any of it.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    /// Start, µs since 1970.
    pub start_us: i64,
    /// Operation code or `NO_WORD`.
    pub operation: u32,
    attempt: u32,
    /// Of the used columns, in their order; NaN where the call has none.
    values: [f64; USED],
}

impl Spent {
    /// What a row has; `None` when that is nothing. The cost of a call that was blocked was not spent.
    #[inline]
    pub fn of(rows: &Rows<'_>, row: usize, is_spent: bool) -> Option<Self> {
        let values = [
            rows.tokens_in.get(row).map(f64::from),
            rows.tokens_out.get(row).map(f64::from),
            rows.cost_usd.get(row).filter(|_| is_spent),
            rows.ttft_ms.get(row),
            rows.queue_ms.get(row),
            rows.quality.get(row),
        ];
        let attempt = rows.attempt.get(row);
        let has_any = attempt.is_some() || values.iter().any(Option::is_some);
        has_any.then(|| Self {
            start_us: rows.ts.values()[row],
            operation: rows.operation.get(row).unwrap_or(NO_WORD),
            attempt: attempt.unwrap_or(NO_ATTEMPT),
            values: values.map(|value| value.unwrap_or(f64::NAN)),
        })
    }

    fn value(&self, column: usize) -> Option<f64> {
        Some(self.values[column]).filter(|value| !value.is_nan())
    }

    pub fn attempt(&self) -> Option<u32> {
        Some(self.attempt).filter(|&attempt| attempt != NO_ATTEMPT)
    }
}

macro_rules! define_values {
    ($($name:ident)*) => {
        #[allow(non_camel_case_types, reason = "named as the columns are")]
        enum Used { $($name),* }

        const USED: usize = [$(Used::$name as usize),*].len();

        impl Spent {
            $(pub fn $name(&self) -> Option<f64> {
                self.value(Used::$name as usize)
            })*
        }
    };
}

used_columns!(define_values);

/// Those calls by component, in any order.
#[derive(Debug, Default)]
pub struct Spending {
    by_component: FxHashMap<u32, Vec<Spent>>,
}

impl Spending {
    /// Where the calls of a component go; `empty` makes the entry for those of a new one.
    pub fn entry(&mut self, component: u32, empty: impl FnOnce() -> Vec<Spent>) -> &mut Vec<Spent> {
        self.by_component.entry(component).or_insert_with(empty)
    }

    /// The calls of each component, to be taken out.
    pub fn by_component_mut(&mut self) -> impl Iterator<Item = (u32, &mut Vec<Spent>)> {
        self.by_component.iter_mut().map(|(&component, spent)| (component, spent))
    }

    pub fn into_components(self) -> impl Iterator<Item = (u32, Vec<Spent>)> {
        self.by_component.into_iter()
    }

    pub fn of(&self, component: u32) -> &[Spent] {
        self.by_component.get(&component).map(Vec::as_slice).unwrap_or_default()
    }

    pub fn by_component(&self) -> impl Iterator<Item = (u32, &[Spent])> {
        self.by_component.iter().map(|(&component, spent)| (component, spent.as_slice()))
    }
}
