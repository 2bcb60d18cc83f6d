//! What keeps a report folder from being written.

use std::io;
use std::path::{Path, PathBuf};

use super::marker::MARKER;

/// Why a report folder could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("{path} is not a folder: move it away, or choose another root with --out")]
    NotAFolder { path: PathBuf },
    #[error(
        "{path} holds files that are not a report of ours (no {MARKER}): empty it, or choose another root with --out"
    )]
    NotOurs { path: PathBuf },
    #[error(
        "no space left for {path}: it needs {needed_mb} MB or more beside what stands there, {free_mb} MB are free; \
         free space, or choose another root with --out"
    )]
    NoSpace { path: PathBuf, needed_mb: String, free_mb: String },
    #[error(
        "{path} may not be written ({source}): choose another root with --out, or change its permissions"
    )]
    NotAllowed { path: PathBuf, source: io::Error },
    #[error("cannot write {path}: {source}")]
    Io { path: PathBuf, source: io::Error },
}

/// The error of something done for the folder `folder`, which is what the user knows.
pub fn io_error(folder: &Path) -> impl FnOnce(io::Error) -> WriteError + '_ {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    |source| match source.kind() {
        PermissionDenied | ReadOnlyFilesystem => WriteError::NotAllowed { path: folder.to_owned(), source },
        _ => WriteError::Io { path: folder.to_owned(), source },
    }
}
