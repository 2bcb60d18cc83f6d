//! The series over time: the calls of each component per tick of 100 ms and per second.

use std::sync::Arc;

use rayon::prelude::*;

use super::calls::Calls;
use super::coverage::TICK_US;
use super::ended::Ended;
use super::in_flight::InFlight;
use super::words::{Class, Words};
use crate::stats::quantile::type7_sorted;
use crate::stats::sum::compensated_sum;
use crate::summary::{CallTick, SecondOfRequests};

/// Ticks of a second.
const TICKS_PER_S: i64 = 10;
/// Resolutions of the series in ticks: 100 ms and 1 s.
const RESOLUTIONS_TICKS: [i64; 2] = [1, TICKS_PER_S];
/// Milliseconds of a tick.
const TICK_MS: u32 = 100;

/// The series of a run.
pub(super) struct Timeline {
    /// Sorted by resolution, component and tick.
    pub(super) calls: Vec<CallTick>,
    pub(super) request_seconds: Vec<SecondOfRequests>,
}

/// The series of all components: `calls` in the order of the summary's components, `requests` the place of the
/// requests among them; `first_tick` is the run's.
pub(super) fn measure(
    calls: &[Calls<'_>],
    requests: Option<usize>,
    words: &Words,
    first_tick: i64,
) -> Timeline {
    let components: Vec<([Vec<CallTick>; 2], Vec<SecondOfRequests>)> = calls
        .par_iter()
        .enumerate()
        .map(|(component, calls)| {
            let mut ended = Ended::of(calls, words);
            let is_requests = requests == Some(component);
            // Sorting takes the durations apart from how the calls ended.
            let ok = if is_requests { ok_durations_ms(&ended) } else { Vec::new() };
            let series = component_series(component, calls, &mut ended, first_tick);
            let seconds = if is_requests { request_seconds(&ended, ok) } else { Vec::new() };
            (series, seconds)
        })
        .collect();
    let mut by_resolution = [Vec::new(), Vec::new()];
    let mut request_seconds = Vec::new();
    for (component, seconds) in components {
        for (all, mut ticks) in by_resolution.iter_mut().zip(component) {
            all.append(&mut ticks);
        }
        request_seconds.extend(seconds);
    }
    let [mut calls, mut seconds] = by_resolution;
    calls.append(&mut seconds);
    Timeline { calls, request_seconds }
}

fn component_series(
    component: usize,
    calls: &Calls<'_>,
    ended: &mut Ended,
    first_tick: i64,
) -> [Vec<CallTick>; 2] {
    RESOLUTIONS_TICKS.map(|ticks| {
        // Sorted tick by tick first, a second's are pieces in order.
        ended.sort_within(ticks);
        let ended = &*ended;
        let mut in_flight = InFlight::new(calls);
        ended
            .spans(ticks)
            .map(|(number, places, calls)| {
                let durations_ms = ended.known_durations_ms(calls.clone());
                let width_us = ticks * TICK_US;
                let start_us = number * width_us;
                CallTick {
                    resolution_ms: ticks as u32 * TICK_MS,
                    start_us,
                    tick: (number - first_tick.div_euclid(ticks)).unsigned_abs(),
                    component,
                    count: calls.len() as u64,
                    ok: ended.count(calls.clone(), Class::Ok),
                    failed: ended.count(calls, Class::Failed),
                    mean_ms: mean_of_sorted(durations_ms),
                    p50_ms: type7_sorted(durations_ms, 0.5),
                    p95_ms: type7_sorted(durations_ms, 0.95),
                    max_ms: durations_ms.last().copied(),
                    in_flight: in_flight.mean_between(
                        (start_us, start_us.saturating_add(width_us)),
                        places,
                        ended,
                    ),
                }
            })
            .collect()
    })
}

/// Sorted values have one order, so a plain compensated sum is the same for every run of the program.
fn mean_of_sorted(sorted: &[f64]) -> Option<f64> {
    (!sorted.is_empty()).then(|| compensated_sum(sorted) / sorted.len() as f64)
}

/// The durations of the successful ones of the requests that ended in each second, ascending; `None` where all were.
fn ok_durations_ms(ended: &Ended) -> Vec<Option<Vec<f64>>> {
    let of = |calls: std::ops::Range<usize>| {
        if ended.count(calls.clone(), Class::Ok) == calls.len() as u64 {
            return None;
        }
        let mut durations_ms = ended.durations_ms_of(calls, Class::Ok);
        super::durations::sort(&mut durations_ms);
        Some(durations_ms)
    };
    ended.spans(TICKS_PER_S).map(|(.., calls)| of(calls)).collect()
}

/// The durations of the requests that ended in each second, for judging stretches of the run. `ended` is sorted by
/// seconds by now.
fn request_seconds(ended: &Ended, ok: Vec<Option<Vec<f64>>>) -> Vec<SecondOfRequests> {
    ended
        .spans(TICKS_PER_S)
        .zip(ok)
        .map(|((number, _, calls), ok_durations_ms)| {
            let durations_ms: Arc<[f64]> = ended.known_durations_ms(calls.clone()).into();
            SecondOfRequests {
                start_us: number * TICKS_PER_S * TICK_US,
                ok_durations_ms: ok_durations_ms.map_or_else(|| durations_ms.clone(), Arc::from),
                durations_ms,
                count: calls.len() as u64,
                ok: ended.count(calls.clone(), Class::Ok),
                failed: ended.count(calls, Class::Failed),
            }
        })
        .collect()
}
