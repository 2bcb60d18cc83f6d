//! A row of the table of verdicts.

use serde::Serialize;

use crate::analysis::Analysis;
use crate::judge::LimitDirection;
use crate::stats::interval::Interval;
use crate::summary::Measured;
use crate::units::{Scale, Unit};

/// One verdict. What does not belong to its kind, or is undefined, is `None`.
#[derive(Debug, Clone, Default)]
pub struct Row {
    pub window: &'static str,
    pub kind: &'static str,
    pub subject: String,
    pub other: Option<String>,
    pub metric: Option<String>,
    pub verdict: Option<String>,
    pub severity: Option<String>,
    pub value: Option<f64>,
    pub value_interval: Option<Interval>,
    pub unit: Option<Unit>,
    pub baseline_value: Option<f64>,
    pub change: Option<f64>,
    pub change_interval: Option<Interval>,
    pub change_scale: Option<Scale>,
    pub margin: Option<f64>,
    pub slope_per_min: Option<f64>,
    pub slope_interval: Option<Interval>,
    pub p: Option<f64>,
    pub samples: Option<u64>,
    pub effective_samples: Option<f64>,
    pub baseline_effective_samples: Option<f64>,
    pub smallest_detectable_change: Option<f64>,
    pub limit: Option<f64>,
    pub limit_direction: Option<LimitDirection>,
    pub limit_change: Option<f64>,
    pub gate: Option<bool>,
    pub low_sample: Option<bool>,
    pub reason: Option<String>,
}

impl Row {
    pub fn new(analysis: &Analysis, kind: &'static str, subject: impl Into<String>) -> Self {
        Self { window: analysis.summary.window.name.word(), kind, subject: subject.into(), ..Self::default() }
    }

    /// With the word of `verdict`, or the reason why there is none.
    pub fn judged<T: Serialize>(mut self, verdict: &Measured<T>) -> Self {
        self.verdict = verdict.value().and_then(word);
        self.reason = verdict.reason().map(str::to_owned);
        self
    }
}

/// A verdict as the word that stands for it in `report.json`.
pub fn word(verdict: &impl Serialize) -> Option<String> {
    serde_json::to_value(verdict).ok()?.as_str().map(str::to_owned)
}
