//! Puts a report folder down as one: it is the old one or the new one at every instant, never half of each.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use tempfile::TempDir;

/// A folder that holds this file is ours: only such a folder, or an empty one, is ever replaced.
pub const MARKER: &str = ".cmo-metrics-report";

const MARKER_TEXT: &str = "Written by cmo-metrics. The next report of this run replaces this folder with all \
                           that is in it.\n";

/// A file of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile {
    pub name: &'static str,
    pub bytes: Vec<u8>,
}

/// Why a report folder could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("{path} is not a folder: move it away, or choose another root with --out")]
    NotAFolder { path: PathBuf },
    #[error(
        "{path} holds files that are not a report of ours (no {MARKER}): empty it, or choose another root with --out"
    )]
    NotOurs { path: PathBuf },
    #[error("cannot write {path}: {source}; is the disk full, or the folder read-only?")]
    Io { path: PathBuf, source: io::Error },
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> WriteError + '_ {
    |source| WriteError::Io { path: path.to_owned(), source }
}

/// What is in the way of a new report.
#[derive(Debug, PartialEq)]
enum Occupant {
    None,
    Replaceable,
}

/// Writes `files` as the folder `folder`, in place of what is there. The folders above it are made.
///
/// # Errors
/// When something that is not ours is in the way, or the disk refuses: then the old folder is untouched.
pub fn replace_folder(folder: &Path, files: &[ReportFile]) -> Result<(), WriteError> {
    let draft = FolderDraft::begin(folder)?;
    for file in files {
        draft.add(file)?;
    }
    draft.commit()
}

/// A report folder in the making, beside its final place: it takes that place as a whole, or vanishes when dropped.
#[derive(Debug)]
pub struct FolderDraft {
    folder: PathBuf,
    parent: PathBuf,
    temporary: TempDir,
}

impl FolderDraft {
    /// Begins a folder that is to stand at `folder`. The folders above it are made.
    ///
    /// # Errors
    /// When something that is not ours is in the way, or the disk refuses.
    pub fn begin(folder: &Path) -> Result<Self, WriteError> {
        let parent = match folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        make_folders(parent)?;
        look_at(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            parent: parent.to_owned(),
            temporary: temporary_folder(parent)?,
        })
    }

    /// Where files that are too large for the memory are written to, before [`FolderDraft::commit`].
    pub fn path(&self) -> &Path {
        self.temporary.path()
    }

    /// Adds a file.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn add(&self, file: &ReportFile) -> Result<(), WriteError> {
        write_file(&self.path().join(file.name), &file.bytes)
    }

    /// Takes the place of what is at the final place.
    ///
    /// # Errors
    /// When something that is not ours has come in the way, or the disk refuses: then the old folder is untouched.
    pub fn commit(self) -> Result<(), WriteError> {
        let Self { folder, parent, temporary } = self;
        write_file(&temporary.path().join(MARKER), MARKER_TEXT.as_bytes())?;
        sync_folder(temporary.path())?;
        match look_at(&folder)? {
            Occupant::None => {
                fs::rename(temporary.path(), &folder).map_err(io_error(&folder))?;
                // It has moved: there is nothing left to remove.
                let _ = temporary.keep();
            }
            // What is removed when `temporary` goes out of scope is the old folder.
            Occupant::Replaceable => exchange(temporary.path(), &folder).map_err(io_error(&folder))?,
        }
        sync_folder(&parent)
    }
}

fn make_folders(folder: &Path) -> Result<(), WriteError> {
    use io::ErrorKind::{AlreadyExists, NotADirectory};
    fs::create_dir_all(folder).map_err(|source| match source.kind() {
        AlreadyExists | NotADirectory => WriteError::NotAFolder { path: folder.to_owned() },
        _ => WriteError::Io { path: folder.to_owned(), source },
    })
}

fn look_at(folder: &Path) -> Result<Occupant, WriteError> {
    let found = match fs::symlink_metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Occupant::None),
        found => found.map_err(io_error(folder))?,
    };
    if !found.is_dir() {
        return Err(WriteError::NotAFolder { path: folder.to_owned() });
    }
    let is_empty = fs::read_dir(folder).map_err(io_error(folder))?.next().is_none();
    if is_empty || folder.join(MARKER).is_file() {
        Ok(Occupant::Replaceable)
    } else {
        Err(WriteError::NotOurs { path: folder.to_owned() })
    }
}

/// A folder beside the final one, with the permissions that the user's mask gives any other folder.
fn temporary_folder(parent: &Path) -> Result<TempDir, WriteError> {
    const ANYONE: u32 = 0o777;
    tempfile::Builder::new()
        .prefix(".cmo-metrics-")
        .permissions(Permissions::from_mode(ANYONE))
        .tempdir_in(parent)
        .map_err(io_error(parent))
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let write = || -> io::Result<()> {
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(io_error(path))
}

fn sync_folder(folder: &Path) -> Result<(), WriteError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error(folder))
}

/// Swaps two folders at once; where the file system cannot, the old one steps aside first, under a name beside
/// it, so that a crash in between loses nothing.
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => step_aside(new, old),
        result => result.map_err(io::Error::from),
    }
}

fn step_aside(new: &Path, old: &Path) -> io::Result<()> {
    let mut aside = new.as_os_str().to_owned();
    aside.push(".old");
    let aside = PathBuf::from(aside);
    fs::rename(old, &aside)?;
    if let Err(error) = fs::rename(new, old) {
        fs::rename(&aside, old)?;
        return Err(error);
    }
    fs::rename(&aside, new)
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn where_folders_cannot_be_swapped_the_old_one_steps_aside() {
        let root = tempfile::tempdir().unwrap();
        let (new, old) = (root.path().join("new"), root.path().join("old"));
        fs::create_dir(&new).unwrap();
        fs::create_dir(&old).unwrap();
        fs::write(new.join("a"), "new").unwrap();
        fs::write(old.join("a"), "old").unwrap();
        step_aside(&new, &old).unwrap();
        assert_eq!(fs::read_to_string(old.join("a")).unwrap(), "new");
        assert_eq!(fs::read_to_string(new.join("a")).unwrap(), "old", "what is removed next");
        assert_eq!(names(root.path()), ["new", "old"]);
    }
}
