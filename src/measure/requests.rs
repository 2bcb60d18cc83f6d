//! The requests end to end: outcomes, times, users, and the totals that rates come from.

use std::collections::BTreeMap;

use super::calls::Ending;
use super::components::Grouped;
use super::context::Context;
use super::counts;
use super::distribution::distribution;
use super::request_calls::Requests;
use super::request_sums::RequestSums;
use super::usage::UsageSums;
use super::words::{Class, Kind};
use crate::summary::{Distribution, Measured, OutcomeCounts, RequestSummary, Totals};

/// The requests of the run; `grouped` are the calls of the `request` component, where it has any.
pub fn measure(
    (requests, sums): (&Requests<'_>, &RequestSums),
    grouped: Option<&Grouped<'_>>,
    usage: &UsageSums,
    context: &Context<'_>,
) -> RequestSummary {
    let groups = grouped.map(Grouped::all).unwrap_or_default();
    let counts = counts::count(&groups, context.words);
    let totals = totals(&counts, context);
    RequestSummary {
        success_rate: success_rate(&totals, &counts),
        totals,
        all: counts::of_finished(&groups, context.settings),
        ok: counts::of_class(&groups, Class::Ok, context.settings),
        failed: counts::of_class(&groups, Class::Failed, context.settings),
        intended: intended(requests, context),
        answered_by: answered_by(sums, context),
        distinct_users: Measured::or((sums.users > 0).then_some(sums.users), "no request has a user_id"),
        think_time_ms: think_time_ms(sums),
        mean_in_flight: mean_in_flight(sums, context),
        cost_usd: cost_usd(usage, context),
        counts,
    }
}

fn totals(counts: &OutcomeCounts, context: &Context<'_>) -> Totals {
    let counted = |count: u64| match counts.unknown {
        0 => Measured::Value(count),
        _ => Measured::undefined("the requests carry no outcome"),
    };
    match context.metadata.totals.as_ref().and_then(|totals| Some((totals, totals.requests?))) {
        Some((declared, requests)) => {
            let answered = declared.ok.unwrap_or(0).saturating_add(declared.failed.unwrap_or(0));
            let part = |count: Option<u64>| {
                if answered > requests {
                    Measured::undefined("the run's totals declare more ok and failed than requests")
                } else {
                    Measured::or(count, "not declared in the run's totals")
                }
            };
            Totals { requests, ok: part(declared.ok), failed: part(declared.failed), declared: true }
        }
        None => Totals {
            requests: counts.finished,
            ok: counted(counts.ok),
            failed: counted(counts.failed),
            declared: false,
        },
    }
}

fn success_rate(totals: &Totals, counts: &OutcomeCounts) -> Measured<f64> {
    if !totals.declared {
        return match counts.finished + counts.unfinished {
            0 => Measured::undefined("the run has no requests"),
            _ => counts::success_rate(counts),
        };
    }
    match (totals.ok.value(), totals.failed.value()) {
        (Some(&ok), Some(&failed)) => {
            Measured::ratio(ok as f64, ok as f64 + failed as f64, "no request that is ok or failed")
        }
        _ => Measured::undefined("the run's totals do not declare both ok and failed"),
    }
}

/// Latency from the intended start: `ts + duration − scheduled_ts` (what coordinated omission hides).
fn intended(requests: &Requests<'_>, context: &Context<'_>) -> Measured<Distribution> {
    let scheduled = requests.calls().filter(|calls| calls.has_scheduled());
    let mut failed = 0;
    let latencies_ms: Vec<f64> = scheduled
        .into_iter()
        .flat_map(|calls| (0..calls.len()).map(move |call| (calls, call)))
        .filter(|(calls, call)| calls.kind_of(*call).is_finished())
        .filter_map(|(calls, call)| {
            let late_us = calls.start_us()[call] - calls.scheduled_us(call)?;
            let duration_ms = calls.duration_ms()[call];
            if duration_ms.is_nan() {
                return None;
            }
            let is_failed = calls.kind_of(call).ending(context.words) == Ending::Finished(Class::Failed);
            failed += usize::from(is_failed);
            Some(late_us as f64 / 1000.0 + duration_ms)
        })
        .collect();
    if latencies_ms.is_empty() {
        return Measured::undefined("no request has a scheduled_ts");
    }
    Measured::Value(distribution(latencies_ms, failed, context.settings))
}

fn answered_by(sums: &RequestSums, context: &Context<'_>) -> BTreeMap<String, u64> {
    let by_code = sums.answered_by();
    by_code.map(|(code, count)| (context.words.word(code).to_owned(), count)).collect()
}

fn think_time_ms(sums: &RequestSums) -> Measured<f64> {
    let mean_ms = (sums.gaps > 0).then(|| sums.gaps_us as f64 / 1000.0 / sums.gaps as f64);
    Measured::or(mean_ms, "no two requests of one user_id follow each other")
}

/// Sum of the requests' durations over the window.
fn mean_in_flight(sums: &RequestSums, context: &Context<'_>) -> Measured<f64> {
    if context.window.duration_is_declared {
        return Measured::undefined("the events are a sample of the declared totals");
    }
    context.window.duration_s.as_ref().and_then(|&duration_s| {
        Measured::or(
            (sums.timed > 0).then_some(sums.busy_us as f64 / 1e6 / duration_s),
            "no finished request with a duration",
        )
    })
}

/// Costs stand on the component calls; a run may instead carry them on the requests alone.
fn cost_usd(usage: &UsageSums, context: &Context<'_>) -> Measured<f64> {
    let kind = |component| context.words.kind(component);
    // What a breaker reports is the cost of the call behind it, which has its own row.
    let of_calls = usage.of_components(|component| !matches!(kind(component), Kind::Request | Kind::Breaker));
    match of_calls.cost_usd.total("cost_usd") {
        Measured::Value(cost_usd) => Measured::Value(cost_usd),
        Measured::Undefined(_) => {
            usage.of_components(|component| kind(component) == Kind::Request).cost_usd.total("cost_usd")
        }
    }
}
