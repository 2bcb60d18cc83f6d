//! Times to first token, times per output token and tokens of the successful calls, with those of batches.

use rayon::prelude::*;

use super::super::span::WindowSpan;
use super::super::spending::{Spending, Spent};
use super::super::words::Kind;
use super::batches::{Batch, Seconds, by_count, spread};
use super::calls::{TimedCalls, second_of};
use super::maker::Maker;
use super::times::{MEAN_LIKE, positive};
use crate::stats::quantile::type7_select;
use crate::stats::sum::exact_mean;
use crate::summary::{ComparableMetric, quantile_name};

/// What is compared of calls to models.
struct Value {
    of: fn(&Spent) -> Option<f64>,
    mean: &'static str,
    /// What the names of the quantiles begin with, where they are compared, too.
    quantiles: Option<&'static str>,
}

const TIMES: [Value; 2] = [
    Value { of: Spent::ttft_ms, mean: "mean_ttft_ms", quantiles: Some("ttft_") },
    Value { of: Spent::tpot_ms, mean: "mean_tpot_ms", quantiles: Some("tpot_") },
];
const TOKENS: [Value; 2] = [
    Value { of: Spent::tokens_in, mean: "mean_tokens_in", quantiles: None },
    Value { of: Spent::tokens_out, mean: "mean_tokens_out", quantiles: None },
];

/// Of every component that has them. What requests say of their tokens is what the components used.
pub fn measure(
    timed: &[TimedCalls<'_>],
    spending: &Spending,
    span: Option<&WindowSpan>,
    maker: &Maker<'_>,
) -> Vec<ComparableMetric> {
    let of_component = |calls: &TimedCalls<'_>| {
        let values = match maker.context.words.kind(calls.component) {
            Kind::Breaker => return Vec::new(),
            Kind::Request => TIMES.iter().chain(&[]),
            _ => TIMES.iter().chain(&TOKENS),
        };
        let inside = |spent: &&Spent| spent.is_ok && span.is_none_or(|span| span.holds(spent.start_us));
        let mut spent: Vec<&Spent> = spending.of(calls.component).iter().filter(inside).collect();
        // Those of one second may be in any order: nothing that is asked of them depends on it.
        spent.sort_unstable_by_key(|spent| spent.start_us);
        let name = maker.context.words.word(calls.component);
        values.flat_map(|value| of_value(name, value, &spent, maker)).collect()
    };
    timed.par_iter().flat_map_iter(of_component).collect()
}

/// Mean and quantiles of one value; nothing where no call has it.
fn of_value(component: &str, value: &Value, spent: &[&Spent], maker: &Maker<'_>) -> Vec<ComparableMetric> {
    let (seconds, values): (Vec<usize>, Vec<f64>) = spent
        .iter()
        .filter_map(|spent| Some((second_of(spent.start_us, maker.context), (value.of)(spent)?)))
        .unzip();
    if values.is_empty() {
        return Vec::new();
    }
    let settings = &maker.config.regression;
    let seconds: Seconds = seconds.into_iter().collect();
    let batches =
        |q: f64| by_count(&seconds, settings.min_beyond_per_batch as f64 / q.min(1.0 - q), settings);
    let n = values.len() as u64;
    let mean = spread(batches(MEAN_LIKE), |batch: Batch| exact_mean(&values[batch.samples]));
    let mut metrics = vec![maker.metric(component, value.mean, n, positive(mean))];
    if let Some(prefix) = value.quantiles {
        metrics.extend(settings.quantiles.iter().map(|&q| {
            let of_batch = |batch: Batch| {
                type7_select(&mut values[batch.samples].to_vec(), &[q])
                    .and_then(|found| found.first().copied())
            };
            let name = format!("{prefix}{}", quantile_name(q));
            maker.metric(component, name, n, positive(spread(batches(q), of_batch)))
        }));
    }
    metrics
}
