//! What relating runs needs of one run: small enough to keep for hundreds of runs.

use crate::metrics;
use crate::summary::RunSummary;

/// The numbers of one run over its judged window.
#[derive(Debug, Clone, PartialEq)]
pub struct RunNumbers {
    pub run_id: String,
    /// Configured.
    pub users: Option<u32>,
    /// Metric → value, of those that are related; `None` where the run has no such number.
    pub metrics: Vec<(String, Option<f64>)>,
    /// Component → share of the requests' time, 0..1; empty where the run does not tell.
    pub shares: Vec<(String, f64)>,
}

impl RunNumbers {
    /// The numbers of a run behind the keys of the catalogue in `metrics`.
    pub fn of(run: &RunSummary, metrics: &[String]) -> Self {
        let metrics = metrics.iter().map(|key| (key.clone(), metrics::read(run, key).value.number()));
        let shares = run.time_spent.value().map(|spent| spent.shares.as_slice()).unwrap_or_default();
        Self {
            run_id: run.identity.run_id.clone(),
            users: run.identity.metadata.users,
            metrics: metrics.collect(),
            shares: shares.iter().map(|share| (share.component.clone(), share.share)).collect(),
        }
    }
}
