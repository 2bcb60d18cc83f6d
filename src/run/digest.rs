//! The digest of a run's files: by it a run is known again when a job is repeated.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use xxhash_rust::xxh3::Xxh3;

/// Bytes hashed at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// xxh3-128 over the bytes of all `files`, each with its length, as hex digits.
///
/// # Errors
/// When one of them cannot be read.
pub fn digest_of(files: &[PathBuf]) -> io::Result<String> {
    let mut hash = Xxh3::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    for path in files {
        let mut file = File::open(path)?;
        let mut length: u64 = 0;
        loop {
            let read = file.read(&mut chunk)?;
            if read == 0 {
                break;
            }
            hash.update(&chunk[..read]);
            length += read as u64;
        }
        // Bytes that move from one file to the next make another run.
        hash.update(&length.to_le_bytes());
    }
    Ok(format!("{:032x}", hash.digest128()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_of_what_the_files_hold_and_of_where_one_ends() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let one = digest_of(&[write("a", "ab"), write("b", "c")]).unwrap();
        assert_eq!(one, digest_of(&[write("c", "ab"), write("d", "c")]).unwrap());
        assert_ne!(one, digest_of(&[write("e", "a"), write("f", "bc")]).unwrap());
        assert!(digest_of(&[folder.path().join("none")]).is_err());
    }
}
