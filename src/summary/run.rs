//! The summary of one run: which run, which part of it, and all that was measured.

use serde::{Deserialize, Serialize};

use super::{
    Breaker, Cache, ComparableMetric, Component, DataQuality, ErrorCategory, Fallback, Lightrag, Measured,
    Phase, RequestSummary, Resources, Retries, SampledMetric, Series, SlowRequest, SlowTimeSpent, Throughput,
    TimeSpent,
};
use crate::run::{MetadataOrigin, RunMetadata};

/// Everything measured about one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    pub identity: RunIdentity,
    /// The part of the run that rates refer to.
    pub window: Window,
    pub requests: RequestSummary,
    pub throughput: Throughput,
    pub errors: Vec<ErrorCategory>,
    pub resources: Resources,
    pub lightrag: Measured<Lightrag>,
    pub cache: Measured<Cache>,
    pub breaker: Measured<Breaker>,
    pub fallback: Measured<Fallback>,
    /// Every component that has calls, sorted by name; `request` among them.
    pub components: Vec<Component>,
    /// Sampled metrics (`process` rows and custom metrics), sorted by component, metric, instance.
    pub metrics: Vec<SampledMetric>,
    /// Components whose calls carry their attempt, sorted by name.
    pub retries: Vec<Retries>,
    pub time_spent: Measured<TimeSpent>,
    /// The same for the requests slower than the P95 of those that could be attributed.
    pub slow_time_spent: Measured<SlowTimeSpent>,
    /// The slowest finished requests with their chain, slowest first.
    pub slowest: Vec<SlowRequest>,
    pub phases: Vec<Phase>,
    pub data_quality: DataQuality,
    /// The numbers that can be compared with another run's, sorted by component and name.
    pub comparable: Vec<ComparableMetric>,
    /// Series over time; not part of `report.json`.
    #[serde(skip)]
    pub series: Series,
}

/// Which run this is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunIdentity {
    pub run_id: String,
    pub metadata: RunMetadata,
    pub metadata_origin: MetadataOrigin,
}

/// A part of a run on the clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// `whole`, `steady` or `chosen`.
    pub name: String,
    /// From the first start to the last end of the run's requests (of all its events where it has no
    /// requests), µs since 1970.
    pub start_us: i64,
    pub end_us: i64,
    /// Length that rates are divided by, s. Undefined when the window has no length.
    pub duration_s: Measured<f64>,
    /// True when `duration_s` is the test's own declaration (`totals.duration_s`), not the events'.
    pub duration_is_declared: bool,
}

impl Window {
    /// Does all of the time from `start_us` on lie in it, which is `width_ms` long? So do ticks and seconds: with all that
    /// ended in them, wherever it started.
    pub fn holds_all(&self, start_us: i64, width_ms: u32) -> bool {
        start_us >= self.start_us && start_us.saturating_add(i64::from(width_ms) * 1000) <= self.end_us
    }
}
