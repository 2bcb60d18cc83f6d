//! What can be wrong with a history: each error names it, and how to mend it.

use std::io;
use std::path::{Path, PathBuf};

/// Why nights cannot be read or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}: holds no nights of this program: {reason}", path.display())]
    NoNights { path: PathBuf, reason: String },
    #[error("{}: {bytes} bytes is too large for the nights of one job", path.display())]
    TooLarge { path: PathBuf, bytes: u64 },
    #[error("{}: is no list of acknowledged changes: {reason}", path.display())]
    NotAcknowledgements { path: PathBuf, reason: String },
    #[error("{}: cannot be written: {source}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("the nights cannot be written: {reason}")]
    Unencodable { reason: String },
}

impl HistoryError {
    /// What the user can do about it, one sentence.
    pub fn remedy(&self) -> &'static str {
        match self {
            HistoryError::Unreadable { .. } => "check that it is a file and may be read",
            HistoryError::NoNights { .. } | HistoryError::TooLarge { .. } => {
                "take it out of the folder, or restore it: the other nights are read without it"
            }
            HistoryError::NotAcknowledgements { .. } => "mend or remove it",
            HistoryError::Unwritable { .. } => "is the disk full, or the folder read-only?",
            HistoryError::Unencodable { .. } => {
                "this is a fault of the program: please report it with the run"
            }
        }
    }
}

/// The error of a disk that refuses `path`.
pub fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> HistoryError + '_ {
    |source| HistoryError::Unwritable { path: path.to_owned(), source }
}
