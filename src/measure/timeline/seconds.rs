//! The ticks of a component second by second, from the rows of stretches.

use std::sync::Arc;

use super::piece::TICKS_PER_S;
use super::stretch::{Row, Stretch};
use super::times::{self, Times};
use crate::measure::coverage::TICK_US;
use crate::measure::durations::sort_unsigned;
use crate::stats::sum::SplitSum;
use crate::summary::{CallTick, PackedTicks, SecondOfRequests};

/// Resolutions of the series in ticks: 100 ms and 1 s.
pub const RESOLUTIONS_TICKS: [i64; 2] = [1, TICKS_PER_S];

/// The series of one component, or of a piece of its time.
pub struct Seconds {
    /// Ticks and seconds.
    pub by_resolution: [PackedTicks; 2],
    /// Where these are the requests.
    pub of_requests: Option<Vec<SecondOfRequests>>,
    /// Calls in flight where the last stretch ended.
    in_flight: i64,
}

/// The durations of a row or a second, and no duration but 0 that is less than `least_ms`.
struct Durations<'a> {
    ms: &'a mut [f64],
    least_ms: f64,
}

impl Seconds {
    pub fn new(in_flight: i64, is_requests: bool) -> Self {
        let by_resolution = RESOLUTIONS_TICKS.map(|width_ticks| PackedTicks::new(width_ticks * TICK_US));
        Self { by_resolution, of_requests: is_requests.then(Vec::new), in_flight }
    }

    /// Adds a stretch, which lies behind those added before.
    pub fn add(&mut self, stretch: &mut Stretch) {
        let least_ms = stretch.least_ms();
        let (rows, mut durations_ms, mut not_ok) = stretch.parts();
        let second = |row: &Row| row.number.div_euclid(TICKS_PER_S);
        let mut index = 0;
        for rows in rows.chunk_by(|a, b| second(a) == second(b)) {
            index += rows.len();
            let timed = rows.iter().map(Row::timed).sum();
            let (ms, rest) = std::mem::take(&mut durations_ms).split_at_mut(timed);
            durations_ms = rest;
            let here = not_ok.partition_point(|&(row, _)| (row as usize) < index);
            let (of_second, rest) = not_ok.split_at(here);
            not_ok = rest;
            self.add_second(second(&rows[0]), rows, Durations { ms, least_ms }, of_second);
        }
    }

    fn add_second(&mut self, number: i64, rows: &[Row], durations: Durations<'_>, not_ok: &[(u32, f64)]) {
        let in_flight = self.in_flight;
        let sum = self.add_ticks(rows, Durations { ms: &mut *durations.ms, ..durations });
        if rows.iter().all(|row| row.count == 0) {
            return;
        }
        let failed = rows.iter().map(Row::timed_failed).sum();
        let times = match &mut self.of_requests {
            None => Times::of(durations.ms, failed, &sum, durations.least_ms),
            Some(_) => {
                times::sort_runs(durations.ms);
                Times::of_sorted(durations.ms, failed, sum.in_any_order(durations.least_ms))
            }
        };
        let tick = call_tick(number, TICKS_PER_S, rows, in_flight, times);
        if let Some(seconds) = &mut self.of_requests {
            seconds.push(second_of_requests(&tick, durations.ms, not_ok));
        }
        self.by_resolution[1].push(tick);
    }

    /// Adds the ticks of a second; returns the sum of its durations.
    fn add_ticks(&mut self, rows: &[Row], durations: Durations<'_>) -> SplitSum {
        let mut all = SplitSum::default();
        let mut rest = durations.ms;
        for row in rows {
            if row.count > 0 {
                let (ms, behind) = std::mem::take(&mut rest).split_at_mut(row.timed());
                rest = behind;
                let sum = SplitSum::of(ms);
                all.merge(&sum);
                let times = Times::of(ms, row.timed_failed(), &sum, durations.least_ms);
                let rows = std::slice::from_ref(row);
                let tick = call_tick(row.number, RESOLUTIONS_TICKS[0], rows, self.in_flight, times);
                self.by_resolution[0].push(tick);
            }
            self.in_flight += i64::from(row.starts) - i64::from(row.count);
        }
        all
    }
}

/// The tick `number` of a resolution, which has these rows; `in_flight` calls ran where it began.
fn call_tick(number: i64, width_ticks: i64, rows: &[Row], in_flight: i64, times: Times) -> CallTick {
    let width_us = width_ticks * TICK_US;
    let start_us = number * width_us;
    let sum = |of: fn(&Row) -> u32| rows.iter().map(of).sum();
    CallTick {
        start_us,
        count: sum(|row| row.count),
        ok: sum(|row| row.tally.ok()),
        failed: sum(|row| row.tally.failed()),
        hits: sum(|row| row.tally.hits()),
        misses: sum(|row| row.tally.misses()),
        mean_ms: times.mean_ms,
        p50_ms: times.p50_ms,
        p95_ms: times.p95_ms,
        max_ms: times.max_ms,
        in_flight: mean_in_flight(rows, in_flight, (start_us, start_us.saturating_add(width_us))),
    }
}

/// Time-weighted mean of the calls in flight in [start, end), µs since 1970: the area under their number by its width.
///
/// With n calls in flight at the start, and starts sᵢ and ends eᵢ in it, the area up to t is
/// n·(t − start) + Σ(t − sᵢ) − Σ(t − eᵢ). A call without a duration ends where it starts and takes no room.
fn mean_in_flight(rows: &[Row], in_flight: i64, (start_us, end_us): (i64, i64)) -> f64 {
    let mut area = in_flight * (end_us - start_us);
    for row in rows {
        let left_us = end_us - row.number * TICK_US;
        area += (i64::from(row.starts) - i64::from(row.count)) * left_us;
        area += row.ends_since_us as i64 - row.starts_since_us as i64;
    }
    area as f64 / (end_us - start_us).max(1) as f64
}

/// The requests of a second for judging stretches of the run. `sorted_ms` are their durations; `not_ok` holds the rows
/// and durations of those that did not succeed.
fn second_of_requests(tick: &CallTick, sorted_ms: &[f64], not_ok: &[(u32, f64)]) -> SecondOfRequests {
    let durations_ms: Arc<[f64]> = sorted_ms.into();
    let ok_durations_ms = if not_ok.is_empty() {
        durations_ms.clone()
    } else {
        without(sorted_ms, not_ok.iter().map(|&(_, duration_ms)| duration_ms).collect()).into()
    };
    SecondOfRequests {
        start_us: tick.start_us,
        durations_ms,
        ok_durations_ms,
        count: u64::from(tick.count),
        ok: u64::from(tick.ok),
        failed: u64::from(tick.failed),
    }
}

/// Sorted durations without `others`, each of which is among them.
fn without(sorted_ms: &[f64], mut others_ms: Vec<f64>) -> Vec<f64> {
    sort_unsigned(&mut others_ms);
    let mut others = others_ms.into_iter().peekable();
    sorted_ms.iter().copied().filter(|duration_ms| others.next_if_eq(duration_ms).is_none()).collect()
}
