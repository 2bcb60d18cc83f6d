//! Memory, CPU and other sampled metrics.

use serde::Serialize;

use super::Measured;

/// Resources of the service (instances whose role is not load generator, model or other).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Resources {
    pub memory: Measured<Memory>,
    pub cpu: Measured<Cpu>,
    /// Mean CPU of the load generator, % of one core.
    pub load_generator_cpu_percent: Measured<f64>,
    /// Throughput per MB of memory growth, 1/(s·MB).
    pub throughput_per_growth_mb: Measured<f64>,
    /// Throughput per % of one core, 1/(s·%).
    pub throughput_per_cpu_percent: Measured<f64>,
    /// Instances counted as service, sorted.
    pub service_instances: Vec<String>,
}

/// Resident memory of the service, MB (10^6 bytes), instances summed per tick.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Memory {
    pub samples: u64,
    pub first_mb: f64,
    pub last_mb: f64,
    pub mean_mb: f64,
    pub peak_mb: f64,
    /// Slope of the floor of the memory times the window: last less first would be the luck of a saw-tooth.
    pub growth_mb: Measured<f64>,
    /// Last less first sample.
    pub change_mb: f64,
    pub growth_mb_per_min: Measured<f64>,
    /// Per 100 configured users.
    pub growth_mb_per_100_users: Measured<f64>,
    /// KB per finished request.
    pub growth_kb_per_operation: Measured<f64>,
}

/// CPU of the service, % where 100 is one core, instances summed per tick.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cpu {
    pub samples: u64,
    pub mean_percent: f64,
    pub peak_percent: f64,
    /// Mean as share of all cores of the machine, where the metadata names their number.
    pub mean_share_of_machine: Measured<f64>,
}

/// A metric that was sampled (`process` rows, gauges of custom components).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampledMetric {
    pub component: String,
    /// The row's `operation`, or `value` where it is null.
    pub metric: String,
    pub instance: Option<String>,
    /// From the metadata.
    pub role: Option<String>,
    pub n: u64,
    pub first: f64,
    pub last: f64,
    pub min: f64,
    pub mean: f64,
    pub max: f64,
    pub p50: Measured<f64>,
    pub p95: Measured<f64>,
}
