//! Times and durations that a run can have: what lies beyond marks its row.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};

use super::numbers::suspects;
use super::{Reason, Rows};
use crate::run::columns::{DURATION, TS};

/// What is known of a run's rows before they are read again.
#[derive(Debug, Clone, PartialEq)]
pub struct Plausible {
    /// First and last `ts`, µs since 1970.
    pub ts_us: (i64, i64),
    pub longest_ms: f64,
}

impl Default for Plausible {
    /// Whatever the contract allows.
    fn default() -> Self {
        Self { ts_us: (i64::MIN, i64::MAX), longest_ms: f64::INFINITY }
    }
}

impl Rows {
    /// Marks the rows that are not plausible.
    pub fn mark_implausible(&mut self, plausible: &Plausible) {
        if *plausible == Plausible::default() {
            return;
        }
        let (first_us, last_us) = plausible.ts_us;
        if let Some(ts) = self.column(TS).cloned() {
            let ts = ts.as_primitive::<Int64Type>();
            for row in suspects(ts.values(), |at_us| (first_us..=last_us).contains(&at_us)) {
                self.marks.mark(row, Reason::Stray, TS);
            }
        }
        if let Some(durations) = self.column(DURATION).cloned() {
            let durations = durations.as_primitive::<Float64Type>();
            let is_plausible = |duration_ms: f64| duration_ms <= plausible.longest_ms;
            for row in suspects(durations.values(), is_plausible).filter(|&row| durations.is_valid(row)) {
                self.marks.mark(row, Reason::Stray, DURATION);
            }
        }
    }
}
