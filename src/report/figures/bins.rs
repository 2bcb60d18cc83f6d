//! Bins of time: counts are summed in them, ratios and percentiles computed anew from what lies in them, never averaged.

use std::sync::Arc;

use crate::stats::quantile::{type7_sorted, without_fastest};
use crate::summary::{CallTick, EndedRequests, RunSummary};

/// A run is shown in at most so many bins …
const MOST_BINS: f64 = 620.0;
/// … of one of these widths, s.
const WIDTHS_S: [f64; 11] = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0];
/// Who looks closer sees ticks of so many µs.
pub const TICK_US: i64 = 100_000;
/// A ratio or a percentile at a tick is that of the second around it.
const HALF_SECOND_TICKS: i64 = 5;
/// A ratio or a percentile of fewer values is a gap: it would be noise.
pub const FEWEST: u64 = 5;

/// Bins of one width that follow each other, counted from the start of the run. Some stretches may be left out.
#[derive(Debug, Clone)]
pub struct Bins {
    pub start_us: i64,
    pub width_us: i64,
    /// Stretches of bins [from, to), ascending.
    stretches: Vec<(i64, i64)>,
    /// How far a ratio or a percentile looks to each side, in bins.
    around: i64,
    /// Middle of each bin, seconds since the start.
    pub x: Arc<[f64]>,
}

impl Bins {
    /// All of the run, coarse enough to be seen at once.
    pub fn coarse(run: &RunSummary) -> Self {
        let length_s = length_us(run) as f64 / 1e6;
        let is_wide = |width_s: &f64| length_s / width_s <= MOST_BINS;
        let width_s = WIDTHS_S.into_iter().find(is_wide).unwrap_or_else(|| (length_s / MOST_BINS).ceil());
        let width_us = (width_s * 1e6) as i64;
        let bins = (length_us(run) - 1) / width_us + 1;
        Self::new(run.window.start_us, width_us, vec![(0, bins)], 0)
    }

    /// Ticks within these seconds since the start, ascending.
    pub fn ticks(run: &RunSummary, within_s: &[(f64, f64)]) -> Self {
        let tick = |at_s: f64| (at_s * 1e6 / TICK_US as f64).round() as i64;
        let stretches = within_s.iter().map(|&(from_s, to_s)| (tick(from_s), tick(to_s))).collect();
        Self::new(run.window.start_us, TICK_US, stretches, HALF_SECOND_TICKS)
    }

    fn new(start_us: i64, width_us: i64, stretches: Vec<(i64, i64)>, around: i64) -> Self {
        let middle = |bin: i64| (bin as f64 + 0.5) * width_us as f64 / 1e6;
        let x = stretches.iter().flat_map(|&(from, to)| (from..to).map(middle)).collect();
        Self { start_us, width_us, stretches, around, x }
    }

    pub fn len(&self) -> usize {
        self.x.len()
    }

    pub fn width_s(&self) -> f64 {
        self.width_us as f64 / 1e6
    }

    /// The bin of an instant, counted over all stretches.
    pub fn index(&self, at_us: i64) -> Option<usize> {
        let bin = at_us.saturating_sub(self.start_us).div_euclid(self.width_us);
        let mut before = 0;
        for &(from, to) in &self.stretches {
            if (from..to).contains(&bin) {
                return Some(before + (bin - from) as usize);
            }
            before += (to - from) as usize;
        }
        None
    }

    /// The bins that a ratio or a percentile at `index` looks at: its neighbours within its stretch.
    fn around(&self, index: usize) -> std::ops::Range<usize> {
        let mut before = 0;
        for &(from, to) in &self.stretches {
            let length = (to - from) as usize;
            if index < before + length {
                let around = self.around as usize;
                return index.saturating_sub(around).max(before)
                    ..(index + around.max(1)).min(before + length);
            }
            before += length;
        }
        index..index
    }

