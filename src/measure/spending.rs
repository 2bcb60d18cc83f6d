//! What single calls used, with their time: tokens, cost, waiting, attempts, and the quality of what they gave.

use rustc_hash::FxHashMap;

use super::rows::{Rows, used_columns};
use super::words::{Class, NO_WORD};

/// Stands for no attempt: attempts are below 256.
const NO_ATTEMPT: u16 = u16::MAX;

/// A finished call that has any of it.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    /// Start, µs since 1970.
    pub start_us: i64,
    /// Operation code or `NO_WORD`.
    pub operation: u32,
    attempt: u16,
    /// Of class ok, as far as the run says.
    pub is_ok: bool,
    /// NaN where the call has none.
    pub duration_ms: f64,
    ttft_ms: f64,
    /// Of the used columns, in their order; NaN where the call has none.
    values: [f64; USED],
}

impl Spent {
    /// What a row has; `None` when that is nothing. The cost of a call that was blocked was not spent.
    #[inline]
    pub fn of(rows: &Rows<'_>, row: usize, class: Option<Class>) -> Option<Self> {
        let values = [
            rows.tokens_in.get(row).map(f64::from),
            rows.tokens_out.get(row).map(f64::from),
            rows.cost_usd.get(row).filter(|_| class != Some(Class::Blocked)),
            rows.queue_ms.get(row),
            rows.quality.get(row),
        ];
        let (attempt, ttft_ms) = (rows.attempt.get(row), rows.ttft_ms.get(row));
        let has_any = attempt.is_some() || ttft_ms.is_some() || values.iter().any(Option::is_some);
        has_any.then(|| Self {
            start_us: rows.ts.values()[row],
            operation: rows.operation.get(row).unwrap_or(NO_WORD),
            attempt: attempt.map_or(NO_ATTEMPT, |attempt| attempt.min(u32::from(NO_ATTEMPT) - 1) as u16),
            is_ok: class == Some(Class::Ok),
            duration_ms: rows.duration_ms.get(row).map_or(f64::NAN, |duration_ms| duration_ms + 0.0),
            ttft_ms: ttft_ms.unwrap_or(f64::NAN),
            values: values.map(|value| value.unwrap_or(f64::NAN)),
        })
    }

    fn value(&self, column: usize) -> Option<f64> {
        Some(self.values[column]).filter(|value| !value.is_nan())
    }

    pub fn attempt(&self) -> Option<u32> {
        Some(self.attempt).filter(|&attempt| attempt != NO_ATTEMPT).map(u32::from)
    }

    pub fn ttft_ms(&self) -> Option<f64> {
        Some(self.ttft_ms).filter(|ttft_ms| !ttft_ms.is_nan())
    }

    /// What each output token behind the first one took. Of a single token, or where the first one is said to have come
    /// after the end, nothing can be told.
    pub fn tpot_ms(&self) -> Option<f64> {
        let others = self.tokens_out().map(|tokens| tokens - 1.0).filter(|&others| others > 0.0)?;
        Some((self.duration_ms - self.ttft_ms()?) / others).filter(|&tpot_ms| tpot_ms >= 0.0)
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
