//! A sample of durations: quantiles, mean and extremes.

use serde::Serialize;

use super::Measured;

/// A sample of durations, ms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Distribution {
    pub n: u64,
    pub mean_ms: Measured<f64>,
    pub min_ms: Measured<f64>,
    pub max_ms: Measured<f64>,
    /// One for each of `QUANTILES`, in that order.
    pub quantiles: Vec<Quantile>,
}

/// The quantiles that every distribution has, 0..1.
pub const QUANTILES: [f64; 9] = [0.25, 0.5, 0.75, 0.85, 0.9, 0.95, 0.99, 0.995, 0.999];

/// One exact type-7 quantile.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quantile {
    /// 0..1.
    pub quantile: f64,
    pub value_ms: Measured<f64>,
    /// Fewer than the configured number of samples lie beyond it.
    pub low_sample: bool,
}

impl Distribution {
    /// The quantile `q`, when it is one of `QUANTILES`.
    pub fn quantile(&self, q: f64) -> Option<&Quantile> {
        self.quantiles.iter().find(|entry| entry.quantile == q)
    }

    /// The value of quantile `q`, ms; `None` when it is undefined.
    pub fn value_ms(&self, q: f64) -> Option<f64> {
        self.quantile(q).and_then(|entry| entry.value_ms.value().copied())
    }
}
