//! Where the requests' time went: each moment belongs to the component call running then.

use std::collections::{BTreeMap, BinaryHeap, HashMap};

use rayon::prelude::*;

use super::context::Context;
use super::journeys::{Step, Steps};
use super::requests::{Request, RequestLog};
use super::words::Words;
use crate::stats::quantile::type7_select;
use crate::summary::{Measured, SlowTimeSpent, TimeShare, TimeSpent};

mod slow;

/// The part of a request in which none of its component calls ran.
const UNATTRIBUTED: &str = "unattributed";
/// Requests that took longer than this quantile of the durations are slow.
const SLOW_QUANTILE: f64 = 0.95;

/// µs by component code; `None` is what nothing ran in.
type TimeByComponent = HashMap<Option<u32>, i128>;

/// Where the time of all requests went, and that of the slow ones: from one split of each request.
pub(super) fn measure(
    log: &RequestLog,
    steps: &Steps,
    context: &Context<'_>,
) -> (Measured<TimeSpent>, Measured<SlowTimeSpent>) {
    let none = |reason: &'static str| (Measured::undefined(reason), Measured::undefined(reason));
    if log.requests.is_empty() {
        return none("the run has no requests");
    }
    if steps.is_empty() {
        return none("no component call carries a request_id");
    }
    let (journeys, left_out) = usable_requests(log);
    let mut durations_ms: Vec<f64> = journeys.iter().map(Journey::duration_ms).collect();
    let limit_ms = type7_select(&mut durations_ms, &[SLOW_QUANTILE]);
    let Some(above_ms) = limit_ms.and_then(|limit_ms| limit_ms.first().copied()) else {
        return none("no request with an id of its own and a duration");
    };
    let (slow, others) = split_all(&journeys, steps, context.words, above_ms);
    let all = slow.clone().merge(others.clone());
    if all.total_us() == 0 {
        return none("no request with an id of its own and a duration");
    }
    let slow = slow::measure(&slow, &others, above_ms, left_out_above(&left_out, above_ms), context);
    (Measured::Value(all.time_spent(left_out_above(&left_out, f64::NEG_INFINITY), context.words)), slow)
}

/// The time of some requests by component.
#[derive(Debug, Clone, Default)]
struct Sums {
    requests: u64,
    time_us: TimeByComponent,
}

impl Sums {
    fn add(&mut self, split: TimeByComponent) {
        split.into_iter().for_each(|(component, us)| *self.time_us.entry(component).or_default() += us);
    }

    fn merge(mut self, other: Sums) -> Sums {
        self.requests += other.requests;
        self.add(other.time_us);
        self
    }

    fn total_us(&self) -> i128 {
        self.time_us.values().sum()
    }

    fn time_spent(&self, left_out: BTreeMap<String, u64>, words: &Words) -> TimeSpent {
        let total_us = self.total_us();
        let mut shares: Vec<TimeShare> = self
            .time_us
            .iter()
            .map(|(&component, &us)| TimeShare {
                component: name(component, words),
                total_ms: us as f64 / 1000.0,
                share: us as f64 / total_us as f64,
            })
            .collect();
        shares.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.component.cmp(&b.component)));
        TimeSpent { requests: self.requests, left_out, total_ms: total_us as f64 / 1000.0, shares }
    }
}

fn name(component: Option<u32>, words: &Words) -> String {
    component.map_or(UNATTRIBUTED, |code| words.word(code)).to_owned()
}

/// Splits each request and sums up those that took longer than `above_ms`, and the others.
fn split_all(journeys: &[Journey], steps: &Steps, words: &Words, above_ms: f64) -> (Sums, Sums) {
    let empty = || (Sums::default(), Sums::default());
    journeys
        .par_iter()
        .fold(empty, |(mut slow, mut others), journey| {
            let side = if journey.duration_ms() > above_ms { &mut slow } else { &mut others };
            side.requests += 1;
            side.add(split(steps.of(journey.request_id), journey, words));
            (slow, others)
        })
        .reduce(empty, |a, b| (a.0.merge(b.0), a.1.merge(b.1)))
}

