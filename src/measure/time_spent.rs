//! Where the requests' time went: each moment belongs to the component call running then.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::calls::Calls;
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

/// Where the time of all requests went, and that of the slow ones.
pub(super) type Found = (Measured<TimeSpent>, Measured<SlowTimeSpent>);

/// Of all of the run and, where there is one, of a `part` of it: each request is split once for both.
pub(super) fn measure(
    whole: &Requests<'_>,
    part: Option<&Requests<'_>>,
    steps: &Steps<'_>,
    context: &Context<'_>,
) -> (Found, Option<Found>) {
    let scopes: Vec<Result<Scope<'_>, &'static str>> =
        [Some(whole), part].into_iter().flatten().map(|requests| Scope::of(requests, steps)).collect();
    let scope = |place: usize| scopes.get(place).and_then(|scope| scope.as_ref().ok());
    let sums = split_all(whole, [scope(0), scope(1)], steps);
    let names = Names::of(steps, context);
    let mut found = scopes.iter().enumerate().map(|(place, scope)| match scope {
        Ok(scope) => sums.found(place, scope, &names, context),
        Err(reason) => none(reason),
    });
    let whole = found.next().unwrap_or_else(|| none(NO_REQUESTS));
    (whole, found.next())
}

/// Of a part in which no request starts.
pub(super) fn without_requests() -> Found {
    none(NO_REQUESTS)
}

fn none(reason: &'static str) -> Found {
    (Measured::undefined(reason), Measured::undefined(reason))
}

const NO_REQUESTS: &str = "the run has no requests";
const NO_JOURNEY: &str = "no request with an id of its own and a duration";

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

/// Whose time it is for one scope: nobody's where the request does not belong to it or cannot be split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Neither,
    Slow,
    Other,
}

const SIDES: usize = 3;

/// The time of requests by what they are to the whole run and to its part, so that each is added once.
#[derive(Debug, Clone)]
struct SumsOfSides {
    sums: [Sums; SIDES * SIDES],
}

impl SumsOfSides {
    fn new(steps: &Steps<'_>) -> Self {
        Self { sums: std::array::from_fn(|_| Sums::new(steps)) }
    }

    fn merge(self, other: Self) -> Self {
        let mut theirs = other.sums.into_iter();
        let sums = self.sums.map(|sums| match theirs.next() {
            Some(other) => sums.merge(other),
            None => sums,
        });
        Self { sums }
    }

    /// The requests that are `side` to the scope at `place`.
    fn of(&self, place: usize, side: Side) -> Sums {
        let is_of = |&(sides, _): &(usize, &Sums)| [sides / SIDES, sides % SIDES][place] == side as usize;
        let chosen = self.sums.iter().enumerate().filter(is_of).map(|(_, sums)| sums.clone());
        // Of each scope there are sides, whatever they hold.
        chosen.reduce(Sums::merge).unwrap_or_else(|| Sums { requests: 0, time_us: Vec::new() })
    }

    fn found(&self, place: usize, scope: &Scope<'_>, names: &Names<'_>, context: &Context<'_>) -> Found {
        let (slow, others) = (self.of(place, Side::Slow), self.of(place, Side::Other));
        let all = slow.clone().merge(others.clone());
        if all.total_us() == 0 {
            return none(NO_JOURNEY);
        }
        let left_out = left_out_above(&scope.left_out, scope.above_ms);
        let slow = slow::measure(&slow, &others, scope.above_ms, left_out, names, context);
        (Measured::Value(all.time_spent(left_out_above(&scope.left_out, f64::NEG_INFINITY), names)), slow)
    }
}

