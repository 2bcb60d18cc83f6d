//! The Parquet tables: what notebooks read. Names, columns and units are an interface, see `docs/TABLES.md`.

use std::io::Write;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use parquet::errors::ParquetError;

use crate::analysis::{Analysis, Provenance};
use crate::comparison::Comparison;

mod columns;
mod comparison;
mod components;
mod error_causes;
mod errors;
mod many;
mod parquet_bytes;
mod percentiles;
mod runs;
mod samples;
mod scalability;
mod table_error;
mod timeseries;
mod verdicts;
mod windows;

use columns::Batches;
pub use many::StagedTables;
use parquet_bytes::begin;
pub use table_error::{TableError, TablesError};
pub use timeseries::{Row as SeriesRow, seconds};

/// One of the tables.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Name of its file.
    pub file_name: &'static str,
    rows: Rows,
}

/// How the rows of a table are made.
#[derive(Debug, Clone, Copy)]
enum Rows {
    /// All at once.
    Few(fn(&[&Analysis]) -> Result<RecordBatch, ArrowError>),
    /// Batch by batch: one run may have millions.
    Many { empty: fn() -> Result<RecordBatch, ArrowError>, of_run: fn(&Analysis) -> Batches<'_> },
}

/// All tables, each with the rows of all runs that it is given.
pub const TABLES: [Table; 10] = [
    Table { file_name: "runs.parquet", rows: Rows::Few(runs::record_batch) },
    Table { file_name: "windows.parquet", rows: Rows::Few(windows::record_batch) },
    Table { file_name: "percentiles.parquet", rows: Rows::Few(percentiles::record_batch) },
    Table {
        file_name: "timeseries.parquet",
        rows: Rows::Many { empty: timeseries::empty, of_run: timeseries::seconds_of_run },
    },
    Table {
        file_name: "timeseries_100ms.parquet",
        rows: Rows::Many { empty: timeseries::empty, of_run: timeseries::ticks_of_run },
    },
    Table {
        file_name: "samples.parquet",
        rows: Rows::Many { empty: samples::empty, of_run: samples::of_run },
    },
    Table { file_name: "components.parquet", rows: Rows::Few(components::record_batch) },
    Table { file_name: "errors.parquet", rows: Rows::Few(errors::record_batch) },
    Table { file_name: "error_causes.parquet", rows: Rows::Few(error_causes::record_batch) },
    Table { file_name: "verdicts.parquet", rows: Rows::Few(verdicts::record_batch) },
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

impl Table {
    /// The rows of `analyses`, in their order.
    ///
    /// # Errors
    /// When the columns do not fit together.
    pub fn rows(&self, analyses: &[&Analysis]) -> Result<RecordBatch, TableError> {
        self.build(analyses).map_err(|error| TableError::of(self.file_name, &error))
    }

    fn build(&self, analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
        match self.rows {
            Rows::Few(build) => build(analyses),
            Rows::Many { empty, of_run } => {
                let batches: Vec<RecordBatch> =
                    analyses.iter().flat_map(|analysis| of_run(analysis)).collect::<Result<_, _>>()?;
                arrow_select::concat::concat_batches(&empty()?.schema(), &batches)
            }
        }
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
        self.encode(analysis, provenance, out).map_err(|error| TablesError::of(error, self.file_name))
    }

    fn encode(
        &self,
        analysis: &Analysis,
        provenance: &Provenance,
        out: impl Write + Send,
    ) -> Result<(), ParquetError> {
        let begin = |schema| begin(out, schema, self.file_name, provenance);
        match self.rows {
            Rows::Few(build) => {
                let rows = build(&[analysis])?;
                let mut file = begin(rows.schema())?;
                file.write(&rows)?;
                file.close().map(drop)
            }
            Rows::Many { empty, of_run } => {
                let mut file = begin(empty()?.schema())?;
                of_run(analysis).try_for_each(|batch| file.write(&batch?))?;
                file.close().map(drop)
            }
        }
    }

    /// Is a run's part of it large?
    fn is_large(&self) -> bool {
        matches!(self.rows, Rows::Many { .. })
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
        let encode = || {
            let mut bytes = Vec::new();
            let mut file = begin(&mut bytes, rows.schema(), self.file_name, provenance)?;
            file.write(&rows)?;
            file.close()?;
            Ok(bytes)
        };
        encode().map_err(|error: ParquetError| TableError::of(self.file_name, &error))
    }
}

#[cfg(test)]
mod tests;
