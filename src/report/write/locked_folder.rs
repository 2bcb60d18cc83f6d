//! A folder in the making inside one that its process holds a lock on: so that it is told from one whose process died.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::staging::{self, Staged};

/// The folder in the making; what took its place in a swap stays as safe from other jobs as it was.
const INSIDE: &str = "report";
/// The mark of a folder in the making. One that was killed before it had it is empty.
const MARK: &str = "in-the-making";

/// All of it is removed when this is dropped.
#[derive(Debug)]
pub struct LockedFolder {
    inside: PathBuf,
    // Dropped in this order: the folder goes while it is still known and locked.
    _outside: TempDir,
    staged: Staged,
    _lock: File,
}

impl LockedFolder {
    /// Makes a folder in `parent`, with the permissions that the user's mask gives any other folder.
    pub fn make(parent: &Path) -> io::Result<Self> {
        loop {
            let (outside, staged) = Staged::make(|| folder_in(parent), TempDir::path)?;
            // Another job may see it before it is locked, and remove it: then another is made.
            let lock = match File::open(outside.path()) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                lock => lock?,
            };
            match lock.try_lock() {
                Err(fs::TryLockError::WouldBlock) => continue,
                // A file system without locks: a job that runs at the same time may remove it; then this one fails.
                Err(fs::TryLockError::Error(_)) => {}
                Ok(()) if is_at(&lock, outside.path()) => {}
                Ok(()) => continue,
            }
            File::create(outside.path().join(MARK))?;
            let inside = outside.path().join(INSIDE);
            fs::create_dir(&inside)?;
            return Ok(Self { inside, _outside: outside, staged, _lock: lock });
        }
    }

    pub fn path(&self) -> &Path {
        &self.inside
    }

    pub fn staged(&self) -> &Staged {
        &self.staged
    }
}

fn folder_in(parent: &Path) -> io::Result<TempDir> {
    const ANYONE: u32 = 0o777;
    let permissions = Permissions::from_mode(ANYONE);
    tempfile::Builder::new().prefix(staging::PREFIX).permissions(permissions).tempdir_in(parent)
}

fn is_at(open: &File, path: &Path) -> bool {
    let inode = |found: fs::Metadata| (found.dev(), found.ino());
    let there = fs::symlink_metadata(path).map(inode).ok();
    there.is_some() && there == open.metadata().map(inode).ok()
}

/// Does the folder hold what one in the making holds, and nothing else?
pub fn is_in_the_making(path: &Path) -> bool {
    let names = fs::read_dir(path).into_iter().flatten().map(|entry| entry.map(|entry| entry.file_name()));
    let Ok(names) = names.collect::<io::Result<Vec<_>>>() else { return false };
    names.is_empty()
        || names.iter().any(|name| name == MARK) && names.iter().all(|name| name == MARK || name == INSIDE)
}

/// Locks the folder at `path`, if nobody else holds it.
pub fn lock_abandoned(path: PathBuf) -> Option<File> {
    let folder = File::open(&path).ok()?;
    (folder.try_lock().is_ok() && is_at(&folder, &path)).then_some(folder)
}
