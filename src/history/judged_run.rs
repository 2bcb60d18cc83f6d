//! A judged run as the history keeps it: the record that comparisons need, and what was said of it.

use std::collections::BTreeMap;

use crate::baseline::RunRecord;

/// A run that was judged against a baseline, with its verdicts.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedRun {
    /// As in a baseline: all that a later comparison asks.
    pub record: RunRecord,
    /// Of its run files; with the run id it is what makes this run.
    pub digest: String,
    /// µs since 1970.
    pub judged_us: i64,
    pub tags: BTreeMap<String, String>,
    /// By `component/metric`; what nothing was said of has none.
    pub told: BTreeMap<String, Told>,
    /// Severities: from which on a regression fails, and which had to be excluded.
    pub fail_on: String,
    pub must_exclude: String,
    /// 0, 3 or 99.
    pub gate_code: i32,
    /// Version of what the numbers mean; those of two versions are not compared.
    pub definitions: i32,
    pub tool: String,
}

/// What was said of one metric, and what the run told of it, on the inner scale of comparisons.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// `regressed`, `unchanged`, …; none of what was not told.
    pub verdict: Option<String>,
    /// Part of the gate.
    pub is_gate: bool,
    /// s²: of the batches, or of the value where there are none; φ; and b, their number or that of independent samples.
    pub variance: Option<f64>,
    pub memory: Option<f64>,
    pub batches: Option<f64>,
}

impl JudgedRun {
    /// What makes it this run and no other.
    pub fn key(&self) -> (&str, &str) {
        (&self.record.run_id, &self.digest)
    }

    /// When it was recorded, or judged where nobody says; µs since 1970.
    pub fn instant_us(&self) -> i64 {
        self.started_us().unwrap_or(self.judged_us)
    }

    pub fn started_us(&self) -> Option<i64> {
        let started = self.record.started_at.as_deref()?.parse::<jiff::Timestamp>().ok()?;
        Some(started.as_microsecond())
    }

    /// Numbers of two runs mean the same where this is the same: the version of the definitions and the settings that change
    /// measured numbers.
    pub fn meaning(&self) -> (i32, &str) {
        (self.definitions, &self.record.conditions.config_digest)
    }
}
