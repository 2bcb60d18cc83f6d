//! What single calls cost in money and tokens, with their time: for numbers per stretch of the run.

use std::collections::HashMap;

use super::rows::Rows;

/// A finished call that has a cost or tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spent {
    /// Start, µs since 1970.
    pub(super) start_us: i64,
    pub(super) cost_usd: Option<f64>,
    pub(super) tokens_in: Option<u32>,
    pub(super) tokens_out: Option<u32>,
}

/// Those calls by component, in any order.
#[derive(Debug, Default)]
pub(super) struct Spending {
    by_component: HashMap<u32, Vec<Spent>>,
}

impl Spending {
    /// Adds a finished call that has any of it; the cost of one that was blocked was not spent.
    pub(super) fn update(&mut self, rows: &Rows<'_>, row: usize, component: u32, is_spent: bool) {
        let spent = Spent {
            start_us: rows.ts.values()[row],
            cost_usd: rows.cost_usd.get(row).filter(|_| is_spent),
            tokens_in: rows.tokens_in.get(row),
            tokens_out: rows.tokens_out.get(row),
        };
        if spent.cost_usd.is_some() || spent.tokens_in.is_some() || spent.tokens_out.is_some() {
            self.by_component.entry(component).or_default().push(spent);
        }
    }

    pub(super) fn merge(&mut self, other: Spending) {
        for (component, mut theirs) in other.by_component {
            self.by_component.entry(component).or_default().append(&mut theirs);
        }
    }

    pub(super) fn of(&self, component: u32) -> &[Spent] {
        self.by_component.get(&component).map(Vec::as_slice).unwrap_or_default()
    }
}
