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
    /// The load generator used more than the configured share of a core.
    pub load_generator_saturated: Measured<bool>,
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

/// A stretch without events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// µs since 1970.
    pub start_us: i64,
    pub end_us: i64,
}
