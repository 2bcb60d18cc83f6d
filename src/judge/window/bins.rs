//! The load in bins: how long successful requests took in each, and how many started.

use crate::config::CutSettings;
use crate::summary::{LoadSecond, LoadSeconds};

/// The bins of a stretch of the load, from its start on.
#[derive(Debug, Clone, PartialEq)]
pub struct Bins {
    /// Steps of the load in a bin.
    pub width: usize,
    /// The first step of the first bin.
    pub first: usize,
    pub sums: Vec<LoadSecond>,
}

impl Bins {
    /// The whole bins of the steps `first..until` of the load.
    pub fn of(load: &LoadSeconds, first: usize, until: usize, settings: &CutSettings) -> Self {
        let steps = load.steps.get(first..until).unwrap_or_default();
        let ok: u64 = steps.iter().map(|step| u64::from(step.ok)).sum();
        let by_number = steps.len().div_ceil(settings.max_bins.max(1));
        let by_requests = (settings.min_ok_per_bin as f64 * steps.len() as f64 / ok as f64).ceil() as usize;
        let width = by_number.max(by_requests).clamp(1, steps.len().max(1));
        Self { width, first, sums: steps.chunks_exact(width).map(sum).collect() }
    }

    pub fn len(&self) -> usize {
        self.sums.len()
    }

    /// Mean of the logarithm of the time of successful requests that start in each bin.
    pub fn times(&self) -> Series {
        let mean = |bin: &LoadSecond| (bin.timed_ok > 0).then(|| bin.ln_ok_ms / f64::from(bin.timed_ok));
        Series { values: self.sums.iter().map(mean).collect() }
    }

    /// Requests that start in each bin, in the mean of the second half's; `None` where none starts there.
    pub fn starts(&self) -> Option<Series> {
        let behind = &self.sums[self.len() / 2..];
        let mean = behind.iter().map(|bin| f64::from(bin.starts)).sum::<f64>() / behind.len() as f64;
        let values = self.sums.iter().map(|bin| Some(f64::from(bin.starts) / mean)).collect();
        (mean > 0.0).then_some(Series { values })
    }
}

fn sum(steps: &[LoadSecond]) -> LoadSecond {
    steps.iter().fold(LoadSecond::default(), |sum, step| LoadSecond {
        starts: sum.starts.saturating_add(step.starts),
        ok: sum.ok.saturating_add(step.ok),
        not_ok: sum.not_ok.saturating_add(step.not_ok),
        timed_ok: sum.timed_ok.saturating_add(step.timed_ok),
        ln_ok_ms: sum.ln_ok_ms + step.ln_ok_ms,
        ends: sum.ends.saturating_add(step.ends),
        in_flight: sum.in_flight + step.in_flight / steps.len() as f64,
    })
}

/// One number by bin; none where nothing is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub values: Vec<Option<f64>>,
}

impl Series {
    /// Mean of the `len` bins from `from` on, as far as they are known.
    pub fn mean(&self, from: usize, len: usize) -> Option<f64> {
        let until = from.saturating_add(len).min(self.values.len());
        let known = self.values.get(from..until)?.iter().flatten();
        let (sum, count) = known.fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
        (count > 0).then(|| sum / f64::from(count))
    }

    /// Means of the whole blocks of `len` bins, one after the other, within `from..until`.
    pub fn blocks(&self, len: usize, from: usize, until: usize) -> Vec<f64> {
        let begins = (from..until).step_by(len).take_while(|begin| begin + len <= until);
        begins.filter_map(|begin| self.mean(begin, len)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn load(steps: usize, ok: u32) -> LoadSeconds {
        let mut load = LoadSeconds::empty(0, steps as i64 * 1_000_000);
        let second =
            LoadSecond { starts: ok, ok, timed_ok: ok, ln_ok_ms: f64::from(ok), ..Default::default() };
        load.steps.fill(second);
        load
    }

    fn bins(load: &LoadSeconds, first: usize, until: usize) -> (usize, usize) {
        let bins = Bins::of(load, first, until, &Config::defaults().window.cut);
        (bins.width, bins.len())
    }

    #[test]
    fn bins_are_as_wide_as_their_number_and_their_requests_ask_for() {
        assert_eq!(bins(&load(120, 10), 0, 120), (1, 120));
        assert_eq!(bins(&load(301, 10), 0, 301), (2, 150), "at most 300");
        assert_eq!(bins(&load(120, 2), 0, 120), (3, 40), "five successful requests in the mean");
        assert_eq!(bins(&load(120, 10), 20, 120), (1, 100), "behind a ramp");
        assert_eq!((bins(&load(120, 0), 0, 120), bins(&load(9, 1), 9, 9)), ((120, 1), (1, 0)));
    }

    #[test]
    fn what_is_not_known_of_a_bin_is_left_out_of_means() {
        let series = Series { values: vec![Some(1.0), None, Some(3.0), None, None, Some(5.0)] };
        assert_eq!(series.mean(0, 3), Some(2.0));
        assert_eq!((series.mean(3, 2), series.mean(4, 9), series.mean(7, 1)), (None, Some(5.0), None));
        assert_eq!(series.blocks(2, 0, 5), [1.0, 3.0]);
    }
}