/// Splits each request that counts in any of the scopes.
fn split_all(requests: &Requests<'_>, scopes: [Option<&Scope<'_>>; 2], steps: &Steps<'_>) -> SumsOfSides {
    let empty = || (SumsOfSides::new(steps), Splitter::default());
    let Some(calls) = requests.calls().filter(|_| scopes.iter().any(Option::is_some)) else {
        return empty().0;
    };
    let add = |(mut sums, mut splitter): (SumsOfSides, Splitter), call: usize| {
        if let Ok(journey) = Journey::of(calls, call, steps) {
            let side =
                |scope: Option<&Scope<'_>>| scope.map_or(Side::Neither, |scope| scope.side(call, &journey));
            let [of_whole, of_part] = scopes.map(side);
            if (of_whole, of_part) != (Side::Neither, Side::Neither) {
                let sums = &mut sums.sums[of_whole as usize * SIDES + of_part as usize];
                sums.requests += 1;
                splitter.split(steps, &journey, sums);
            }
        }
        (sums, splitter)
    };
    let merged = (0..calls.len()).into_par_iter().with_min_len(REQUESTS_AT_ONCE).fold(empty, add);
    merged.reduce(empty, |a, b| (a.0.merge(b.0), a.1)).0
}

/// Fewer are not worth another thread.
const REQUESTS_AT_ONCE: usize = 8192;

/// A request that can be split among its calls. Times µs since 1970.
#[derive(Debug, Clone, Copy)]
struct Journey {
    /// Of its id among the steps.
    slot: usize,
    start_us: i64,
    end_us: i64,
}

impl Journey {
    /// A request that has an id, and an end.
    ///
    /// # Errors
    /// Why it cannot be split.
    fn of(calls: &Calls<'_>, call: usize, steps: &Steps<'_>) -> Result<Self, &'static str> {
        let Some(slot) = steps.slot_of(calls, call) else { return Err("without request_id") };
        if !calls.kind_of(call).is_finished() {
            return Err("unfinished");
        }
        let (start_us, duration_ms) = (calls.start_us()[call], calls.duration_ms()[call]);
        if duration_ms.is_nan() {
            return Err("without duration");
        }
        Ok(Self { slot, start_us, end_us: super::rows::end_us(start_us, duration_ms) })
    }

    /// In whole µs, as it is split.
    fn duration_ms(&self) -> f64 {
        (self.end_us - self.start_us) as f64 / 1000.0
    }
}

/// A request that cannot be split: why, and its duration where it has one, ms.
type LeftOut = (&'static str, Option<f64>);

/// The requests of the run or of a part of it.
struct Scope<'a> {
    requests: Calls<'a>,
    /// By slot; only whether an id is used once matters.
    times_used: Vec<u8>,
    /// Requests that took longer are slow.
    above_ms: f64,
    left_out: Vec<LeftOut>,
}

impl<'a> Scope<'a> {
    /// # Errors
    /// Why none of the requests can be split.
    fn of(requests: &Requests<'a>, steps: &Steps<'_>) -> Result<Self, &'static str> {
        let requests = *requests.calls().ok_or(NO_REQUESTS)?;
        if steps.is_empty() {
            return Err("no component call carries a request_id");
        }
        let mut times_used: Vec<u8> = vec![0; steps.slots()];
        for slot in steps.slots_of(&requests).flatten() {
            times_used[slot] = times_used[slot].saturating_add(1);
        }
        let mut left_out = Vec::new();
        let mut durations_ms = Vec::with_capacity(requests.len());
        for call in 0..requests.len() {
            let journey = Journey::of(&requests, call, steps);
            let journey = journey.and_then(|journey| match times_used[journey.slot] {
                0..=1 => Ok(journey),
                _ => Err("request_id used by several requests"),
            });
            match journey {
                Ok(journey) => durations_ms.push(journey.duration_ms()),
                Err(reason) => {
                    let duration_ms = requests.is_timed(call).then(|| requests.duration_ms()[call]);
                    left_out.push((reason, duration_ms));
                }
            }
        }
        let limit_ms = type7_select(&mut durations_ms, &[SLOW_QUANTILE]);
        let above_ms = limit_ms.and_then(|limit_ms| limit_ms.first().copied()).ok_or(NO_JOURNEY)?;
        Ok(Self { requests, times_used, above_ms, left_out })
    }

    /// What the request at `call` among those of the run is to this scope.
    #[inline]
    fn side(&self, call: usize, journey: &Journey) -> Side {
        let is_inside =
            (self.requests.before()..self.requests.before() + self.requests.len()).contains(&call);
        if !is_inside || self.times_used[journey.slot] > 1 {
            return Side::Neither;
        }
        if journey.duration_ms() > self.above_ms { Side::Slow } else { Side::Other }
    }
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