    /// (numerator, denominator, µs since 1970) → ratios; gaps where too little is known.
    pub fn ratios(&self, parts: impl Iterator<Item = (u64, u64, i64)>) -> Vec<Option<f64>> {
        let mut sums = vec![(0, 0); self.len()];
        for (part, of, at_us) in parts {
            if let Some(index) = self.index(at_us) {
                sums[index].0 += part;
                sums[index].1 += of;
            }
        }
        let ratio = |index: usize| {
            let looked_at = &sums[self.around(index)];
            let part: u64 = looked_at.iter().map(|sum| sum.0).sum();
            let of: u64 = looked_at.iter().map(|sum| sum.1).sum();
            (of >= FEWEST).then(|| part as f64 / of as f64)
        };
        (0..self.len()).map(ratio).collect()
    }

    /// Percentiles of the requests that end in each bin, without as many of the fastest as failed.
    pub fn percentiles(&self, requests: &EndedRequests, qs: &[f64]) -> Vec<Vec<Option<f64>>> {
        // By bin, in one piece: where each bin begins, then its durations.
        let timed = || requests.all().filter_map(|(end_us, ms, kind)| Some((self.index(end_us)?, ms?, kind)));
        let mut failed = vec![0; self.len()];
        let mut ends = vec![0; self.len() + 1];
        for (index, _, kind) in timed() {
            ends[index + 1] += 1;
            failed[index] += usize::from(kind.is_failed);
        }
        (0..self.len()).for_each(|index| ends[index + 1] += ends[index]);
        let mut next = ends.clone();
        let mut all = vec![0.0; ends[self.len()]];
        for (index, ms, _) in timed() {
            all[next[index]] = ms;
            next[index] += 1;
        }
        let mut found = vec![Vec::with_capacity(self.len()); qs.len()];
        let mut sorted: Vec<f64> = Vec::new();
        for index in 0..self.len() {
            let around = self.around(index);
            sorted.clear();
            sorted.extend_from_slice(&all[ends[around.start]..ends[around.end]]);
            sorted.sort_unstable_by(f64::total_cmp);
            let failed: usize = failed[around].iter().sum();
            let is_enough = sorted.len() as u64 >= FEWEST;
            for (q, found) in qs.iter().zip(&mut found) {
                let value = type7_sorted(without_fastest(&sorted, failed), *q);
                found.push(value.filter(|_| is_enough));
            }
        }
        found
    }

    /// The lowest, the mean and the highest of the values in each bin.
    pub fn extremes(&self, values: &[(i64, f64)]) -> [Vec<Option<f64>>; 3] {
        let mut found: Vec<Option<(f64, f64, f64, u32)>> = vec![None; self.len()];
        for &(at_us, value) in values {
            if let Some(index) = self.index(at_us) {
                let (low, sum, high, n) = found[index].unwrap_or((value, 0.0, value, 0));
                found[index] = Some((low.min(value), sum + value, high.max(value), n + 1));
            }
        }
        let column = |of: fn((f64, f64, f64, u32)) -> f64| found.iter().map(|bin| bin.map(of)).collect();
        [column(|(low, ..)| low), column(|(_, sum, _, n)| sum / f64::from(n)), column(|(_, _, high, _)| high)]
    }
}

/// The ticks of a component by its name.
pub fn ticks_of(run: &RunSummary, component: &str) -> impl Iterator<Item = CallTick> {
    let index = run.components.iter().position(|found| found.component == component);
    index.into_iter().flat_map(|index| run.series.ticks_of(index, (TICK_US / 1000) as u32))
}

/// Of the whole run; never 0.
pub fn length_us(run: &RunSummary) -> i64 {
    run.window.end_us.saturating_sub(run.window.start_us).max(1)
}

/// Seconds since the start of the run.
pub fn since_s(run: &RunSummary, at_us: i64) -> f64 {
    at_us.saturating_sub(run.window.start_us) as f64 / 1e6
}
