//! What successful calls to language models took to their first token and for each further one, and their tokens.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::context::Context;
use super::distribution::distribution_of;
use super::durations::{Durations, Union};
use super::spending::{Spending, Spent};
use crate::summary::{Distribution, Measured, ModelCalls, TokenCounts};

/// What is told of each call, where it has it.
const VALUES: [fn(&Spent) -> Option<f64>; 4] =
    [Spent::ttft_ms, Spent::tpot_ms, Spent::tokens_in, Spent::tokens_out];

/// Why a component has none of them, in the order of the values.
const NONE: [&str; VALUES.len()] = [
    "no successful call has ttft_ms",
    "no successful call has ttft_ms, duration_ms and more than one of tokens_out",
    "no successful call has tokens_in",
    "no successful call has tokens_out",
];

/// Each of the values of the successful calls of one operation, in ascending order.
type OfOperation = [Durations; VALUES.len()];

/// The same in any order.
type Unsorted = [Vec<f64>; VALUES.len()];

/// Those of all components and operations that have any.
#[derive(Debug, Default)]
pub struct ModelValues {
    by_operation: FxHashMap<(u32, u32), OfOperation>,
}

impl ModelValues {
    /// Of the whole run.
    pub fn of(spending: &Spending) -> Self {
        let of_component = |&(component, spent): &(u32, &[Spent])| {
            let values = collect(spent, |_| true).into_iter();
            let sorted = move |(operation, values): (u32, Unsorted)| {
                ((component, operation), values.map(Durations::of))
            };
            values.map(sorted).collect::<Vec<_>>()
        };
        let components: Vec<(u32, &[Spent])> = spending.by_component().collect();
        Self { by_operation: components.par_iter().flat_map_iter(of_component).collect() }
    }

    /// Of the calls that start in a part of the run, for which `is_inside` holds: what is outside of it is taken away,
    /// since it is mostly little.
    pub fn part(&self, spending: &Spending, is_inside: impl Fn(i64) -> bool + Sync) -> Self {
        let of_component = |&(component, spent): &(u32, &[Spent])| {
            let mut outside = collect(spent, |start_us| !is_inside(start_us));
            let own = self.by_operation.iter().filter(|((its, _), _)| *its == component);
            let part = |(&index, whole): (&(u32, u32), &OfOperation)| {
                let mut outside = outside.remove(&index.1).unwrap_or_default().into_iter();
                let left = whole.each_ref().map(|whole| whole.without(outside.next().unwrap_or_default()));
                (index, left)
            };
            own.map(part).collect::<Vec<_>>()
        };
        let components: Vec<(u32, &[Spent])> = spending.by_component().collect();
        let found = components.par_iter().flat_map_iter(of_component);
        // What lies outside altogether is none of the part.
        let is_there =
            |(_, values): &((u32, u32), OfOperation)| values.iter().any(|values| !values.is_empty());
        Self { by_operation: found.filter(is_there).collect() }
    }

    /// Over all operations of a component.
    pub fn of_component(&self, component: u32, context: &Context<'_>) -> Measured<Box<ModelCalls>> {
        let operations = self.by_operation.iter().filter(|((its, _), _)| *its == component);
        measure(&operations.map(|(_, values)| values).collect::<Vec<_>>(), context)
    }

    /// Over one operation of a component.
    pub fn of_operation(
        &self,
        component: u32,
        operation: u32,
        context: &Context<'_>,
    ) -> Measured<Box<ModelCalls>> {
        measure(&self.by_operation.get(&(component, operation)).into_iter().collect::<Vec<_>>(), context)
    }
}

/// The values of the successful calls for whose start `keep` holds, by operation.
fn collect(spent: &[Spent], keep: impl Fn(i64) -> bool) -> FxHashMap<u32, Unsorted> {
    let mut values: FxHashMap<u32, Unsorted> = FxHashMap::default();
    for spent in spent.iter().filter(|spent| spent.is_ok && keep(spent.start_us)) {
        let found = VALUES.map(|value| value(spent));
        if found.iter().any(Option::is_some) {
            let known = values.entry(spent.operation).or_default();
            known.iter_mut().zip(found).for_each(|(known, value)| known.extend(value));
        }
    }
    values
}

fn measure(operations: &[&OfOperation], context: &Context<'_>) -> Measured<Box<ModelCalls>> {
    if operations.is_empty() {
        return Measured::undefined("no successful call has ttft_ms or tokens");
    }
    let value = |index: usize| -> Measured<Distribution> {
        let values = Union::of(operations.iter().map(|values| &values[index]));
        let distribution = (values.len() > 0).then(|| distribution_of(&values, 0, context.settings));
        Measured::or(distribution, NONE[index])
    };
    Measured::Value(Box::new(ModelCalls {
        ttft: value(0),
        tpot: value(1),
        tokens_in: value(2).map(TokenCounts::from),
        tokens_out: value(3).map(TokenCounts::from),
    }))
}
