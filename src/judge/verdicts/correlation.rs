//! Which components move together over time, and which one makes the slow requests slow.

use serde::Serialize;

use crate::stats::interval::Interval;
use crate::summary::Measured;

/// Components that move together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Correlation {
    /// Every pair that could be judged, strongest first.
    pub pairs: Vec<CorrelatedPair>,
    /// Pairs that could not be judged, and why.
    pub left_out: Vec<PairLeftOut>,
}

/// Two components and their mean response times per second.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CorrelatedPair {
    pub a: String,
    pub b: String,
    /// Spearman's coefficient of the detrended series, −1..1.
    pub coefficient: f64,
    pub interval: Measured<Interval>,
    /// Seconds in which both have calls, and what they are worth.
    pub seconds: u64,
    pub effective_seconds: f64,
    /// Adjusted over all pairs (Holm).
    pub p: f64,
    pub significant: bool,
    /// `together`, `opposite` or `not shown`.
    pub word: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairLeftOut {
    pub a: String,
    pub b: String,
    pub reason: String,
}
