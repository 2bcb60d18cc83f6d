//! Sampled values: one stream per component, metric and instance.

use rustc_hash::FxHashMap;

use super::context::Context;
use super::rows::Rows;
use super::span::WindowSpan;
use super::words::{NO_WORD, Words};
use crate::run::RunMetadata;
use crate::stats::quantile::type7_sorted;
use crate::stats::sum::exact_mean;
use crate::summary::{Measured, SamplePoint, SamplePoints, SampledMetric};

/// Which stream a sample belongs to, as codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct StreamKey {
    component: u32,
    metric: u32,
    instance: u32,
}

/// Samples as they came: (µs since 1970, value) by stream.
#[derive(Debug, Default)]
pub struct SampleLog {
    streams: FxHashMap<StreamKey, Vec<(i64, f64)>>,
    /// Sample rows without a value, which say nothing.
    without_value: u64,
}

impl SampleLog {
    pub fn update(&mut self, rows: &Rows<'_>, row: usize, component: u32) {
        let Some(value) = rows.value.get(row) else {
            self.without_value += 1;
            return;
        };
        let key = StreamKey {
            component,
            metric: rows.operation.get(row).unwrap_or(NO_WORD),
            instance: rows.instance.get(row).unwrap_or(NO_WORD),
        };
        self.streams.entry(key).or_default().push((rows.ts.values()[row], value));
    }

    pub fn merge(&mut self, other: SampleLog) {
        for (key, mut points) in other.streams {
            self.streams.entry(key).or_default().append(&mut points);
        }
        self.without_value += other.without_value;
    }

    /// The streams sorted by their words, each by time; equal times by value.
    pub fn finish(self, words: &Words, metadata: &RunMetadata) -> Samples {
        let mut streams: Vec<Stream> = self
            .streams
            .into_iter()
            .map(|(key, mut points)| {
                // They grew step by step, and stay to the end.
                points.shrink_to_fit();
                points.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
                Stream::new(key, points, words, metadata)
            })
            .collect();
        streams.sort_unstable_by(|a, b| a.index().cmp(&b.index()));
        Samples { streams, without_value: self.without_value }
    }
}

/// All sampled streams of a run.
pub struct Samples {
    pub streams: Vec<Stream>,
    pub without_value: u64,
}

/// The samples of one metric of one instance, by time.
pub struct Stream {
    pub component: String,
    pub metric: String,
    pub instance: Option<String>,
    pub role: Option<String>,
    /// (µs since 1970, value), ascending, never empty.
    pub points: Vec<(i64, f64)>,
}

impl Stream {
    fn new(key: StreamKey, points: Vec<(i64, f64)>, words: &Words, metadata: &RunMetadata) -> Self {
        let instance = words.some_word(key.instance).map(str::to_owned);
        let role = instance.as_ref().and_then(|name| metadata.instances.get(name)).cloned();
        Self {
            component: words.word(key.component).to_owned(),
            metric: words.some_word(key.metric).unwrap_or("value").to_owned(),
            instance,
            role,
            points,
        }
    }

    fn index(&self) -> (&str, &str, Option<&str>) {
        (&self.component, &self.metric, self.instance.as_deref())
    }

    /// Name in the table of samples.
    fn label(&self) -> String {
        let instance = self.instance.as_ref().map(|name| format!("[{name}]")).unwrap_or_default();
        match self.component.as_str() {
            "process" => format!("{}{instance}", self.metric),
            component => format!("{component}.{}{instance}", self.metric),
        }
    }

    /// How far each sample is from the one before, ms.
    pub fn distances_ms(&self) -> Vec<f64> {
        self.points.windows(2).map(|pair| (pair[1].0 - pair[0].0) as f64 / 1000.0).collect()
    }

    /// Of the samples in `span`; `None` where there are none.
    fn measure(&self, span: Option<&WindowSpan>) -> Option<SampledMetric> {
        let inside = |&&(at_us, _): &&(i64, f64)| span.is_none_or(|span| span.holds(at_us));
        let mut values: Vec<f64> = self.points.iter().filter(inside).map(|&(_, value)| value).collect();
        let (&first, &last) = (values.first()?, values.last()?);
        values.sort_unstable_by(f64::total_cmp);
        Some(SampledMetric {
            component: self.component.clone(),
            metric: self.metric.clone(),
            instance: self.instance.clone(),
            role: self.role.clone(),
            n: values.len() as u64,
            first,
            last,
            min: values[0],
            mean: exact_mean(&values).unwrap_or(first),
            max: values[values.len() - 1],
            p50: Measured::or(type7_sorted(&values, 0.5), "no samples"),
            p95: Measured::or(type7_sorted(&values, 0.95), "no samples"),
        })
    }
}

impl Samples {
    pub fn measure(&self, span: Option<&WindowSpan>) -> Vec<SampledMetric> {
        self.streams.iter().filter_map(|stream| stream.measure(span)).collect()
    }

    /// The process stream with the most samples, the first by name among equals; none with one sample alone.
    pub fn longest_process(&self) -> Option<&Stream> {
        let processes = self.streams.iter().filter(|stream| stream.component == "process");
        let longest = processes.reduce(|a, b| if b.points.len() > a.points.len() { b } else { a });
        longest.filter(|stream| stream.points.len() > 1)
    }

    /// The distance between two samples of a process: as the metadata names it, else the median of those seen, else
    /// that of the settings.
    pub fn interval_ms(&self, context: &Context<'_>) -> f64 {
        let named = context.metadata.sample_interval_ms;
        let seen = || {
            let mut distances_ms = self.longest_process()?.distances_ms();
            distances_ms.sort_unstable_by(f64::total_cmp);
            type7_sorted(&distances_ms, 0.5)
        };
        let is_length = |interval_ms: &f64| interval_ms.is_finite() && *interval_ms > 0.0;
        let known = named.filter(is_length).or_else(|| seen().filter(is_length));
        known.unwrap_or(context.settings.sample_interval_ms)
    }

    /// The names of the streams.
    pub fn labels(&self) -> Vec<String> {
        self.streams.iter().map(Stream::label).collect()
    }

    /// Every sample, by time and then in the order of the streams.
    pub fn series(&self, first_tick: i64) -> SamplePoints {
        let mut points = Vec::with_capacity(self.streams.iter().map(|stream| stream.points.len()).sum());
        for (metric, stream) in self.streams.iter().enumerate() {
            points.extend(stream.points.iter().map(|&(at_us, value)| SamplePoint {
                at_us,
                value,
                metric: metric as u32,
            }));
        }
        // Stable: samples of one instant stay in the order of the streams.
        points.sort_by_key(|point| point.at_us);
        SamplePoints::new(points, first_tick)
    }
}
