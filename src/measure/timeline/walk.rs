//! The calls of a piece of time, one stretch after the other: few enough calls at a time to stay in the caches.

use std::ops::Range;

use super::piece::{Ended, Piece, Starts, second_behind, second_of};
use super::stretch::Stretch;
use crate::measure::coverage::TICK_US;

/// Calls that start in a stretch, unless more run on from the one before or start in its last second.
pub const CALLS_PER_STRETCH: usize = 16_384;

/// With more ticks than this, and more than these per call, a stretch has rows only for those in which anything happens.
const FEW_TICKS: i64 = 4_096;
const MOST_TICKS_PER_CALL: usize = 4;

/// A walk through a piece of time.
pub struct Walk<'a> {
    piece: Piece<'a>,
    calls_per_stretch: usize,
    stretch: Stretch,
    /// Calls that run on, and room for those that will behind the next stretch.
    running: Vec<Ended>,
    running_on: Vec<Ended>,
}

impl<'a> Walk<'a> {
    pub fn new(mut piece: Piece<'a>, calls_per_stretch: usize, tells_not_ok: bool) -> Self {
        let running = std::mem::take(&mut piece.running);
        let stretch = Stretch::new(tells_not_ok);
        Self { piece, calls_per_stretch, stretch, running, running_on: Vec::new() }
    }

    /// The next stretch: full seconds, behind the one before. `None` at the end of the piece.
    pub fn next_stretch(&mut self) -> Option<&mut Stretch> {
        let (indices, until) = self.next_starts();
        let Self { piece, stretch, running, running_on, .. } = self;
        let starts = piece.starts_at(indices);
        let ends_us = running.iter().map(|ended| ended.end_us);
        let first_us = ends_us.chain(starts.start_us.first().copied()).min()?;
        if first_us.div_euclid(TICK_US) >= until {
            return None;
        }
        begin(stretch, running, starts, (first_us, until));
        stretch.fill(running, starts, running_on);
        running.clear();
        std::mem::swap(running, running_on);
        Some(stretch)
    }

    /// The calls that start in the next stretch, and the tick before which it ends. Where many calls run on it takes as
    /// many new ones, so that each is looked at a few times, however long it runs.
    fn next_starts(&mut self) -> (Range<usize>, i64) {
        let start_us = self.piece.calls.start_us();
        let left = self.piece.starts.clone();
        if left.is_empty() {
            let last = self.running.iter().map(|ended| ended.end_us.div_euclid(TICK_US)).max();
            return (left, last.map_or(self.piece.until, |last| self.piece.until.min(last + 1)));
        }
        let wanted = self.calls_per_stretch.max(self.running.len());
        let last = left.start.saturating_add(wanted).min(left.end) - 1;
        let until_us = second_behind(start_us[last]);
        let more = start_us[last..left.end].partition_point(|&start_us| start_us < until_us);
        self.piece.starts.start = last + more;
        (left.start..last + more, until_us.div_euclid(TICK_US))
    }
}

/// Begins a stretch from the second of `first_us` to the tick `until` with the rows that it needs.
fn begin(stretch: &mut Stretch, running: &[Ended], starts: Starts<'_>, (first_us, until): (i64, i64)) {
    let first = second_of(first_us).div_euclid(TICK_US);
    let calls = starts.start_us.len() + running.len();
    let few = FEW_TICKS.max(i64::try_from(calls.saturating_mul(MOST_TICKS_PER_CALL)).unwrap_or(i64::MAX));
    if until.saturating_sub(first) <= few {
        return stretch.begin(first, until);
    }
    let started = starts.ended().flat_map(|(start_us, ended)| [start_us, ended.end_us]);
    let instants = started.chain(running.iter().map(|ended| ended.end_us));
    let mut numbers: Vec<i64> =
        instants.map(|at_us| at_us.div_euclid(TICK_US)).filter(|&number| number < until).collect();
    numbers.sort_unstable();
    numbers.dedup();
    stretch.begin_with(numbers);
}
