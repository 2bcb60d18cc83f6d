//! Puts a report folder down as one: it is the old one or the new one at every instant, never half of each.

mod error;
mod locked_folder;
mod marker;
mod place;
mod stale;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use error::io_error;
use locked_folder::LockedFolder;
use marker::MARKER_TEXT;

use crate::staging;

pub use error::WriteError;
pub use marker::MARKER;

/// Bytes that are written at once.
const BUFFER: usize = 1 << 18;

/// A file of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile {
    pub name: &'static str,
    pub bytes: Vec<u8>,
}

/// A report folder in the making, beside its final place: it takes that place as a whole, or vanishes when dropped.
#[derive(Debug)]
pub struct StagedFolder {
    folder: PathBuf,
    parent: PathBuf,
    staged: LockedFolder,
}

impl StagedFolder {
    /// Begins a folder that is to stand at `folder`. The folders above it are made; what killed jobs left beside it
    /// is removed.
    ///
    /// # Errors
    /// When something that is not ours is in the way, or the disk refuses.
    pub fn begin(folder: &Path) -> Result<Self, WriteError> {
        let parent = match folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        make_folders(parent)?;
        stale::sweep(parent);
        place::look_at(folder)?;
        let staged = LockedFolder::make(parent).map_err(|source| refused(folder, parent, 0, source))?;
        Ok(Self { folder: folder.to_owned(), parent: parent.to_owned(), staged })
    }

    /// Where files that are too large for the memory are written to, before [`StagedFolder::commit`].
    pub fn path(&self) -> &Path {
        self.staged.path()
    }

    /// Adds a file.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn add(&self, file: &ReportFile) -> Result<(), WriteError> {
        let written = self.fill(file.name, |out| out.write_all(&file.bytes));
        written.map_err(|source| self.refused(source))
    }

    /// Adds the file `name` with what `fill` writes. Several threads may add files at once.
    ///
    /// # Errors
    /// Those of `fill`, and when the disk refuses: the caller makes [`StagedFolder::refused`] of it.
    pub fn fill<E: From<io::Error>>(
        &self,
        name: &str,
        fill: impl FnOnce(&mut BufWriter<File>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut out = BufWriter::with_capacity(BUFFER, File::create_new(self.path().join(name))?);
        fill(&mut out)?;
        let file = out.into_inner().map_err(|error| error.into_error())?;
        Ok(file.sync_all()?)
    }

    /// The error of writing into [`StagedFolder::path`], in words that name the folder and what it needs.
    pub fn refused(&self, source: io::Error) -> WriteError {
        refused(&self.folder, &self.parent, bytes_in(self.path()), source)
    }

    /// Takes the place of what is at the final place.
    ///
    /// # Errors
    /// When something that is not ours has come in the way, or the disk refuses: then the old folder is untouched.
    pub fn commit(self) -> Result<(), WriteError> {
        let finish = || {
            self.fill(MARKER, |out| out.write_all(MARKER_TEXT.as_bytes()))?;
            staging::sync_folder(self.path())
        };
        finish().map_err(|source| self.refused(source))?;
        place::put(&self.staged, &self.folder)?;
        staging::confirm_names(&self.parent).map_err(io_error(&self.folder))
    }
}

fn refused(folder: &Path, parent: &Path, needed_bytes: u64, source: io::Error) -> WriteError {
    use io::ErrorKind::{QuotaExceeded, StorageFull};
    if !matches!(source.kind(), StorageFull | QuotaExceeded) {
        return io_error(folder)(source);
    }
    let megabytes = |bytes: u64| format!("{:.1}", bytes as f64 / 1e6);
    let free = rustix::fs::statvfs(parent).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    WriteError::NoSpace {
        path: folder.to_owned(),
        needed_mb: megabytes(needed_bytes),
        free_mb: free.map_or_else(|_| "an unknown number of".to_owned(), megabytes),
    }
}

/// The bytes of all files in a folder and below it.
fn bytes_in(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let bytes = |entry: fs::DirEntry| {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            bytes_in(&entry.path())
        } else {
            entry.metadata().map_or(0, |found| found.len())
        }
    };
    entries.map(bytes).sum()
}

fn make_folders(folder: &Path) -> Result<(), WriteError> {
    use io::ErrorKind::{AlreadyExists, NotADirectory};
    fs::create_dir_all(folder).map_err(|source| match source.kind() {
        AlreadyExists | NotADirectory => WriteError::NotAFolder { path: folder.to_owned() },
        _ => refused(folder, folder.parent().unwrap_or(folder), 0, source),
    })
}

/// Writes `files` as the folder `folder`, in place of what is there.
#[cfg(test)]
fn replace_folder(folder: &Path, files: &[ReportFile]) -> Result<(), WriteError> {
    let staged = StagedFolder::begin(folder)?;
    files.iter().try_for_each(|file| staged.add(file))?;
    staged.commit()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn file(name: &'static str, text: &str) -> ReportFile {
        ReportFile { name, bytes: text.as_bytes().to_vec() }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_is_made_with_its_parents_and_replaced_as_a_whole() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("reports/run-1");
        replace_folder(&folder, &[file("a.txt", "1"), file("b.txt", "2")]).unwrap();
        replace_folder(&folder, &[file("a.txt", "3")]).unwrap();
        assert_eq!(names(&folder), [MARKER, "a.txt"]);
        assert_eq!(fs::read_to_string(folder.join("a.txt")).unwrap(), "3");
        assert_eq!(names(&root.path().join("reports")), ["run-1"], "nothing is left beside it");
    }

    #[test]
    fn what_was_written_is_counted_below_the_folder_too() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("a/b")).unwrap();
        fs::write(root.path().join("one"), [0; 10]).unwrap();
        fs::write(root.path().join("a/b/other"), [0; 7]).unwrap();
        assert_eq!((bytes_in(root.path()), bytes_in(&root.path().join("none"))), (17, 0));
    }

    #[test]
    fn others_can_read_what_the_users_mask_allows() {
        let root = tempfile::tempdir().unwrap();
        let plain = root.path().join("plain");
        fs::create_dir(&plain).unwrap();
        let folder = root.path().join("run");
        replace_folder(&folder, &[file("a", "")]).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&folder), mode(&plain));
    }

    #[test]
    fn an_empty_folder_is_taken_and_a_foreign_one_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("run");
        fs::create_dir(&folder).unwrap();
        replace_folder(&folder, &[file("a", "1")]).unwrap();
        fs::remove_file(folder.join(MARKER)).unwrap();
        let message = replace_folder(&folder, &[file("a", "2")]).unwrap_err().to_string();
        assert!(message.contains("not a report of ours") && message.contains("--out"), "{message}");
        assert_eq!(fs::read_to_string(folder.join("a")).unwrap(), "1");
        assert_eq!(names(root.path()), ["run"]);
    }

    #[test]
    fn a_file_or_a_link_in_the_way_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("run");
        fs::write(&path, "mine").unwrap();
        assert!(matches!(replace_folder(&path, &[]), Err(WriteError::NotAFolder { .. })));
        let link = root.path().join("link");
        std::os::unix::fs::symlink(root.path(), &link).unwrap();
        assert!(matches!(replace_folder(&link, &[]), Err(WriteError::NotAFolder { .. })));
    }
}
