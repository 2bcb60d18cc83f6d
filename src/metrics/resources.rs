//! Memory and CPU of the service, and of the load generator.

use super::entry::{Entry, entry, higher, lower, neither};
use super::metric::{Population::Samples, RESOURCES};
use super::reading::{Reading, value};
use super::subject::{Table, one, table};
use crate::summary::{Cpu, Measured, Memory, Resources};
use crate::units::Unit::*;

pub const SUBJECT: Table<Resources> =
    table(RESOURCES, &[RESOURCES], ENTRIES, |run| one(RESOURCES, Measured::Value(&run.resources)));

fn memory(all: &Resources, of: fn(&Memory) -> Measured<f64>) -> Reading {
    let n = all.memory.value().map(|memory| memory.samples);
    Reading { n, ..value(&all.memory.as_ref().and_then(of)) }
}

fn cpu(all: &Resources, of: fn(&Cpu) -> Measured<f64>) -> Reading {
    let n = all.cpu.value().map(|cpu| cpu.samples);
    Reading { n, ..value(&all.cpu.as_ref().and_then(of)) }
}

#[rustfmt::skip]
const ENTRIES: &[Entry<Resources>] = &[
    entry(lower("memory_growth_mb").compared().headline(), Megabytes, Samples,
        "slope of the floor of the service's resident memory \u{b7} window",
        |all| memory(all, |memory| memory.growth_mb.clone())),
    entry(lower("memory_growth_mb_per_min").headline(), MegabytesPerMinute, Samples, "that slope",
        |all| memory(all, |memory| memory.growth_mb_per_min.clone())),
    entry(lower("memory_growth_mb_per_100_users").headline(), Megabytes, Samples, "growth \u{b7} 100 / users",
        |all| memory(all, |memory| memory.growth_mb_per_100_users.clone())),
    entry(lower("memory_growth_kb_per_operation").headline(), Kilobytes, Samples,
        "growth \u{b7} 1000 / finished requests",
        |all| memory(all, |memory| memory.growth_kb_per_operation.clone())),
    entry(neither("memory_change_mb").headline(), Megabytes, Samples,
        "last less first sample: with a saw-tooth a matter of luck",
        |all| memory(all, |memory| Measured::Value(memory.change_mb))),
    entry(lower("memory_mean_mb"), Megabytes, Samples, "mean",
        |all| memory(all, |memory| Measured::Value(memory.mean_mb))),
    entry(lower("memory_peak_mb").headline(), Megabytes, Samples, "largest value",
        |all| memory(all, |memory| Measured::Value(memory.peak_mb))),
    entry(lower("cpu_mean_percent").compared().headline(), Percent, Samples, "mean, where 100 is one core",
        |all| cpu(all, |cpu| Measured::Value(cpu.mean_percent))),
    entry(lower("cpu_peak_percent").headline(), Percent, Samples, "largest value",
        |all| cpu(all, |cpu| Measured::Value(cpu.peak_percent))),
    entry(lower("cpu_mean_share_of_machine").headline(), Ratio, Samples, "mean / (100 \u{b7} cores)",
        |all| cpu(all, |cpu| cpu.mean_share_of_machine.clone())),
    entry(lower("load_generator_cpu_percent").headline(), Percent, Samples,
        "mean of the instances with the role load_generator", |all| value(&all.load_generator_cpu_percent)),
    entry(higher("throughput_per_cpu_percent").headline(), Number, Samples,
        "finished requests per second / mean CPU", |all| value(&all.throughput_per_cpu_percent)),
    entry(higher("throughput_per_growth_mb").headline(), Number, Samples,
        "finished requests per second / memory growth", |all| value(&all.throughput_per_growth_mb)),
];
