//! Requests per second: mean, peak, recent, offered.

use rustc_hash::FxHashMap;

use super::context::Context;
use super::requests::Requests;
use crate::summary::{Measured, RequestSummary, Throughput};

const US_PER_S: i64 = 1_000_000;
const SAMPLED: &str = "the events are a sample of the declared totals";

pub(super) fn measure(log: &Requests<'_>, requests: &RequestSummary, context: &Context<'_>) -> Throughput {
    let totals = &requests.totals;
    Throughput {
        mean_per_s: when_any(totals.requests, context.per_second(totals.requests)),
        ok_per_s: totals.ok.as_ref().and_then(|&ok| when_any(totals.requests, context.per_second(ok))),
        failed_per_s: totals
            .failed
            .as_ref()
            .and_then(|&failed| when_any(totals.requests, context.per_second(failed))),
        peak_per_s: peak_per_s(log, context),
        recent_per_s: recent_per_s(log, context),
        offered_per_s: offered_per_s(log, context),
        target_per_s: Measured::or(context.metadata.target_rate_per_s, "the metadata names no target rate"),
    }
}

fn when_any(requests: u64, rate: Measured<f64>) -> Measured<f64> {
    if requests == 0 { Measured::undefined("no finished request") } else { rate }
}

fn peak_per_s(log: &Requests<'_>, context: &Context<'_>) -> Measured<f64> {
    if context.window.duration_is_declared {
        return Measured::undefined(SAMPLED);
    }
    let mut per_second: FxHashMap<i64, u64> = FxHashMap::default();
    // Ends of one second come in a row as often as not.
    let mut second = (i64::MIN, 0);
    for end_us in log.ends_us() {
        let of_end = end_us.div_euclid(US_PER_S);
        if of_end != second.0 {
            *per_second.entry(second.0).or_default() += second.1;
            second = (of_end, 0);
        }
        second.1 += 1;
    }
    *per_second.entry(second.0).or_default() += second.1;
    let most = per_second.values().max().copied().filter(|&most| most > 0);
    Measured::or(most.map(|most| most as f64), "no finished request")
}

/// Over the last stretch of the window, or all of it where it is shorter.
fn recent_per_s(log: &Requests<'_>, context: &Context<'_>) -> Measured<f64> {
    let window = context.window;
    if window.duration_is_declared {
        return Measured::undefined(SAMPLED);
    }
    window.duration_s.as_ref().and_then(|&duration_s| {
        let stretch_s = context.settings.recent_window_s.min(duration_s);
        let from_us = window.end_us - (stretch_s * US_PER_S as f64) as i64;
        // In a part of a run, requests that start in it may end behind it.
        let recent = log.ends_us().filter(|&end_us| end_us > from_us && end_us <= window.end_us).count();
        if log.ends_us().next().is_none() {
            return Measured::undefined("no finished request");
        }
        Measured::ratio(recent as f64, stretch_s, "the run has no length")
    })
}

/// All requests that were started, finished or not.
fn offered_per_s(log: &Requests<'_>, context: &Context<'_>) -> Measured<f64> {
    if context.window.duration_is_declared {
        return Measured::undefined(SAMPLED);
    }
    match log.len() as u64 {
        0 => Measured::undefined("the run has no requests"),
        started => context.per_second(started),
    }
}
