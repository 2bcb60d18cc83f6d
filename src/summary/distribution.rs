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
    /// One for each of `measure.quantiles`, ascending.
    pub quantiles: Vec<Quantile>,
}

/// `p95_ms`, `p99_9_ms`: how a quantile (0..1) of times is named.
pub fn quantile_name(q: f64) -> String {
    // Rounded, so that 0.95 · 100 is 95.
    let percent = (q * 1e8).round() / 1e6;
    format!("p{}_ms", percent.to_string().replace('.', "_"))
}

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
    /// The quantile `q`, when it is measured.
    pub fn quantile(&self, q: f64) -> Option<&Quantile> {
        self.quantiles.iter().find(|entry| entry.quantile == q)
    }

    /// The value of quantile `q`, ms.
    pub fn measured_ms(&self, q: f64) -> Measured<f64> {
        self.quantile(q).map_or(Measured::undefined("not measured"), |entry| entry.value_ms.clone())
    }

    /// The value of quantile `q`, ms; `None` when it is undefined.
    pub fn value_ms(&self, q: f64) -> Option<f64> {
        self.quantile(q).and_then(|entry| entry.value_ms.value().copied())
    }
}
