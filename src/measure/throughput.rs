//! Requests per second: mean, peak, recent, offered.

use super::context::Context;
use super::request_sums::{RequestSums, recent_s};
use crate::summary::{Measured, RequestSummary, Throughput};

const SAMPLED: &str = "the events are a sample of the declared totals";

pub fn measure(sums: &RequestSums, requests: &RequestSummary, context: &Context<'_>) -> Throughput {
    let totals = &requests.totals;
    Throughput {
        mean_per_s: when_any(totals.requests, context.per_second(totals.requests)),
        ok_per_s: totals.ok.as_ref().and_then(|&ok| when_any(totals.requests, context.per_second(ok))),
        failed_per_s: totals
            .failed
            .as_ref()
            .and_then(|&failed| when_any(totals.requests, context.per_second(failed))),
        peak_per_s: peak_per_s(sums, context),
        recent_per_s: recent_per_s(sums, context),
        offered_per_s: offered_per_s(sums, context),
        target_per_s: Measured::or(context.metadata.target_rate_per_s, "the metadata names no target rate"),
    }
}

fn when_any(requests: u64, rate: Measured<f64>) -> Measured<f64> {
    if requests == 0 { Measured::undefined("no finished request") } else { rate }
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

/// All requests that were started, finished or not.
fn offered_per_s(sums: &RequestSums, context: &Context<'_>) -> Measured<f64> {
    if context.window.duration_is_declared {
        return Measured::undefined(SAMPLED);
    }
    match sums.started {
        0 => Measured::undefined("the run has no requests"),
        started => context.per_second(started),
    }
}
