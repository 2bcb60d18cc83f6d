//! The Parquet tables: what notebooks read. Names, columns and units are an interface, see `docs/TABLES.md`.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use parquet::errors::ParquetError;

use crate::analysis::{Analysis, Provenance};
use crate::comparison::Comparison;

mod columns;
mod comparison;
mod components;
mod domain_metrics;
mod errors;
mod many;
mod parquet_bytes;
mod percentiles;
mod runs;
mod samples;
mod scalability;
mod splice;
mod timeseries;
mod verdicts;
mod words;

pub use many::{StagedTables, TablesError};
use parquet_bytes::encode;
pub use timeseries::resolved_calls;

/// One of the tables.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Name of its file.
    pub file_name: &'static str,
    build: fn(&[&Analysis]) -> Result<RecordBatch, ArrowError>,
    /// Where one run may have millions of rows: how they are written without holding all of them.
    stream: Option<Stream>,
}

/// Writes the rows of one run as a Parquet file.
type Stream = fn(&Analysis, &Provenance, &mut (dyn Write + Send)) -> Result<(), ParquetError>;

/// All tables, each with the rows of all runs that it is given.
pub const TABLES: [Table; 7] = [
    Table { file_name: "runs.parquet", build: runs::record_batch, stream: None },
    Table { file_name: "percentiles.parquet", build: percentiles::record_batch, stream: None },
    Table {
        file_name: "timeseries.parquet",
        build: timeseries::record_batch,
        stream: Some(timeseries::encode_run),
    },
    Table { file_name: "samples.parquet", build: samples::record_batch, stream: Some(samples::encode_run) },
    Table { file_name: "components.parquet", build: components::record_batch, stream: None },
    Table { file_name: "errors.parquet", build: errors::record_batch, stream: None },
    Table { file_name: "verdicts.parquet", build: verdicts::record_batch, stream: None },
];

/// A table over all runs of a comparison.
#[derive(Debug, Clone, Copy)]
pub struct ComparisonTable {
    /// Name of its file.
    pub file_name: &'static str,
    build: fn(&Comparison) -> Result<RecordBatch, ArrowError>,
}

/// Those that only a comparison has.
pub const COMPARISON_TABLES: [ComparisonTable; 3] = [
    ComparisonTable { file_name: "comparison.parquet", build: comparison::record_batch },
    ComparisonTable { file_name: "scalability.parquet", build: scalability::levels },
    ComparisonTable { file_name: "scalability_fits.parquet", build: scalability::fits },
];

/// A table could not be built: a bug, or more distinct words than a dictionary holds.
#[derive(Debug, thiserror::Error)]
#[error("cannot build {file_name}: {problem}; please report this")]
pub struct TableError {
    file_name: &'static str,
    problem: String,
}

impl Table {
    /// The rows of `analyses`, in their order.
    ///
    /// # Errors
    /// When the columns do not fit together.
    pub fn rows(&self, analyses: &[&Analysis]) -> Result<RecordBatch, TableError> {
        (self.build)(analyses).map_err(|error| self.error(&error))
    }

    /// Writes the table of one run as a Parquet file to `out`, which need not hold all of it. Same input, same bytes.
    ///
    /// # Errors
    /// When the columns do not fit together or cannot be encoded, or `out` refuses.
    pub fn write(
        &self,
        analysis: &Analysis,
        provenance: &Provenance,
        out: impl Write + Send,
    ) -> Result<(), TablesError> {
        self.encode(analysis, provenance, out).map_err(|error| TablesError::of(error, self))
    }

    fn encode(
        &self,
        analysis: &Analysis,
        provenance: &Provenance,
        mut out: impl Write + Send,
    ) -> Result<(), ParquetError> {
        if let Some(stream) = self.stream {
            return stream(analysis, provenance, &mut out);
        }
        let rows = (self.build)(&[analysis])?;
        let encoded = encode(rows.schema(), self.file_name, provenance, |file| file.write(&rows))?;
        Ok(out.write_all(&encoded.bytes)?)
    }

    fn error(&self, error: &dyn std::error::Error) -> TableError {
        TableError::of(self.file_name, error)
    }
}

impl ComparisonTable {
    /// # Errors
    /// When the columns do not fit together.
    pub fn rows(&self, comparison: &Comparison) -> Result<RecordBatch, TableError> {
        (self.build)(comparison).map_err(|error| TableError::of(self.file_name, &error))
    }

    /// The table as a Parquet file. Same input, same bytes.
    ///
    /// # Errors
    /// When the columns do not fit together or cannot be encoded.
    pub fn render(&self, comparison: &Comparison, provenance: &Provenance) -> Result<Vec<u8>, TableError> {
        let rows = self.rows(comparison)?;
        let encoded = encode(rows.schema(), self.file_name, provenance, |file| file.write(&rows));
        encoded.map(|encoded| encoded.bytes).map_err(|error| TableError::of(self.file_name, &error))
    }
}

impl TableError {
    fn of(file_name: &'static str, error: &dyn std::error::Error) -> Self {
        Self { file_name, problem: error.to_string() }
    }
}

#[cfg(test)]
mod tests;
