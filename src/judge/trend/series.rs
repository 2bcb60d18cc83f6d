//! The series whose trend is judged: values of bins of whole seconds within the window.

use std::collections::BTreeMap;

use crate::config::{Config, TrendSettings};
use crate::judge::whole_seconds::WholeSeconds;
use crate::stats::quantile::type7_sorted;
use crate::stats::sum::compensated_sum;
use crate::summary::{Measured, RunSummary, SecondOfRequests};
use crate::units::Unit;

/// A metric over time, one value a bin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MetricSeries {
    /// Start of each bin, s since the first whole second of the window; ascending.
    pub(super) x_s: Vec<f64>,
    pub(super) y: Vec<f64>,
    pub(super) bin_s: f64,
    /// A share 0..1: its changes are points.
    pub(super) is_rate: bool,
}

/// Name, unit and series.
type Named = (String, &'static str, Measured<MetricSeries>);

/// The reference's series in its order, then the other sampled metrics by label.
pub(super) fn of_run(summary: &RunSummary, config: &Config) -> Vec<Named> {
    let seconds = WholeSeconds::within(summary.window.start_us, summary.window.end_us);
    let requests = Requests { summary, seconds, settings: &config.trend };
    let series = &summary.series;
    let named = |name: &str, unit: Unit, series| (name.to_owned(), unit.word(), series);
    let (bin, p95_bin) = (config.trend.min_requests_per_bin, config.trend.min_requests_per_p95_bin);
    let mut all = vec![
        named("success_rate", Unit::Ratio, requests.series(bin, true, Pool::success_rate)),
        named("response_time", Unit::Milliseconds, requests.series(bin, false, Pool::mean_ms)),
        named("p95_response_time", Unit::Milliseconds, requests.series(p95_bin, false, Pool::p95_ms)),
        named("throughput", Unit::PerSecond, requests.series(bin, false, Pool::per_second)),
        named("cache_hit_rate", Unit::Ratio, hit_rate(summary, seconds, &config.trend)),
        named("memory_usage", Unit::Megabytes, samples(&series.service_memory_mb, seconds, &config.trend)),
        named("cpu_usage", Unit::Percent, samples(&series.service_cpu_percent, seconds, &config.trend)),
    ];
    all.extend(custom(summary, seconds, config));
    all
}

/// Width of bins, s: `wanted` and as wide as it takes to have no more than the most points.
fn bin_s(seconds: WholeSeconds, wanted: i64, settings: &TrendSettings) -> i64 {
    let least = seconds.count.unsigned_abs().div_ceil(settings.max_points as u64);
    wanted.max(least as i64).max(1)
}

/// The requests of a bin, pooled.
#[derive(Debug, Default)]
struct Pool {
    count: u64,
    ok: u64,
    failed: u64,
    durations_ms: Vec<f64>,
    bin_s: f64,
}

impl Pool {
    fn add(&mut self, second: &SecondOfRequests) {
        self.ok += second.ok;
        self.failed += second.failed;
        self.count += second.count;
        self.durations_ms.extend_from_slice(&second.durations_ms);
    }

    fn success_rate(&mut self) -> Option<f64> {
        let judged = self.ok + self.failed;
        (judged > 0).then(|| self.ok as f64 / judged as f64)
    }

    fn mean_ms(&mut self) -> Option<f64> {
        let n = self.durations_ms.len();
        (n > 0).then(|| compensated_sum(&self.durations_ms) / n as f64)
    }

    fn p95_ms(&mut self) -> Option<f64> {
        self.durations_ms.sort_unstable_by(f64::total_cmp);
        type7_sorted(&self.durations_ms, 0.95)
    }

    fn per_second(&mut self) -> Option<f64> {
        Some(self.count as f64 / self.bin_s)
    }
}

/// What the series of the requests are made from.
struct Requests<'a> {
    summary: &'a RunSummary,
    seconds: WholeSeconds,
    settings: &'a TrendSettings,
}

