//! The series whose trend is judged: values of bins of whole seconds within the window.

use std::ops::Range;

use crate::config::{Config, GoodDirection, NAMED_SERIES, TrendSettings};
use crate::judge::whole_seconds::{SECOND_US, WholeSeconds};
use crate::metrics::{Better, MetricKey, metric_of};
use crate::stats::quantile::{select_without_fastest, type7_select};
use crate::stats::sum::CompensatedSum;
use crate::summary::{Measured, RunSummary, SecondOfRequests};
use crate::units::Unit;

/// A metric over time, one value a bin.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricSeries {
    /// Start of each bin, s since the first whole second of the window; ascending.
    pub x_s: Vec<f64>,
    pub y: Vec<f64>,
    /// What each value counts in the slope: of a share the calls that it is of, of all else the same.
    pub weights: Vec<f64>,
    /// Mean over the bins of the variance that a value has by its own sampling, were its calls independent.
    pub sampling_variance: f64,
    pub bin_s: f64,
    /// A share 0..1: its changes are points.
    pub is_rate: bool,
}

/// The value of a bin.
#[derive(Debug, Clone, Copy, PartialEq)]
struct BinValue {
    y: f64,
    weight: f64,
    sampling_variance: f64,
}

impl BinValue {
    /// `hits` of so many calls.
    fn share(hits: u64, of: u64) -> Option<Self> {
        let (share, of) = (hits as f64 / of as f64, of as f64);
        (of > 0.0).then(|| Self { y: share, weight: of, sampling_variance: share * (1.0 - share) / of })
    }

    fn plain(y: f64, sampling_variance: f64) -> Self {
        Self { y, weight: 1.0, sampling_variance }
    }
}

/// Name, unit, which way is better, and series.
pub type Named = (String, Unit, Better, Measured<MetricSeries>);

/// The reference's series in its order, then the other sampled metrics by label.
pub fn of_run(summary: &RunSummary, config: &Config) -> Vec<Named> {
    let seconds = WholeSeconds::within(summary.window.start_us, summary.window.end_us);
    let requests = Requests::of(summary, seconds, &config.trend);
    let bins = || SampleBins::of(seconds, &config.trend);
    let series = &summary.series;
    let (bin, p95_bin) = (config.trend.min_requests_per_bin, config.trend.min_requests_per_p95_bin);
    let of = |key: &str| match key {
        "request/success_rate" => requests.series(bin, true, |bin| bin.success_rate()),
        "request/mean_ms" => requests.series(bin, false, |bin| bin.mean_ms()),
        "request/p95_ms" => requests.series(p95_bin, false, |bin| bin.p95_ms()),
        "request/throughput_per_s" => requests.series(bin, false, |bin| bin.per_second()),
        "cache/lookup_hit_rate" => hit_rate(summary, seconds, &config.trend),
        "resources/memory_mean_mb" => samples(&series.service_memory_mb, bins()),
        "resources/cpu_mean_percent" => samples(&series.service_cpu_percent, bins()),
        _ => Measured::undefined("this metric has no series"),
    };
    let named = |(name, key): (&str, &str)| {
        let metric = MetricKey::parse(key).ok().and_then(|key| metric_of(&key));
        let unit = metric.map_or(Unit::Number, |metric| metric.unit);
        (name.to_owned(), unit, metric.map_or(Better::Neither, |metric| metric.better), of(key))
    };
    let mut all: Vec<Named> = NAMED_SERIES.into_iter().map(named).collect();
    all.extend(custom(summary, bins(), config));
    all
}

/// Width of bins, s: as wide as the settings say, or as what a bin must hold takes. In short windows they are narrower, so
/// that there are three times the points that a trend needs; in very long ones wider.
fn bin_s(seconds: WholeSeconds, holding: i64, settings: &TrendSettings) -> i64 {
    let usual = settings.bin_s.min(seconds.count.unsigned_abs() / (3 * settings.min_points as u64));
    let least = seconds.count.unsigned_abs().div_ceil(settings.max_points as u64);
    holding.max(usual.max(least) as i64).max(1)
}

/// What the series of the requests are made from.
struct Requests<'a> {
    /// Index of each second among the whole ones of the window with what ended in it, ascending.
    within: Vec<(i64, &'a SecondOfRequests)>,
    total: u64,
    seconds: WholeSeconds,
    settings: &'a TrendSettings,
}

impl<'a> Requests<'a> {
    fn of(summary: &'a RunSummary, seconds: WholeSeconds, settings: &'a TrendSettings) -> Self {
        let all = summary.series.request_seconds.iter();
        let within: Vec<_> =
            all.filter_map(|second| Some((seconds.index(second.start_us)?, second))).collect();
        let total = within.iter().map(|(_, second)| second.count).sum();
        Self { within, total, seconds, settings }
    }

