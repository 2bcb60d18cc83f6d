//! What is known of the requests alone: by the totals of the run where it declares them.

use super::entry::{Entry, entry, metric, quantiles};
use super::metric::{Population, REQUEST};
use super::reading::Reading;
use super::subject::{Instance, Instances, Table};
use crate::summary::{Measured, RunSummary};
use crate::units::Unit;

pub const SUBJECT: Table<RunSummary> = Table {
    component: REQUEST,
    is_about: |component| component == REQUEST,
    entries: ENTRIES,
    instances,
    instance: None,
};

fn instances(run: &RunSummary) -> Instances<'_, RunSummary> {
    Measured::Value(vec![Instance { component: REQUEST, operation: None, of: run }])
}

/// Requests that ended ok or failed.
fn judged(run: &RunSummary) -> u64 {
    let totals = &run.requests.totals;
    totals.ok.value().copied().unwrap_or(0).saturating_add(totals.failed.value().copied().unwrap_or(0))
}

const ENTRIES: &[Entry<RunSummary>] = &[
    entry(
        metric("finished", Unit::Count, Population::Finished, "requests that came to an end, or the declared total"),
        |run| Reading::count(run.requests.totals.requests),
    ),
    entry(
        metric("ok", Unit::Count, Population::Ok, "of these, class ok").higher(),
        |run| Reading::counted(&run.requests.totals.ok),
    ),
    entry(
        metric("failed", Unit::Count, Population::OkOrFailed, "of these, class failed").lower(),
        |run| Reading::counted(&run.requests.totals.failed),
    ),
    entry(
        metric("success_rate", Unit::Ratio, Population::OkOrFailed, "ok / (ok + failed)")
            .higher()
            .compared()
            .headline(),
        |run| Reading::share(&run.requests.success_rate, judged(run)),
    ),
    entry(
        metric("throughput_per_s", Unit::PerSecond, Population::Finished, "finished requests / window")
            .higher()
            .headline(),
        |run| Reading::over(&run.throughput.mean_per_s, run.requests.totals.requests),
    ),
    entry(
        metric("ok_per_s", Unit::PerSecond, Population::Ok, "successful requests / window")
            .higher()
            .compared()
            .headline(),
        |run| Reading::plain(&run.throughput.ok_per_s),
    ),
    entry(
        metric("failed_per_s", Unit::PerSecond, Population::OkOrFailed, "failed requests / window").lower(),
        |run| Reading::plain(&run.throughput.failed_per_s),
    ),
    entry(
        metric("peak_per_s", Unit::PerSecond, Population::Finished, "most requests that ended in one second of the clock")
            .headline(),
        |run| Reading::plain(&run.throughput.peak_per_s),
    ),
    entry(
        metric("recent_per_s", Unit::PerSecond, Population::Finished, "finished requests per second, at the end of the window"),
        |run| Reading::plain(&run.throughput.recent_per_s),
    ),
    entry(
        metric("offered_per_s", Unit::PerSecond, Population::Sent, "requests that were started / window"),
        |run| Reading::plain(&run.throughput.offered_per_s),
    ),
    quantiles(
        "",
        Population::FinishedAgainstOk,
        "type-7 quantile q of the response times; verdicts about response time rest on it",
        |run: &RunSummary| &run.requests.all,
    )
    .headline(),
    entry(
        metric("mean_ms", Unit::Milliseconds, Population::Finished, "mean response time").lower().headline(),
        |run| Reading::over(&run.requests.all.mean_ms, run.requests.all.n),
    ),
    entry(
        metric("max_ms", Unit::Milliseconds, Population::Finished, "longest response time").lower().headline(),
        |run| Reading::over(&run.requests.all.max_ms, run.requests.all.n),
    ),
    quantiles(
        "ok_",
        Population::Ok,
        "type-7 quantile q of the response times of the successful requests; what is compared with a baseline",
        |run: &RunSummary| &run.requests.ok,
    )
    .compared()
    .headline(),
    entry(
        metric("mean_in_flight", Unit::Number, Population::Finished, "sum of the response times / window (N = \u{3bb}W)")
            .headline(),
        |run| Reading::plain(&run.requests.mean_in_flight),
    ),
    entry(
        metric("think_time_ms", Unit::Milliseconds, Population::Finished, "mean gap between a user's answer and that user's next request")
            .headline(),
        |run| Reading::plain(&run.requests.think_time_ms),
    ),
    entry(
        metric("cost_usd", Unit::Usd, Population::Finished, "sum of `cost_usd` over all components but requests and breakers")
            .lower()
            .headline(),
        |run| Reading::plain(&run.requests.cost_usd),
    ),
    entry(
        metric("cost_per_query_usd", Unit::Usd, Population::Finished, "that cost / finished requests").lower().compared(),
        |run| {
            let finished = run.requests.counts.finished;
            let cost = run.requests.cost_usd.as_ref();
            let each = cost.and_then(|&cost| Measured::ratio(cost, finished as f64, "no finished request"));
            Reading::over(&each, finished)
        },
    ),
];
