//! What is seen only across runs: metrics that move together, and the component whose share grows with load.

use serde::Serialize;

use super::RunLeftOut;
use crate::stats::interval::Interval;
use crate::summary::Measured;

/// Which metric moves with which over runs, one value per run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AcrossRuns {
    pub runs: u64,
    /// Every pair that could be judged, strongest first; undefined with too few runs.
    pub pairs: Measured<Vec<RelatedPair>>,
    /// Pairs that could not be judged, and why.
    pub pairs_left_out: Vec<RelationLeftOut>,
    pub shares: Measured<SharesOverLoad>,
    /// One sentence on the pairs and one on the shares, ready to print.
    pub pairs_sentence: String,
    pub shares_sentence: String,
}

/// Two metrics and how they move together over the runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RelatedPair {
    /// `users`, or `component/name` of a comparable metric.
    pub a: String,
    pub b: String,
    /// Runs that have both.
    pub n: u64,
    /// Spearman's coefficient, −1..1.
    pub coefficient: f64,
    pub interval: Measured<Interval>,
    /// Of this pair alone, and adjusted over all pairs (Holm).
    pub p: f64,
    pub adjusted_p: f64,
    pub significant: bool,
    /// `together`, `opposite` or `not shown`.
    pub word: String,
}

/// A pair of metrics of which nothing can be said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelationLeftOut {
    pub a: String,
    pub b: String,
    pub reason: String,
}

/// How each component's share of the requests' time moves with the users.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SharesOverLoad {
    pub levels: u64,
    pub runs: u64,
    pub left_out: Vec<RunLeftOut>,
    /// Fastest growing first.
    pub components: Vec<ShareOverLoad>,
    /// The component whose share grows most, if that is more than noise.
    pub growing: Measured<String>,
}

/// One component's share of the requests' time over the load.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShareOverLoad {
    pub component: String,
    /// Mean share at the smallest and at the largest level, 0..1.
    pub smallest_level_share: f64,
    pub largest_level_share: f64,
    /// Change of the share per 100 users (0.05 = 5 points), by least squares.
    pub slope_per_100_users: f64,
    pub interval: Measured<Interval>,
    /// Spearman's coefficient of share and users over the runs.
    pub spearman: Measured<f64>,
    /// Of the slope, adjusted over the components (Holm).
    pub adjusted_p: Measured<f64>,
    /// `grows`, `shrinks` or `not shown`.
    pub word: String,
}
