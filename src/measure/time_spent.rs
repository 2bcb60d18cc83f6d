//! Where the requests' time went: each moment belongs to the component call running then.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::context::Context;
use super::requests::Requests;
use super::steps::Steps;
use crate::stats::quantile::type7_select;
use crate::summary::{Measured, SlowTimeSpent, TimeShare, TimeSpent};

mod slow;
mod split;

use split::Splitter;

/// The part of a request in which none of its component calls ran.
const UNATTRIBUTED: &str = "unattributed";
/// Requests that took longer than this quantile of the durations are slow.
const SLOW_QUANTILE: f64 = 0.95;

/// Where the time of all requests went, and that of the slow ones: from one split of each request.
pub(super) fn measure(
    requests: &Requests<'_>,
    steps: &Steps<'_>,
    context: &Context<'_>,
) -> (Measured<TimeSpent>, Measured<SlowTimeSpent>) {
    let none = |reason: &'static str| (Measured::undefined(reason), Measured::undefined(reason));
    if requests.len() == 0 {
        return none("the run has no requests");
    }
    if steps.is_empty() {
        return none("no component call carries a request_id");
    }
    let (journeys, left_out) = usable_requests(requests, steps);
    let mut durations_ms: Vec<f64> = journeys.iter().map(Journey::duration_ms).collect();
    let limit_ms = type7_select(&mut durations_ms, &[SLOW_QUANTILE]);
    let Some(above_ms) = limit_ms.and_then(|limit_ms| limit_ms.first().copied()) else {
        return none("no request with an id of its own and a duration");
    };
    let (slow, others) = split_all(&journeys, steps, above_ms);
    let all = slow.clone().merge(others.clone());
    if all.total_us() == 0 {
        return none("no request with an id of its own and a duration");
    }
    let names = Names::of(steps, context);
    let slow = slow::measure(&slow, &others, above_ms, left_out_above(&left_out, above_ms), &names, context);
    (Measured::Value(all.time_spent(left_out_above(&left_out, f64::NEG_INFINITY), &names)), slow)
}

/// The components of [`Sums`], by place.
struct Names<'a> {
    names: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn of(steps: &Steps<'_>, context: &'a Context<'_>) -> Self {
        let components = steps.components.iter().map(|component| context.words.word(component.code));
        Self { names: components.chain([UNATTRIBUTED]).collect() }
    }
}

/// The time of some requests by component.
#[derive(Debug, Clone)]
struct Sums {
    requests: u64,
    /// µs by place of the component, what nothing ran in last; `None` for components that had no part.
    time_us: Vec<Option<i128>>,
}

impl Sums {
    fn new(steps: &Steps<'_>) -> Self {
        Self { requests: 0, time_us: vec![None; steps.components.len() + 1] }
    }

    #[inline]
    fn add(&mut self, component: usize, us: i64) {
        *self.time_us[component].get_or_insert(0) += i128::from(us);
    }

    #[inline]
    fn add_unattributed(&mut self, us: i64) {
        self.add(self.time_us.len() - 1, us);
    }

    fn merge(mut self, other: Sums) -> Sums {
        self.requests += other.requests;
        for (mine, theirs) in self.time_us.iter_mut().zip(other.time_us) {
            if let Some(us) = theirs {
                *mine.get_or_insert(0) += us;
            }
        }
        self
    }

    fn total_us(&self) -> i128 {
        self.time_us.iter().flatten().sum()
    }

    fn time_spent(&self, left_out: BTreeMap<String, u64>, names: &Names<'_>) -> TimeSpent {
        let total_us = self.total_us();
        let mut shares: Vec<TimeShare> = self
            .time_us
            .iter()
            .zip(&names.names)
            .filter_map(|(us, &component)| {
                us.map(|us| TimeShare {
                    component: component.to_owned(),
                    total_ms: us as f64 / 1000.0,
                    share: us as f64 / total_us as f64,
                })
            })
            .collect();
        shares.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.component.cmp(&b.component)));
        TimeSpent { requests: self.requests, left_out, total_ms: total_us as f64 / 1000.0, shares }
    }
}

/// Splits each request and sums up those that took longer than `above_ms`, and the others.
fn split_all(journeys: &[Journey], steps: &Steps<'_>, above_ms: f64) -> (Sums, Sums) {
    let empty = || (Sums::new(steps), Sums::new(steps), Splitter::default());
    let (slow, others, _) = journeys
        .par_iter()
        .fold(empty, |(mut slow, mut others, mut splitter), journey| {
            let side = if journey.duration_ms() > above_ms { &mut slow } else { &mut others };
            side.requests += 1;
            splitter.split(steps.in_slot(journey.slot as usize), journey, side);
            (slow, others, splitter)
        })
        .reduce(empty, |a, b| (a.0.merge(b.0), a.1.merge(b.1), a.2));
    (slow, others)
}

/// A request that can be split among its calls. Times µs since 1970.
#[derive(Debug, Clone, Copy)]
struct Journey {
    /// Of its id among the steps.
    slot: u32,
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
fn usable_requests(requests: &Requests<'_>, steps: &Steps<'_>) -> (Vec<Journey>, Vec<LeftOut>) {
    let Some(calls) = requests.calls() else { return (Vec::new(), Vec::new()) };
    // Only whether an id is used once matters.
    let mut times_used: Vec<u8> = vec![0; steps.slots()];
    for slot in steps.slots_of(calls).flatten() {
        times_used[slot] = times_used[slot].saturating_add(1);
    }
    let mut left_out = Vec::new();
    let mut usable = Vec::with_capacity(calls.len());
    for (call, slot) in steps.slots_of(calls).enumerate() {
        let is_finished = calls.kind_of(call).is_finished();
        let (start_us, duration_ms) = (calls.start_us()[call], calls.duration_ms()[call]);
        let reason = match slot {
            None => "without request_id",
            Some(_) if !is_finished => "unfinished",
            Some(_) if duration_ms.is_nan() => "without duration",
            Some(slot) if times_used[slot] > 1 => "request_id used by several requests",
            Some(slot) => {
                let end_us = super::rows::end_us(start_us, duration_ms);
                usable.push(Journey { slot: slot as u32, start_us, end_us });
                continue;
            }
        };
        left_out.push((reason, Some(duration_ms).filter(|ms| is_finished && !ms.is_nan())));
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
