//! What is known of the calls of any component and of each of its operations.

use super::entry::{Entry, entry, higher, lower, neither, quantiles, words};
use super::key::MetricKey;
use super::metric::Population::*;
use super::reading::{Reading, count, counted, over, share, value};
use super::subject::{Instances, Table, part, table, whole};
use crate::summary::{Component, ComponentCalls, Measured, OutcomeCounts, RunSummary};
use crate::units::Unit::*;

pub const SUBJECT: Table<ComponentCalls> =
    Table { instance: Some(instance), ..table("*[/*]", &[], ENTRIES, instances) };

pub fn instances(run: &RunSummary) -> Instances<'_, ComponentCalls> {
    let mut all = Vec::new();
    for found in &run.components {
        all.push(whole(&found.component, &found.calls));
        let operations = found.operations.iter();
        all.extend(operations.map(|one| part(&found.component, &one.operation, &one.calls)));
    }
    Measured::Value(all)
}

/// Components and their operations are sorted by name.
pub fn instance<'a>(run: &'a RunSummary, key: &MetricKey) -> Measured<Option<&'a ComponentCalls>> {
    let of_operation = |component: &'a Component, operation: &String| {
        let index = component.operations.binary_search_by(|found| found.operation.cmp(operation)).ok()?;
        Some(&component.operations[index].calls)
    };
    let index = run.components.binary_search_by(|found| found.component.cmp(&key.component)).ok();
    Measured::Value(index.map(|index| &run.components[index]).and_then(|component| match &key.operation {
        None => Some(&component.calls),
        Some(operation) => of_operation(component, operation),
    }))
}

#[rustfmt::skip]
const ENTRIES: &[Entry<ComponentCalls>] = &[
    entry(neither("finished").of_all_sent(), Count, Finished,
        "calls that came to an end", |calls| count(calls.counts.finished)),
    entry(higher("ok").of_all_sent(), Count, Ok, "calls of class ok", |calls| count(calls.counts.ok)),
    entry(lower("failed").of_all_sent(), Count, OkOrFailed, "calls of class failed", |calls| count(calls.counts.failed)),
    entry(lower("miss").of_all_sent(), Count, Finished, "look-ups that found nothing", |calls| count(calls.counts.miss)),
    entry(lower("blocked").of_all_sent(), Count, Finished,
        "calls that a breaker did not let through", |calls| count(calls.counts.blocked)),
    entry(lower("unfinished").of_all_sent(), Count, Sent,
        "calls in flight when the load ended", |calls| count(calls.counts.unfinished)),
    entry(higher("success_rate").of_all_sent().compared(), Ratio, OkOrFailed,
        "ok / (ok + failed)", |calls| share(&calls.success_rate, calls.counts.ok + calls.counts.failed)),
    entry(higher("throughput_per_s"), PerSecond, Finished,
        "calls that ended in the window, wherever they started / window", |calls| over(&calls.throughput_per_s, calls.counts.finished)),
    entry(lower("mean_ms"), Milliseconds, Finished,
        "mean duration", |calls| over(&calls.all.mean_ms, calls.all.n)),
    entry(lower("min_ms"), Milliseconds, Finished,
        "shortest duration", |calls| over(&calls.all.min_ms, calls.all.n)),
    entry(lower("max_ms"), Milliseconds, Finished,
        "longest duration", |calls| over(&calls.all.max_ms, calls.all.n)),
    quantiles(lower(""), FinishedAgainstOk, "type-7 quantile q of the durations", |calls| &calls.all),
    entry(lower("ok_mean_ms").compared(), Milliseconds, Ok,
        "mean duration of the successful calls", |calls| over(&calls.ok.mean_ms, calls.ok.n)),
    quantiles(lower("ok_").compared(), Ok,
        "type-7 quantile q of the durations of the successful calls", |calls| &calls.ok),
    entry(lower("mean_queue_ms"), Milliseconds, Finished,
        "mean of `queue_ms`", |calls| value(&calls.mean_queue_ms)),
    entry(lower("total_cost_usd"), Usd, Finished, "sum of `cost_usd`", |calls| value(&calls.total_cost_usd)),
    entry(lower("cost_per_query_usd").compared(), Usd, Finished,
        "cost / finished calls", |calls| over(&calls.cost_per_query_usd, calls.counts.finished)),
    entry(lower("cost_per_success_usd"), Usd, Ok,
        "cost / successful calls", |calls| over(&calls.cost_per_success_usd, calls.counts.ok)),
    entry(neither("total_tokens_in"), Count, Finished,
        "sum of `tokens_in`", |calls| counted(&calls.total_tokens_in)),
    entry(neither("total_tokens_out"), Count, Finished,
        "sum of `tokens_out`", |calls| counted(&calls.total_tokens_out)),
    words(lower("error_rate.").of_all_sent().compared(), Ratio, OkOrFailed,
        "calls that failed with this word / (ok + failed)", error_rates),
    words(neither("outcome:").of_all_sent(), Count, Finished, "calls with this outcome", outcomes),
];

fn outcomes(calls: &ComponentCalls) -> Vec<(String, Reading)> {
    calls.counts.by_outcome.iter().map(|(word, &number)| (word.clone(), count(number))).collect()
}

fn error_rates(calls: &ComponentCalls) -> Vec<(String, Reading)> {
    let of = calls.counts.ok + calls.counts.failed;
    let words = calls.counts.by_outcome.iter().filter(|(word, _)| OutcomeCounts::is_failure_word(word));
    let rate = |count: u64| Measured::ratio(count as f64, of as f64, "no call that is ok or failed");
    words.map(|(word, &count)| (word.clone(), share(&rate(count), of))).collect()
}
