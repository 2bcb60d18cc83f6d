//! The tables of many runs in one folder: each run's rows are written beside them as it is analysed and put together at the
//! end, so that no more than the rows of one run are ever in memory.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::parquet_bytes::{Encoded, encode, properties};
use super::splice::Splice;
use super::{TABLES, Table, TableError};
use crate::analysis::{Analysis, Provenance};

/// Tables of which one run may have millions of rows: their pages are copied as they are. The others are small, and
/// become one row group.
const LARGE: [&str; 2] = [super::timeseries::FILE_NAME, super::samples::FILE_NAME];

/// Bytes that are written at once.
const BUFFER: usize = 1 << 20;

/// The tables of many runs in the making.
#[derive(Debug)]
pub struct TablesDraft {
    folder: PathBuf,
    provenance: Provenance,
}

/// Why the tables of many runs could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("cannot write {path}: {source}; is the disk full, or the folder read-only?")]
    Io { path: PathBuf, source: io::Error },
    #[error("cannot write {path}: {source}; is the disk full?")]
    Parquet { path: PathBuf, source: ParquetError },
}

impl TablesDraft {
    /// Tables that are to stand in `folder`, which exists.
    pub fn new(folder: &Path, provenance: &Provenance) -> Self {
        Self { folder: folder.to_owned(), provenance: provenance.clone() }
    }

    /// Writes the rows of one run beside the tables. Several threads may do so at once, each for another run.
    ///
    /// # Errors
    /// When a table cannot be built, or the disk refuses.
    pub fn add(&self, analysis: &Analysis) -> Result<(), TablesError> {
        for table in TABLES {
            let path = self.rows_of(&table, &analysis.summary.identity.run_id);
            let rows = table.render(analysis, &self.provenance)?;
            fs::write(&path, rows).map_err(|source| TablesError::Io { path, source })?;
        }
        Ok(())
    }

    /// Puts the rows of these runs together, in this order, and removes what stood beside the tables.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(&self, run_ids: &[&str]) -> Result<(), TablesError> {
        for table in TABLES {
            let path = self.folder.join(table.file_name);
            self.put_together(&table, &path, run_ids)?;
            for run_id in run_ids {
                let path = self.rows_of(&table, run_id);
                fs::remove_file(&path).map_err(|source| TablesError::Io { path, source })?;
            }
        }
        Ok(())
    }

    /// Forgets a run of which some rows may have been written.
    pub fn forget(&self, run_id: &str) {
        for table in TABLES {
            // It may never have been written.
            let _ = fs::remove_file(self.rows_of(&table, run_id));
        }
    }

    fn put_together(&self, table: &Table, path: &Path, run_ids: &[&str]) -> Result<(), TablesError> {
        let io_error = |source| TablesError::Io { path: path.to_owned(), source };
        let schema = table.rows(&[])?.schema();
        let broken = |error: ParquetError| table.error(&error);
        let properties = properties(&schema, table.file_name, &self.provenance).map_err(broken)?;
        let empty = encode(schema.clone(), table.file_name, &self.provenance, |_| Ok(())).map_err(broken)?;
        let out = BufWriter::with_capacity(BUFFER, File::create_new(path).map_err(io_error)?);
        let parts =
            run_ids.iter().map(|run_id| File::open(self.rows_of(table, run_id)).map_err(ParquetError::from));
        let written = match LARGE.contains(&table.file_name) {
            true => splice(out, &empty, parts),
            false => rewrite(out, schema, properties, parts),
        };
        let out = written.map_err(|source| TablesError::Parquet { path: path.to_owned(), source })?;
        let file = out.into_inner().map_err(|error| io_error(error.into_error()))?;
        file.sync_all().map_err(io_error)
    }

    /// Where the rows of one run wait. A run id may name a file.
    fn rows_of(&self, table: &Table, run_id: &str) -> PathBuf {
        self.folder.join(format!(".{}-{run_id}", table.file_name))
    }
}

fn splice<W: Write>(
    out: W,
    empty: &Encoded,
    mut parts: impl Iterator<Item = Result<File, ParquetError>>,
) -> Result<W, ParquetError> {
    let mut splice = Splice::begin(out, empty)?;
    parts.try_for_each(|part| splice.append_file(part?))?;
    splice.finish()
}

fn rewrite<W: Write + Send>(
    mut out: W,
    schema: SchemaRef,
    properties: WriterProperties,
    mut parts: impl Iterator<Item = Result<File, ParquetError>>,
) -> Result<W, ParquetError> {
    let mut rows = ArrowWriter::try_new(&mut out, schema, Some(properties))?;
    parts.try_for_each(|part| {
        let mut batches = ParquetRecordBatchReaderBuilder::try_new(part?)?.build()?;
        batches.try_for_each(|batch| rows.write(&batch?))
    })?;
    rows.close()?;
    Ok(out)
}
