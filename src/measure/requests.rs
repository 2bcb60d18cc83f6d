//! The requests end to end: outcomes, times, users, and the totals that rates come from.

use std::collections::BTreeMap;

use super::components::Grouped;
use super::context::Context;
use super::counts;
use super::distribution::distribution;
use super::request_calls::Requests;
use super::request_sums::RequestSums;
use super::usage::UsageSums;
use super::words::{Class, Kind, Words};
use crate::run::RunMetadata;
use crate::summary::{Distribution, Measured, OutcomeCounts, RequestSummary, Totals};

/// How all requests that were sent ended, as counted and as declared.
#[derive(Debug, Clone)]
pub struct Outcomes {
    pub counts: OutcomeCounts,
    totals: Totals,
    /// Of the finished ones.
    pub without_duration: u64,
}

/// How the requests ended that were sent, where there are any.
pub fn outcomes(sent: Option<&Grouped<'_>>, metadata: &RunMetadata, words: &Words) -> Outcomes {
    let groups = sent.map(Grouped::all).unwrap_or_default();
    let counts = counts::count(&groups, words);
    let totals = totals(&counts, metadata);
    let finished = groups.iter().filter(|group| group.ending.is_finished());
    let without_duration = finished.map(|group| group.count - group.durations.len() as u64).sum();
    Outcomes { counts, totals, without_duration }
}

/// The requests of the run; `grouped` are the calls of the `request` component, where it has any.
pub fn measure(
    (requests, sums): (&Requests<'_>, &RequestSums),
    grouped: Option<&Grouped<'_>>,
    Outcomes { counts, totals, .. }: &Outcomes,
    usage: &UsageSums,
    context: &Context<'_>,
) -> RequestSummary {
    let groups = grouped.map(Grouped::all).unwrap_or_default();
    RequestSummary {
        success_rate: success_rate(totals, counts),
        totals: totals.clone(),
        all: counts::of_finished(&groups, context.settings),
        ok: counts::of_class(&groups, Class::Ok, context.settings),
        failed: counts::of_class(&groups, Class::Failed, context.settings),
        from_sending: from_sending(requests, context),
        answered_by: answered_by(sums, context),
        distinct_users: Measured::or((sums.users > 0).then_some(sums.users), "no request has a user_id"),
        think_time_ms: think_time_ms(sums),
        mean_in_flight: mean_in_flight(sums, context),
        cost_usd: cost_usd(usage, context),
        counts: counts.clone(),
    }
}

fn totals(counts: &OutcomeCounts, metadata: &RunMetadata) -> Totals {
    let counted = |count: u64| match counts.unknown {
        0 => Measured::Value(count),
        unknown if unknown < counts.finished => Measured::Value(count),
        _ => Measured::undefined("the requests carry no outcome"),
    };
    match metadata.totals.as_ref().and_then(|totals| Some((totals, totals.requests?))) {
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
        return match counts.sent() {
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

/// Times from the sending of the requests, where any was sent later than it was meant to be.
fn from_sending(requests: &Requests<'_>, context: &Context<'_>) -> Measured<Distribution> {
    let Some(calls) = requests.calls().filter(|calls| calls.are_late()) else {
        return Measured::undefined("no request was sent later than it was meant to be");
    };
    let mut failed = 0;
    let timed = (0..calls.len()).filter(|&call| calls.is_timed(call));
    let times_ms: Vec<f64> = timed
        .map(|call| {
            failed += usize::from(calls.kind_of(call).ending(context.words).is_failed());
            (calls.end_us(call) - calls.sent_us(call)) as f64 / 1000.0
        })
        .collect();
    Measured::Value(distribution(times_ms, failed, context.settings))
}

fn answered_by(sums: &RequestSums, context: &Context<'_>) -> BTreeMap<String, u64> {
    let by_code = sums.answered_by();
    by_code.map(|(code, count)| (context.words.word(code).to_owned(), count)).collect()
}

fn think_time_ms(sums: &RequestSums) -> Measured<f64> {
    let mean_ms = (sums.gaps > 0).then(|| sums.gaps_us as f64 / 1000.0 / sums.gaps as f64);
    Measured::or(mean_ms, "no two requests of one user_id follow each other")
}

/// Time that requests were in flight in the window / window.
fn mean_in_flight(sums: &RequestSums, context: &Context<'_>) -> Measured<f64> {
    if context.window.duration_is_declared {
        return Measured::undefined("the events are a sample of the declared totals");
    }
    context.window.duration_s.as_ref().and_then(|&duration_s| match sums.started {
        0 => Measured::undefined("the run has no requests"),
        _ => Measured::Value(sums.in_flight_us as f64 / 1e6 / duration_s),
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
