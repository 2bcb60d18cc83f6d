//! The requests end to end: outcomes, times, users, and the totals that rates come from.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::components::Grouped;
use super::context::Context;
use super::counts;
use super::distribution::distribution;
use super::rows::{Rows, end_us};
use super::shape::Shape;
use super::usage::UsageLog;
use super::words::{Class, Kind, NO_WORD};
use crate::stats::sum::exact_mean;
use crate::summary::{Distribution, Measured, OutcomeCounts, RequestSummary, Totals};

/// One request as recorded. Times µs since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request {
    pub(super) start_us: i64,
    pub(super) duration_ms: Option<f64>,
    pub(super) scheduled_us: Option<i64>,
    pub(super) request_id: Option<u64>,
    pub(super) user_id: Option<u32>,
    pub(super) operation: u32,
    /// Code or `NO_WORD`.
    pub(super) outcome: u32,
    pub(super) answered_by: u32,
    pub(super) is_finished: bool,
}

impl Request {
    /// End of a finished request with a duration.
    pub(super) fn end_us(&self) -> Option<i64> {
        self.duration_ms.filter(|_| self.is_finished).map(|duration_ms| end_us(self.start_us, duration_ms))
    }
}

/// All requests of the run.
#[derive(Debug, Default)]
pub(super) struct RequestLog {
    pub(super) requests: Vec<Request>,
}

impl RequestLog {
    pub(super) fn update(&mut self, rows: &Rows<'_>, row: usize, shape: Shape) {
        self.requests.push(Request {
            start_us: rows.ts.values()[row],
            duration_ms: rows.duration_ms.get(row),
            scheduled_us: rows.scheduled_ts.get(row),
            request_id: rows.request_id.get(row),
            user_id: rows.user_id.get(row),
            operation: rows.operation.get(row).unwrap_or(NO_WORD),
            outcome: rows.outcome.get(row).unwrap_or(NO_WORD),
            answered_by: rows.answered_by.get(row).unwrap_or(NO_WORD),
            is_finished: shape != Shape::Unfinished,
        });
    }

    pub(super) fn merge(&mut self, mut other: RequestLog) {
        self.requests.append(&mut other.requests);
    }
}

/// The requests of the run; `grouped` are the calls of the `request` component, where it has any.
pub(super) fn measure(
    log: &RequestLog,
    grouped: Option<&Grouped>,
    usage: &UsageLog,
    context: &Context<'_>,
) -> RequestSummary {
    let groups = grouped.map(Grouped::all).unwrap_or_default();
    let counts = counts::count(&groups, context.words);
    let totals = totals(&counts, context);
    RequestSummary {
        success_rate: success_rate(&totals, &counts),
        totals,
        all: counts::of_all(&groups, context.settings),
        ok: counts::of_class(&groups, Class::Ok, context.settings),
        failed: counts::of_class(&groups, Class::Failed, context.settings),
        intended: intended(log, context),
        answered_by: answered_by(log, context),
        distinct_users: distinct_users(log),
        think_time_ms: think_time_ms(log),
        mean_in_flight: mean_in_flight(log, context),
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
            let part = |count: Option<u64>| match answered > requests {
                true => Measured::undefined("the run's totals declare more ok and failed than requests"),
                false => Measured::or(count, "not declared in the run's totals"),
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
fn intended(log: &RequestLog, context: &Context<'_>) -> Measured<Distribution> {
    let mut latencies_ms: Vec<f64> = log
        .requests
        .iter()
        .filter(|request| request.is_finished)
        .filter_map(|request| {
            let late_us = request.start_us - request.scheduled_us?;
            Some(late_us as f64 / 1000.0 + request.duration_ms?)
        })
        .collect();
    if latencies_ms.is_empty() {
        return Measured::undefined("no request has a scheduled_ts");
    }
    Measured::Value(distribution(&mut latencies_ms, context.settings))
}

fn answered_by(log: &RequestLog, context: &Context<'_>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for request in log.requests.iter().filter(|request| request.is_finished) {
        if let Some(word) = context.words.some_word(request.answered_by) {
            *counts.entry(word.to_owned()).or_default() += 1;
        }
    }
    counts
}

fn distinct_users(log: &RequestLog) -> Measured<u64> {
    let users: HashSet<u32> = log.requests.iter().filter_map(|request| request.user_id).collect();
    Measured::or((!users.is_empty()).then_some(users.len() as u64), "no request has a user_id")
}

/// Mean gap between the end of a user's request and the start of that user's next one. Overlapping requests of
/// one user have no gap and are left out.
fn think_time_ms(log: &RequestLog) -> Measured<f64> {
    let mut by_user: HashMap<u32, Vec<(i64, i64)>> = HashMap::new();
    for request in &log.requests {
        if let (Some(user), Some(end_us)) = (request.user_id, request.end_us()) {
            by_user.entry(user).or_default().push((request.start_us, end_us));
        }
    }
    let mut gaps_ms = Vec::new();
    for spans in by_user.values_mut() {
        spans.sort_unstable();
        let gaps_us = spans.windows(2).map(|pair| pair[1].0 - pair[0].1).filter(|&gap_us| gap_us >= 0);
        gaps_ms.extend(gaps_us.map(|gap_us| gap_us as f64 / 1000.0));
    }
    Measured::or(exact_mean(&gaps_ms), "no two requests of one user_id follow each other")
}

/// Sum of the requests' durations over the window.
fn mean_in_flight(log: &RequestLog, context: &Context<'_>) -> Measured<f64> {
    if context.window.duration_is_declared {
        return Measured::undefined("the events are a sample of the declared totals");
    }
    let spans = log.requests.iter().filter_map(|request| Some((request.start_us, request.end_us()?)));
    let busy_us: i128 = spans.map(|(start_us, end_us)| i128::from(end_us - start_us)).sum();
    context.window.duration_s.as_ref().and_then(|&duration_s| {
        let known = log.requests.iter().any(|request| request.end_us().is_some());
        Measured::or(
            known.then_some(busy_us as f64 / 1e6 / duration_s),
            "no finished request with a duration",
        )
    })
}

/// Costs stand on the component calls; a run may instead carry them on the requests alone.
fn cost_usd(usage: &UsageLog, context: &Context<'_>) -> Measured<f64> {
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
