//! How a run went over time.

use std::sync::Arc;

use serde::Serialize;

use super::{CallTick, CallTicks, EndedRequests, LoadSeconds, SamplePoints, Window};

/// A marker in the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phase {
    /// µs since 1970.
    pub at_us: i64,
    pub name: String,
}

/// How a run went over time: what its window is found by, before any number of it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct RunTimeline {
    /// The whole run.
    pub window: Window,
    pub phases: Vec<Phase>,
    /// `closed` or `open`, where the metadata tell.
    pub load_model: Option<String>,
    /// Index of the requests among the components of `series`; none where the run has none.
    pub requests: Option<usize>,
    /// The requests second by second from the start of the window.
    pub load: LoadSeconds,
    pub series: Series,
}

/// Series over time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// Sorted by resolution and component; none without ticks.
    pub calls: Vec<CallTicks>,
    /// What was sampled: `metric` of a `process` row; `component.metric` otherwise; `[instance]` behind it where there is
    /// one. Sorted by component, metric, instance.
    pub metrics: Vec<String>,
    /// Sorted by time, component, metric, instance.
    pub samples: SamplePoints,
    /// One for each second in which requests ended, ascending.
    pub request_seconds: Vec<SecondOfRequests>,
    /// One for each second in which the cache was asked, ascending.
    pub lookup_seconds: Vec<SecondOfLookups>,
    /// Resident memory of the service, MB, and its CPU, % of one core: (µs since 1970, sum of the instances), by time.
    pub service_memory_mb: Vec<(i64, f64)>,
    pub service_cpu_percent: Vec<(i64, f64)>,
    /// The requests of the whole run one by one; that of a part is empty.
    pub requests: Arc<EndedRequests>,
}

impl Series {
    /// The ticks of a component at a resolution.
    pub fn ticks_of(&self, component: usize, resolution_ms: u32) -> impl Iterator<Item = CallTick> {
        let is_it =
            move |calls: &&CallTicks| (calls.component, calls.resolution_ms) == (component, resolution_ms);
        self.calls.iter().find(is_it).into_iter().flat_map(CallTicks::ticks)
    }
}

/// The requests that ended in one second of the clock.
///
/// The durations are shared by the whole run and the judged window.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SecondOfRequests {
    /// µs since 1970.
    pub start_us: i64,
    /// Of all finished requests, ascending, ms.
    pub durations_ms: Arc<[f64]>,
    /// Of the successful ones, ascending, ms.
    pub ok_durations_ms: Arc<[f64]>,
    /// Finished requests, however they ended.
    pub count: u64,
    pub ok: u64,
    pub failed: u64,
}

impl SecondOfRequests {
    /// Failed requests with a duration: as many of the fastest are left out of quantiles.
    pub fn timed_failures(&self) -> usize {
        match self.ok + self.failed {
            0 => 0,
            _ => self.durations_ms.len() - self.ok_durations_ms.len(),
        }
    }
}

/// The cache look-ups that were made in one second of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondOfLookups {
    /// µs since 1970.
    pub start_us: i64,
    pub lookups: u64,
    /// Of these, answered by a tier.
    pub hits: u64,
}
