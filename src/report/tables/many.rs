//! The tables of many runs in one folder: each run's rows are written beside them as it is analysed and put together at the
//! end, so that no more than the rows of one run are ever in memory.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaDataReader;
use parquet::file::writer::SerializedFileWriter;

use super::parquet_bytes::begin;
use super::table_error::TablesError;
use super::{TABLES, Table};
use crate::analysis::{Analysis, Provenance};

/// Bytes that are written at once.
const BUFFER: usize = 1 << 20;

/// The tables of many runs in the making.
#[derive(Debug)]
pub struct StagedTables {
    folder: PathBuf,
    provenance: Provenance,
}

impl StagedTables {
    /// Begins tables that are to stand in `folder`, which exists.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn begin(folder: &Path, provenance: &Provenance) -> io::Result<Self> {
        let staged = Self { folder: folder.to_owned(), provenance: provenance.clone() };
        fs::create_dir(staged.rows_folder())?;
        Ok(staged)
    }

    /// Writes the rows that one run has in one of the [`TABLES`] beside it. Several threads may do so at once, each for
    /// another table or another run.
    ///
    /// # Errors
    /// When the table cannot be built, or the disk refuses.
    pub fn add(&self, table: &Table, analysis: &Analysis) -> Result<(), TablesError> {
        let rows = File::create(self.rows_of(table, &analysis.summary.identity.run_id))?;
        let mut rows = BufWriter::with_capacity(BUFFER, rows);
        table.write(analysis, &self.provenance, &mut rows)?;
        Ok(rows.flush()?)
    }

    /// Puts the rows of these runs together, in this order, and removes what stood beside the tables.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(&self, run_ids: &[&str]) -> Result<(), TablesError> {
        for table in TABLES {
            self.put_together(&table, &self.folder.join(table.file_name), run_ids)?;
        }
        Ok(fs::remove_dir_all(self.rows_folder())?)
    }

    fn put_together(&self, table: &Table, path: &Path, run_ids: &[&str]) -> Result<(), TablesError> {
        let broken = |error| TablesError::of(error, table.file_name);
        let mut out = BufWriter::with_capacity(BUFFER, File::create_new(path)?);
        let schema = self.schema_of(table, run_ids.first().copied())?;
        let file = begin(&mut out, schema, table.file_name, &self.provenance).map_err(broken)?;
        let parts =
            run_ids.iter().map(|run_id| File::open(self.rows_of(table, run_id)).map_err(ParquetError::from));
        // The pages of large tables are copied as they are; the rows of the others are few, and share row groups.
        let filled = if table.is_large() { copy(file, parts) } else { rewrite(file, parts) };
        filled.map_err(broken)?;
        let file = out.into_inner().map_err(|error| error.into_error())?;
        Ok(file.sync_all()?)
    }

    /// The settings say which quantiles are columns: the runs of one call share them.
    fn schema_of(&self, table: &Table, first: Option<&str>) -> Result<SchemaRef, TablesError> {
        let Some(run_id) = first else { return Ok(table.rows(&[])?.schema()) };
        let rows = ParquetRecordBatchReaderBuilder::try_new(File::open(self.rows_of(table, run_id))?);
        Ok(rows.map_err(|error| TablesError::of(error, table.file_name))?.schema().clone())
    }

    /// Where the rows of one run wait. A run id may name a file.
    fn rows_of(&self, table: &Table, run_id: &str) -> PathBuf {
        self.rows_folder().join(format!("{run_id}.{}", table.file_name))
    }

    /// Where all of them wait.
    fn rows_folder(&self) -> PathBuf {
        self.folder.join(".rows")
    }
}

fn copy<W: Write + Send>(
    file: ArrowWriter<W>,
    mut parts: impl Iterator<Item = Result<File, ParquetError>>,
) -> Result<(), ParquetError> {
    let (mut file, _) = file.into_serialized_writer()?;
    parts.try_for_each(|part| copy_row_groups(&part?, &mut file))?;
    file.close().map(drop)
}

fn copy_row_groups<W: Write + Send>(
    from: &File,
    to: &mut SerializedFileWriter<W>,
) -> Result<(), ParquetError> {
    let metadata = ParquetMetaDataReader::new().parse_and_finish(from)?;
    for group in metadata.row_groups() {
        let mut copied = to.next_row_group()?;
        for column in group.columns() {
            let pages = ColumnCloseResult {
                bytes_written: column.compressed_size().unsigned_abs(),
                rows_written: group.num_rows().unsigned_abs(),
                metadata: column.clone(),
                bloom_filter: None,
                column_index: None,
                offset_index: None,
            };
            copied.append_column(from, pages)?;
        }
        copied.close()?;
    }
    Ok(())
}

fn rewrite<W: Write + Send>(
    mut file: ArrowWriter<W>,
    mut parts: impl Iterator<Item = Result<File, ParquetError>>,
) -> Result<(), ParquetError> {
    parts.try_for_each(|part| {
        let mut batches = ParquetRecordBatchReaderBuilder::try_new(part?)?.build()?;
        batches.try_for_each(|batch| file.write(&batch?))
    })?;
    file.close().map(drop)
}
