//! Processes that come and go count while they live.

use super::{Run, call, sample};
use crate::run::Event;
use crate::summary::{Cpu, Memory, RunSummary};

const MB: &str = "memory_rss_mb";
const PERCENT: &str = "cpu_percent";

/// A shell of 3 MB without CPU, sampled every `every_ms` for `length_ms`, beside one request as long.
fn shell(length_ms: i64, every_ms: usize) -> Vec<Event> {
    let mut events = vec![call("request", 0, length_ms as f64, "ok")];
    for at_ms in (0..length_ms).step_by(every_ms) {
        events.extend([sample(MB, at_ms, 3.0, "shell"), sample(PERCENT, at_ms, 0.0, "shell")]);
    }
    events
}

/// A child of 8 MB that uses a full core, sampled at these times.
fn child(name: &str, at_ms: impl IntoIterator<Item = i64>) -> Vec<Event> {
    at_ms
        .into_iter()
        .flat_map(|at_ms| [sample(MB, at_ms, 8.0, name), sample(PERCENT, at_ms, 100.0, name)])
        .collect()
}

fn used(summary: &RunSummary) -> (Memory, Cpu) {
    let resources = &summary.resources;
    (resources.memory.value().unwrap().clone(), resources.cpu.value().unwrap().clone())
}

#[test]
fn children_one_after_another_use_one_core_and_the_memory_of_one() {
    let mut events = shell(6_000, 100);
    for born in 0..30 {
        events.extend(child(&format!("child-{born}"), [born * 200, born * 200 + 100]));
    }
    let (memory, cpu) = used(&Run::of(events).measure());
    assert_eq!((cpu.mean_percent, cpu.peak_percent), (100.0, 100.0));
    assert_eq!((memory.mean_mb, memory.peak_mb), (11.0, 11.0));
}

#[test]
fn a_child_that_lives_a_third_of_the_time_uses_a_third() {
    let mut events = shell(30_000, 100);
    for born in 0..20 {
        events.extend(child(&format!("child-{born}"), (0..5).map(|tick| born * 1_500 + tick * 100)));
    }
    let (_, cpu) = used(&Run::of(events).measure());
    assert!((cpu.mean_percent - 100.0 / 3.0).abs() < 1e-9, "{}", cpu.mean_percent);
    assert_eq!(cpu.peak_percent, 100.0);
}

#[test]
fn where_others_are_sampled_and_no_process_of_the_service_lives_nothing_is_used() {
    let mut run = Run::of(vec![call("request", 0, 900.0, "ok")]);
    run.events.extend((0..10).map(|tick| sample(PERCENT, tick * 100, 50.0, "locust")));
    run.events.extend(child("first", [200, 300]));
    run.events.extend(child("second", [600, 700]));
    run.metadata.instances.insert("locust".into(), "load_generator".into());
    let summary = run.measure();
    let (memory, cpu) = used(&summary);
    let series: Vec<f64> = summary.series.service_cpu_percent.iter().map(|&(_, percent)| percent).collect();
    assert_eq!(series, [100.0, 100.0, 0.0, 0.0, 100.0, 100.0], "from the first sample to the last");
    assert_eq!((cpu.samples, memory.peak_mb), (6, 8.0));
}

#[test]
fn the_interval_is_that_of_the_metadata_or_of_the_samples() {
    // Every second; the second process is sampled 400 ms after the first.
    let mut run = Run::of(vec![call("request", 0, 10_000.0, "ok")]);
    for tick in 0..10 {
        run.events.extend([sample(MB, tick * 1_000, 10.0, "a"), sample(MB, tick * 1_000 + 400, 20.0, "b")]);
    }
    let sums = |run: &Run| run.measure().series.service_memory_mb;
    assert!(sums(&run).iter().all(|&(_, mb)| mb == 30.0));
    assert_eq!(sums(&run).len(), 20);
    let sampler = run.measure().data_quality.sampler.value().cloned().unwrap();
    assert_eq!((sampler.interval_ms, sampler.missed_ticks, sampler.jitter_max_ms), (1_000.0, 0, 0.0));
    run.metadata.sample_interval_ms = Some(100.0);
    assert_eq!(run.measure().data_quality.sampler.value().unwrap().interval_ms, 100.0);
}

#[test]
fn a_sum_of_half_of_the_processes_at_an_edge_is_none() {
    // The second process is sampled 70 ms after the first: at the first instant it was there, but is not known.
    let mut events = vec![call("request", 0, 1_000.0, "ok")];
    for tick in 0..10 {
        events.extend([sample(MB, tick * 100, 10.0, "a"), sample(MB, tick * 100 + 70, 20.0, "b")]);
    }
    let sums = Run::of(events).measure().series.service_memory_mb;
    assert_eq!((sums.len(), sums.iter().all(|&(_, mb)| mb == 30.0)), (18, true), "{sums:?}");
}
