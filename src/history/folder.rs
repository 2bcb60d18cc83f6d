//! The folder of the nights: whoever writes there holds its lock, and what is written appears whole or not at all.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::error::{HistoryError, unwritable};
use crate::staging;

/// The folder inside that of the baselines.
pub const NIGHTS: &str = "nights";

/// Locks the folder, which is made where there is none, and removes what killed jobs left in it.
pub fn lock(folder: &Path) -> Result<File, HistoryError> {
    fs::create_dir_all(folder).map_err(unwritable(folder))?;
    let lock = staging::lock_folder(folder).map_err(unwritable(folder))?;
    staging::remove_stale_files(folder);
    Ok(lock)
}

/// Puts a file in its place, safe on the disk. Only who holds the lock may.
pub fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, HistoryError> {
    let path = folder.join(name);
    staging::replace_file(&path, bytes).map_err(unwritable(&path))?;
    Ok(path)
}

/// The files of nights, by name. A folder that does not exist has none.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, HistoryError> {
    let unreadable = |source| HistoryError::Unreadable { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(unreadable)?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        if path.extension() == Some(OsStr::new("parquet")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
