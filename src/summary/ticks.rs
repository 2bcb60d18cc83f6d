//! Calls over time: the ticks of one component after the other, which the windows of a run share.

use std::ops::Range;
use std::sync::Arc;

mod packed;
mod tick;

pub use packed::PackedTicks;
pub use tick::{CallTick, MaybeMs};

use super::Window;
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

    /// Those within `window`; `None` where there are none.
    fn within(&self, window: &Window, width_us: i64) -> Option<Self> {
        let start = self.index(|tick_us| tick_us < window.start_us);
        let end = self.index(|tick_us| tick_us.saturating_add(width_us) <= window.end_us);
        (start < end).then(|| Self { all: self.all.clone(), range: start..end })
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

    /// Does a tick lie in `window` as a whole?
    pub fn lies_in(&self, tick: &CallTick, window: &Window) -> bool {
        window.holds_all(tick.start_us, self.resolution_ms)
    }

    /// Those that lie in `window` as a whole.
    pub fn within(&self, window: &Window) -> Self {
        let pieces = self.pieces.iter().filter_map(|piece| piece.within(window, self.width_us()));
        let &Self { resolution_ms, component, first, .. } = self;
        Self { resolution_ms, component, first, pieces: pieces.collect() }
    }

    fn width_us(&self) -> i64 {
        i64::from(self.resolution_ms) * 1000
    }
}

impl PartialEq for CallTicks {
    fn eq(&self, other: &Self) -> bool {
        let head = |calls: &Self| (calls.resolution_ms, calls.component, calls.first);
        head(self) == head(other) && self.ticks().eq(other.ticks())
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
    use crate::summary::{Measured, WindowName};

    fn tick(start_us: i64) -> CallTick {
        let none = MaybeMs::NONE;
        CallTick {
            start_us,
            count: 1,
            ok: 1,
            failed: 0,
            hits: 0,
            misses: 0,
            mean_ms: Some(2.5).into(),
            p50_ms: none,
            p95_ms: none,
            max_ms: none,
            in_flight: 0.0,
        }
    }

    fn window(start_us: i64, end_us: i64) -> Window {
        let duration_s = Measured::undefined("not asked for");
        Window { name: WindowName::Steady, start_us, end_us, duration_s, duration_is_declared: false }
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
        let part = window(1_150_000, 1_599_999);
        let within = run.within(&part);
        assert_eq!(starts(&within), [12, 13, 14]);
        assert_eq!(within.ticks().next().map(|tick| within.number(&tick)), Some(4));
        assert!(run.ticks().filter(|tick| run.lies_in(tick, &part)).eq(within.ticks()));
        let inner = within.within(&window(1_300_000, 1_400_000));
        assert_eq!(starts(&inner), [13]);
        assert!(Arc::ptr_eq(&inner.pieces[0].all, &run.pieces[1].all));
        assert!(run.within(&window(1_900_001, 2_100_000)).is_empty());
        assert!(run.within(&window(1_500_000, 1_200_000)).is_empty());
        // As one piece or as several.
        let as_one = CallTicks::new(100, 3, 8, [ticks(10..20)]);
        assert!(as_one == run && as_one.within(&part) == within && inner != within);
        assert!(within.clone().of_component(0) != within);
    }
}
