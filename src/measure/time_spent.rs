//! Where the requests' time went: each moment belongs to the component call running then.

use std::collections::{BTreeMap, BinaryHeap, HashMap};

use rayon::prelude::*;

use super::context::Context;
use super::journeys::{Step, Steps};
use super::requests::{Request, RequestLog};
use super::words::Words;
use crate::summary::{Measured, TimeShare, TimeSpent};

/// The part of a request in which none of its component calls ran.
const UNATTRIBUTED: &str = "unattributed";

/// µs by component code; `None` is what nothing ran in.
type TimeByComponent = HashMap<Option<u32>, i128>;

pub(super) fn measure(log: &RequestLog, steps: &Steps, context: &Context<'_>) -> Measured<TimeSpent> {
    if log.requests.is_empty() {
        return Measured::undefined("the run has no requests");
    }
    if steps.is_empty() {
        return Measured::undefined("no component call carries a request_id");
    }
    let (usable, left_out) = usable_requests(log);
    let time_us = usable
        .par_iter()
        .map(|journey| split(steps.of(journey.request_id), journey, context.words))
        .reduce(TimeByComponent::new, |mut all, one| {
            one.into_iter().for_each(|(component, us)| *all.entry(component).or_default() += us);
            all
        });
    let total_us: i128 = time_us.values().sum();
    if total_us == 0 {
        return Measured::undefined("no request with an id of its own and a duration");
    }
    let mut shares: Vec<TimeShare> = time_us
        .into_iter()
        .map(|(component, us)| TimeShare {
            component: component.map_or(UNATTRIBUTED, |code| context.words.word(code)).to_owned(),
            total_ms: us as f64 / 1000.0,
            share: us as f64 / total_us as f64,
        })
        .collect();
    shares.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.component.cmp(&b.component)));
    Measured::Value(TimeSpent {
        requests: usable.len() as u64,
        left_out,
        total_ms: total_us as f64 / 1000.0,
        shares,
    })
}

/// A request that can be split among its calls. Times µs since 1970.
#[derive(Debug, Clone, Copy)]
struct Journey {
    request_id: u64,
    start_us: i64,
    end_us: i64,
}

/// The requests that can be split, and how many cannot, by reason.
fn usable_requests(log: &RequestLog) -> (Vec<Journey>, BTreeMap<String, u64>) {
    let mut times_used: HashMap<u64, u32> = HashMap::new();
    for request_id in log.requests.iter().filter_map(|request| request.request_id) {
        *times_used.entry(request_id).or_default() += 1;
    }
    let mut left_out: BTreeMap<String, u64> = BTreeMap::new();
    let mut usable = Vec::new();
    for request in &log.requests {
        match journey(request, &times_used) {
            Ok(journey) => usable.push(journey),
            Err(reason) => *left_out.entry(reason.to_owned()).or_default() += 1,
        }
    }
    (usable, left_out)
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
