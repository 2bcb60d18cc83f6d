//! Which requests can be split: those of the run, or of a part of it, that have an id of their own and an end.

use std::collections::BTreeMap;

use super::{NO_JOURNEY, NO_REQUESTS};
use crate::measure::calls::{Calls, Columns};
use crate::measure::requests::Requests;
use crate::measure::rows::end_us;
use crate::measure::steps::{Steps, slot_of};
use crate::stats::quantile::type7_select;

/// Requests that took longer than this quantile of the durations are slow.
const SLOW_QUANTILE: f64 = 0.95;

/// A request that can be split among its calls. Times µs since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Journey {
    /// Of its id among the steps.
    pub(super) slot: usize,
    pub(super) start_us: i64,
    pub(super) end_us: i64,
}

impl Journey {
    /// In whole µs, as it is split.
    pub(super) fn duration_ms(&self) -> f64 {
        (self.end_us - self.start_us) as f64 / 1000.0
    }
}

/// Requests as they are walked through.
#[derive(Debug)]
pub(super) struct Walked<'a> {
    columns: Columns<'a>,
    is_finished: Vec<bool>,
    slots: &'a [u32],
}

impl<'a> Walked<'a> {
    pub(super) fn of(requests: &Calls<'a>, steps: &'a Steps<'_>) -> Self {
        let (columns, is_finished) = (requests.columns(), requests.are_finished());
        Self { columns, is_finished, slots: steps.slots_of(requests) }
    }

    /// The request at `call`, which has an id and an end.
    ///
    /// # Errors
    /// Why it cannot be split.
    #[inline]
    pub(super) fn journey(&self, call: usize) -> Result<Journey, &'static str> {
        let Some(slot) = slot_of(self.slots[call]) else { return Err("without request_id") };
        if !self.is_finished[self.columns.kind[call] as usize] {
            return Err("unfinished");
        }
        let (start_us, duration_ms) = (self.columns.start_us[call], self.columns.duration_ms[call]);
        if duration_ms.is_nan() {
            return Err("without duration");
        }
        Ok(Journey { slot, start_us, end_us: end_us(start_us, duration_ms) })
    }
}

/// A request that cannot be split: why, and its duration where it has one, ms.
pub(super) type LeftOut = (&'static str, Option<f64>);

/// The requests of the run or of a part of it.
pub(super) struct Scope<'a> {
    requests: Calls<'a>,
    /// By slot; only whether an id is used once matters.
    pub(super) times_used: Vec<u8>,
    /// Requests that took longer are slow.
    pub(super) above_ms: f64,
    pub(super) left_out: Vec<LeftOut>,
}

impl<'a> Scope<'a> {
    /// # Errors
    /// Why none of the requests can be split.
    pub(super) fn of(requests: &Requests<'a>, steps: &Steps<'_>) -> Result<Self, &'static str> {
        let requests = *requests.calls().ok_or(NO_REQUESTS)?;
        if steps.is_empty() {
            return Err("no component call carries a request_id");
        }
        let mut times_used: Vec<u8> = vec![0; steps.slots()];
        let walked = Walked::of(&requests, steps);
        for slot in walked.slots.iter().filter_map(|&slot| slot_of(slot)) {
            times_used[slot] = times_used[slot].saturating_add(1);
        }
        let mut left_out = Vec::new();
        let mut durations_ms = Vec::with_capacity(requests.len());
        for call in 0..requests.len() {
            let journey = walked.journey(call);
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

    /// Does the request at `call` among those of the run belong to it?
    #[inline]
    pub(super) fn holds(&self, call: usize) -> bool {
        self.requests.places().contains(&call)
    }
}

/// How many requests were left out, by reason: all of them where the limit is below every duration, otherwise
/// those that are known to have taken longer.
pub(super) fn left_out_above(left_out: &[LeftOut], above_ms: f64) -> BTreeMap<String, u64> {
    let mut by_reason = BTreeMap::new();
    for (reason, duration_ms) in left_out {
        if above_ms == f64::NEG_INFINITY || duration_ms.is_some_and(|duration_ms| duration_ms > above_ms) {
            *by_reason.entry((*reason).to_owned()).or_default() += 1;
        }
    }
    by_reason
}
