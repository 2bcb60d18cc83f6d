//! Tells what is still being written from what is broken: recordings under way, those cut short, files that grow.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, Metadata, TryLockError};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::error::RunError;
use super::write::JOURNAL_SUFFIX;

/// The recordings in a folder whose run file is not there: under way, or cut short. Sorted by name.
pub fn recordings_in(folder: &Path) -> Vec<RunError> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut journals: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    journals.sort();
    journals.iter().filter_map(|journal| unfinished(journal)).collect()
}

/// The recording that is to become the run file at `path`, where there is one.
pub fn recording_of(path: &Path) -> Option<RunError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    recordings_in(folder).into_iter().find(|recording| match recording {
        RunError::StillRecording { path: run, .. } | RunError::CutShort { run, .. } => {
            run.file_name() == path.file_name()
        }
        _ => false,
    })
}

fn unfinished(journal: &Path) -> Option<RunError> {
    let path = run_of(journal)?;
    // What was there before stays whole until the new file takes its place: that one is judged.
    if path.symlink_metadata().is_ok() || !journal.is_file() {
        return None;
    }
    let journal = journal.to_owned();
    Some(if is_locked(&journal) {
        RunError::StillRecording { path, journal }
    } else {
        RunError::CutShort { path: journal, run: path }
    })
}

/// The run file that a temporary file of ours, `.<name>.parquet.<6 letters or digits>.tmp`, is to become.
fn run_of(journal: &Path) -> Option<PathBuf> {
    const RANDOM_CHARS: usize = 6;
    let name = journal.file_name()?.as_bytes();
    let rest = name.strip_prefix(b".")?.strip_suffix(JOURNAL_SUFFIX.as_bytes())?;
    let (run, random) = rest.split_at_checked(rest.len().checked_sub(RANDOM_CHARS)?)?;
    let run = run.strip_suffix(b".")?;
    let is_ours = random.iter().all(u8::is_ascii_alphanumeric) && run.ends_with(b".parquet");
    is_ours.then(|| journal.with_file_name(OsString::from_vec(run.to_vec())))
}

/// Whether a living writer holds the file; see [`super::write::RunWriter::create`].
fn is_locked(path: &Path) -> bool {
    let lock = || File::open(path).map(|file| file.try_lock_shared());
    matches!(lock(), Ok(Err(TryLockError::WouldBlock)))
}

/// What a file is at one moment: another size, time or inode later means that it was written or replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(Vec<Option<[i64; 5]>>);

impl Fingerprint {
    pub fn of<'a>(paths: impl Iterator<Item = &'a Path>) -> Self {
        let state = |found: Metadata| {
            [found.dev() as i64, found.ino() as i64, found.size() as i64, found.mtime(), found.mtime_nsec()]
        };
        Self(paths.map(|path| fs::metadata(path).ok().map(state)).collect())
    }
}

/// Who has these files open for writing, of the processes on this machine that we may look at: `python3 (process 1234)`.
pub fn writers_of(paths: &[PathBuf]) -> BTreeMap<PathBuf, String> {
    let wanted: BTreeMap<(u64, u64), &PathBuf> = paths
        .iter()
        .filter_map(|path| fs::metadata(path).ok().map(|found| ((found.dev(), found.ino()), path)))
        .collect();
    let mut writers = BTreeMap::new();
    if wanted.is_empty() {
        return writers;
    }
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        for open in fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten() {
            let Ok(found) = fs::metadata(open.path()) else { continue };
            let Some(path) = wanted.get(&(found.dev(), found.ino())) else { continue };
            let number = open.file_name();
            if is_for_writing(&process.path().join("fdinfo").join(number)) {
                writers.entry((*path).clone()).or_insert_with(|| describe(pid, &process.path()));
            }
        }
    }
    writers
}

/// The error, or that the file is still being written where that is so.
pub fn or_still_written(error: RunError) -> RunError {
    if !error.may_be_unfinished() {
        return error;
    }
    let path = error.path().to_owned();
    match writers_of(std::slice::from_ref(&path)).remove(&path) {
        Some(writer) => RunError::StillWritten { path, writer },
        None => error,
    }
}

/// The line `flags:` has the mode of opening as its last octal digit: 1 or 2 is for writing.
fn is_for_writing(info: &Path) -> bool {
    let text = fs::read_to_string(info).unwrap_or_default();
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
    flags.is_some_and(|flags| flags.trim_end().ends_with(['1', '2', '5', '6']))
}

fn describe(pid: u32, process: &Path) -> String {
    let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
    format!("{} (process {pid})", name.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_temporary_file_of_ours_is_a_recording() {
        let run = |name: &str| run_of(Path::new(name)).map(|path| path.display().to_string());
        assert_eq!(run("data/.load_50.parquet.aB3xYz.tmp").as_deref(), Some("data/load_50.parquet"));
        for other in
            [".x.parquet.tmp", "x.parquet.aB3xYz.tmp", ".x.parquet.aB3x.Z.tmp", ".x.json.aB3xYz.tmp", ".tmp"]
        {
            assert_eq!(run(other), None, "{other}");
        }
    }

    #[test]
    fn a_file_that_is_open_for_writing_has_a_writer_and_one_for_reading_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let paths = [folder.path().join("written"), folder.path().join("read")];
        let _writer = File::create(&paths[0]).unwrap();
        fs::write(&paths[1], "x").unwrap();
        let _reader = File::open(&paths[1]).unwrap();
        let writers = writers_of(&paths);
        assert_eq!(writers.keys().collect::<Vec<_>>(), [&paths[0]]);
        let own = format!("(process {})", std::process::id());
        assert!(writers[&paths[0]].ends_with(&own), "{writers:?}");
    }

    #[test]
    fn a_file_that_grew_or_was_replaced_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let look = || Fingerprint::of([path.as_path()].into_iter());
        fs::write(&path, "one").unwrap();
        let before = look();
        assert_eq!(look(), before);
        fs::write(&path, "one and more").unwrap();
        assert_ne!(look(), before);
        fs::remove_file(&path).unwrap();
        assert_ne!(look(), before);
    }
}
