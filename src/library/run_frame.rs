//! The events of a run as one Polars frame.

use std::sync::Arc;

use polars_core::error::PolarsResult;
use polars_core::frame::DataFrame;
use polars_core::prelude::{Column, IntoColumn, NewChunkedArray, Series, StringChunked};

use super::error::Error;
use super::frame::datetimes;
use crate::run::{Batch, RunFile};

/// Columns of a batch that hold codes of the run's words.
const WORDS: [&str; 5] = ["component", "operation", "outcome", "instance", "answered_by"];
/// µs since 1970.
const TIMES: [&str; 2] = ["ts", "scheduled_ts"];

impl RunFile {
    /// The events of the run that passed the checks, in the order of the file; rows at fault and duplicates are left out.
    ///
    /// The columns of the contract that hold anything, in its order and types: `ts` and `scheduled_ts` datetimes (µs, UTC),
    /// words and `detail` strings (names beyond the limits under `[run]` are `(other)`), measures `f64`, `request_id` and `key` `u64`, other whole numbers `u32`.
    ///
    /// ```
    /// use cmo_metrics::{Config, open};
    ///
    /// let events = open("data/load_10.parquet", &Config::defaults())?.frame()?;
    /// assert_eq!(events.get_column_names()[..2], ["ts", "component"]);
    /// println!("{} events, {} columns", events.height(), events.width());
    /// # Ok::<(), cmo_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the run cannot be read, or has more faulty rows than the settings allow.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        let (batches, _) = self.fold(
            |_| Vec::new(),
            |batches: &mut Vec<DataFrame>, batch: &Batch| batches.push(batch.frame.clone()),
            |batches, others| batches.append(others),
        )?;
        self.put_together(&batches).map_err(|error| Error::Frame {
            of: self.path().display().to_string(),
            problem: error.to_string(),
        })
    }

    fn put_together(&self, batches: &[DataFrame]) -> PolarsResult<DataFrame> {
        let words = self.lexicon().words();
        let mut columns = Vec::new();
        for name in self.columns() {
            if let Some(values) = values_of(name, batches)? {
                columns.push(if WORDS.contains(&name) {
                    spell(name, &values, &words)?
                } else if TIMES.contains(&name) {
                    datetimes(values.i64()?.clone())
                } else {
                    values.into_column()
                });
            }
        }
        DataFrame::new(batches.iter().map(DataFrame::height).sum(), columns)
    }
}

/// The values of all batches, one behind the other; `None` where no batch has any.
fn values_of(name: &str, batches: &[DataFrame]) -> PolarsResult<Option<Series>> {
    let Some(first) = batches.iter().find_map(|batch| batch.column(name).ok()) else { return Ok(None) };
    let mut all = Series::full_null(name.into(), 0, first.dtype());
    for batch in batches {
        match batch.column(name) {
            Ok(column) => all.append(column.as_materialized_series())?,
            Err(_) => all.append(&Series::full_null(name.into(), batch.height(), first.dtype()))?,
        };
    }
    Ok(Some(all.rechunk()))
}

fn spell(name: &str, codes: &Series, words: &[Arc<str>]) -> PolarsResult<Column> {
    let words = codes.u32()?.iter().map(|code| code.and_then(|code| words.get(code as usize)));
    Ok(StringChunked::from_iter_options(name.into(), words.map(|word| word.map(AsRef::as_ref))).into_column())
}
