//! The summary of one run: which run, which part of it, and all that was measured.

use serde::Serialize;

use super::{
    Breaker, Cache, ComparableMetric, Component, DataQuality, ErrorCategory, ErrorCause, Fallback, Goodput,
    Lightrag, Measured, Phase, RequestSummary, Resources, Retries, SampledMetric, Series, SlowRequest,
    SlowTimeSpent, Throughput, TimeSpent, Window,
};
use crate::contract::{MetadataOrigin, RunMetadata};

/// Everything measured about one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunSummary {
    pub identity: RunIdentity,
    /// The part of the run that rates refer to.
    pub window: Window,
    pub requests: RequestSummary,
    pub throughput: Throughput,
    /// Undefined where no target limits the response time of requests.
    pub goodput: Measured<Goodput>,
    pub errors: Vec<ErrorCategory>,
    /// What they said, by component, most frequent first; as many of each category as `errors` counts.
    pub error_causes: Vec<ErrorCause>,
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
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunIdentity {
    pub run_id: String,
    pub metadata: RunMetadata,
    pub metadata_origin: MetadataOrigin,
}