    /// One width for all bins, from the mean rate: bins that close when they are full would bias their rates.
    fn series(
        &self,
        requests_per_bin: u64,
        is_rate: bool,
        value: fn(&Bin<'_>) -> Option<BinValue>,
    ) -> Measured<MetricSeries> {
        if self.total == 0 {
            return Measured::undefined("no requests in whole seconds of the window");
        }
        let wanted = (requests_per_bin as f64 * self.seconds.count as f64 / self.total as f64).ceil() as i64;
        let bin_s = bin_s(self.seconds, wanted, self.settings);
        let mut rest = self.within.as_slice();
        let values = (1..=self.seconds.count / bin_s).map(|bins| {
            let end = rest.partition_point(|(index, _)| *index < bins * bin_s);
            let (seconds, behind) = rest.split_at(end);
            rest = behind;
            value(&Bin { seconds, bin_s: bin_s as f64 })
        });
        collected(values, bin_s, is_rate, "the requests carry no outcome or no duration")
    }
}

/// The seconds of a bin in which requests ended.
struct Bin<'a> {
    seconds: &'a [(i64, &'a SecondOfRequests)],
    bin_s: f64,
}

impl Bin<'_> {
    fn sum(&self, number: fn(&SecondOfRequests) -> u64) -> u64 {
        self.seconds.iter().map(|(_, second)| number(second)).sum()
    }

    fn durations_ms(&self) -> impl Iterator<Item = &[f64]> {
        self.seconds.iter().map(|(_, second)| &*second.durations_ms)
    }

    fn success_rate(&self) -> Option<BinValue> {
        let ok = self.sum(|second| second.ok);
        BinValue::share(ok, ok + self.sum(|second| second.failed))
    }

    fn mean_ms(&self) -> Option<BinValue> {
        let mut mean = Mean::default();
        self.durations_ms().flatten().for_each(|&duration_ms| mean.add(duration_ms));
        mean.value()
    }

    fn p95_ms(&self) -> Option<BinValue> {
        const QUANTILE: f64 = 0.95;
        let failed = self.seconds.iter().map(|(_, second)| second.timed_failures()).sum();
        let mut all = self.durations_ms().collect::<Vec<_>>().concat();
        let judged = select_without_fastest(&mut all, failed);
        // So many ranks, of all of them, is the standard deviation of the calls below the quantile.
        let off = (QUANTILE * (1.0 - QUANTILE) / judged.len() as f64).sqrt();
        let around = type7_select(judged, &[QUANTILE - off, QUANTILE, (QUANTILE + off).min(1.0)])?;
        let [low, quantile, high] = around[..] else { return None };
        Some(BinValue::plain(quantile, ((high - low) / 2.0).powi(2)))
    }

    fn per_second(&self) -> Option<BinValue> {
        let count = self.sum(|second| second.count) as f64;
        Some(BinValue::plain(count / self.bin_s, count / self.bin_s.powi(2)))
    }
}

/// A mean in the making, with the squares around it.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: CompensatedSum,
    count: u64,
    /// The first value: squares around it lose no digits where values are far from 0.
    first: f64,
    beyond_first: f64,
    squares: f64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        if self.count == 0 {
            self.first = value;
        }
        self.sum.add(value);
        self.count += 1;
        self.beyond_first += value - self.first;
        self.squares += (value - self.first).powi(2);
    }

    fn value(self) -> Option<BinValue> {
        let count = self.count as f64;
        let variance = (self.squares / count - (self.beyond_first / count).powi(2)).max(0.0);
        (self.count > 0).then(|| BinValue::plain(self.sum.value() / count, variance / (count - 1.0).max(1.0)))
    }
}

/// The bins that have a value.
fn collected(
    values: impl Iterator<Item = Option<BinValue>>,
    bin_s: i64,
    is_rate: bool,
    reason: &'static str,
) -> Measured<MetricSeries> {
    let points = values.enumerate().filter_map(|(bin, value)| Some((bin as f64 * bin_s as f64, value?)));
    let (x_s, values): (Vec<f64>, Vec<BinValue>) = points.unzip();
    let of = |number: fn(&BinValue) -> f64| values.iter().map(number).collect::<Vec<f64>>();
    let series = || MetricSeries {
        x_s,
        y: of(|value| value.y),
        weights: of(|value| value.weight),
        sampling_variance: of(|value| value.sampling_variance).iter().sum::<f64>() / values.len() as f64,
        bin_s: bin_s as f64,
        is_rate,
    };
    Measured::or((!values.is_empty()).then(series), reason)
}

