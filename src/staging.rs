//! What this process has begun to write and not yet put in its place: an interrupted job removes it.
//!
//! What is staged is a hidden file or folder beside its final place. It takes that place in one step, [`Staged::publish`], or
//! vanishes. A process that is killed cannot remove its staged files: whoever works in the folder next does.

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

/// Names of what is staged begin with this.
pub const PREFIX: &str = ".cmo-metrics-";

/// A file in each report folder: the folder is ours, and may be replaced. Its name is like those of what is staged.
pub const MARKER: &str = ".cmo-metrics-report";

/// Behind it stand so many letters and digits.
const RANDOM_LETTERS: usize = 6;

/// Is it the name of something staged? Others may begin alike.
pub fn is_name(name: &[u8]) -> bool {
    let random = name.strip_prefix(PREFIX.as_bytes()).filter(|_| name != MARKER.as_bytes());
    random
        .is_some_and(|random| random.len() == RANDOM_LETTERS && random.iter().all(u8::is_ascii_alphanumeric))
}

/// Has the process begun to end?
pub fn is_over() -> bool {
    begun().is_over
}

/// Locks a folder in which several jobs write single files: the folder itself is the lock; a job that dies lets go of it.
///
/// # Errors
/// When the folder cannot be opened or locked.
pub fn lock_folder(folder: &Path) -> io::Result<File> {
    let lock = File::open(folder)?;
    loop {
        match lock.lock() {
            // A signal came that does not end us.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            locked => return locked.map(|()| lock),
        }
    }
}

/// Removes the files that killed jobs left: who holds the lock is the only one who writes here. What cannot be removed is
/// tried again the next time.
pub fn remove_stale_files(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && is_name(entry.file_name().as_encoded_bytes()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A file without a name of its own in `folder`, safe on the disk, with the permissions that the user's mask gives.
///
/// # Errors
/// When the process is about to end, or the disk refuses.
pub fn file_in(folder: &Path, bytes: &[u8]) -> io::Result<(NamedTempFile, Staged)> {
    const ANYONE: u32 = 0o666;
    let permissions = Permissions::from_mode(ANYONE);
    let make = || tempfile::Builder::new().prefix(PREFIX).permissions(permissions).tempfile_in(folder);
    let (mut file, staged) = Staged::make(make, NamedTempFile::path)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok((file, staged))
}

/// Puts a file in its place, whole or not at all, and safe on the disk; the folders above it are made.
///
/// # Errors
/// When something that is no file is in the way, the process is about to end, or the disk refuses: then what stood there is
/// untouched.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
        return Err(io::Error::new(ErrorKind::AlreadyExists, "something that is no file stands there"));
    }
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    let (file, staged) = file_in(folder, bytes)?;
    staged.publish(|| file.persist(path))?.map_err(|error| error.error)?;
    confirm_names(folder)
}

/// The same in a folder that nobody has locked: what killed jobs left there is removed, where the folder can be locked.
///
/// # Errors
/// Those of [`replace_file`].
pub fn replace_file_in_any_folder(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let lock = lock_folder(folder_of(path));
    if lock.is_ok() {
        remove_stale_files(folder_of(path));
    }
    replace_file(path, bytes)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the names in a folder safe on the disk.
///
/// # Errors
/// When the folder cannot be opened, or the disk refuses.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The same where what was written stands in its place already.
///
/// # Errors
/// When the disk does not confirm it; the error says what stands.
pub fn confirm_names(folder: &Path) -> io::Result<()> {
    sync_folder(folder).map_err(|error| unconfirmed(&error))
}

/// The error of a disk that did not confirm what was put in its place already.
fn unconfirmed(source: &io::Error) -> io::Error {
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
        for other in [
            MARKER,
            ".cmo-metrics-backups",
            ".cmo-metrics-",
            ".cmo-metrics-ab.c12",
            ".cmo-metrics-old",
            "abcdef",
        ] {
            assert!(!is_name(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_file_is_replaced_whole_and_what_is_no_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/report.xml");
        replace_file(&path, b"one").unwrap();
        fs::write(folder.path().join("new/.cmo-metrics-a1b2c3"), "of a job that was killed").unwrap();
        replace_file_in_any_folder(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 1, "nothing is left beside it");
        assert!(replace_file(folder.path(), b"x").unwrap_err().to_string().contains("no file"));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(replace_file(&link, b"x").is_err());
        assert!(replace_file(&path.join("below"), b"x").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }

    #[test]
    fn a_disk_that_does_not_confirm_is_said_with_what_stands() {
        let error = unconfirmed(&io::Error::from(io::ErrorKind::QuotaExceeded));
        assert_eq!(error.kind(), io::ErrorKind::QuotaExceeded);
        assert!(error.to_string().starts_with("what was written stands in its place"), "{error}");
    }
}
