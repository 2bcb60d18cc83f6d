//! What was sampled over time: the values one after the other, which the windows of a run share.

use std::ops::{Deref, Range};
use std::sync::Arc;

/// Width of a tick, µs.
const TICK_US: i64 = 100_000;

/// One sampled value. A run has millions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SamplePoint {
    /// µs since 1970.
    pub at_us: i64,
    pub value: f64,
    /// Index into `Series::metrics`.
    pub metric: u32,
}

impl SamplePoint {
    /// What it is of, if it is among `of_metrics`: one for each of `Series::metrics`.
    pub fn among<T: Copy>(&self, of_metrics: &[Option<T>]) -> Option<T> {
        of_metrics.get(self.metric as usize).copied().flatten()
    }
}

/// Sampled values by time. They are kept once: those of a window are a piece of those of the run.
#[derive(Clone, Default)]
pub struct SamplePoints {
    /// The run's first tick of 100 ms, counted since 1970.
    first_tick: i64,
    all: Arc<Vec<SamplePoint>>,
    range: Range<usize>,
}

impl SamplePoints {
    /// Ascending by time; `first_tick` is the run's first tick of 100 ms, counted since 1970.
    pub fn new(points: Vec<SamplePoint>, first_tick: i64) -> Self {
        debug_assert!(points.is_sorted_by_key(|point| point.at_us));
        Self { first_tick, range: 0..points.len(), all: Arc::new(points) }
    }

    /// The tick of a sample, counted from the run's first one.
    pub fn tick(&self, point: &SamplePoint) -> u64 {
        point.at_us.div_euclid(TICK_US).saturating_sub(self.first_tick).max(0) as u64
    }

    /// Those in [start, end), µs since 1970.
    pub fn within(&self, start_us: i64, end_us: i64) -> Self {
        let before = |at_us: i64| self.range.start + self.partition_point(|point| point.at_us < at_us);
        let start = before(start_us);
        Self { range: start..before(end_us).max(start), ..self.clone() }
    }
}

impl Deref for SamplePoints {
    type Target = [SamplePoint];

    fn deref(&self) -> &[SamplePoint] {
        &self.all[self.range.clone()]
    }
}

impl PartialEq for SamplePoints {
    fn eq(&self, other: &Self) -> bool {
        let ticks = |points: &Self| points.first().map(|first| points.tick(first));
        ticks(self) == ticks(other) && **self == **other
    }
}

impl std::fmt::Debug for SamplePoints {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_shares_the_samples_that_lie_in_it() {
        let point = |at_us: i64| SamplePoint { at_us, value: 1.5, metric: 0 };
        let run = SamplePoints::new([100_000, 250_000, 250_000, 399_999].map(point).to_vec(), 1);
        let ticks = |points: &SamplePoints| points.iter().map(|point| points.tick(point)).collect::<Vec<_>>();
        assert_eq!(ticks(&run), [0, 1, 1, 2]);
        let within = run.within(200_000, 399_999);
        assert_eq!((ticks(&within), Arc::ptr_eq(&within.all, &run.all)), (vec![1, 1], true));
        assert_eq!(ticks(&within.within(0, 250_000)), [0; 0]);
        assert!(run.within(i64::MIN, i64::MAX) == run && within != run);
        assert!(run.within(5, 3).is_empty() && SamplePoints::default().within(0, 9).is_empty());
    }
}
