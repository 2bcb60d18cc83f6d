//! The step in which a finished folder takes its final place, against other jobs that do the same.

use std::fs;
use std::io;
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::error::{WriteError, io_error};
use super::locked_folder::LockedFolder;
use super::marker::MARKER;
use super::stale::aside_of;

/// Other jobs may put theirs there at the same moment, but not for ever.
const ATTEMPTS: usize = 100;

/// What is in the way of a new report.
#[derive(Debug, PartialEq)]
enum Occupant {
    None,
    Replaceable,
}

/// Whether something may stand at `folder`.
///
/// # Errors
/// When what is there is not ours.
pub fn look_at(folder: &Path) -> Result<(), WriteError> {
    occupant(folder).map(|_| ())
}

fn occupant(folder: &Path) -> Result<Occupant, WriteError> {
    let found = match fs::symlink_metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Occupant::None),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(WriteError::NotAFolder { path: folder.parent().unwrap_or(folder).to_owned() });
        }
        found => found.map_err(io_error(folder))?,
    };
    if !found.is_dir() {
        return Err(WriteError::NotAFolder { path: folder.to_owned() });
    }
    if folder.join(MARKER).is_file() {
        return Ok(Occupant::Replaceable);
    }
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(Occupant::Replaceable),
        Ok(false) => Err(WriteError::NotOurs { path: folder.to_owned() }),
        // Another job swapped it away and removed it while we looked.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Occupant::None),
        Err(error) => Err(io_error(folder)(error)),
    }
}

/// Puts the staged file at `folder`. What was there is where the staged file was, to be removed with it.
///
/// # Errors
/// When something that is not ours is in the way, the disk refuses, or the process is about to end.
pub fn put(staged: &LockedFolder, folder: &Path) -> Result<(), WriteError> {
    for _ in 0..ATTEMPTS {
        let step = || attempt(staged.path(), folder);
        match staged.staged().publish(step).map_err(io_error(folder))?? {
            Attempt::Done => return Ok(()),
            Attempt::Overtaken => {}
        }
    }
    let source = io::Error::other("other jobs kept on replacing it");
    Err(WriteError::Io { path: folder.to_owned(), source })
}

enum Attempt {
    Done,
    /// Another job was there between looking and doing.
    Overtaken,
}

fn attempt(new: &Path, folder: &Path) -> Result<Attempt, WriteError> {
    let done = match occupant(folder)? {
        Occupant::None => fs::rename(new, folder),
        Occupant::Replaceable => exchange(new, folder),
    };
    match done {
        Ok(()) => give_back_what_is_not_ours(new, folder).map(|()| Attempt::Done),
        Err(error) if is_overtaken(&error) && new.is_dir() => Ok(Attempt::Overtaken),
        Err(error) => Err(io_error(folder)(error)),
    }
}

/// What was taken out may be another than what was looked at.
fn give_back_what_is_not_ours(taken_out: &Path, folder: &Path) -> Result<(), WriteError> {
    if occupant(taken_out).is_ok() {
        return Ok(());
    }
    exchange(taken_out, folder).map_err(io_error(folder))?;
    Err(WriteError::NotOurs { path: folder.to_owned() })
}

fn is_overtaken(error: &io::Error) -> bool {
    use io::ErrorKind::{AlreadyExists, DirectoryNotEmpty, NotFound};
    matches!(error.kind(), AlreadyExists | DirectoryNotEmpty | NotFound)
}

/// Swaps two folders at once; where the file system cannot, the old one steps aside first, under a name beside it, so
/// that a crash in between loses nothing.
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => step_aside(new, old),
        result => result.map_err(io::Error::from),
    }
}

fn step_aside(new: &Path, old: &Path) -> io::Result<()> {
    let aside = aside_of(old);
    fs::rename(old, &aside)?;
    if let Err(error) = fs::rename(new, old) {
        // Where another job's report is in the place by now, the old one is of no use to anybody.
        if fs::rename(&aside, old).is_err() {
            let _ = fs::remove_dir_all(&aside);
        }
        return Err(error);
    }
    fs::rename(&aside, new)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 2);
    }

    #[test]
    fn many_that_put_at_once_leave_one_whole_folder_and_nothing_beside_it() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("run");
        std::thread::scope(|scope| {
            for job in 0..8 {
                let folder = &folder;
                scope.spawn(move || {
                    for _ in 0..20 {
                        let text = format!("{job}").into_bytes();
                        let file = |name| super::super::ReportFile { name, bytes: text.clone() };
                        super::super::replace_folder(folder, &[file("a"), file("b")]).unwrap();
                    }
                });
            }
        });
        assert_eq!(fs::read(folder.join("a")).unwrap(), fs::read(folder.join("b")).unwrap());
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
