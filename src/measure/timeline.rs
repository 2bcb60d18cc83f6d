//! The series over time: the calls of each component per tick of 100 ms and per second.

use rayon::prelude::*;

use super::calls::{CallLog, Ending};
use super::coverage::TICK_US;
use super::in_flight::InFlight;
use super::words::{Class, Words};
use crate::stats::quantile::type7_sorted;
use crate::stats::sum::compensated_sum;
use crate::summary::{CallTick, SecondOfRequests};

/// Resolutions of the series in ticks: 100 ms and 1 s.
const RESOLUTIONS_TICKS: [i64; 2] = [1, 10];
/// Milliseconds of a tick.
const TICK_MS: u32 = 100;

/// A finished call as the series see it.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Ended {
    /// Since 1970.
    tick: i64,
    /// NaN where the call has none: sorts behind all others of its tick by `total_cmp`.
    duration_ms: f64,
    class: Option<Class>,
}

/// The series of all components, sorted by resolution, component and tick. `logs` in the order of the summary's
/// components; `first_tick` is the run's.
pub(super) fn measure(logs: &[&CallLog], words: &Words, first_tick: i64) -> Vec<CallTick> {
    let series: Vec<[Vec<CallTick>; 2]> = logs
        .par_iter()
        .enumerate()
        .map(|(component, log)| component_series(component, log, words, first_tick))
        .collect();
    let mut by_resolution = [Vec::new(), Vec::new()];
    for component in series {
        for (all, mut ticks) in by_resolution.iter_mut().zip(component) {
            all.append(&mut ticks);
        }
    }
    by_resolution.concat()
}

fn component_series(component: usize, log: &CallLog, words: &Words, first_tick: i64) -> [Vec<CallTick>; 2] {
    let in_flight = InFlight::of(log, words);
    let mut calls = ended_calls(log, words);
    RESOLUTIONS_TICKS.map(|ticks| {
        calls.sort_unstable_by(|a, b| {
            let ticks = a.tick.div_euclid(ticks).cmp(&b.tick.div_euclid(ticks));
            ticks.then(a.duration_ms.total_cmp(&b.duration_ms))
        });
        calls
            .chunk_by(|a, b| a.tick.div_euclid(ticks) == b.tick.div_euclid(ticks))
            .map(|calls| tick_of(component, calls, ticks, first_tick, &in_flight))
            .collect()
    })
}

fn ended_calls(log: &CallLog, words: &Words) -> Vec<Ended> {
    (0..log.len())
        .filter_map(|call| {
            let class = match log.ending(call, words) {
                Ending::Finished(class) => Some(class),
                Ending::Unknown => None,
                Ending::Unfinished => return None,
            };
            let duration_ms = log.duration_ms(call).unwrap_or(f64::NAN);
            Some(Ended { tick: log.end_us(call).div_euclid(TICK_US), duration_ms, class })
        })
        .collect()
}

/// One row of the series from the calls that ended in it, sorted by duration.
fn tick_of(component: usize, calls: &[Ended], ticks: i64, first_tick: i64, in_flight: &InFlight) -> CallTick {
    let durations_ms: Vec<f64> =
        calls.iter().map(|call| call.duration_ms).take_while(|duration_ms| !duration_ms.is_nan()).collect();
    let number = calls[0].tick.div_euclid(ticks);
    let width_us = ticks * TICK_US;
    let start_us = number * width_us;
    let of_class = |class| calls.iter().filter(|call| call.class == Some(class)).count() as u64;
    CallTick {
        resolution_ms: ticks as u32 * TICK_MS,
        start_us,
        tick: (number - first_tick.div_euclid(ticks)).unsigned_abs(),
        component,
        count: calls.len() as u64,
        ok: of_class(Class::Ok),
        failed: of_class(Class::Failed),
        mean_ms: mean_of_sorted(&durations_ms),
        p50_ms: type7_sorted(&durations_ms, 0.5),
        p95_ms: type7_sorted(&durations_ms, 0.95),
        max_ms: durations_ms.last().copied(),
        in_flight: in_flight.mean_between(start_us, start_us.saturating_add(width_us)),
    }
}

/// Sorted values have one order, so a plain compensated sum is the same for every run of the program.
fn mean_of_sorted(sorted: &[f64]) -> Option<f64> {
    (!sorted.is_empty()).then(|| compensated_sum(sorted) / sorted.len() as f64)
}

/// The durations of the requests that ended in each second, for judging stretches of the run.
pub(super) fn request_seconds(requests: Option<&CallLog>, words: &Words) -> Vec<SecondOfRequests> {
    let Some(log) = requests else { return Vec::new() };
    let mut calls = ended_calls(log, words);
    let second = |call: &Ended| call.tick.div_euclid(RESOLUTIONS_TICKS[1]);
    calls.sort_unstable_by(|a, b| second(a).cmp(&second(b)).then(a.duration_ms.total_cmp(&b.duration_ms)));
    let known = |call: &&Ended| !call.duration_ms.is_nan();
    calls
        .chunk_by(|a, b| second(a) == second(b))
        .map(|calls| {
            let of_class = |class| calls.iter().filter(move |call| call.class == Some(class));
            SecondOfRequests {
                start_us: second(&calls[0]) * RESOLUTIONS_TICKS[1] * TICK_US,
                durations_ms: calls.iter().filter(known).map(|call| call.duration_ms).collect(),
                ok_durations_ms: of_class(Class::Ok).filter(known).map(|call| call.duration_ms).collect(),
                count: calls.len() as u64,
                ok: of_class(Class::Ok).count() as u64,
                failed: of_class(Class::Failed).count() as u64,
            }
        })
        .collect()
}
