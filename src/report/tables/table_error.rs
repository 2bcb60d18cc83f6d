//! Why a table could not be built or written.

use std::io;

use parquet::errors::ParquetError;

/// A table could not be built: a bug, or more distinct words than a dictionary holds.
#[derive(Debug, thiserror::Error)]
#[error("cannot build {file_name}: {problem}; please report this")]
pub struct TableError {
    file_name: &'static str,
    problem: String,
}

/// Why tables could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    #[error(transparent)]
    Table(#[from] TableError),
    /// Of the disk: the caller knows for which folder.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl TableError {
    /// Of the table in `file_name`.
    pub fn of(file_name: &'static str, error: &dyn std::error::Error) -> Self {
        Self { file_name, problem: error.to_string() }
    }
}

impl TablesError {
    /// What writing a table ended with: mostly the disk speaks through the Parquet writer.
    pub fn of(error: ParquetError, file_name: &'static str) -> Self {
        match error {
            ParquetError::External(cause) => match cause.downcast::<io::Error>() {
                Ok(error) => Self::Io(*error),
                Err(cause) => Self::Table(TableError::of(file_name, cause.as_ref())),
            },
            error => Self::Table(TableError::of(file_name, &error)),
        }
    }
}
