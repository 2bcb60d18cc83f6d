//! How a metric moved during the run.

use serde::Serialize;

use crate::stats::interval::Interval;
use crate::summary::Measured;
use crate::units::{Scale, Unit};

/// The word for how a metric moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrendWord {
    Improving,
    Degrading,
    /// Significant, of a metric of which no good direction is known.
    Rising,
    Falling,
    Stable,
    Volatile,
    Inconclusive,
}

impl TrendWord {
    /// As it prints.
    pub fn word(self) -> &'static str {
        match self {
            TrendWord::Improving => "improving",
            TrendWord::Degrading => "degrading",
            TrendWord::Rising => "rising",
            TrendWord::Falling => "falling",
            TrendWord::Stable => "stable",
            TrendWord::Volatile => "volatile",
            TrendWord::Inconclusive => "inconclusive",
        }
    }
}

/// How one metric moved over the judged window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trend {
    /// `success_rate`, `response_time`, `p95_response_time`, `throughput`, `cache_hit_rate`, `memory_usage`,
    /// `cpu_usage`, or the label of a sampled metric.
    pub metric: String,
    pub unit: Unit,
    /// Undefined below the configured number of points, or when the run has no such series.
    pub direction: Measured<TrendWord>,
    pub evidence: Measured<TrendEvidence>,
    /// The last values of the series, in time order.
    pub recent_values: Vec<f64>,
}

/// The numbers behind a trend.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrendEvidence {
    pub points: u64,
    /// Width of a point's bin, s (the mean where bins differ).
    pub bin_s: f64,
    /// At the middle of the series, unit per minute, with its interval at 1 − α.
    pub slope_per_min: f64,
    pub slope_interval_per_min: Measured<Interval>,
    /// From the start of the series to its end; relative (0.1 = +10 %), in points (0.01 = 1 point) for rates.
    pub change: Measured<f64>,
    pub change_interval: Measured<Interval>,
    pub change_scale: Scale,
    /// The smallest change that matters, on that scale.
    pub margin: f64,
    /// Of "there is no slope", by the same t as the interval, two-sided.
    pub p: f64,
    pub coefficient_of_variation: Measured<f64>,
    /// The same of what the sampling of each bin's own calls does not explain.
    pub variation_beyond_counting: Measured<f64>,
}

/// Does the memory of the service leak?
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leak {
    pub suspected: bool,
    /// Theil–Sen slope of the floor of the memory, MB/min.
    pub slope_mb_per_min: f64,
    pub interval_mb_per_min: Interval,
    /// Points of the floor.
    pub points: u64,
    /// The slope over the configured horizon, MB.
    pub projected_growth_mb: f64,
    pub horizon_min: f64,
    /// The target for that growth, MB.
    pub limit_mb: Measured<f64>,
}
