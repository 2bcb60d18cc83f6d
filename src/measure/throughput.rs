//! Requests per second: mean, peak, recent, offered.

use super::context::Context;
use super::request_sums::{RequestSums, recent_s};
use crate::summary::{Measured, RequestSummary, Throughput};

const SAMPLED: &str = "the events are a sample of the declared totals";

pub fn measure(sums: &RequestSums, requests: &RequestSummary, context: &Context<'_>) -> Throughput {
    let totals = &requests.totals;
    // Of the whole run, declared totals are all that is known of their ends; a part of it has those of the events.
    let is_declared = totals.declared && context.metadata.totals.is_some();
    let ended = |in_window: u64, declared: u64| if is_declared { declared } else { in_window };
    let rate = |count: u64| match sums.started {
        0 if !is_declared => Measured::undefined("the run has no requests"),
        _ => context.per_second(count),
    };
    let of_class = |in_window: u64, total: &Measured<u64>| {
        total.as_ref().and_then(|&total| rate(ended(in_window, total)))
    };
    Throughput {
        mean_per_s: rate(ended(sums.ended.all, totals.requests)),
        ok_per_s: of_class(sums.ended.ok, &totals.ok),
        failed_per_s: of_class(sums.ended.failed, &totals.failed),
        peak_per_s: peak_per_s(sums, context),
        recent_per_s: recent_per_s(sums, context),
        offered_per_s: offered_per_s(sums, context),
        target_per_s: Measured::or(context.metadata.target_rate_per_s, "the metadata names no target rate"),
    }
}

fn peak_per_s(sums: &RequestSums, context: &Context<'_>) -> Measured<f64> {
    if context.window.duration_is_declared {
        return Measured::undefined(SAMPLED);
    }
    Measured::or((sums.finished > 0).then_some(sums.most_per_s() as f64), "no finished request")
}

/// Over the last stretch of the window, or all of it where it is shorter.
fn recent_per_s(sums: &RequestSums, context: &Context<'_>) -> Measured<f64> {
    if context.window.duration_is_declared {
        return Measured::undefined(SAMPLED);
    }
    context.window.duration_s.as_ref().and_then(|&duration_s| {
        if sums.finished == 0 {
            return Measured::undefined("no finished request");
        }
        Measured::ratio(sums.recent as f64, recent_s(duration_s, context), "the run has no length")
    })
}

/// Requests that were started, finished or not, per second of sending: n starts lie n − 1 gaps apart.
fn offered_per_s(sums: &RequestSums, context: &Context<'_>) -> Measured<f64> {
    if context.window.duration_is_declared {
        return Measured::undefined(SAMPLED);
    }
    let Some((first_us, last_us)) = sums.sent_us else {
        return Measured::undefined("the run has no requests");
    };
    let seconds = last_us.saturating_sub(first_us) as f64 / 1e6;
    Measured::ratio((sums.started - 1) as f64, seconds, "all requests started at one instant")
}
