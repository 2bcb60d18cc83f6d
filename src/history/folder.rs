//! The folder of the nights: whoever writes there holds its lock, and what is written appears whole or not at all.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::error::{HistoryError, unwritable};
use crate::staging::{self, Staged};

/// The folder inside that of the baselines.
pub const NIGHTS: &str = "nights";

/// The folder itself is the lock; a job that dies lets go of it.
pub fn lock(folder: &Path) -> Result<File, HistoryError> {
    fs::create_dir_all(folder).map_err(unwritable(folder))?;
    let lock = File::open(folder).map_err(unwritable(folder))?;
    lock.lock().map_err(unwritable(folder))?;
    remove_stale(folder);
    Ok(lock)
}

/// Removes what killed jobs left: who holds the lock is the only one who writes here.
fn remove_stale(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(staging::PREFIX) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Puts a file in its place, safe on the disk. Only who holds the lock may.
pub fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, HistoryError> {
    let path = folder.join(name);
    let write = || -> io::Result<()> {
        let (file, staged) = stage(folder, bytes)?;
        staged.publish(|| file.persist(&path))?.map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(unwritable(&path))?;
    Ok(path)
}

/// A file without a name of its own, with the permissions that the user's mask gives.
fn stage(folder: &Path, bytes: &[u8]) -> io::Result<(NamedTempFile, Staged)> {
    const ANYONE: u32 = 0o666;
    let make = || {
        tempfile::Builder::new()
            .prefix(staging::PREFIX)
            .permissions(Permissions::from_mode(ANYONE))
            .tempfile_in(folder)
    };
    let (mut file, staged) = Staged::make(make, NamedTempFile::path)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok((file, staged))
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
