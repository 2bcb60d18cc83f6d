//! What a sampler sees each 100 ms: memory, CPU, users, queue.

use super::draws::Draws;
use super::flow::round;
use super::plan::Plan;
use super::words::{Entry, Word};

/// Time between two samples, µs.
pub const TICK_US: i64 = 100_000;
/// Samples of one tick.
pub const ROWS_PER_TICK: usize = 6;
/// The sampler wakes up late by up to this, µs.
const LATE_US: f64 = 300.0;
const PAGE_BYTES: f64 = 4096.0;
/// Memory of the service, MB: at rest, what its warm-up adds and how fast (s), what garbage builds up until it is
/// collected and how often (s).
const REST_MB: f64 = 420.0;
const WARM_UP_MB: f64 = 25.0;
const WARM_UP_S: f64 = 6.0;
const GARBAGE_MB: f64 = 18.0;
const COLLECTION_S: f64 = 9.0;

/// What goes on at a tick.
#[derive(Debug, Clone, Copy, Default)]
pub struct Activity {
    pub users: usize,
    pub in_flight: usize,
    /// LightRAG calls that wait for a slot, and that hold one.
    pub waiting: usize,
    pub busy: usize,
}

/// The samples of one tick at `at_us`.
pub fn sample(plan: &Plan, draws: &mut Draws, at_us: i64, now: Activity) -> [Entry; ROWS_PER_TICK] {
    let ts_us = at_us + draws.between(0.0, LATE_US) as i64;
    let service_cpu = 10.0 + 9.0 * now.busy as f64 + 0.5 * now.in_flight as f64 + 2.0 * draws.normal();
    let loadgen_cpu = 3.0 + 0.2 * now.in_flight as f64 + 0.4 * draws.normal();
    let service_mb = service_mb(plan, at_us) + 0.4 * draws.normal();
    let loadgen_mb = 85.0 + 0.02 * now.users as f64 + 0.1 * draws.normal();
    let entry = |operation, instance, value| {
        let mut entry = Entry::new(ts_us, Word::Process, operation);
        (entry.instance, entry.value) = (Some(instance), Some(value));
        entry
    };
    [
        entry(Word::CpuPercent, Word::Service, round(service_cpu.max(0.0), 10.0)),
        entry(Word::MemoryRssMb, Word::Service, whole_pages(service_mb)),
        entry(Word::QueuedRequests, Word::Service, now.waiting as f64),
        entry(Word::CpuPercent, Word::Loadgen, round(loadgen_cpu.max(0.0), 10.0)),
        entry(Word::MemoryRssMb, Word::Loadgen, whole_pages(loadgen_mb)),
        entry(Word::ActiveUsers, Word::Loadgen, now.users as f64),
    ]
}

/// How full each tier is, 0..1: they fill up and stay just below full.
pub fn pressure(draws: &mut Draws, at_us: i64) -> [Entry; 3] {
    let filled = 1.0 - (-(at_us as f64) / 60e6).exp();
    [(Word::CacheL1, 0.95), (Word::CacheL2, 0.80), (Word::CacheL3, 0.50)].map(|(tier, full)| {
        let mut entry = Entry::new(at_us, tier, Word::Pressure);
        entry.value = Some(round((full * filled + 0.01 * draws.normal()).clamp(0.0, 1.0), 1e3));
        entry
    })
}

fn service_mb(plan: &Plan, at_us: i64) -> f64 {
    let at_s = at_us as f64 / 1e6;
    let warm_up = WARM_UP_MB * (1.0 - (-at_s / WARM_UP_S).exp());
    let garbage = GARBAGE_MB * (at_s / COLLECTION_S).fract();
    REST_MB + warm_up + garbage + plan.leak_mb_per_min * at_s / 60.0
}

fn whole_pages(mb: f64) -> f64 {
    (mb.max(0.0) * 1e6 / PAGE_BYTES).round() * PAGE_BYTES / 1e6
}
