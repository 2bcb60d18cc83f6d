//! Memory and CPU of the service, and of the load generator.

use super::entry::{Entry, entry, metric};
use super::metric::{Population, RESOURCES};
use super::reading::Reading;
use super::subject::{Instance, Instances, Table};
use crate::summary::{Cpu, Measured, Memory, Resources, RunSummary};
use crate::units::Unit;

pub const SUBJECT: Table<Resources> = Table {
    component: RESOURCES,
    is_about: |component| component == RESOURCES,
    entries: ENTRIES,
    instances,
    instance: None,
};

fn instances(run: &RunSummary) -> Instances<'_, Resources> {
    Measured::Value(vec![Instance { component: RESOURCES, operation: None, of: &run.resources }])
}

fn memory(resources: &Resources, of: impl FnOnce(&Memory) -> Measured<f64>) -> Reading {
    let n = resources.memory.value().map(|memory| memory.samples);
    Reading { n, ..Reading::plain(&resources.memory.as_ref().and_then(of)) }
}

fn cpu(resources: &Resources, of: impl FnOnce(&Cpu) -> Measured<f64>) -> Reading {
    let n = resources.cpu.value().map(|cpu| cpu.samples);
    Reading { n, ..Reading::plain(&resources.cpu.as_ref().and_then(of)) }
}

const ENTRIES: &[Entry<Resources>] = &[
    entry(
        metric(
            "memory_growth_mb",
            Unit::Megabytes,
            Population::Samples,
            "slope of the floor of the service's resident memory \u{b7} window",
        )
        .lower()
        .compared()
        .headline(),
        |resources| memory(resources, |memory| memory.growth_mb.clone()),
    ),
    entry(
        metric("memory_growth_mb_per_min", Unit::MegabytesPerMinute, Population::Samples, "that slope")
            .lower()
            .headline(),
        |resources| memory(resources, |memory| memory.growth_mb_per_min.clone()),
    ),
    entry(
        metric(
            "memory_growth_mb_per_100_users",
            Unit::Megabytes,
            Population::Samples,
            "growth \u{b7} 100 / users",
        )
        .lower()
        .headline(),
        |resources| memory(resources, |memory| memory.growth_mb_per_100_users.clone()),
    ),
    entry(
        metric(
            "memory_growth_kb_per_operation",
            Unit::Kilobytes,
            Population::Samples,
            "growth \u{b7} 1000 / finished requests",
        )
        .lower()
        .headline(),
        |resources| memory(resources, |memory| memory.growth_kb_per_operation.clone()),
    ),
    entry(
        metric(
            "memory_change_mb",
            Unit::Megabytes,
            Population::Samples,
            "last less first sample: with a saw-tooth a matter of luck",
        )
        .headline(),
        |resources| memory(resources, |memory| Measured::Value(memory.change_mb)),
    ),
    entry(metric("memory_mean_mb", Unit::Megabytes, Population::Samples, "mean").lower(), |resources| {
        memory(resources, |memory| Measured::Value(memory.mean_mb))
    }),
    entry(
        metric("memory_peak_mb", Unit::Megabytes, Population::Samples, "largest value").lower().headline(),
        |resources| memory(resources, |memory| Measured::Value(memory.peak_mb)),
    ),
    entry(
        metric("cpu_mean_percent", Unit::Percent, Population::Samples, "mean, where 100 is one core")
            .lower()
            .compared()
            .headline(),
        |resources| cpu(resources, |cpu| Measured::Value(cpu.mean_percent)),
    ),
    entry(
        metric("cpu_peak_percent", Unit::Percent, Population::Samples, "largest value").lower().headline(),
        |resources| cpu(resources, |cpu| Measured::Value(cpu.peak_percent)),
    ),
    entry(
        metric("cpu_mean_share_of_machine", Unit::Ratio, Population::Samples, "mean / (100 \u{b7} cores)")
            .lower()
            .headline(),
        |resources| cpu(resources, |cpu| cpu.mean_share_of_machine.clone()),
    ),
    entry(
        metric(
            "load_generator_cpu_percent",
            Unit::Percent,
            Population::Samples,
            "mean of the instances with the role load_generator",
        )
        .lower()
        .headline(),
        |resources| Reading::plain(&resources.load_generator_cpu_percent),
    ),
    entry(
        metric(
            "throughput_per_cpu_percent",
            Unit::Number,
            Population::Samples,
            "finished requests per second / mean CPU",
        )
        .higher()
        .headline(),
        |resources| Reading::plain(&resources.throughput_per_cpu_percent),
    ),
    entry(
        metric(
            "throughput_per_growth_mb",
            Unit::Number,
            Population::Samples,
            "finished requests per second / memory growth",
        )
        .higher()
        .headline(),
        |resources| Reading::plain(&resources.throughput_per_growth_mb),
    ),
];
