//! Cost and tokens per call, with those of batches.

use std::ops::Range;

use super::super::components::Grouped;
use super::super::part::WindowSpan;
use super::super::spending::{Spending, Spent};
use super::super::words::Kind;
use super::Maker;
use super::batches::{by_count, spread};
use super::calls::{TimedCalls, second_of};
use super::times::positive;
use crate::stats::sum::exact_sum;
use crate::summary::{ComparableMetric, Measured};
use crate::units::Unit;

type Column = (&'static str, Unit, fn(&Spent) -> Option<f64>);

const TOKENS: [Column; 2] =
    [("tokens_in", Unit::Count, Spent::tokens_in), ("tokens_out", Unit::Count, Spent::tokens_out)];

/// Per component that has them: cost per finished call, mean tokens; and of all components the cost per request.
pub(super) fn measure(
    timed: &[(&Grouped<'_>, TimedCalls<'_>)],
    spending: &Spending,
    span: Option<&WindowSpan>,
    maker: &Maker<'_>,
) -> Vec<ComparableMetric> {
    let mut metrics = Vec::new();
    let mut all: Vec<(usize, f64)> = Vec::new();
    let mut of_requests: Vec<(usize, f64)> = Vec::new();
    for (grouped, calls) in timed {
        let kind = maker.context.words.kind(grouped.component);
        let is_inside = |spent: &&Spent| span.is_none_or(|span| span.holds(spent.start_us));
        let spent = || spending.of(grouped.component).iter().filter(is_inside);
        let costs = values(spent(), maker, Spent::cost_usd);
        match kind {
            Kind::Breaker => continue,
            Kind::Request => of_requests = costs,
            _ => {
                all.extend(&costs);
                let name = maker.context.words.word(grouped.component);
                metrics.extend(cost_per_call(name, calls, &costs, maker));
                metrics.extend(TOKENS.iter().filter_map(|column| mean(name, spent(), column, maker)));
            }
        }
    }
    let requests =
        timed.iter().find(|(grouped, _)| maker.context.words.kind(grouped.component) == Kind::Request);
    let costs = if all.is_empty() { of_requests } else { all };
    metrics.extend(requests.and_then(|(_, calls)| cost_per_call("request", calls, &costs, maker)));
    metrics
}

/// (second, value) of what has a value.
fn values<'s>(
    spent: impl Iterator<Item = &'s Spent>,
    maker: &Maker<'_>,
    of: impl Fn(&Spent) -> Option<f64>,
) -> Vec<(usize, f64)> {
    spent.filter_map(|spent| Some((second_of(spent.start_us, maker.context), of(spent)?))).collect()
}

/// Σ cost / finished calls.
fn cost_per_call(
    component: &str,
    calls: &TimedCalls<'_>,
    costs: &[(usize, f64)],
    maker: &Maker<'_>,
) -> Option<ComparableMetric> {
    if costs.is_empty() {
        return None;
    }
    let seconds: Vec<usize> = calls.iter().map(|call| call.second).collect();
    per_sample(component, ("cost_per_query_usd", Unit::Usd), &seconds, costs, maker)
}

/// The mean over the calls that have the column.
fn mean<'s>(
    component: &str,
    spent: impl Iterator<Item = &'s Spent>,
    (name, unit, of): &Column,
    maker: &Maker<'_>,
) -> Option<ComparableMetric> {
    let values = values(spent, maker, of);
    let mut seconds: Vec<usize> = values.iter().map(|&(second, _)| second).collect();
    seconds.sort_unstable();
    per_sample(component, (name, *unit), &seconds, &values, maker)
}

/// Σ values / samples, of which `seconds` are the seconds, ascending; `None` without values.
fn per_sample(
    component: &str,
    (name, unit): (&str, Unit),
    seconds: &[usize],
    values: &[(usize, f64)],
    maker: &Maker<'_>,
) -> Option<ComparableMetric> {
    if values.is_empty() {
        return None;
    }
    let by_second = by_second(values);
    let total = exact_sum(values.iter().map(|&(_, value)| value));
    let value = Measured::ratio(total, seconds.len() as f64, "no finished call");
    let batches = by_count(seconds, samples_per_batch(maker), &maker.config.regression);
    let spread = spread(batches, |batch| {
        // Seconds of this batch, with those before the next one that have values only.
        let from = if batch.start == 0 { 0 } else { seconds[batch.start] };
        let to = seconds.get(batch.end).copied().unwrap_or(usize::MAX);
        Some(exact_sum(spent_between(&by_second, from..to)) / batch.len() as f64)
    });
    Some(maker.metric(component, name, unit, seconds.len() as u64, (value, positive(spread))))
}

/// A mean needs as many samples a batch as the median.
fn samples_per_batch(maker: &Maker<'_>) -> f64 {
    maker.config.regression.min_beyond_per_batch as f64 * 2.0
}

/// The values by second.
fn by_second(values: &[(usize, f64)]) -> Vec<(usize, f64)> {
    let mut sorted = values.to_vec();
    sorted.sort_by_key(|&(second, _)| second);
    sorted
}

fn spent_between(by_second: &[(usize, f64)], seconds: Range<usize>) -> impl Iterator<Item = f64> {
    let place = |second: usize| by_second.partition_point(|&(other, _)| other < second);
    by_second[place(seconds.start)..place(seconds.end)].iter().map(|&(_, value)| value)
}
