//! Which requests can be split: those of the run, or of a part of it, that have an id of their own and an end.

use std::collections::BTreeMap;

use crate::measure::calls::{Calls, Columns};
use crate::measure::request_calls::Requests;
use crate::measure::request_spans::{RequestSpans, slot_of};
use crate::measure::rows::end_us;
use crate::measure::words::Words;
use crate::stats::quantile::{select_without_fastest, type7_select};

pub const NO_REQUESTS: &str = "the run has no requests";
pub const NO_ROOT_SPAN: &str = "no request with an id of its own and a duration";

/// Requests that took longer than this quantile of the durations are slow: that of the one P95, without as many of the fastest
/// as failed.
const SLOW_QUANTILE: f64 = 0.95;

/// A request that can be split among its calls. Times µs since 1970.
#[derive(Debug, Clone, Copy)]
pub struct RootSpan {
    /// Of its id among the spans.
    pub slot: usize,
    pub start_us: i64,
    pub end_us: i64,
}

impl RootSpan {
    /// In whole µs, as it is split.
    pub fn duration_ms(&self) -> f64 {
        (self.end_us - self.start_us) as f64 / 1000.0
    }
}

/// Requests as they are walked through.
#[derive(Debug)]
pub struct Walked<'a> {
    columns: Columns<'a>,
    is_finished: Vec<bool>,
    slots: &'a [u32],
}

impl<'a> Walked<'a> {
    pub fn of(requests: &Calls<'a>, request_spans: &'a RequestSpans<'_>) -> Self {
        let (columns, is_finished) = (requests.columns(), requests.are_finished());
        Self { columns, is_finished, slots: request_spans.slots_of(requests) }
    }

    /// The request at `call`, which has an id and an end.
    ///
    /// # Errors
    /// Why it cannot be split.
    #[inline]
    pub fn root_span(&self, call: usize) -> Result<RootSpan, &'static str> {
        let Some(slot) = slot_of(self.slots[call]) else { return Err("without request_id") };
        if !self.is_finished[self.columns.kind[call] as usize] {
            return Err("unfinished");
        }
        let (start_us, duration_ms) = (self.columns.start_us[call], self.columns.duration_ms[call]);
        if duration_ms.is_nan() {
            return Err("without duration");
        }
        Ok(RootSpan { slot, start_us, end_us: end_us(start_us, duration_ms) })
    }
}

/// A request that cannot be split: why, and its duration where it has one, ms.
pub type LeftOut = (&'static str, Option<f64>);

/// The requests of the run or of a part of it.
pub struct Scope<'a> {
    requests: Calls<'a>,
    /// By slot; only whether an id is used once matters.
    pub times_used: Vec<u8>,
    /// Requests that took longer are slow.
    pub above_ms: f64,
    pub left_out: Vec<LeftOut>,
}

impl<'a> Scope<'a> {
    /// # Errors
    /// Why none of the requests can be split.
    pub fn of(
        requests: &Requests<'a>,
        request_spans: &RequestSpans<'_>,
        words: &Words,
    ) -> Result<Self, &'static str> {
        let requests = *requests.calls().ok_or(NO_REQUESTS)?;
        if request_spans.is_empty() {
            return Err("no component call carries a request_id");
        }
        let mut times_used: Vec<u8> = vec![0; request_spans.slots()];
        let walked = Walked::of(&requests, request_spans);
        for slot in walked.slots.iter().filter_map(|&slot| slot_of(slot)) {
            times_used[slot] = times_used[slot].saturating_add(1);
        }
        let mut left_out = Vec::new();
        let mut durations_ms = Vec::with_capacity(requests.len());
        let kinds = requests.kinds().iter().map(|kind| kind.ending(words).is_failed());
        let (are_failed, mut failed): (Vec<bool>, usize) = (kinds.collect(), 0);
        for call in 0..requests.len() {
            let root_span = walked.root_span(call);
            let root_span = root_span.and_then(|root_span| match times_used[root_span.slot] {
                0..=1 => Ok(root_span),
                _ => Err("request_id used by several requests"),
            });
            match root_span {
                Ok(root_span) => {
                    failed += usize::from(are_failed[requests.kind()[call] as usize]);
                    durations_ms.push(root_span.duration_ms());
                }
                Err(reason) => {
                    let duration_ms = requests.is_timed(call).then(|| requests.duration_ms()[call]);
                    left_out.push((reason, duration_ms));
                }
            }
        }
        // Where none succeeded, all of them count.
        let failed = if failed < durations_ms.len() { failed } else { 0 };
        let limit_ms = type7_select(select_without_fastest(&mut durations_ms, failed), &[SLOW_QUANTILE]);
        let above_ms = limit_ms.and_then(|limit_ms| limit_ms.first().copied()).ok_or(NO_ROOT_SPAN)?;
        Ok(Self { requests, times_used, above_ms, left_out })
    }

    /// Does the request at `call` among those of the run belong to it?
    #[inline]
    pub fn holds(&self, call: usize) -> bool {
        self.requests.indices().contains(&call)
    }
}

/// How many requests were left out, by reason: all of them where the limit is below every duration, otherwise
/// those that are known to have taken longer.
pub fn left_out_above(left_out: &[LeftOut], above_ms: f64) -> BTreeMap<String, u64> {
    let mut by_reason = BTreeMap::new();
    for (reason, duration_ms) in left_out {
        if above_ms == f64::NEG_INFINITY || duration_ms.is_some_and(|duration_ms| duration_ms > above_ms) {
            *by_reason.entry((*reason).to_owned()).or_default() += 1;
        }
    }
    by_reason
}
