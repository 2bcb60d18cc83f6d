//! What this process has begun to write and not yet put in its place: an interrupted job removes it.
//!
//! What is staged is a hidden file or folder beside its final place. It takes that place in one step, [`Staged::publish`], or
//! vanishes. A process that is killed cannot remove its staged files: whoever works in the folder next does.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Names of what is staged begin with this.
pub const PREFIX: &str = ".cmo-metrics-";

/// Behind it stand so many letters and digits.
const RANDOM_LETTERS: usize = 6;

/// Is it the name of something staged? Others may begin alike.
pub fn is_name(name: &[u8]) -> bool {
    let random = name.strip_prefix(PREFIX.as_bytes());
    random
        .is_some_and(|random| random.len() == RANDOM_LETTERS && random.iter().all(u8::is_ascii_alphanumeric))
}

/// Has the process begun to end?
pub fn is_over() -> bool {
    begun().is_over
}

/// The error of a disk that did not confirm what was put in its place already.
pub fn unconfirmed(source: &io::Error) -> io::Error {
    let what = "what was written stands in its place, but the disk has not confirmed it";
    io::Error::new(
        source.kind(),
        format!("{what} ({source}): after a crash the one before may be there again"),
    )
}

static BEGUN: Mutex<Begun> = Mutex::new(Begun { paths: BTreeSet::new(), is_over: false });

struct Begun {
    paths: BTreeSet<PathBuf>,
    /// The process is ending: nothing is published any more.
    is_over: bool,
}

/// What is staged and known to be removed when the process is interrupted, until this is dropped.
#[derive(Debug)]
pub struct Staged(PathBuf);

impl Staged {
    /// Makes a staged file with `make`; `path_of` says where it is.
    ///
    /// # Errors
    /// When the process is about to end, or of `make`.
    pub fn make<T>(
        make: impl FnOnce() -> io::Result<T>,
        path_of: impl FnOnce(&T) -> &Path,
    ) -> io::Result<(T, Self)> {
        // Locked all the time: no staged file is made that an interruption does not know of.
        let mut begun = begun();
        refuse_if_over(&begun)?;
        let made = make()?;
        let path = path_of(&made).to_owned();
        begun.paths.insert(path.clone());
        Ok((made, Self(path)))
    }

    /// Does the step that puts the staged file in its place. An interruption comes before or after it, never in between.
    ///
    /// # Errors
    /// When the process is about to end: then the step is not done.
    pub fn publish<T>(&self, step: impl FnOnce() -> T) -> io::Result<T> {
        let begun = begun();
        refuse_if_over(&begun)?;
        Ok(step())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        begun().paths.remove(&self.0);
    }
}

/// Removes every staged file and lets none be published any more: the process is about to end.
pub fn abandon() {
    /// Others may be writing into a folder while it is removed.
    const ATTEMPTS: usize = 20;
    let mut begun = begun();
    begun.is_over = true;
    for path in &begun.paths {
        for _ in 0..ATTEMPTS {
            let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            if removed.is_ok() || path.symlink_metadata().is_err() {
                break;
            }
        }
    }
}

fn refuse_if_over(begun: &Begun) -> io::Result<()> {
    if begun.is_over { Err(io::Error::other("the job was interrupted")) } else { Ok(()) }
}

fn begun() -> MutexGuard<'static, Begun> {
    BEGUN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_that_begin_alike_are_none_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let staged = tempfile::Builder::new().prefix(PREFIX).tempdir_in(folder.path()).unwrap();
        assert!(is_name(staged.path().file_name().unwrap().as_encoded_bytes()));
        for other in
            [".cmo-metrics-backups", ".cmo-metrics-", ".cmo-metrics-ab.c12", ".cmo-metrics-old", "abcdef"]
        {
            assert!(!is_name(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_disk_that_does_not_confirm_is_said_with_what_stands() {
        let error = unconfirmed(&io::Error::from(io::ErrorKind::QuotaExceeded));
        assert_eq!(error.kind(), io::ErrorKind::QuotaExceeded);
        assert!(error.to_string().starts_with("what was written stands in its place"), "{error}");
    }
}
