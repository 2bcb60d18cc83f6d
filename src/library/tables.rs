//! The tables of `docs/TABLES.md` as Polars frames: the same rows as in the Parquet files, from the same source.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use polars_core::frame::DataFrame;

use super::error::Error;
use super::frame::frame_of;
use crate::analysis::Analysis;
use crate::comparison::Comparison;
use crate::report::tables::COMPARISON_TABLES;
use crate::report::{TABLES, TableError};

/// Frames by the names of the tables: `runs`, `percentiles`, …
pub type Tables = BTreeMap<&'static str, DataFrame>;

impl Analysis {
    /// The tables of the run: `runs`, `percentiles`, `timeseries`, `samples`, `components`, `errors`, `verdicts`.
    ///
    /// ```
    /// use cmo_metrics::{Config, analyze};
    ///
    /// let tables = analyze("data/load_10.parquet", &Config::defaults())?.tables()?;
    /// let percentiles = &tables["percentiles"];
    /// println!("{} rows of {:?}", percentiles.height(), percentiles.get_column_names());
    /// assert_eq!(tables["runs"].height(), 1);
    /// # Ok::<(), cmo_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// When a table cannot be built: a bug.
    pub fn tables(&self) -> Result<Tables, Error> {
        TABLES.iter().map(|table| named(table.file_name, table.rows(&[self]))).collect()
    }
}

impl Comparison {
    /// The tables that only a comparison has: `comparison`, `scalability`, `scalability_fits`.
    ///
    /// ```
    /// use cmo_metrics::{Config, compare};
    ///
    /// let tables = compare(&["data/load_10.parquet", "data/load_25.parquet"], &Config::defaults()).tables()?;
    /// assert_eq!(tables["comparison"].height(), 2);
    /// # Ok::<(), cmo_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// When a table cannot be built: a bug.
    pub fn tables(&self) -> Result<Tables, Error> {
        COMPARISON_TABLES.iter().map(|table| named(table.file_name, table.rows(self))).collect()
    }
}

fn named(
    file_name: &'static str,
    rows: Result<RecordBatch, TableError>,
) -> Result<(&'static str, DataFrame), Error> {
    let frame = rows.map_err(|error| error.to_string()).and_then(|rows| frame_of(&rows));
    let failed = |problem| Error::Frame { of: file_name.to_owned(), problem };
    Ok((file_name.trim_end_matches(".parquet"), frame.map_err(failed)?))
}
