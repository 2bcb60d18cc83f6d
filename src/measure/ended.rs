//! The finished calls of a component in the order of the ticks in which they ended.

use std::ops::Range;

use super::calls::{Calls, Ending, end_or_start_us};
use super::coverage::TICK_US;
use super::words::{Class, Words};

/// Finished calls in columns, tick by tick.
pub(super) struct Ended {
    /// Ticks in which calls ended, ascending; one more at the end.
    ticks: Vec<Tick>,
    /// NaN where a call has none.
    duration_ms: Vec<f64>,
    class: Vec<u8>,
}

struct Tick {
    /// Since 1970.
    number: i64,
    /// Place of its first call.
    first: usize,
    /// Sum of the ends of all calls in the ticks before it, µs.
    ends_before_us: i128,
}

/// Stands for calls of which the run does not say how they ended, and for unfinished ones.
const NO_CLASS: u8 = u8::MAX;
const NOT_ENDED: u8 = u8::MAX - 1;

/// A run has seldom more ticks than calls; where it has many more, its calls are sorted instead of counted.
const MOST_TICKS_PER_CALL: usize = 8;
const FEW_TICKS: usize = 100_000;

impl Ended {
    pub(super) fn of(calls: &Calls<'_>, words: &Words) -> Self {
        let classes: Vec<u8> = calls
            .kinds()
            .iter()
            .map(|kind| match kind.ending(words) {
                Ending::Finished(class) => class as u8,
                Ending::Unknown => NO_CLASS,
                Ending::Unfinished => NOT_ENDED,
            })
            .collect();
        let ticks: Vec<i64> = calls
            .start_us()
            .iter()
            .zip(calls.duration_ms())
            .map(|(&start_us, &duration_ms)| end_or_start_us(start_us, duration_ms).div_euclid(TICK_US))
            .collect();
        let class = |call: usize| classes[calls.kind()[call] as usize];
        let has_ended = |call: &usize| class(*call) != NOT_ENDED;
        let ended = || (0..calls.len()).filter(has_ended);
        let first = ended().map(|call| ticks[call]).min().unwrap_or(0);
        let last = ended().map(|call| ticks[call]).max().unwrap_or(-1);
        let span = usize::try_from(last.saturating_sub(first).saturating_add(1)).unwrap_or(0);
        let order = match span <= FEW_TICKS.max(calls.len().saturating_mul(MOST_TICKS_PER_CALL)) {
            true => by_counting(ended(), &ticks, first, span),
            false => {
                let mut order: Vec<u32> = ended().map(|call| call as u32).collect();
                order.sort_by_key(|&call| ticks[call as usize]);
                order
            }
        };
        let mut found = Ended { ticks: Vec::new(), duration_ms: Vec::new(), class: Vec::new() };
        found.duration_ms = order.iter().map(|&call| calls.duration_ms()[call as usize]).collect();
        found.class = order.iter().map(|&call| class(call as usize)).collect();
        let mut ends_before_us = 0;
        for (first, &call) in order.iter().enumerate() {
            let number = ticks[call as usize];
            if found.ticks.last().is_none_or(|last| last.number != number) {
                found.ticks.push(Tick { number, first, ends_before_us });
            }
            ends_before_us += i128::from(calls.end_us(call as usize));
        }
        found.ticks.push(Tick { number: i64::MAX, first: order.len(), ends_before_us });
        found
    }

    /// Each stretch of `ticks` ticks in which any calls ended: its number since 1970, the places of its ticks and of its
    /// calls.
    pub(super) fn spans(&self, ticks: i64) -> impl Iterator<Item = (i64, Range<usize>, Range<usize>)> {
        let starts = &self.ticks[..self.ticks.len() - 1];
        let number = move |tick: &Tick| tick.number.div_euclid(ticks);
        let mut before = 0;
        starts.chunk_by(move |a, b| number(a) == number(b)).map(move |chunk| {
            let places = before..before + chunk.len();
            before = places.end;
            (number(&chunk[0]), places.clone(), chunk[0].first..self.ticks[places.end].first)
        })
    }

    /// The number and the sum of the ends, µs, in the ticks before the one at `place`.
    pub(super) fn before(&self, place: usize) -> (usize, i128) {
        (self.ticks[place].first, self.ticks[place].ends_before_us)
    }

    /// Sorts the durations within each stretch, those that are not known last. From then on they are not those of the
    /// classes beside them any more, only of the stretch.
    pub(super) fn sort_within(&mut self, ticks: i64) {
        let spans: Vec<Range<usize>> = self.spans(ticks).map(|(.., calls)| calls).collect();
        for calls in spans {
            // Never negative, so that they sort by their bits, NaN last.
            self.duration_ms[calls].sort_unstable_by_key(|duration_ms| duration_ms.to_bits());
        }
    }

    /// The known ones among sorted durations.
    pub(super) fn known_durations_ms(&self, calls: Range<usize>) -> &[f64] {
        let durations_ms = &self.duration_ms[calls];
        match durations_ms.last() {
            Some(last) if last.is_nan() => {
                let known = durations_ms.partition_point(|duration_ms| !duration_ms.is_nan());
                &durations_ms[..known]
            }
            _ => durations_ms,
        }
    }

    /// The known durations of the calls of a class; asked before they are sorted.
    pub(super) fn durations_ms_of(&self, calls: Range<usize>, class: Class) -> Vec<f64> {
        let columns = self.duration_ms[calls.clone()].iter().zip(&self.class[calls]);
        let of_class =
            columns.filter(|&(_, &other)| other == class as u8).map(|(&duration_ms, _)| duration_ms);
        of_class.filter(|duration_ms| !duration_ms.is_nan()).collect()
    }

    pub(super) fn count(&self, calls: Range<usize>, class: Class) -> u64 {
        self.class[calls].iter().filter(|&&other| other == class as u8).count() as u64
    }
}

/// The calls in the order of their ticks, by counting how many there are in each.
fn by_counting(
    calls: impl Iterator<Item = usize> + Clone,
    ticks: &[i64],
    first: i64,
    span: usize,
) -> Vec<u32> {
    let mut places: Vec<u32> = vec![0; span];
    let mut total = 0;
    let place = |call: usize| (ticks[call] - first) as usize;
    for call in calls.clone() {
        places[place(call)] += 1;
        total += 1;
    }
    let mut before = 0;
    for tick in &mut places {
        before += std::mem::replace(tick, before);
    }
    let mut order = vec![0; total];
    for call in calls {
        let place = &mut places[place(call)];
        order[*place as usize] = call as u32;
        *place += 1;
    }
    order
}