/// Share of the look-ups that any tier answered (of all tiers' look-ups where they carry no request id).
fn hit_rate(summary: &RunSummary, seconds: WholeSeconds, settings: &TrendSettings) -> Measured<MetricSeries> {
    let within = summary
        .series
        .lookup_seconds
        .iter()
        .filter_map(|second| Some((seconds.index(second.start_us)?, second.lookups, second.hits)));
    let within: Vec<(i64, u64, u64)> = within.collect();
    let total: u64 = within.iter().map(|(_, lookups, _)| lookups).sum();
    if total == 0 {
        return Measured::undefined("no cache look-ups in whole seconds of the window");
    }
    let wanted = (settings.min_requests_per_bin as f64 * seconds.count as f64 / total as f64).ceil() as i64;
    let bin_s = bin_s(seconds, wanted, settings);
    let mut pools = vec![(0u64, 0u64); (seconds.count / bin_s) as usize];
    for (index, lookups, hits) in within {
        if let Some(pool) = pools.get_mut((index / bin_s) as usize) {
            *pool = (pool.0 + lookups, pool.1 + hits);
        }
    }
    let rates = pools.into_iter().map(|(lookups, hits)| BinValue::share(hits, lookups));
    collected(rates, bin_s, true, "no cache look-ups in whole bins")
}

/// The bins of sampled values, which mostly lie in the second of the one before.
struct SampleBins {
    seconds: WholeSeconds,
    bin_s: i64,
    count: usize,
    /// The second of the last instant that was asked for, µs since 1970, and its bin.
    last: (Range<i64>, Option<usize>),
}

impl SampleBins {
    fn of(seconds: WholeSeconds, settings: &TrendSettings) -> Self {
        let bin_s = bin_s(seconds, 1, settings);
        Self { seconds, bin_s, count: (seconds.count / bin_s) as usize, last: (0..0, None) }
    }

    /// The bin in which an instant lies.
    fn index(&mut self, at_us: i64) -> Option<usize> {
        if !self.last.0.contains(&at_us) {
            let start_us = at_us.div_euclid(SECOND_US).checked_mul(SECOND_US);
            let second = start_us.map_or(0..0, |start_us| start_us..start_us.saturating_add(SECOND_US));
            let bin = self.seconds.index(at_us).map(|index| (index / self.bin_s) as usize);
            self.last = (second, bin.filter(|&bin| bin < self.count));
        }
        self.last.1
    }

    fn means(&self) -> Vec<Mean> {
        vec![Mean::default(); self.count]
    }

    fn series(&self, means: &[Mean]) -> Measured<MetricSeries> {
        let values = means.iter().map(|mean| mean.value());
        collected(values, self.bin_s, false, "no samples in whole seconds of the window")
    }
}

/// Means of sampled values per bin.
fn samples(points: &[(i64, f64)], mut bins: SampleBins) -> Measured<MetricSeries> {
    let mut means = bins.means();
    for &(at_us, value) in points {
        if let Some(index) = bins.index(at_us) {
            means[index].add(value);
        }
    }
    bins.series(&means)
}

/// Sampled metrics that are not the memory and CPU of a process, which the service's series tell.
fn custom(summary: &RunSummary, mut bins: SampleBins, config: &Config) -> Vec<Named> {
    let measure = &config.measure;
    let is_resource = |label: &str| {
        let name = label.split('[').next().unwrap_or(label);
        measure.memory_metrics.iter().chain(&measure.cpu_metrics).any(|metric| metric == name)
    };
    let series = &summary.series;
    let mut labels: Vec<&str> = series.metrics.iter().map(String::as_str).collect();
    labels.retain(|label| !is_resource(label));
    labels.sort_unstable();
    // Metrics of one name are one.
    labels.dedup();
    let index = |label: &String| labels.binary_search(&label.as_str()).ok();
    let indices: Vec<Option<usize>> = series.metrics.iter().map(index).collect();
    let mut found: Vec<Option<Vec<Mean>>> = vec![None; labels.len()];
    for sample in series.samples.iter() {
        let Some(index) = sample.among(&indices) else { continue };
        let means = found[index].get_or_insert_with(|| bins.means());
        if let Some(bin) = bins.index(sample.at_us) {
            means[bin].add(sample.value);
        }
    }
    let named = |(label, means): (&str, Option<Vec<Mean>>)| {
        let better = match config.trend.good_direction.get(label) {
            Some(GoodDirection::Up) => Better::Higher,
            Some(GoodDirection::Down) => Better::Lower,
            None => Better::Neither,
        };
        Some((label.to_owned(), Unit::Number, better, bins.series(&means?)))
    };
    labels.into_iter().zip(found).filter_map(named).collect()
}
