//! The checksum that a run file of ours carries: xxh3-128 over the whole file, its own digits taken as zeros.
//!
//! Parquet does not notice a flipped bit: values change without any error. The digits stand in the footer under
//! the key `cmo.checksum`; while hashing, those 32 bytes count as the character `0`.

mod footer;
mod owner;

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use footer::Footer;
pub use footer::PLACEHOLDER;
pub use owner::{CHECKSUM_KEY, CREATED_BY, is_ours};

/// Bytes hashed at a time: large enough for full disk speed, small enough not to count as memory.
const CHUNK_BYTES: usize = 1 << 20;

/// What the checksum says about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Integrity {
    /// The bytes are those that were written.
    Verified,
    /// The file is of another writer. It carries no checksum, or one of another file: a tool that copied our metadata
    /// while rewriting the rows (pyarrow does) leaves ours behind. Nothing can be said.
    Unverified,
    /// The bytes are not those that were written. Hex digits; words in parentheses where there are none.
    Damaged { expected: String, found: String },
}

/// Reads the whole file at `path` (about 1 MB in memory at a time) and compares it with its checksum.
///
/// # Errors
/// The file cannot be read; `InvalidData` when it has no well-formed Parquet footer, whoever
/// wrote it.
pub fn verify(path: &Path) -> io::Result<Integrity> {
    verify_in(&mut File::open(path)?)
}

fn verify_in(file: &mut (impl Read + Seek)) -> io::Result<Integrity> {
    let footer = Footer::read(file)?;
    if !footer.is_ours {
        return Ok(Integrity::Unverified);
    }
    let Some(digits) = footer.digits else { return Ok(damaged("(32 hex digits)", "(none)")) };
    let found = hash_file(file, footer.file_bytes, digits)?;
    Ok(match footer.checksum {
        Some(expected) if expected == found => Integrity::Verified,
        expected => damaged(expected.as_deref().unwrap_or("(not hex digits)"), &found),
    })
}

/// Where the checksum's 32 digits stand in a file that was just written, bytes from its start.
pub fn locate_digits(file: &mut File) -> io::Result<Range<u64>> {
    Footer::read(file)?
        .digits
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the footer holds no checksum"))
}

/// The hex digits of a finished hash.
pub fn format_digest(hash: &Xxh3) -> String {
    format!("{:032x}", hash.digest128())
}

fn damaged(expected: &str, found: &str) -> Integrity {
    Integrity::Damaged { expected: expected.to_owned(), found: found.to_owned() }
}

/// Hashes the first `file_bytes` bytes, the range `digits` taken as zeros.
fn hash_file(file: &mut (impl Read + Seek), file_bytes: u64, digits: Range<u64>) -> io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::with_capacity(CHUNK_BYTES, file);
    let mut hash = Xxh3::new();
    let mut buffer = vec![0u8; CHUNK_BYTES];
    hash_stretch(&mut reader, &mut hash, &mut buffer, digits.start)?;
    reader.seek_relative((digits.end - digits.start) as i64)?;
    hash.update(PLACEHOLDER.as_bytes());
    hash_stretch(&mut reader, &mut hash, &mut buffer, file_bytes - digits.end)?;
    Ok(format_digest(&hash))
}

fn hash_stretch(
    reader: &mut impl Read,
    hash: &mut Xxh3,
    buffer: &mut [u8],
    mut left_bytes: u64,
) -> io::Result<()> {
    while left_bytes > 0 {
        let want = left_bytes.min(buffer.len() as u64) as usize;
        let part = &mut buffer[..want];
        reader.read_exact(part)?;
        hash.update(part);
        left_bytes -= want as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
