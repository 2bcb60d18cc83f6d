//! Finds the checksum's digits inside a Parquet footer by walking its thrift structure.
//!
//! A search for the digits or the key as text could hit a value of the events; only the walk knows which bytes
//! are the value of that key. Layout: <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>,
//! compact protocol: <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use super::super::thrift::{Cursor, Layout};
use super::owner::{CHECKSUM_KEY, is_ours};

/// The placeholder: as many zeros as the checksum has hex digits.
pub const PLACEHOLDER: &str = "00000000000000000000000000000000";
const MAGIC: &[u8; 4] = b"PAR1";
/// Length of the footer (4 bytes) and the magic word end the file.
const TAIL_BYTES: u64 = 8;
/// A footer above this is no run file: a hundred million events in row groups of our size need about 10 MB.
const MAX_FOOTER_BYTES: u64 = 1 << 29;
/// Ids of the fields that are looked at, in `FileMetaData` and in `KeyValue`.
const KEY_VALUE_METADATA: i64 = 5;
const WRITER: i64 = 6;
const KEY: i64 = 1;
const VALUE: i64 = 2;

/// What the footer says about the checksum.
pub struct Footer {
    /// Length of the whole file.
    pub file_bytes: u64,
    /// Where the digits stand in the file; none where the key is missing or its value has another length.
    pub digits: Option<Range<u64>>,
    /// The digits, where they are lower-case hex.
    pub checksum: Option<String>,
    /// Written by this writer, judged with room for damage.
    pub is_ours: bool,
}

/// Where in the footer stands what tells whose file it is.
#[derive(Debug, Default, PartialEq, Eq)]
struct Walked {
    /// The value of the checksum's key.
    checksum: Option<Range<usize>>,
    writer: Option<Range<usize>>,
}

impl Footer {
    /// Reads the footer at the end of `file`.
    pub fn read(file: &mut (impl Read + Seek)) -> io::Result<Footer> {
        let file_bytes = file.seek(SeekFrom::End(0))?;
        let bytes = read_footer_bytes(file, file_bytes)?;
        Footer::of(&bytes, file_bytes).ok_or_else(|| invalid("its footer is not well formed"))
    }

    /// The footer `bytes` of a file of `file_bytes`; none when they are not one well-formed structure from end to end.
    pub fn of(bytes: &[u8], file_bytes: u64) -> Option<Footer> {
        let start = file_bytes.checked_sub(TAIL_BYTES + bytes.len() as u64)?;
        let Walked { checksum, writer } = walk(bytes)?;
        let value = checksum.filter(|range| range.len() == PLACEHOLDER.len());
        let text = value.clone().and_then(|range| std::str::from_utf8(&bytes[range]).ok());
        let is_hex = |text: &&str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        Some(Footer {
            file_bytes,
            digits: value.map(|range| start + range.start as u64..start + range.end as u64),
            checksum: text.filter(is_hex).map(str::to_owned),
            is_ours: is_ours(bytes, writer.map(|range| &bytes[range])),
        })
    }
}

fn read_footer_bytes(file: &mut (impl Read + Seek), file_bytes: u64) -> io::Result<Vec<u8>> {
    if file_bytes < TAIL_BYTES + MAGIC.len() as u64 {
        return Err(invalid("it is too short for a Parquet file"));
    }
    let mut tail = [0u8; TAIL_BYTES as usize];
    file.seek(SeekFrom::Start(file_bytes - TAIL_BYTES))?;
    file.read_exact(&mut tail)?;
    let [l0, l1, l2, l3, magic @ ..] = tail;
    if &magic != MAGIC {
        return Err(invalid("it does not end like a Parquet file"));
    }
    let footer_bytes = u64::from(u32::from_le_bytes([l0, l1, l2, l3]));
    if footer_bytes > MAX_FOOTER_BYTES || footer_bytes + TAIL_BYTES + MAGIC.len() as u64 > file_bytes {
        return Err(invalid("the length of its footer does not fit the file"));
    }
    let mut bytes = vec![0u8; footer_bytes as usize];
    file.seek(SeekFrom::Start(file_bytes - TAIL_BYTES - footer_bytes))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the checksum cannot be looked up: {what}"))
}

/// Walks `FileMetaData`; none when the bytes are not one well-formed structure from end to end.
fn walk(bytes: &[u8]) -> Option<Walked> {
    let mut cursor = Cursor::new(bytes);
    let (mut walked, mut id) = (Walked::default(), 0);
    while let Some(layout) = cursor.field(&mut id)? {
        match (id, layout) {
            (KEY_VALUE_METADATA, Layout::List) => walked.checksum = find_in_key_values(&mut cursor, bytes)?,
            (WRITER, Layout::Binary) => walked.writer = Some(cursor.binary()?),
            _ => cursor.skip(layout)?,
        }
    }
    (cursor.position() == bytes.len()).then_some(walked)
}

/// The value of the checksum's key in a list of `KeyValue`; the inner none when there is no such key.
fn find_in_key_values(cursor: &mut Cursor<'_>, bytes: &[u8]) -> Option<Option<Range<usize>>> {
    let (count, layout) = cursor.list()?;
    if count > 0 && layout != Layout::Struct {
        return None;
    }
    let mut found = None;
    for _ in 0..count {
        let (key, value) = key_value(cursor)?;
        if &bytes[key] == CHECKSUM_KEY.as_bytes() {
            found = found.or(value);
        }
    }
    Some(found)
}

fn key_value(cursor: &mut Cursor<'_>) -> Option<(Range<usize>, Option<Range<usize>>)> {
    let (mut key, mut value, mut id) = (None, None, 0);
    while let Some(layout) = cursor.field(&mut id)? {
        match (id, layout) {
            (KEY, Layout::Binary) => key = Some(cursor.binary()?),
            (VALUE, Layout::Binary) => value = Some(cursor.binary()?),
            _ => cursor.skip(layout)?,
        }
    }
    Some((key?, value))
}
