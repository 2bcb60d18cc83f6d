//! The requests end to end: outcomes, times, users, and the totals that rates come from.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::calls::Calls;
use super::components::Grouped;
use super::context::Context;
use super::counts;
use super::distribution::distribution;
use super::usage::UsageSums;
use super::words::{Class, Kind};
use crate::summary::{Distribution, Measured, OutcomeCounts, RequestSummary, Totals};

/// The requests as recorded, by time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Requests<'a> {
    /// None where the run has no requests.
    calls: Option<Calls<'a>>,
}

impl<'a> Requests<'a> {
    pub(super) fn new(calls: Option<Calls<'a>>) -> Self {
        Self { calls: calls.filter(|calls| !calls.is_empty()) }
    }

    pub(super) fn len(&self) -> usize {
        self.calls.map_or(0, |calls| calls.len())
    }

    pub(super) fn calls(&self) -> Option<&Calls<'a>> {
        self.calls.as_ref()
    }

    pub(super) fn finished(&self) -> u64 {
        self.calls.map_or(0, |calls| {
            let is_finished = calls.are_finished();
            calls.kind().iter().filter(|&&kind| is_finished[kind as usize]).count() as u64
        })
    }

    /// Starts and ends of the finished requests that have a duration, with their places, µs since 1970.
    pub(super) fn spans_us(&self) -> impl Iterator<Item = (usize, i64, i64)> {
        let calls = self.calls;
        calls.into_iter().flat_map(|calls| {
            let is_finished = calls.are_finished();
            let columns = calls.start_us().iter().zip(calls.duration_ms()).zip(calls.kind());
            columns.enumerate().filter_map(move |(call, ((&start_us, &duration_ms), &kind))| {
                let is_timed = is_finished[kind as usize] && !duration_ms.is_nan();
                is_timed.then(|| (call, start_us, super::rows::end_us(start_us, duration_ms)))
            })
        })
    }

    /// Ends of the finished requests, µs since 1970; one without duration ends where it starts.
    pub(super) fn ends_us(&self) -> impl Iterator<Item = i64> {
        let calls = self.calls;
        calls.into_iter().flat_map(|calls| {
            let finished = (0..calls.len()).filter(move |&call| calls.kind_of(call).is_finished());
            finished.map(move |call| calls.end_us(call))
        })
    }
}

/// The requests of the run; `grouped` are the calls of the `request` component, where it has any.
pub(super) fn measure(
    requests: &Requests<'_>,
    grouped: Option<&Grouped<'_>>,
    usage: &UsageSums,
    context: &Context<'_>,
) -> RequestSummary {
    let groups = grouped.map(Grouped::all).unwrap_or_default();
    let counts = counts::count(&groups, context.words);
    let totals = totals(&counts, context);
    let users = Users::of(requests);
    RequestSummary {
        success_rate: success_rate(&totals, &counts),
        totals,
        all: counts::of_all(&groups, context.settings),
        ok: counts::of_class(&groups, Class::Ok, context.settings),
        failed: counts::of_class(&groups, Class::Failed, context.settings),
        intended: intended(requests, context),
        answered_by: answered_by(requests, context),
        distinct_users: users.distinct(),
        think_time_ms: users.think_time_ms(),
        mean_in_flight: mean_in_flight(requests, context),
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
fn intended(requests: &Requests<'_>, context: &Context<'_>) -> Measured<Distribution> {
    let scheduled = requests.calls().filter(|calls| calls.has_scheduled());
    let latencies_ms: Vec<f64> = scheduled
        .into_iter()
        .flat_map(|calls| (0..calls.len()).map(move |call| (calls, call)))
        .filter(|(calls, call)| calls.kind_of(*call).is_finished())
        .filter_map(|(calls, call)| {
            let late_us = calls.start_us()[call] - calls.scheduled_us(call)?;
            let duration_ms = calls.duration_ms()[call];
            (!duration_ms.is_nan()).then(|| late_us as f64 / 1000.0 + duration_ms)
        })
        .collect();
    if latencies_ms.is_empty() {
        return Measured::undefined("no request has a scheduled_ts");
    }
    Measured::Value(distribution(latencies_ms, context.settings))
}

fn answered_by(requests: &Requests<'_>, context: &Context<'_>) -> BTreeMap<String, u64> {
    let mut by_code: FxHashMap<u32, u64> = FxHashMap::default();
    let Some(calls) = requests.calls() else { return BTreeMap::new() };
    for call in (0..calls.len()).filter(|&call| calls.kind_of(call).is_finished()) {
        if let Some(code) = calls.answered_by(call) {
            *by_code.entry(code).or_default() += 1;
        }
    }
    by_code.into_iter().map(|(code, count)| (context.words.word(code).to_owned(), count)).collect()
}

/// What the users did between their requests.
#[derive(Default)]
struct Users {
    known: FxHashSet<u64>,
    gaps: u64,
    gaps_us: i128,
}

impl Users {
    /// A gap lies between the end of a user's request and the start of that user's next one. Overlapping requests of
    /// one user have no gap and are left out.
    fn of(requests: &Requests<'_>) -> Self {
        let mut users = Self::default();
        let Some(calls) = requests.calls() else { return users };
        let mut last_end_us: FxHashMap<u64, i64> = FxHashMap::default();
        for (call, start_us, end_us) in requests.spans_us() {
            let Some(user_id) = calls.user_id(call) else { continue };
            let gap_us = last_end_us.insert(user_id, end_us).map(|before_us| start_us - before_us);
            if let Some(gap_us) = gap_us.filter(|&gap_us| gap_us >= 0) {
                users.gaps += 1;
                users.gaps_us += i128::from(gap_us);
            }
        }
        users.known = last_end_us.into_keys().collect();
        // Users none of whose requests came to an end.
        let unfinished = (0..calls.len()).filter(|&call| !calls.is_timed(call));
        users.known.extend(unfinished.filter_map(|call| calls.user_id(call)));
        users
    }

    fn distinct(&self) -> Measured<u64> {
        let users = self.known.len() as u64;
        Measured::or((users > 0).then_some(users), "no request has a user_id")
    }

    fn think_time_ms(&self) -> Measured<f64> {
        let mean_ms = (self.gaps > 0).then(|| self.gaps_us as f64 / 1000.0 / self.gaps as f64);
        Measured::or(mean_ms, "no two requests of one user_id follow each other")
    }
}

/// Sum of the requests' durations over the window.
fn mean_in_flight(requests: &Requests<'_>, context: &Context<'_>) -> Measured<f64> {
    if context.window.duration_is_declared {
        return Measured::undefined("the events are a sample of the declared totals");
    }
    let mut is_known = false;
    let mut busy_us = 0i128;
    for (_, start_us, end_us) in requests.spans_us() {
        is_known = true;
        busy_us += i128::from(end_us) - i128::from(start_us);
    }
    context.window.duration_s.as_ref().and_then(|&duration_s| {
        Measured::or(
            is_known.then_some(busy_us as f64 / 1e6 / duration_s),
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
