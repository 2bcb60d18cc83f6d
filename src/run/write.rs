//! Writes a run file: rows in, row groups out; the file comes out whole or not at all, with its checksum.

mod columns;
mod schema;
pub mod stores;
pub mod words;

use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use tempfile::NamedTempFile;
use xxhash_rust::xxh3::Xxh3;

use super::checksum::{self, CHECKSUM_KEY, PLACEHOLDER};
use super::{RunMetadata, SCHEMA_VERSION};
use crate::staging::{self, Staged};
use columns::Columns;
pub use stores::Row;
use stores::{RunStores, Stores};
pub use words::Code;

/// The Parquet key under which the metadata of a run stands, as JSON.
pub const METADATA_KEY: &str = "cmo.run";
/// What the name of a run file in the making ends with.
pub const JOURNAL_SUFFIX: &str = ".tmp";
/// Rows of a row group. A quarter of a million keeps the writer near 100 MB and a reader's piece of work at a
/// few MB a column, and is large enough that footers and dictionaries don't count.
const ROW_GROUP_ROWS: usize = 1 << 18;

/// Why a run file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("cannot write a run file in {}: {source}; choose a folder that exists and is writable", path.display())]
    Create { path: PathBuf, source: io::Error },
    #[error("cannot write {}: {source}; check the space and the permissions of the disk", path.display())]
    Disk { path: PathBuf, source: io::Error },
    #[error("cannot encode rows for {}: {source}; this is a bug, please report it", path.display())]
    Encode { path: PathBuf, source: ParquetError },
    #[error("cannot encode the metadata of {}: {source}; remove the key it names", path.display())]
    Metadata { path: PathBuf, source: serde_json::Error },
    #[error("{} is no file name for a run; name a file such as data/run.parquet", path.display())]
    NoFileName { path: PathBuf },
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub path: PathBuf,
    pub rows: u64,
    pub bytes: u64,
    /// 32 hex digits.
    pub checksum: String,
}

/// A run file in the making. Dropped without [`RunWriter::finish`], it leaves nothing at the target.
pub struct RunWriter<S = RunStores> {
    path: PathBuf,
    schema: SchemaRef,
    columns: Columns<S>,
    rows: u64,
    parquet: ArrowWriter<HashedFile>,
}

impl RunWriter {
    /// Starts the file that will be at `path`; a file that is there already is replaced when this one is whole.
    ///
    /// # Errors
    /// The folder of `path` is missing or not writable.
    pub fn create(path: &Path) -> Result<RunWriter, WriteError> {
        RunWriter::start(path)
    }
}

impl<S: Stores> RunWriter<S> {
    /// Starts a file with the columns of `S`.
    pub fn start(path: &Path) -> Result<Self, WriteError> {
        let (file, staged) = temporary_file(path)?;
        let file = HashedFile { file, staged, hash: Xxh3::new() };
        let schema = schema::run_schema(S::TABLE);
        let encode = |source| WriteError::Encode { path: path.to_owned(), source };
        let properties = schema::writer_properties(S::TABLE).map_err(encode)?;
        let parquet = ArrowWriter::try_new(file, schema.clone(), Some(properties)).map_err(encode)?;
        Ok(RunWriter { path: path.to_owned(), schema, columns: Columns::default(), rows: 0, parquet })
    }

    /// Adds one row.
    ///
    /// # Errors
    /// The disk refused a full row group.
    pub fn push(&mut self, event: &S::Event) -> Result<(), WriteError> {
        let (ts, component) = S::head(event);
        let component = self.code(component);
        let row = self.row(ts, component)?.row;
        let Columns { words, optional, .. } = &mut self.columns;
        optional.fill(row, event, words);
        Ok(())
    }

    /// The code of a word for [`RunWriter::row`], given now if it is new.
    pub fn code(&mut self, word: &str) -> Code {
        self.columns.words.code(word)
    }