/// A request that can be split among its calls. Times µs since 1970.
#[derive(Debug, Clone, Copy)]
struct Journey {
    request_id: u64,
    start_us: i64,
    end_us: i64,
}

impl Journey {
    /// In whole µs, as it is split.
    fn duration_ms(&self) -> f64 {
        (self.end_us - self.start_us) as f64 / 1000.0
    }
}

/// A request that cannot be split: why, and its duration where it has one, ms.
type LeftOut = (&'static str, Option<f64>);

/// The requests that can be split, and those that cannot.
fn usable_requests(log: &RequestLog) -> (Vec<Journey>, Vec<LeftOut>) {
    let mut times_used: HashMap<u64, u32> = HashMap::new();
    for request_id in log.requests.iter().filter_map(|request| request.request_id) {
        *times_used.entry(request_id).or_default() += 1;
    }
    let mut left_out = Vec::new();
    let mut usable = Vec::new();
    for request in &log.requests {
        match journey(request, &times_used) {
            Ok(journey) => usable.push(journey),
            Err(reason) => left_out.push((reason, request.duration_ms.filter(|_| request.is_finished))),
        }
    }
    (usable, left_out)
}

/// How many requests were left out, by reason: all of them where the limit is below every duration, otherwise
/// those that are known to have taken longer.
fn left_out_above(left_out: &[LeftOut], above_ms: f64) -> BTreeMap<String, u64> {
    let mut by_reason = BTreeMap::new();
    for (reason, duration_ms) in left_out {
        if above_ms == f64::NEG_INFINITY || duration_ms.is_some_and(|duration_ms| duration_ms > above_ms) {
            *by_reason.entry((*reason).to_owned()).or_default() += 1;
        }
    }
    by_reason
}

fn journey(request: &Request, times_used: &HashMap<u64, u32>) -> Result<Journey, &'static str> {
    let request_id = request.request_id.ok_or("without request_id")?;
    if !request.is_finished {
        return Err("unfinished");
    }
    let end_us = request.end_us().ok_or("without duration")?;
    match times_used.get(&request_id) {
        Some(1) => Ok(Journey { request_id, start_us: request.start_us, end_us }),
        _ => Err("request_id used by several requests"),
    }
}

/// A call that is running, ordered so that the greatest is the one that the moment belongs to: the one that
/// started last; of those the one that ends first (the inner one); then by name.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Running {
    start_us: i64,
    ends_first: std::cmp::Reverse<i64>,
    rank: Option<u32>,
    component: u32,
}

/// Splits the time of one request among its calls, which are sorted by start.
fn split(steps: &[Step], journey: &Journey, words: &Words) -> TimeByComponent {
    let Journey { start_us, end_us, .. } = *journey;
    let mut calls: Vec<Running> = steps
        .iter()
        .filter_map(|step| {
            let until_us = step.end_us()?.min(end_us);
            (until_us > start_us.max(step.start_us)).then_some(Running {
                start_us: step.start_us,
                ends_first: std::cmp::Reverse(until_us),
                rank: words.rank(step.component),
                component: step.component,
            })
        })
        .collect();
    let mut bounds_us: Vec<i64> = calls
        .iter()
        .flat_map(|call| [call.start_us.max(start_us), call.ends_first.0])
        .chain([start_us, end_us])
        .collect();
    bounds_us.sort_unstable();
    bounds_us.dedup();
    // Taken from the back, the earliest first.
    calls.sort_unstable_by(|a, b| b.cmp(a));
    let mut running: BinaryHeap<Running> = BinaryHeap::new();
    let mut time_us = TimeByComponent::new();
    for moment in bounds_us.windows(2) {
        while calls.last().is_some_and(|call| call.start_us <= moment[0]) {
            running.extend(calls.pop());
        }
        while running.peek().is_some_and(|call| call.ends_first.0 <= moment[0]) {
            running.pop();
        }
        let component = running.peek().map(|call| call.component);
        *time_us.entry(component).or_default() += i128::from(moment[1] - moment[0]);
    }
    time_us
}
