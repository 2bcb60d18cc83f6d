//! Reads and checks a Parquet footer before anything else of the file is believed.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use parquet::file::metadata::{
    ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData,
};

use crate::config::RunLimits;

use super::checksum::is_ours;
use super::error::RunError;
use super::schema_depth;

const MAGIC: &[u8; 4] = b"PAR1";
const MAGIC_ENCRYPTED: &[u8; 4] = b"PARE";
/// Length of the footer (4 bytes) and the magic word end the file.
const TAIL_BYTES: u64 = 8;
pub const BYTES_PER_MB: u64 = 1_000_000;

/// A parsed footer and the size of the file that it describes.
#[derive(Debug)]
pub struct Footer {
    pub metadata: ParquetMetaData,
    pub file_bytes: u64,
    footer_bytes: u64,
}

/// Reads the footer of the file at `path`. Call it under a guard: the parser may panic.
///
/// # Errors
/// When there is no such file, it is not Parquet, it is cut off, or it is ours and holds what is none of its own.
pub fn read(path: &Path) -> Result<Footer, RunError> {
    let io = |source| RunError::Io { path: path.to_owned(), source };
    // Looked at before it is opened: opening a named pipe would wait for a writer.
    if !std::fs::metadata(path).map_err(io)?.is_file() {
        let reason = "it is a pipe or a device, not a regular file".to_owned();
        return Err(RunError::NotParquet { path: path.to_owned(), reason });
    }
    let mut file = File::open(path).map_err(io)?;
    let file_bytes = file.metadata().map_err(io)?.len();
    let footer_bytes = find(path, &mut file, file_bytes)?;
    let mut bytes = vec![0; footer_bytes as usize];
    file.seek(SeekFrom::Start(file_bytes - TAIL_BYTES - footer_bytes)).map_err(io)?;
    file.read_exact(&mut bytes).map_err(io)?;
    let damaged = |reason: String| {
        let path = path.to_owned();
        if is_ours(&bytes, None) {
            RunError::Damaged { path, reason }
        } else {
            RunError::Truncated { path, reason }
        }
    };
    schema_depth::check(&bytes).map_err(|reason| damaged(reason.to_owned()))?;
    let metadata = ParquetMetaDataReader::decode_metadata(&bytes)
        .map_err(|error| damaged(format!("its footer cannot be parsed ({error})")))?;
    let writer = metadata.file_metadata().created_by().map(str::as_bytes);
    let is_ours = is_ours(&bytes, writer);
    let footer = Footer { metadata, file_bytes, footer_bytes };
    if is_ours {
        footer.check_owners(path)?;
    }
    Ok(footer)
}

/// The length of the footer, which fits the file.
fn find(path: &Path, file: &mut File, file_bytes: u64) -> Result<u64, RunError> {
    let io = |source| RunError::Io { path: path.to_owned(), source };
    let not_parquet =
        |reason: &str| RunError::NotParquet { path: path.to_owned(), reason: reason.to_owned() };
    if file_bytes == 0 {
        return Err(RunError::EmptyFile { path: path.to_owned() });
    }
    if file_bytes < MAGIC.len() as u64 + TAIL_BYTES {
        return Err(not_parquet("it is too short"));
    }
    let (mut head, mut tail) = ([0; 4], [0; TAIL_BYTES as usize]);
    file.read_exact(&mut head).map_err(io)?;
    file.seek(SeekFrom::Start(file_bytes - TAIL_BYTES)).map_err(io)?;
    file.read_exact(&mut tail).map_err(io)?;
    let [l0, l1, l2, l3, magic @ ..] = tail;
    if &head == MAGIC_ENCRYPTED || &magic == MAGIC_ENCRYPTED {
        return Err(not_parquet("it is encrypted"));
    }
    match (&head == MAGIC, &magic == MAGIC) {
        (true, true) => {}
        (true, false) => {
            let reason = "it begins like Parquet but does not end with the magic word PAR1".to_owned();
            return Err(RunError::Truncated { path: path.to_owned(), reason });
        }
        (false, true) => {
            let reason = "it ends like Parquet but does not begin with the magic word PAR1".to_owned();
            return Err(RunError::Truncated { path: path.to_owned(), reason });
        }
        (false, false) => return Err(not_parquet("it does not begin with the magic word PAR1")),
    }
    let footer_bytes = u64::from(u32::from_le_bytes([l0, l1, l2, l3]));
    if footer_bytes + TAIL_BYTES + MAGIC.len() as u64 > file_bytes {
        let reason = format!("a footer of {footer_bytes} bytes in a file of {file_bytes}");
        return Err(RunError::FalseFooter { path: path.to_owned(), column: None, reason });
    }
    Ok(footer_bytes)
}

impl Footer {
    /// In a file of ours something owns every byte. A hole of terabytes takes no room on the disk, and a day to hash.
    fn check_owners(&self, path: &Path) -> Result<(), RunError> {
        let chunks = self.metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
        let owned = chunks.map(|chunk| {
            let indexes = [chunk.column_index_length(), chunk.offset_index_length()];
            let indexes: u64 = indexes.into_iter().flatten().map(|bytes| bytes.max(0) as u64).sum();
            (chunk.compressed_size().max(0) as u64).saturating_add(indexes)
        });
        let ends = MAGIC.len() as u64 + self.footer_bytes + TAIL_BYTES;
        let unowned = self.file_bytes.saturating_sub(owned.fold(ends, u64::saturating_add));
        if unowned == 0 {
            return Ok(());
        }
        let reason = format!("{unowned} bytes belong to nothing in it");
        Err(RunError::FalseFooter { path: path.to_owned(), column: None, reason })
    }

