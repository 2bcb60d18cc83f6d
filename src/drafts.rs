//! What this process has begun to write and not yet put in its place: an interrupted job removes it.
//!
//! A draft is a hidden file or folder beside its final place. It takes that place in one step, [`Draft::publish`], or
//! vanishes. A process that is killed cannot remove its drafts: whoever works in the folder next does.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Names of drafts begin with this.
pub const PREFIX: &str = ".cmo-metrics-";

static BEGUN: Mutex<Begun> = Mutex::new(Begun { paths: BTreeSet::new(), is_over: false });

struct Begun {
    paths: BTreeSet<PathBuf>,
    /// The process is ending: nothing is published any more.
    is_over: bool,
}

/// A draft that is known to be removed when the process is interrupted, until this is dropped.
#[derive(Debug)]
pub struct Draft(PathBuf);

impl Draft {
    /// Makes a draft with `make`; `path_of` says where it is.
    ///
    /// # Errors
    /// When the process is about to end, or of `make`.
    pub fn make<T>(
        make: impl FnOnce() -> io::Result<T>,
        path_of: impl FnOnce(&T) -> &Path,
    ) -> io::Result<(T, Self)> {
        // Locked all the time: no draft is made that an interruption does not know of.
        let mut begun = begun();
        refuse_if_over(&begun)?;
        let made = make()?;
        let path = path_of(&made).to_owned();
        begun.paths.insert(path.clone());
        Ok((made, Self(path)))
    }

    /// Does the step that puts the draft in its place. An interruption comes before or after it, never in between.
    ///
    /// # Errors
    /// When the process is about to end: then the step is not done.
    pub fn publish<T>(&self, step: impl FnOnce() -> T) -> io::Result<T> {
        let begun = begun();
        refuse_if_over(&begun)?;
        Ok(step())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        begun().paths.remove(&self.0);
    }
}

/// Removes every draft and lets none be published any more: the process is about to end.
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
    match begun.is_over {
        true => Err(io::Error::other("the job was interrupted")),
        false => Ok(()),
    }
}

fn begun() -> MutexGuard<'static, Begun> {
    BEGUN.lock().unwrap_or_else(PoisonError::into_inner)
}