impl Requests<'_> {
    /// One width for all bins, from the mean rate: bins that close when they are full would bias their rates.
    fn series(
        &self,
        requests_per_bin: u64,
        is_rate: bool,
        value: fn(&mut Pool) -> Option<f64>,
    ) -> Measured<MetricSeries> {
        let within: Vec<(i64, &SecondOfRequests)> = self
            .summary
            .series
            .request_seconds
            .iter()
            .filter_map(|second| Some((self.seconds.place(second.start_us)?, second)))
            .collect();
        let total: u64 = within.iter().map(|(_, second)| second.count).sum();
        if total == 0 {
            return Measured::undefined("no requests in whole seconds of the window");
        }
        let wanted = (requests_per_bin as f64 * self.seconds.count as f64 / total as f64).ceil() as i64;
        let bin_s = bin_s(self.seconds, wanted, self.settings);
        let mut pools: Vec<Pool> = (0..self.seconds.count / bin_s)
            .map(|_| Pool { bin_s: bin_s as f64, ..Pool::default() })
            .collect();
        for (place, second) in within {
            if let Some(pool) = pools.get_mut((place / bin_s) as usize) {
                pool.add(second);
            }
        }
        let values = pools.iter_mut().map(value);
        collected(values, bin_s, is_rate, "the requests carry no outcome or no duration")
    }
}

/// The bins that have a value.
fn collected(
    values: impl Iterator<Item = Option<f64>>,
    bin_s: i64,
    is_rate: bool,
    reason: &'static str,
) -> Measured<MetricSeries> {
    let points = values.enumerate().filter_map(|(bin, value)| Some((bin as f64 * bin_s as f64, value?)));
    let (x_s, y): (Vec<f64>, Vec<f64>) = points.unzip();
    Measured::or((!y.is_empty()).then_some(MetricSeries { x_s, y, bin_s: bin_s as f64, is_rate }), reason)
}

/// Share of the look-ups that any tier answered (of all tiers' look-ups where they carry no request id).
fn hit_rate(summary: &RunSummary, seconds: WholeSeconds, settings: &TrendSettings) -> Measured<MetricSeries> {
    let within = summary
        .series
        .lookup_seconds
        .iter()
        .filter_map(|second| Some((seconds.place(second.start_us)?, second.lookups, second.hits)));
    let within: Vec<(i64, u64, u64)> = within.collect();
    let total: u64 = within.iter().map(|(_, lookups, _)| lookups).sum();
    if total == 0 {
        return Measured::undefined("no cache look-ups in whole seconds of the window");
    }
    let wanted = (settings.min_requests_per_bin as f64 * seconds.count as f64 / total as f64).ceil() as i64;
    let bin_s = bin_s(seconds, wanted, settings);
    let mut pools = vec![(0u64, 0u64); (seconds.count / bin_s) as usize];
    for (place, lookups, hits) in within {
        if let Some(pool) = pools.get_mut((place / bin_s) as usize) {
            *pool = (pool.0 + lookups, pool.1 + hits);
        }
    }
    let rates = pools.into_iter().map(|(lookups, hits)| (lookups > 0).then(|| hits as f64 / lookups as f64));
    collected(rates, bin_s, true, "no cache look-ups in whole bins")
}

/// Means of sampled values per bin.
fn samples(points: &[(i64, f64)], seconds: WholeSeconds, settings: &TrendSettings) -> Measured<MetricSeries> {
    let bin_s = bin_s(seconds, 1, settings);
    let mut bins: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for &(at_us, value) in points {
        if let Some(place) = seconds.place(at_us) {
            bins.entry(place / bin_s).or_default().push(value);
        }
    }
    let means = (0..seconds.count / bin_s).map(|bin| {
        let values = bins.get(&bin)?;
        Some(compensated_sum(values) / values.len() as f64)
    });
    collected(means, bin_s, false, "no samples in whole seconds of the window")
}

/// Sampled metrics that are not the memory and CPU of a process, which the service's series tell.
fn custom(summary: &RunSummary, seconds: WholeSeconds, config: &Config) -> Vec<Named> {
    let measure = &config.measure;
    let is_resource = |label: &str| {
        let name = label.split('[').next().unwrap_or(label);
        measure.memory_metrics.iter().chain(&measure.cpu_metrics).any(|metric| metric == name)
    };
    let mut by_label: BTreeMap<&str, Vec<(i64, f64)>> = BTreeMap::new();
    for sample in summary.series.samples.iter().filter(|sample| !is_resource(&sample.metric)) {
        by_label.entry(&sample.metric).or_default().push((sample.at_us, sample.value));
    }
    by_label
        .into_iter()
        .map(|(label, points)| {
            (label.to_owned(), Unit::Number.word(), samples(&points, seconds, &config.trend))
        })
        .collect()
}
