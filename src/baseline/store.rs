//! The folder of baselines: one file a name, what was replaced or removed under `history/`.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::error::{BaselineError, unwritable};
use super::folder::{is_name, path_in, sync};
use super::{Baseline, history};
use crate::nearest::nearest;
use crate::staging;

/// The folder of baselines. It is made when the first one is saved.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

/// Where a baseline was saved, and what became of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    pub path: PathBuf,
    pub replaced: Option<Replaced>,
}

/// A baseline that another one took the place of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// Where it is now.
    pub kept: PathBuf,
    /// When it was saved, and of which runs; none where it could not be read.
    pub held: Option<(String, Vec<String>)>,
}

/// A name in the folder with what is behind it.
#[derive(Debug)]
pub struct Entry {
    pub name: String,
    pub baseline: Result<Baseline, BaselineError>,
}

impl Store {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Is there something under this name, usable or not?
    pub fn holds(&self, name: &str) -> bool {
        self.path_of(name).symlink_metadata().is_ok()
    }

    /// # Errors
    /// When there is no baseline of this name, or it cannot be used.
    pub fn load(&self, name: &str) -> Result<Baseline, BaselineError> {
        Baseline::read(&self.find(name)?)
    }

    /// All baselines by name, also those that cannot be used. A folder that does not exist has none.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Vec<Entry>, BaselineError> {
        let entry = |name: String| Entry {
            baseline: if is_name(&name) {
                Baseline::read(&self.path_of(&name))
            } else {
                Err(BaselineError::BadName { name: name.clone() })
            },
            name,
        };
        Ok(self.names()?.into_iter().map(entry).collect())
    }

    /// Saves a baseline under its name. Of two jobs that save at once one wins whole.
    ///
    /// # Errors
    /// When the name is taken and is not to be replaced, or the disk refuses: then the old one is untouched.
    pub fn save(&self, baseline: &Baseline, replace: bool) -> Result<Saved, BaselineError> {
        let text = baseline.to_text()?;
        fs::create_dir_all(&self.folder).map_err(unwritable(&self.folder))?;
        // Until it goes out of scope nobody else saves or removes.
        let _lock = self.lock()?;
        self.save_locked(baseline, &text, replace)
    }

    /// Saves what `change` makes of the baseline of this name; the one before is kept. Of two jobs that add to one the second
    /// finds what the first added.
    ///
    /// # Errors
    /// When there is none of this name, of `change`, or when the disk refuses: then the old one is untouched.
    pub fn change(
        &self,
        name: &str,
        change: impl FnOnce(Baseline) -> Result<Baseline, BaselineError>,
    ) -> Result<(Saved, Baseline), BaselineError> {
        self.find(name)?;
        let _lock = self.lock()?;
        let changed = change(self.load(name)?)?;
        let saved = self.save_locked(&changed, &changed.to_text()?, true)?;
        Ok((saved, changed))
    }

    /// Only who holds the lock may.
    fn save_locked(&self, baseline: &Baseline, text: &str, replace: bool) -> Result<Saved, BaselineError> {
        let path = self.path_of(&baseline.name);
        let is_taken = self.holds(&baseline.name);
        if is_taken && !replace {
            return Err(BaselineError::Exists { path });
        }
        staging::remove_stale_files(&self.folder);
        let (new, staged) =
            staging::file_in(&self.folder, text.as_bytes()).map_err(unwritable(&self.folder))?;
        let step = || -> Result<Option<Replaced>, BaselineError> {
            let replaced = is_taken.then(|| self.keep(&baseline.name)).transpose()?;
            put(new, &path, is_taken)?;
            Ok(replaced)
        };
        let replaced = staged.publish(step).map_err(unwritable(&path))??;
        staging::confirm_names(&self.folder).map_err(unwritable(&self.folder))?;
        Ok(Saved { path, replaced })
    }

    /// Copies the baseline of this name, usable or not, into the history.
    fn keep(&self, name: &str) -> Result<Replaced, BaselineError> {
        let before = Baseline::read(&self.path_of(name)).ok();
        let run_ids = |baseline: &Baseline| baseline.runs.iter().map(|run| run.run_id.clone()).collect();
        let held = before.map(|baseline| (baseline.saved_at.clone(), run_ids(&baseline)));
        Ok(Replaced { kept: history::keep(&self.folder, name)?, held })
    }

    /// Moves a baseline, usable or not, into the history; returns where it is now.
    ///
    /// # Errors
    /// When there is none of this name, or the disk refuses.
    pub fn remove(&self, name: &str) -> Result<PathBuf, BaselineError> {
        self.find(name)?;
        let _lock = self.lock()?;
        // Another job may have removed it while we waited.
        let path = self.find(name)?;
        let kept = history::keep(&self.folder, name)?;
        fs::remove_file(&path).map_err(unwritable(&path))?;
        sync(&self.folder)?;
        Ok(kept)
    }

    /// Where the baseline of this name is, or would be.
    pub fn path_of(&self, name: &str) -> PathBuf {
        path_in(&self.folder, name)
    }

    /// The file of this name, which exists.
    fn find(&self, name: &str) -> Result<PathBuf, BaselineError> {
        if !is_name(name) {
            return Err(BaselineError::BadName { name: name.to_owned() });
        }
        if self.holds(name) {
            return Ok(self.path_of(name));
        }
        let names = self.names()?;
        let nearest = nearest(name, names.into_iter().filter(|known| is_name(known)));
        Err(BaselineError::Missing { name: name.to_owned(), folder: self.folder.clone(), nearest })
    }

    /// The names of all files that should be baselines, sorted.
    fn names(&self) -> Result<Vec<String>, BaselineError> {
        let unreadable = |source| BaselineError::Unreadable { path: self.folder.clone(), source };
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(unreadable)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = PathBuf::from(entry.map_err(unreadable)?.file_name());
            if path.extension() == Some(OsStr::new("json")) {
                names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
            }
        }
        names.sort();
        Ok(names)
    }

    fn lock(&self) -> Result<File, BaselineError> {
        staging::lock_folder(&self.folder).map_err(unwritable(&self.folder))
    }
}

/// Gives `new` its name at once. Nobody who works without the lock is overwritten, either.
fn put(new: NamedTempFile, path: &Path, replace: bool) -> Result<(), BaselineError> {
    let named = if replace { new.persist(path) } else { new.persist_noclobber(path) };
    named.map(|_| ()).map_err(|error| match error.error.kind() {
        ErrorKind::AlreadyExists => BaselineError::Exists { path: path.to_owned() },
        _ => BaselineError::Unwritable { path: path.to_owned(), source: error.error },
    })
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
