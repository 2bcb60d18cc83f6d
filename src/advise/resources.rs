//! Memory that grows, and a CPU that is busy.

use super::Facts;
use super::finding::{Cause, Finding};
use super::missed::{miss_below, missed};
use crate::config::Config;
use crate::judge::{Leak, Severity, cpu_band};
use crate::metrics::RESOURCES;
use crate::summary::Measured;
use crate::units::{Unit, duration_s};

const PER_USERS: &str = "memory_growth_mb_per_100_users";
const PER_OPERATION: &str = "memory_growth_kb_per_operation";

/// The floor of the memory rises so fast that it will pass its target.
pub fn memory_leak(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(leak) = facts.leak.value().filter(|leak| leak.suspected) else { return Vec::new() };
    let per_min = |value| Unit::MegabytesPerMinute.print(value);
    let mb = |value| Unit::Megabytes.print(value);
    let horizon = duration_s(leak.horizon_min * 60.0);
    let limit = leak.limit_mb.number();
    let against = limit.map(|limit_mb| format!(", target {}", mb(limit_mb))).unwrap_or_default();
    let headline = format!(
        "Memory growth rate ({}) indicates a potential leak: {} in {horizon}{against}.",
        per_min(leak.slope_mb_per_min),
        mb(leak.projected_growth_mb),
    );
    let finding =
        Finding::new(RESOURCES, Cause::Memory, (leak.slope_mb_per_min, Unit::MegabytesPerMinute), headline)
            .because([format!(
                "The floor of the memory rises by {} to {}, over {} points.",
                per_min(leak.interval_mb_per_min.low),
                per_min(leak.interval_mb_per_min.high),
                leak.points,
            )])
            .because(memory_told(facts))
            .act(
                "Review the cleanup processes: compare two heap profiles of the service some minutes apart, bound the \
                 answers and histories that it keeps, and close clients and sessions after each request.",
            )
            .gaining(Measured::Value(format!("Without it the memory would not grow by {} in {horizon}.", mb(leak.projected_growth_mb))));
    let Some(limit_mb) = limit else {
        return vec![Finding { severity: Severity::High, ..finding }];
    };
    // The number is a rate, its target a growth over the horizon.
    let target = limit_mb / leak.horizon_min;
    vec![finding.missing(target, miss_below(leak.projected_growth_mb, limit_mb), &config.advice)]
}

fn memory_told(facts: &Facts<'_>) -> Option<String> {
    let memory = facts.summary.resources.memory.value()?;
    let mb = |value| Unit::Megabytes.print(value);
    Some(format!("From {} to {}, {} at most.", mb(memory.first_mb), mb(memory.last_mb), mb(memory.peak_mb)))
}

/// Memory growth beyond its targets; where no leak was found, it asks what the growth is.
pub fn memory_growth_above_target(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let named = [(PER_USERS, "Memory growth per 100 users"), (PER_OPERATION, "Memory growth per operation")];
    let mut missed: Vec<_> =
        named.into_iter().filter_map(|(name, what)| Some((what, missed(facts, name)?))).collect();
    missed.sort_by(|a, b| b.1.miss.total_cmp(&a.1.miss));
    let Some((what, worst)) = missed.first() else { return Vec::new() };
    let leaks_not = facts.leak.value().filter(|leak| !leak.suspected);
    let finding = worst.finding(RESOURCES, Cause::Memory, what, config)
        .because(missed.iter().skip(1).map(|(what, missed)| missed.sentence(what)))
        .because(memory_told(facts))
        .because(leaks_not.map(no_leak))
        .act(match leaks_not {
            Some(_) => {
                "Judge a part of the run behind the warm-up (`--warmup`), or a longer run: the memory swings or fills \
                 up, it shows no leak."
            }
            None => {
                "Review the cleanup processes: what a request leaves behind (histories, lists without a bound, open \
                 sessions), by heap profiles at the start and the end of the load."
            }
        });
    // What does not rise is no leak, however far apart the first and the last sample lie.
    let severity = if leaks_not.is_some() { Severity::Low } else { finding.severity };
    vec![Finding { severity, ..finding }]
}

fn no_leak(leak: &Leak) -> String {
    let per_min = |value| Unit::MegabytesPerMinute.print(value);
    let (low, high) = (leak.interval_mb_per_min.low, leak.interval_mb_per_min.high);
    format!("No leak is shown: the floor of the memory changes by {} to {}.", per_min(low), per_min(high))
}

/// Mean CPU in the worst band.
pub fn cpu_busy(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let resources = &facts.summary.resources;
    let is_worst = cpu_band(resources, &config.resources).value() == Some(&config.resources.worst_band);
    let limit = config.resources.cpu_bands.last().map(|band| band.below_percent);
    let (Some(cpu), Some(limit)) = (resources.cpu.value().filter(|_| is_worst), limit) else {
        return Vec::new();
    };
    // How much of one core says nothing where the number of cores is not known.
    let Some(percent) = cpu.mean_share_of_machine.number().map(|share| share * 100.0) else {
        return Vec::new();
    };
    let print = |value| Unit::Percent.print(value);
    let headline =
        format!("Mean CPU of the service ({} of the machine) at or above {}.", print(percent), print(limit));
    let evidence = format!("Mean {} of one core, peak {}.", print(cpu.mean_percent), print(cpu.peak_percent));
    let slots = match facts.summary.lightrag.value() {
        Some(_) => "; LightRAG's own slots don't help while the CPU is the limit",
        None => "",
    };
    let action = format!(
        "Profile the service (retrieval, embedding, JSON), then scale it out or give it more cores{slots}."
    );
    vec![
        Finding::new(RESOURCES, Cause::Cpu, (percent, Unit::Percent), headline)
            .missing(limit, miss_below(percent, limit), &config.advice)
            .because([evidence])
            .act(action),
    ]
}
