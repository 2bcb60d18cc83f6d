//! Memory and CPU of the service, apart from those of the load generator.

use super::context::Context;
use super::process_sums::{Role, summed};
use super::samples::{Samples, Stream};
use crate::config::LeakSettings;
use crate::stats::floor::{FloorSlope, floor_slope};
use crate::stats::sum::exact_mean;
use crate::summary::{Cpu, Measured, Memory, RequestSummary, Resources, Window};

const US_PER_S: f64 = 1e6;
const S_PER_MIN: f64 = 60.0;

/// Memory and CPU of the service and CPU of the load generator over a window, the instances of each summed:
/// (µs since 1970, value), by time.
pub struct ProcessSeries {
    pub memory_mb: Vec<(i64, f64)>,
    pub cpu_percent: Vec<(i64, f64)>,
    pub generator_cpu_percent: Vec<(i64, f64)>,
}

impl ProcessSeries {
    /// Over the window of `context`.
    pub fn of(samples: &Samples, context: &Context<'_>) -> Self {
        let settings = context.settings;
        let summed = |metrics, role| within(&summed(samples, metrics, role, context), context.window);
        Self {
            memory_mb: summed(&settings.memory_metrics, Role::Service),
            cpu_percent: summed(&settings.cpu_metrics, Role::Service),
            generator_cpu_percent: summed(&settings.cpu_metrics, Role::LoadGenerator),
        }
    }

    /// Over a part of their window.
    pub fn within(&self, window: &Window) -> Self {
        Self {
            memory_mb: within(&self.memory_mb, window),
            cpu_percent: within(&self.cpu_percent, window),
            generator_cpu_percent: within(&self.generator_cpu_percent, window),
        }
    }
}

pub fn measure(
    samples: &Samples,
    processes: &ProcessSeries,
    requests: &RequestSummary,
    leak: &LeakSettings,
    context: &Context<'_>,
) -> Resources {
    let memory = measure_memory(&processes.memory_mb, requests, leak, context);
    let cpu = measure_cpu(&processes.cpu_percent, context);
    let throughput = match requests.totals.requests {
        0 => Measured::undefined("no finished request"),
        requests => context.per_second(requests),
    };
    let growth_mb = memory.as_ref().and_then(|memory| memory.growth_mb.clone());
    Resources {
        throughput_per_growth_mb: throughput.as_ref().and_then(|&rate| {
            growth_mb.and_then(|growth_mb| {
                if growth_mb > 0.0 {
                    Measured::Value(rate / growth_mb)
                } else {
                    Measured::undefined("the memory did not grow")
                }
            })
        }),
        throughput_per_cpu_percent: throughput.as_ref().and_then(|&rate| {
            cpu.as_ref().and_then(|cpu| Measured::ratio(rate, cpu.mean_percent, "no CPU was used"))
        }),
        load_generator_cpu_percent: Measured::or(
            exact_mean(&values(&processes.generator_cpu_percent)),
            "no CPU samples of an instance with the role load_generator",
        ),
        memory,
        cpu,
        service_instances: instances(samples, context),
    }
}

/// Names of the instances whose memory or CPU counts as the service's.
fn instances(samples: &Samples, context: &Context<'_>) -> Vec<String> {
    let is_resource = |stream: &&Stream| {
        context.settings.memory_metrics.contains(&stream.metric)
            || context.settings.cpu_metrics.contains(&stream.metric)
    };
    let service = samples
        .streams
        .iter()
        .filter(|stream| stream.component == "process" && Role::of(stream) == Role::Service);
    let mut names: Vec<String> =
        service.filter(is_resource).map(|stream| stream.instance.clone().unwrap_or_default()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The part of a series that covers the window: from the last sample at or before its start to the first at or
/// after its end. A recorder samples a service that starts up and shuts down, too; that is not growth under load.
pub fn within(series: &[(i64, f64)], window: &Window) -> Vec<(i64, f64)> {
    let first = series.partition_point(|&(at_us, _)| at_us <= window.start_us).saturating_sub(1);
    let end = series.partition_point(|&(at_us, _)| at_us < window.end_us) + 1;
    series[first..end.min(series.len()).max(first)].to_vec()
}

fn values(series: &[(i64, f64)]) -> Vec<f64> {
    series.iter().map(|&(_, value)| value).collect()
}

fn max(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn measure_memory(
    series: &[(i64, f64)],
    requests: &RequestSummary,
    leak: &LeakSettings,
    context: &Context<'_>,
) -> Measured<Memory> {
    let values = values(series);
    let (Some(&(_, first_mb)), Some(&(_, last_mb)), Some(mean_mb)) =
        (series.first(), series.last(), exact_mean(&values))
    else {
        return Measured::undefined("no memory samples of the service");
    };
    if series.len() == 1 {
        return Measured::undefined("one memory sample, at least 2 needed");
    }
    let slope = floor(series, leak).map(|slope| slope.slope);
    let length_s = (context.window.end_us - context.window.start_us) as f64 / US_PER_S;
    let growth_mb = slope.as_ref().map(|slope| slope * length_s);
    let users =
        context.metadata.users.map_or(Measured::undefined("the number of users is unknown"), Measured::Value);
    Measured::Value(Memory {
        samples: series.len() as u64,
        first_mb,
        last_mb,
        mean_mb,
        peak_mb: max(&values),
        change_mb: last_mb - first_mb,
        growth_mb_per_min: slope.map(|slope| slope * S_PER_MIN),
        growth_mb_per_100_users: growth_mb.as_ref().and_then(|growth_mb| {
            users.and_then(|users| {
                Measured::ratio(growth_mb * 100.0, f64::from(users), "the run has no users")
            })
        }),
        growth_kb_per_operation: growth_mb.as_ref().and_then(|growth_mb| {
            let requests = requests.totals.requests as f64;
            Measured::ratio(growth_mb * 1000.0, requests, "no finished request")
        }),
        growth_mb,
    })
}

/// Slope of the floor of the memory, MB/s, with its standard error.
pub fn floor(series: &[(i64, f64)], leak: &LeakSettings) -> Measured<FloorSlope> {
    let (x, y): (Vec<f64>, Vec<f64>) =
        series.iter().map(|&(at_us, mb)| (at_us as f64 / US_PER_S, mb)).unzip();
    Measured::or(
        floor_slope(&x, &y, leak.floor_window_s, leak.confidence),
        "fewer than 10 windows of memory samples",
    )
}

fn measure_cpu(series: &[(i64, f64)], context: &Context<'_>) -> Measured<Cpu> {
    let values = values(series);
    let Some(mean_percent) = exact_mean(&values) else {
        return Measured::undefined("no CPU samples of the service");
    };
    let cpus = context.metadata.environment.get("cpus").and_then(serde_json::Value::as_f64);
    Measured::Value(Cpu {
        samples: series.len() as u64,
        mean_percent,
        peak_percent: max(&values),
        mean_share_of_machine: match cpus {
            Some(cpus) if cpus > 0.0 => Measured::Value(mean_percent / 100.0 / cpus),
            _ => Measured::undefined("the metadata does not name the number of CPUs"),
        },
    })
}
