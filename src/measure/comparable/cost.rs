//! Cost per call, with that of batches.

use rayon::prelude::*;

use super::super::span::WindowSpan;
use super::super::spending::{Spending, Spent};
use super::super::words::Kind;
use super::batches::{Batch, Seconds, by_count, spread_of};
use super::calls::{TimedCalls, second_of};
use super::maker::Maker;
use super::times::positive;
use crate::stats::sum::ExactSum;
use crate::summary::{ComparableMetric, Measured};

const COST: &str = "cost_per_query_usd";

/// Per component that has costs those per finished call, and of all components the cost per request.
pub fn measure(
    timed: &[TimedCalls<'_>],
    spending: &Spending,
    span: Option<&WindowSpan>,
    maker: &Maker<'_>,
) -> Vec<ComparableMetric> {
    let kind = |calls: &TimedCalls<'_>| maker.context.words.kind(calls.component);
    let is_inside = |spent: &&Spent| span.is_none_or(|span| span.holds(spent.start_us));
    let of_requests = timed.iter().find(|calls| kind(calls) == Kind::Request);
    let batches = of_requests.map(|calls| per_call_batches(calls, maker));
    let found: Vec<(bool, OfComponent)> = timed
        .par_iter()
        .filter(|calls| kind(calls) != Kind::Breaker)
        .map(|calls| {
            let spent = || spending.of(calls.component).iter().filter(is_inside);
            let is_request = kind(calls) == Kind::Request;
            (is_request, of_component(calls, is_request, spent, batches.as_ref(), maker))
        })
        .collect();
    let total = |of_requests: bool| {
        let costs = found.iter().filter(|(is_request, _)| *is_request == of_requests);
        costs.filter_map(|(_, found)| found.per_request.clone()).reduce(BatchSums::merged)
    };
    // What requests themselves say they cost counts only where no component says it.
    let of_all = total(false).filter(|costs| costs.n > 0).or_else(|| total(true));
    let per_request = of_all.and_then(|costs| costs.metric("request", maker));
    found.into_iter().filter_map(|(_, found)| found.metric).chain(per_request).collect()
}

/// Of one component: what is compared, and the costs in the batches of the requests.
struct OfComponent {
    metric: Option<ComparableMetric>,
    per_request: Option<BatchSums>,
}

fn of_component<'s, I: Iterator<Item = &'s Spent>>(
    calls: &TimedCalls<'_>,
    is_request: bool,
    spent: impl Fn() -> I,
    batches_of_requests: Option<&PerSample>,
    maker: &Maker<'_>,
) -> OfComponent {
    let mut per_request = batches_of_requests.map(|batches| BatchSums::of(batches.clone()));
    let has_costs = spent().any(|spent| spent.cost_usd().is_some());
    // Those of requests are known from all components.
    let mut per_call = (has_costs && !is_request).then(|| BatchSums::of(per_call_batches(calls, maker)));
    for spent in spent() {
        per_call.iter_mut().chain(&mut per_request).for_each(|sums| sums.add_cost(spent, maker));
    }
    let name = maker.context.words.word(calls.component);
    OfComponent { metric: per_call.and_then(|sums| sums.metric(name, maker)), per_request }
}

/// How many samples values are divided by, and their batches.
#[derive(Clone)]
struct PerSample {
    samples: usize,
    batches: Measured<Vec<Batch>>,
}

/// Per finished call.
fn per_call_batches(calls: &TimedCalls<'_>, maker: &Maker<'_>) -> PerSample {
    per_sample(&calls.finished().seconds(), maker)
}

fn per_sample(seconds: &Seconds, maker: &Maker<'_>) -> PerSample {
    let settings = &maker.config.regression;
    // A mean needs as many samples a batch as the median.
    let wanted_per_batch = settings.min_beyond_per_batch as f64 * 2.0;
    PerSample { samples: seconds.samples(), batches: by_count(seconds, wanted_per_batch, settings) }
}

/// Sums of values by the batches of the samples that they are divided by; in one sum where there are no batches.
///
/// To a batch belong the values in its seconds, with those before the next one that have values only.
#[derive(Clone)]
struct BatchSums {
    per: PerSample,
    /// The first second of each batch, and the sum of its values.
    sums: Vec<(usize, ExactSum)>,
    /// The batch of the last value, with which the next one often is.
    last: usize,
    /// How many values there are.
    n: usize,
}

impl BatchSums {
    fn of(per: PerSample) -> Self {
        let batches = per.batches.value().map(Vec::as_slice).unwrap_or_default();
        // A series without batches is a batch; the first one begins at 0.
        let behind_first = batches.iter().skip(1).map(|batch| batch.seconds.start);
        let sums = std::iter::once(0).chain(behind_first).map(|start| (start, ExactSum::default())).collect();
        Self { per, sums, last: 0, n: 0 }
    }

    #[inline]
    fn add_cost(&mut self, spent: &Spent, maker: &Maker<'_>) {
        if let Some(cost_usd) = spent.cost_usd() {
            self.add(second_of(spent.start_us, maker.context), cost_usd);
        }
    }

    #[inline]
    fn add(&mut self, second: usize, value: f64) {
        let is_in_last = self.sums[self.last].0 <= second
            && self.sums.get(self.last + 1).is_none_or(|&(start, _)| second < start);
        if !is_in_last {
            // The first batch begins at 0: one at least begins before.
            self.last = self.sums.partition_point(|&(start, _)| start <= second) - 1;
        }
        self.sums[self.last].1.add(value);
        self.n += 1;
    }

    /// Both together; of the same batches.
    fn merged(mut self, other: BatchSums) -> Self {
        self.n += other.n;
        self.sums.iter_mut().zip(&other.sums).for_each(|((_, sum), (_, other))| sum.merge(other));
        self
    }

    /// Σ values / samples; `None` without values.
    fn metric(self, component: &str, maker: &Maker<'_>) -> Option<ComparableMetric> {
        if self.n == 0 {
            return None;
        }
        let samples = self.per.samples;
        let spread = self.per.batches.and_then(|batches| {
            let of_batches = batches.iter().zip(&self.sums);
            spread_of(of_batches.map(|(batch, (_, sum))| Some(sum.value() / batch.samples.len() as f64)))
        });
        Some(maker.metric(component, COST, samples as u64, positive(spread)))
    }
}
