//! Checks the page headers of a column chunk before it is decoded: their sizes and counts are promises too.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use parquet::file::metadata::ColumnChunkMetaData;

use crate::config::RunLimits;

use super::error::RunError;
use super::footer::{BYTES_PER_MB, chunk_start};
use super::thrift::{Cursor, Layout};

/// Bytes read for a page header at first; more when it turns out longer.
const FIRST_READ_BYTES: usize = 4 << 10;
/// No page header is longer: it holds a few numbers and at most two values as statistics.
const MAX_HEADER_BYTES: usize = 16 << 20;

/// What the header of one page says.
#[derive(Debug, Default)]
struct PageHeader {
    header_bytes: u64,
    unpacked_bytes: i64,
    packed_bytes: i64,
    /// Of data pages; none for dictionary and index pages.
    values: Option<i64>,
}

/// Checks that the pages of `chunk` lie in it, hold the number of values that the footer names, and stay below
/// the limit when unpacked: to how many bytes they do.
///
/// # Errors
/// When they do not, or the file cannot be read.
pub fn check(
    path: &Path,
    file: &mut File,
    chunk: &ColumnChunkMetaData,
    limits: &RunLimits,
) -> Result<u64, RunError> {
    let column = chunk.column_path().string();
    let broken = |reason: String| RunError::FalseFooter {
        path: path.to_owned(),
        column: Some(column.clone()),
        reason: format!("column `{column}`: {reason}"),
    };
    let (mut at, mut left) = (chunk_start(chunk) as u64, chunk.compressed_size() as u64);
    let (mut values, mut unpacked_bytes) = (0i64, 0u64);
    while left > 0 && values < chunk.num_values() {
        let header = read_header(file, at, left)
            .map_err(|source| RunError::Io { path: path.to_owned(), source })?
            .ok_or_else(|| broken(format!("the page header at byte {at} cannot be read")))?;
        if header.packed_bytes < 0 || header.unpacked_bytes < 0 || header.values.is_some_and(|n| n < 0) {
            return Err(broken(format!("the page at byte {at} has a negative size")));
        }
        let page_bytes = header.header_bytes + header.packed_bytes as u64;
        if page_bytes > left {
            return Err(broken(format!("the page at byte {at} is longer than its column chunk")));
        }
        values = values.saturating_add(header.values.unwrap_or(0));
        unpacked_bytes += header.unpacked_bytes as u64;
        at += page_bytes;
        left -= page_bytes;
    }
    if values != chunk.num_values() {
        return Err(broken(format!("{} values, its pages hold {values}", chunk.num_values())));
    }
    check_unpacked(path, column, unpacked_bytes, limits)?;
    Ok(unpacked_bytes)
}

fn check_unpacked(
    path: &Path,
    column: String,
    unpacked_bytes: u64,
    limits: &RunLimits,
) -> Result<(), RunError> {
    if unpacked_bytes <= limits.max_column_chunk_mb.saturating_mul(BYTES_PER_MB) {
        return Ok(());
    }
    let reason = format!("the pages of column `{column}` unpack to {unpacked_bytes} bytes");
    let column = Some(column);
    Err(RunError::OverLimit { path: path.to_owned(), column, reason, limit: "max_column_chunk_mb" })
}

/// Reads the page header at byte `at`; none when it makes no sense.
fn read_header(file: &mut File, at: u64, left: u64) -> io::Result<Option<PageHeader>> {
    let mut bytes = Vec::new();
    let mut wanted = FIRST_READ_BYTES;
    loop {
        let wanted_here = wanted.min(usize::try_from(left).unwrap_or(usize::MAX));
        bytes.resize(wanted_here, 0);
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut bytes)?;
        let header = parse_header(&bytes);
        if header.is_some() || wanted_here < wanted || wanted >= MAX_HEADER_BYTES {
            return Ok(header);
        }
        wanted *= 16;
    }
}

/// Fields of `PageHeader` and of the page kinds in it, by their ids in parquet.thrift.
fn parse_header(bytes: &[u8]) -> Option<PageHeader> {
    let mut cursor = Cursor::new(bytes);
    let (mut id, mut header) = (0, PageHeader::default());
    let mut sizes = 0;
    while let Some(layout) = cursor.field(&mut id)? {
        match (id, layout) {
            (2, Layout::Varint) => {
                header.unpacked_bytes = cursor.integer()?;
                sizes += 1;
            }
            (3, Layout::Varint) => {
                header.packed_bytes = cursor.integer()?;
                sizes += 1;
            }
            (5 | 8, Layout::Struct) => header.values = Some(parse_values(&mut cursor)?),
            _ => cursor.skip(layout)?,
        }
    }
    header.header_bytes = cursor.position() as u64;
    (sizes == 2).then_some(header)
}

/// The number of values, first field of a data page header of either version.
fn parse_values(cursor: &mut Cursor<'_>) -> Option<i64> {
    let (mut id, mut values) = (0, None);
    while let Some(layout) = cursor.field(&mut id)? {
        match (id, layout) {
            (1, Layout::Varint) => values = Some(cursor.integer()?),
            _ => cursor.skip(layout)?,
        }
    }
    values
}
