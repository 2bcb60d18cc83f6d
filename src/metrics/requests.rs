//! What is known of the requests alone: by the totals of the run where it declares them.

use super::entry::{Entry, entry, higher, lower, neither, quantiles};
use super::metric::{Population::*, REQUEST};
use super::reading::{Reading, count, counted, over, share, value};
use super::subject::{Table, one, table};
use crate::summary::{Measured, RunSummary};
use crate::units::Unit::*;

pub const SUBJECT: Table<RunSummary> =
    table(REQUEST, &[REQUEST], ENTRIES, |run| one(REQUEST, Measured::Value(run)));

#[rustfmt::skip]
const ENTRIES: &[Entry<RunSummary>] = &[
    entry(neither("finished").of_all_sent(), Count, Finished,
        "requests that came to an end, or the declared total", |run| count(run.requests.totals.requests)),
    entry(higher("ok").of_all_sent(), Count, Ok, "of these, class ok", |run| counted(&run.requests.totals.ok)),
    entry(lower("failed").of_all_sent(), Count, OkOrFailed,
        "of these, class failed", |run| counted(&run.requests.totals.failed)),
    entry(lower("unanswered").of_all_sent(), Count, Sent,
        "of the failed, without an answer when the load ended, though it was long due",
        |run| count(run.requests.counts.unanswered)),
    entry(higher("success_rate").of_all_sent().compared().headline(), Ratio, OkOrFailed,
        "ok / (ok + failed)", |run| share(&run.requests.success_rate, judged(run))),
    entry(higher("throughput_per_s").headline(), PerSecond, Finished, "requests that ended in the window, wherever they started / window",
        |run| over(&run.throughput.mean_per_s, run.requests.totals.requests)),
    entry(higher("ok_per_s").compared().headline(), PerSecond, Ok,
        "successful requests / window", |run| value(&run.throughput.ok_per_s)),
    entry(lower("failed_per_s"), PerSecond, OkOrFailed,
        "failed requests / window", |run| value(&run.throughput.failed_per_s)),
    entry(neither("peak_per_s").headline(), PerSecond, Finished,
        "most requests that ended in one second of the clock", |run| value(&run.throughput.peak_per_s)),
    entry(neither("recent_per_s"), PerSecond, Finished,
        "finished requests per second, at the end of the window", |run| value(&run.throughput.recent_per_s)),
    entry(neither("offered_per_s"), PerSecond, Sent,
        "requests started / time between the first and the last start", |run| value(&run.throughput.offered_per_s)),
    quantiles(lower("").headline(), FinishedAgainstOk,
        "type-7 quantile q of the response times; verdicts about response time rest on it",
        |run| &run.requests.all),
    entry(lower("mean_ms").headline(), Milliseconds, Finished,
        "mean response time", |run| over(&run.requests.all.mean_ms, run.requests.all.n)),
    entry(lower("max_ms").headline(), Milliseconds, Finished,
        "longest response time", |run| over(&run.requests.all.max_ms, run.requests.all.n)),
    quantiles(lower("ok_").compared().headline(), Ok,
        "type-7 quantile q of the response times of the successful requests; \
         what is compared with a baseline",
        |run| &run.requests.ok),
    entry(neither("mean_in_flight").headline(), Number, Finished,
        "time-weighted mean of the requests in flight", |run| value(&run.requests.mean_in_flight)),
    entry(neither("think_time_ms").headline(), Milliseconds, Finished,
        "mean gap between a user's answer and that user's next request",
        |run| value(&run.requests.think_time_ms)),
    entry(lower("cost_usd").headline(), Usd, Finished,
        "sum of `cost_usd` over all components but requests and breakers",
        |run| value(&run.requests.cost_usd)),
    entry(lower("cost_per_query_usd").compared(), Usd, Finished, "that cost / finished requests", cost_each),
];

/// Requests that ended ok or failed.
fn judged(run: &RunSummary) -> u64 {
    let totals = &run.requests.totals;
    totals.ok.value().copied().unwrap_or(0).saturating_add(totals.failed.value().copied().unwrap_or(0))
}

fn cost_each(run: &RunSummary) -> Reading {
    let finished = run.requests.counts.finished;
    let each = |&cost: &f64| Measured::ratio(cost, finished as f64, "no finished request");
    over(&run.requests.cost_usd.as_ref().and_then(each), finished)
}
