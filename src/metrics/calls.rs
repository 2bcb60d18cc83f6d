//! What is known of the calls of any component and of each of its operations.

use super::entry::{Entry, entry, metric, named, quantiles, words};
use super::key::MetricKey;
use super::metric::{Name, Population};
use super::reading::Reading;
use super::subject::{Instance, Instances, Table, any};
use crate::summary::{ComponentCalls, Measured, RunSummary};
use crate::units::Unit;

pub const SUBJECT: Table<ComponentCalls> =
    Table { component: "*[/*]", is_about: any, entries: ENTRIES, instances, instance: Some(instance) };

fn instances(run: &RunSummary) -> Instances<'_, ComponentCalls> {
    let of = |component, operation, of| Instance { component, operation, of };
    let mut all = Vec::new();
    for found in &run.components {
        let component = found.component.as_str();
        all.push(of(component, None, &found.calls));
        let operations = found.operations.iter();
        all.extend(operations.map(|found| of(component, Some(found.operation.as_str()), &found.calls)));
    }
    Measured::Value(all)
}

/// Components and their operations are sorted by name.
fn instance<'a>(run: &'a RunSummary, key: &MetricKey) -> Option<&'a ComponentCalls> {
    let index = run.components.binary_search_by(|found| found.component.as_str().cmp(&key.component)).ok()?;
    let component = &run.components[index];
    let Some(operation) = &key.operation else { return Some(&component.calls) };
    let index = component.operations.binary_search_by(|found| found.operation.cmp(operation)).ok()?;
    Some(&component.operations[index].calls)
}

const ENTRIES: &[Entry<ComponentCalls>] = &[
    entry(metric("finished", Unit::Count, Population::Finished, "calls that came to an end"), |calls| {
        Reading::count(calls.counts.finished)
    }),
    entry(metric("ok", Unit::Count, Population::Ok, "calls of class ok").higher(), |calls| {
        Reading::count(calls.counts.ok)
    }),
    entry(metric("failed", Unit::Count, Population::OkOrFailed, "calls of class failed").lower(), |calls| {
        Reading::count(calls.counts.failed)
    }),
    entry(
        metric("miss", Unit::Count, Population::Finished, "look-ups that found nothing").lower(),
        |calls| Reading::count(calls.counts.miss),
    ),
    entry(
        metric("blocked", Unit::Count, Population::Finished, "calls that a breaker did not let through")
            .lower(),
        |calls| Reading::count(calls.counts.blocked),
    ),
    entry(metric("unfinished", Unit::Count, Population::Sent, "calls without an outcome").lower(), |calls| {
        Reading::count(calls.counts.unfinished)
    }),
    entry(
        metric("success_rate", Unit::Ratio, Population::OkOrFailed, "ok / (ok + failed)").higher().compared(),
        |calls| Reading::share(&calls.success_rate, calls.counts.ok + calls.counts.failed),
    ),
    entry(
        metric("throughput_per_s", Unit::PerSecond, Population::Finished, "finished calls / window").higher(),
        |calls| Reading::over(&calls.throughput_per_s, calls.counts.finished),
    ),
    entry(metric("mean_ms", Unit::Milliseconds, Population::Finished, "mean duration").lower(), |calls| {
        Reading::over(&calls.all.mean_ms, calls.all.n)
    }),
    entry(metric("min_ms", Unit::Milliseconds, Population::Finished, "shortest duration").lower(), |calls| {
        Reading::over(&calls.all.min_ms, calls.all.n)
    }),
    entry(metric("max_ms", Unit::Milliseconds, Population::Finished, "longest duration").lower(), |calls| {
        Reading::over(&calls.all.max_ms, calls.all.n)
    }),
    quantiles(
        "",
        Population::FinishedAgainstOk,
        "type-7 quantile q of the durations",
        |calls: &ComponentCalls| &calls.all,
    ),
    entry(
        metric("ok_mean_ms", Unit::Milliseconds, Population::Ok, "mean duration of the successful calls")
            .lower()
            .compared(),
        |calls| Reading::over(&calls.ok.mean_ms, calls.ok.n),
    ),
    quantiles(
        "ok_",
        Population::Ok,
        "type-7 quantile q of the durations of the successful calls",
        |calls: &ComponentCalls| &calls.ok,
    )
    .compared(),
    entry(
        metric("mean_queue_ms", Unit::Milliseconds, Population::Finished, "mean of `queue_ms`").lower(),
        |calls| Reading::plain(&calls.mean_queue_ms),
    ),
    entry(metric("total_cost_usd", Unit::Usd, Population::Finished, "sum of `cost_usd`").lower(), |calls| {
        Reading::plain(&calls.total_cost_usd)
    }),
    entry(
        metric("cost_per_query_usd", Unit::Usd, Population::Finished, "cost / finished calls")
            .lower()
            .compared(),
        |calls| Reading::over(&calls.cost_per_query_usd, calls.counts.finished),
    ),
    entry(
        metric("mean_tokens_in", Unit::Count, Population::Finished, "mean of `tokens_in`").lower().compared(),
        |calls| Reading::plain(&calls.mean_tokens_in),
    ),
    entry(
        metric("mean_tokens_out", Unit::Count, Population::Finished, "mean of `tokens_out`")
            .lower()
            .compared(),
        |calls| Reading::plain(&calls.mean_tokens_out),
    ),
    entry(metric("total_tokens_in", Unit::Count, Population::Finished, "sum of `tokens_in`"), |calls| {
        Reading::counted(&calls.total_tokens_in)
    }),
    entry(metric("total_tokens_out", Unit::Count, Population::Finished, "sum of `tokens_out`"), |calls| {
        Reading::counted(&calls.total_tokens_out)
    }),
    words(
        named(
            Name::Words("error_rate."),
            Unit::Ratio,
            Population::OkOrFailed,
            "calls that failed with this word / (ok + failed)",
        )
        .lower()
        .compared(),
        error_rates,
    ),
    words(
        named(Name::Words("outcome:"), Unit::Count, Population::Finished, "calls with this outcome"),
        |calls| {
            let counts = calls.counts.by_outcome.iter();
            counts.map(|(word, &count)| (word.clone(), Reading::count(count))).collect()
        },
    ),
];

fn error_rates(calls: &ComponentCalls) -> Vec<(String, Reading)> {
    let of = calls.counts.ok + calls.counts.failed;
    let words = calls
        .counts
        .by_outcome
        .iter()
        .filter(|(word, _)| crate::summary::OutcomeCounts::is_failure_word(word));
    let rate = |count: u64| Measured::ratio(count as f64, of as f64, "no call that is ok or failed");
    words.map(|(word, &count)| (word.clone(), Reading::share(&rate(count), of))).collect()
}