    /// Checks that what the footer promises fits the file and the limits.
    ///
    /// # Errors
    /// When it does not; the error names the column where there is one.
    pub fn check(&self, path: &Path, limits: &RunLimits) -> Result<(), RunError> {
        let promise = Promise { path, footer: self, limits };
        promise.check_rows()?;
        let mut uncompressed_bytes: u64 = 0;
        for group in self.metadata.row_groups() {
            for chunk in group.columns() {
                promise.check_chunk(group, chunk)?;
                uncompressed_bytes = uncompressed_bytes.saturating_add(chunk.uncompressed_size() as u64);
            }
        }
        promise.check_limit(
            None,
            "max_uncompressed_mb_per_file",
            uncompressed_bytes,
            limits.max_uncompressed_mb_per_file.saturating_mul(BYTES_PER_MB),
            "bytes uncompressed",
        )
    }
}

/// The footer with all that its promises are held against.
struct Promise<'a> {
    path: &'a Path,
    footer: &'a Footer,
    limits: &'a RunLimits,
}

impl Promise<'_> {
    fn check_rows(&self) -> Result<(), RunError> {
        let metadata = &self.footer.metadata;
        let rows = metadata.file_metadata().num_rows();
        let counts = metadata.row_groups().iter().map(RowGroupMetaData::num_rows);
        let sum = counts.clone().try_fold(0i64, i64::checked_add);
        if rows < 0 || counts.clone().any(|rows| rows < 0) {
            return Err(self.broken(None, "a negative number of rows".to_owned()));
        }
        if sum != Some(rows) {
            let groups = sum.map_or_else(|| "more than can be counted".to_owned(), |sum| sum.to_string());
            return Err(self.broken(None, format!("{rows} rows, its row groups {groups}")));
        }
        self.check_count(None, rows as u64, "rows")
    }

    /// Rows, or the values of one column: lists have more of them.
    fn check_count(&self, column: Option<String>, count: u64, what: &str) -> Result<(), RunError> {
        self.check_limit(column.clone(), "max_rows_per_file", count, self.limits.max_rows_per_file, what)?;
        let limit = self.limits.max_rows_per_byte.saturating_mul(self.footer.file_bytes);
        let what = format!("{what} in a file of {} bytes", self.footer.file_bytes);
        self.check_limit(column, "max_rows_per_byte", count, limit, &what)
    }

    fn check_chunk(&self, group: &RowGroupMetaData, chunk: &ColumnChunkMetaData) -> Result<(), RunError> {
        let column = Some(chunk.column_path().string());
        if chunk.file_path().is_some() {
            return Err(self.broken(column, "its values lie in another file".to_owned()));
        }
        let (packed, unpacked) = (chunk.compressed_size(), chunk.uncompressed_size());
        if packed < 0 || unpacked < 0 || chunk.num_values() < 0 {
            return Err(self.broken(column, "a negative size".to_owned()));
        }
        self.check_place(&column, chunk)?;
        let values = chunk.num_values() as u64;
        if chunk.column_descr().max_rep_level() == 0 && values != group.num_rows() as u64 {
            let rows = group.num_rows();
            return Err(self.broken(column, format!("{values} values in a row group of {rows} rows")));
        }
        self.check_count(column.clone(), values, "values")?;
        let limit = self.limits.max_column_chunk_mb.saturating_mul(BYTES_PER_MB);
        self.check_limit(column, "max_column_chunk_mb", unpacked as u64, limit, "bytes in one column chunk")
    }

    /// A chunk lies between the magic word at the start and the footer.
    fn check_place(&self, column: &Option<String>, chunk: &ColumnChunkMetaData) -> Result<(), RunError> {
        if chunk.compressed_size() == 0 && chunk.num_values() == 0 {
            return Ok(());
        }
        let end_of_data = self.footer.file_bytes - TAIL_BYTES - self.footer.footer_bytes;
        let start = chunk_start(chunk);
        let end = start.checked_add(chunk.compressed_size());
        let fits = start >= MAGIC.len() as i64 && end.is_some_and(|end| end as u64 <= end_of_data);
        if fits {
            return Ok(());
        }
        let bytes = chunk.compressed_size();
        Err(self.broken(
            column.clone(),
            format!("{bytes} bytes at byte {start}, the data ends at byte {end_of_data}"),
        ))
    }

    fn check_limit(
        &self,
        column: Option<String>,
        limit: &'static str,
        found: u64,
        allowed: u64,
        what: &str,
    ) -> Result<(), RunError> {
        if found <= allowed {
            return Ok(());
        }
        let place = column.as_ref().map(|column| format!(" (column `{column}`)")).unwrap_or_default();
        let reason = format!("its footer claims {found} {what}{place}");
        Err(RunError::OverLimit { path: self.path.to_owned(), column, reason, limit })
    }

    fn broken(&self, column: Option<String>, reason: String) -> RunError {
        let reason = match &column {
            Some(column) => format!("column `{column}`: {reason}"),
            None => reason,
        };
        RunError::FalseFooter { path: self.path.to_owned(), column, reason }
    }
}

/// The first byte of a chunk, where the reader will look for it: its dictionary page, if it has one.
pub fn chunk_start(chunk: &ColumnChunkMetaData) -> i64 {
    chunk.dictionary_page_offset().unwrap_or_else(|| chunk.data_page_offset())
}