    /// Starts a row without making an event: the way for many rows. `ts` in µs since 1970.
    ///
    /// # Errors
    /// The disk refused a full row group.
    pub fn row(&mut self, ts: i64, component: Code) -> Result<Row<'_, S>, WriteError> {
        if self.columns.rows() >= ROW_GROUP_ROWS {
            self.flush()?;
        }
        self.rows += 1;
        let row = self.columns.start_row(ts, component);
        Ok(Row { stores: &mut self.columns.optional, row })
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes what is left, metadata and checksum, syncs, and puts the file in its place.
    ///
    /// # Errors
    /// The disk refused, or the metadata cannot be JSON; nothing is left at the target then, an older file stays.
    pub fn finish(mut self, metadata: &RunMetadata) -> Result<Written, WriteError> {
        self.flush()?;
        let RunWriter { path, rows, mut parquet, .. } = self;
        let json =
            metadata_json(metadata).map_err(|source| WriteError::Metadata { path: path.clone(), source })?;
        parquet.append_key_value_metadata(KeyValue::new(METADATA_KEY.to_owned(), json));
        parquet.append_key_value_metadata(KeyValue::new(CHECKSUM_KEY.to_owned(), PLACEHOLDER.to_owned()));
        let hashed = parquet.into_inner().map_err(|source| encode_error(&path, source))?;
        let disk = |source| WriteError::Disk { path: path.clone(), source };
        let (bytes, checksum) = hashed.publish(&path).map_err(disk)?;
        Ok(Written { path, rows, bytes, checksum })
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        let batch = self.columns.take_batch(&self.schema).map_err(ParquetError::from);
        let written = batch.and_then(|batch| {
            self.parquet.write(&batch)?;
            self.parquet.flush()
        });
        written.map_err(|source| encode_error(&self.path, source))
    }
}

/// Parquet wraps the disk's errors; they are told apart because only one of them is ours to mend.
fn encode_error(path: &Path, source: ParquetError) -> WriteError {
    let path = path.to_owned();
    match source {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(source) => WriteError::Disk { path, source: *source },
            Err(inner) => WriteError::Encode { path, source: ParquetError::External(inner) },
        },
        source => WriteError::Encode { path, source },
    }
}

fn metadata_json(metadata: &RunMetadata) -> Result<String, serde_json::Error> {
    let version = metadata.schema_version.or(Some(SCHEMA_VERSION));
    serde_json::to_string(&RunMetadata { schema_version: version, ..metadata.clone() })
}

/// The folder that holds `path`.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A hidden file beside the target whose name does not end in `.parquet`, so that no reader takes it for a run.
fn temporary_file(path: &Path) -> Result<(NamedTempFile, Staged), WriteError> {
    let name = path.file_name().ok_or_else(|| WriteError::NoFileName { path: path.to_owned() })?;
    let prefix = format!(".{}.", name.to_string_lossy());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(JOURNAL_SUFFIX);
    // tempfile makes files that only their owner may read; a run file follows the umask like any other.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let folder = folder_of(path);
    let (file, staged) = Staged::make(|| builder.tempfile_in(folder), NamedTempFile::path)
        .map_err(|source| WriteError::Create { path: folder.to_owned(), source })?;
    // Held until the writer ends, however it ends: so that a file under way is told from one left behind. Where the
    // file system has no locks, it is taken for one left behind.
    let _ = file.as_file().try_lock();
    Ok((file, staged))
}

/// A temporary file that hashes what passes.
struct HashedFile {
    file: NamedTempFile,
    staged: Staged,
    hash: Xxh3,
}

impl HashedFile {
    /// Patches the checksum in, syncs file and folder, renames. Gives the length and the checksum.
    fn publish(mut self, path: &Path) -> io::Result<(u64, String)> {
        let checksum = checksum::format_digest(&self.hash);
        let file = self.file.as_file_mut();
        let digits = checksum::locate_digits(file)?;
        file.seek(SeekFrom::Start(digits.start))?;
        file.write_all(checksum.as_bytes())?;
        file.sync_all()?;
        let bytes = file.metadata()?.len();
        let Self { file, staged, .. } = self;
        staged.publish(|| file.persist(path))?.map_err(|error| error.error)?;
        staging::confirm_names(folder_of(path))?;
        Ok((bytes, checksum))
    }
}

impl Write for HashedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
pub(crate) mod read_back;
#[cfg(test)]
mod tests;
