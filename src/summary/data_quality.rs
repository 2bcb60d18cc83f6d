//! What was used, what was not, and what is odd about the recording.

use serde::Serialize;

use super::Measured;
use crate::contract::RowFault;

/// What was used, what was not, and what is odd about the recording.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DataQuality {
    pub rows_total: u64,
    pub rows_used: u64,
    /// Reason → rows left out. `rows_used` + these = `rows_total`.
    pub rows_left_out: Vec<RowFault>,
    /// Lines that the recorder was sent and refused: events that nobody will see. From the metadata.
    pub refused_lines: Measured<u64>,
    /// Contract columns that the run does not have.
    pub missing_columns: Vec<String>,
    /// Columns that are not of the contract, ignored.
    pub extra_columns: Vec<String>,
    /// Everything else the reader had to decide ("timestamps in ns, cut to µs").
    pub load_notes: Vec<String>,
    /// `verified`, `unverified`.
    pub integrity: String,
    /// From the metadata: false while a recording is unfinished.
    pub complete: Option<bool>,
    /// Sampling of `process` rows.
    pub sampler: Measured<SamplerQuality>,
    /// Stretches without any event longer than the configured gap.
    pub gaps: Vec<Gap>,
    /// Those of the load in which nothing was in flight either, and in which events are usual: the clock was set, or the
    /// recorder stopped.
    pub silences: Vec<Gap>,
    /// From the first request to the end of the load.
    pub load: Gap,
    /// Seconds in which samples lie over each other, as where the clock was set back.
    pub overlapping_s: f64,
    pub left_out: LeftOut,
    /// The load generator used more than the configured share of a core.
    pub load_generator_saturated: Measured<bool>,
}

/// What of the load no verdict rests on, though it was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct LeftOut {
    /// Rows at fault, those with a faulty sampled value or equal to another aside.
    pub faulty_rows: u64,
    /// Requests that ended, nobody says how.
    pub unknown_outcomes: u64,
    /// Requests that ended, nobody says when.
    pub without_duration: u64,
    /// Lines that the recorder could not take.
    pub refused_lines: u64,
    /// Of what was sent, these among it, 0..1.
    pub share: f64,
}

/// How steadily the sampler ran.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SamplerQuality {
    /// Expected distance of two samples, ms.
    pub interval_ms: f64,
    /// Distinct sampling instants seen.
    pub samples: u64,
    /// Ticks between the first and the last sample in which none fell.
    pub missed_ticks: u64,
    /// |distance − interval| of neighbouring samples: median and maximum, ms.
    pub jitter_p50_ms: f64,
    pub jitter_max_ms: f64,
    /// Times that the clock ran backwards from one row to the next in the file.
    pub clock_steps: u64,
}

/// A stretch of time, mostly one without events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// µs since 1970.
    pub start_us: i64,
    pub end_us: i64,
}
