//! Calls over time: the ticks of one component after the other, which the windows of a run share.

use std::ops::Range;
use std::sync::Arc;

mod packed;
mod tick;

pub use packed::PackedTicks;
pub use tick::{CallTick, MaybeMs};

use packed::Stretch;

/// The ticks of one component at one resolution in which any of its calls ended, ascending.
///
/// They are kept once, in the pieces in which they were made: those of a window are a part of those of the run.
#[derive(Clone)]
pub struct CallTicks {
    /// 100 or 1000.
    pub resolution_ms: u32,
    /// Index into `RunSummary::components`.
    pub component: usize,
    /// The tick, counted since 1970, from which the ticks of the run are counted: its first of this resolution.
    first: i64,
    /// Ascending; none is empty.
    pieces: Vec<Piece>,
}

#[derive(Clone)]
struct Piece {
    all: Arc<Stretch>,
    range: Range<usize>,
}

impl Piece {
    fn ticks(&self) -> impl Iterator<Item = CallTick> {
        self.range.clone().map(|index| self.all.tick(index))
    }

    /// The first of its indices for whose start, µs since 1970, `is_before` does not hold; it holds for none behind it.
    fn index(&self, is_before: impl Fn(i64) -> bool) -> usize {
        let Range { mut start, mut end } = self.range;
        while start < end {
            let middle = start + (end - start) / 2;
            if is_before(self.all.start_us(middle)) { start = middle + 1 } else { end = middle }
        }
        start
    }

    /// The ticks at `range` among all; `None` where that is nothing.
    fn part(&self, range: Range<usize>) -> Option<Self> {
        (!range.is_empty()).then(|| Self { all: self.all.clone(), range })
    }

    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.all, &other.all) && self.range == other.range
    }
}

impl CallTicks {
    /// `first` is the number of the run's first tick of this resolution since 1970; `pieces` hold ticks, one behind the
    /// other.
    pub fn new(
        resolution_ms: u32,
        component: usize,
        first: i64,
        pieces: impl IntoIterator<Item = PackedTicks>,
    ) -> Self {
        let piece = |stretch: Stretch| Piece { range: 0..stretch.len(), all: Arc::new(stretch) };
        let stretches = pieces.into_iter().flat_map(PackedTicks::into_stretches);
        Self { resolution_ms, component, first, pieces: stretches.map(piece).collect() }
    }

    pub fn ticks(&self) -> impl Iterator<Item = CallTick> {
        self.pieces.iter().flat_map(Piece::ticks)
    }

