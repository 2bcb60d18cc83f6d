//! What killed jobs left beside the reports: their staged files are removed, those of living jobs are left alone.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::locked_folder::{is_in_the_making, lock_abandoned};
use super::marker::MARKER;
use crate::staging;

/// A folder that stepped aside while another takes its place has this before its name.
const ASIDE: &str = ".cmo-metrics-aside-";

/// Looks once in the life of this process.
pub fn sweep(parent: &Path) {
    static SWEPT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let place = parent.canonicalize().unwrap_or_else(|_| parent.to_owned());
    let is_new = SWEPT.lock().unwrap_or_else(PoisonError::into_inner).insert(place);
    if is_new {
        sweep_now(parent);
    }
}

fn sweep_now(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let path = entry.path();
        // Only folders, and no links to others.
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let name = entry.file_name();
        if let Some(folder) = name.as_bytes().strip_prefix(ASIDE.as_bytes()) {
            bring_back(&path, &parent.join(OsString::from_vec(folder.to_vec())));
        } else if staging::is_name(name.as_bytes()) {
            remove_abandoned(path);
        }
    }
}

fn remove_abandoned(path: PathBuf) {
    // The lock is held until it is gone. What cannot be removed is tried again by the next job.
    let Some(_lock) = lock_abandoned(path.clone()).filter(|_| is_in_the_making(&path)) else { return };
    let _ = fs::remove_dir_all(path);
}

/// A job died between the two steps of a swap: the report that stepped aside is the one to have.
fn bring_back(aside: &Path, folder: &Path) {
    let is_report = aside.join(MARKER).is_file();
    // `rename` replaces no folder that holds anything.
    if is_report && fs::rename(aside, folder).is_err() && folder.join(MARKER).is_file() {
        let _ = fs::remove_dir_all(aside);
    }
}

/// Where `folder` steps aside to.
pub fn aside_of(folder: &Path) -> PathBuf {
    let mut name = OsString::from(ASIDE);
    name.push(folder.file_name().unwrap_or_default());
    folder.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(root: &Path, name: &str) -> PathBuf {
        let path = root.join(name);
        fs::create_dir(&path).unwrap();
        fs::write(path.join("file"), name).unwrap();
        path
    }

    #[test]
    fn only_abandoned_staging_of_ours_are_removed() {
        let root = tempfile::tempdir().unwrap();
        let staged = |name: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(path.join("report")).unwrap();
            fs::write(path.join("in-the-making"), "").unwrap();
            fs::write(path.join("report/file"), name).unwrap();
            path
        };
        let (dead, alive) = (staged(".cmo-metrics-dead01"), staged(".cmo-metrics-alive1"));
        let empty = root.path().join(".cmo-metrics-empty1");
        fs::create_dir(&empty).unwrap();
        let others = ["run", ".other", ".cmo-metrics-backup", ".cmo-metrics-mine01"];
        let others = others.map(|name| folder(root.path(), name));
        let link = root.path().join(".cmo-metrics-link01");
        std::os::unix::fs::symlink(&others[0], &link).unwrap();
        let lock = fs::File::open(&alive).unwrap();
        lock.lock().unwrap();
        sweep_now(root.path());
        assert!(!dead.exists() && !empty.exists());
        assert!(alive.exists() && others.iter().all(|path| path.join("file").exists()) && link.exists());
        drop(lock);
        sweep_now(root.path());
        assert!(!alive.exists());
    }

    #[test]
    fn a_report_that_stepped_aside_comes_back_unless_another_took_its_place() {
        let root = tempfile::tempdir().unwrap();
        let run = root.path().join("run");
        let aside = aside_of(&run);
        folder(root.path(), aside.file_name().unwrap().to_str().unwrap());
        fs::write(aside.join(MARKER), "").unwrap();
        sweep_now(root.path());
        assert!(run.join(MARKER).is_file() && !aside.exists());

        folder(root.path(), aside.file_name().unwrap().to_str().unwrap());
        fs::write(aside.join(MARKER), "").unwrap();
        fs::write(run.join("new"), "").unwrap();
        sweep_now(root.path());
        assert!(run.join("new").is_file() && !aside.exists());
    }
}