    pub fn len(&self) -> usize {
        self.pieces.iter().map(|piece| piece.range.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The number of a tick, counted from the run's first tick of this resolution.
    pub fn number(&self, tick: &CallTick) -> u64 {
        (tick.start_us.div_euclid(self.width_us()) - self.first).unsigned_abs()
    }

    /// The same ticks in a window that has the component at another index.
    pub fn of_component(self, component: usize) -> Self {
        Self { component, ..self }
    }

    /// What lies before [start, end), µs since 1970, in it as a whole, and behind it.
    pub fn split(&self, start_us: i64, end_us: i64) -> [Self; 3] {
        let mut parts = std::array::from_fn(|_| self.without_ticks());
        let width_us = self.width_us();
        for piece in &self.pieces {
            let start = piece.index(|tick_us| tick_us < start_us);
            let end = piece.index(|tick_us| tick_us.saturating_add(width_us) <= end_us).max(start);
            let ranges = [piece.range.start..start, start..end, end..piece.range.end];
            for (part, range) in parts.iter_mut().zip(ranges) {
                part.pieces.extend(piece.part(range));
            }
        }
        parts
    }

    /// The first `ticks` of them, and those behind.
    pub fn split_at(&self, ticks: usize) -> [Self; 2] {
        let [mut first, mut rest] = [self.without_ticks(), self.without_ticks()];
        let mut left = ticks;
        for piece in &self.pieces {
            let middle = piece.range.start + left.min(piece.range.len());
            left -= middle - piece.range.start;
            first.pieces.extend(piece.part(piece.range.start..middle));
            rest.pieces.extend(piece.part(middle..piece.range.end));
        }
        [first, rest]
    }

    fn without_ticks(&self) -> Self {
        let &Self { resolution_ms, component, first, .. } = self;
        Self { resolution_ms, component, first, pieces: Vec::new() }
    }

    fn width_us(&self) -> i64 {
        i64::from(self.resolution_ms) * 1000
    }

    /// Whether both have the same ticks, whatever the index of their component.
    pub fn has_ticks_of(&self, other: &Self) -> bool {
        let is_shared = || {
            let pairs = self.pieces.iter().zip(&other.pieces);
            self.pieces.len() == other.pieces.len()
                && pairs.into_iter().all(|(one, other)| one.is_same(other))
        };
        (self.resolution_ms, self.first) == (other.resolution_ms, other.first)
            && (is_shared() || self.ticks().eq(other.ticks()))
    }
}

impl PartialEq for CallTicks {
    fn eq(&self, other: &Self) -> bool {
        self.component == other.component && self.has_ticks_of(other)
    }
}

impl std::fmt::Debug for CallTicks {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let head = (self.resolution_ms, self.component, self.first);
        out.debug_tuple("CallTicks").field(&head).field(&self.ticks().collect::<Vec<_>>()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tick(start_us: i64) -> CallTick {
        let none = MaybeMs::NONE;
        CallTick {
            start_us,
            count: 1,
            ok: 1,
            failed: 0,
            mean_ms: Some(2.5).into(),
            p50_ms: none,
            p95_ms: none,
            max_ms: none,
            in_flight: 0.0,
        }
    }

    #[test]
    fn a_time_that_is_not_known_is_none() {
        assert_eq!((MaybeMs::from(None).get(), MaybeMs::from(Some(0.0)).get()), (None, Some(0.0)));
        assert_eq!(MaybeMs::NONE, MaybeMs::NONE);
        assert_eq!(format!("{:?} {:?}", MaybeMs::NONE, MaybeMs::from(Some(1.5))), "None Some(1.5)");
    }

    #[test]
    fn a_window_shares_the_ticks_that_lie_in_it_as_a_whole() {
        let ticks =
            |numbers: Range<i64>| PackedTicks::of(100_000, numbers.map(|number| tick(number * 100_000)));
        let run = CallTicks::new(100, 3, 8, [ticks(10..13), ticks(0..0), ticks(13..20)]);
        let starts =
            |ticks: &CallTicks| -> Vec<i64> { ticks.ticks().map(|tick| tick.start_us / 100_000).collect() };
        let [before, within, behind] = run.split(1_150_000, 1_599_999);
        assert_eq!(starts(&before), [10, 11]);
        assert_eq!(starts(&within), [12, 13, 14]);
        assert_eq!(starts(&behind), [15, 16, 17, 18, 19]);
        assert_eq!((within.len(), within.ticks().next().map(|tick| within.number(&tick))), (3, Some(4)));
        let [_, inner, _] = within.split(1_300_000, 1_400_000);
        assert_eq!(starts(&inner), [13]);
        assert!(Arc::ptr_eq(&inner.pieces[0].all, &run.pieces[1].all));
        for ticks in 0..=11 {
            let [first, rest] = run.split_at(ticks);
            assert_eq!((first.len(), rest.len()), (ticks.min(10), 10 - ticks.min(10)));
            assert!(first.ticks().chain(rest.ticks()).eq(run.ticks()));
        }
        assert!(run.split(1_900_001, 2_100_000).iter().skip(1).all(CallTicks::is_empty));
        // As one piece or as several.
        let as_one = CallTicks::new(100, 3, 8, [ticks(10..20)]);
        assert!(as_one == run && as_one.split(1_150_000, 1_599_999)[1] == within);
        let moved = within.clone().of_component(0);
        assert!(moved != within && moved.has_ticks_of(&within) && !inner.has_ticks_of(&within));
    }
}
