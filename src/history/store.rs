//! The nights on the disk: each job adds one file, and reading puts all files together.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use xxhash_rust::xxh3::xxh3_64;

use super::error::HistoryError;
use super::folder::{self, NIGHTS};
use super::judged_run::JudgedRun;
use super::table;

/// A job of a thousand runs takes a tenth of this: what is larger is something else, and is not read.
const MOST_BYTES: u64 = 200_000_000;

/// The history in a folder of baselines. It is made with the first night.
#[derive(Debug, Clone)]
pub struct History {
    folder: PathBuf,
}

/// All nights that could be read, and what is wrong with the files of the others.
#[derive(Debug, Default)]
pub struct Found {
    /// By the time at which they were recorded; each once.
    pub runs: Vec<JudgedRun>,
    pub faults: Vec<HistoryError>,
    files: Files,
}

/// Files of nights, each with what tells whether it is still the same: its length and when it was written.
type Files = BTreeMap<PathBuf, Option<(u64, SystemTime)>>;

impl Found {
    /// These nights with the runs that were judged just now.
    pub fn with(self, judged: &[JudgedRun]) -> Vec<JudgedRun> {
        in_order(self.runs.into_iter().chain(judged.iter().cloned()))
    }
}

/// What a job added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    pub added: usize,
    /// Runs that were there already.
    pub known: usize,
}

impl History {
    pub fn in_baselines(baselines: &Path) -> Self {
        Self { folder: baselines.join(NIGHTS) }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads all nights, whatever the order of the files. Of what several files hold, the first verdict counts.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn read(&self) -> Result<Found, HistoryError> {
        Ok(decode(self.files()?))
    }

    /// Adds the runs that are not there yet, as one file that appears whole. Of the files only those are read that were not
    /// there when `known` was read, all of them where one of those is gone or another.
    ///
    /// # Errors
    /// When the folder cannot be read or written; then nothing was added.
    pub fn append(&self, runs: &[JudgedRun], known: &Found) -> Result<Appended, HistoryError> {
        // Until it goes out of scope nobody else adds: two jobs with one run would both find it new.
        let _lock = folder::lock(&self.folder)?;
        let mut files = self.files()?;
        let still_there = known.files.iter().all(|(path, state)| files.get(path) == Some(state));
        let before: &[JudgedRun] = if still_there { &known.runs } else { &[] };
        files.retain(|path, _| !still_there || !known.files.contains_key(path));
        let since = decode(files);
        let mut keys: HashSet<(&str, &str)> = before.iter().chain(&since.runs).map(JudgedRun::key).collect();
        let new: Vec<&JudgedRun> = runs.iter().filter(|run| keys.insert(run.key())).collect();
        // A run without numbers has no rows.
        let new: Vec<&JudgedRun> = new.into_iter().filter(|run| !run.record.metrics.is_empty()).collect();
        if !new.is_empty() {
            let bytes = table::encode(&new)?;
            // A file of this name is of these runs, and was not read: it is damaged.
            folder::put(&self.folder, &name(&new, &bytes), &bytes)?;
        }
        Ok(Appended { added: new.len(), known: runs.len() - new.len() })
    }

    fn files(&self) -> Result<Files, HistoryError> {
        let state =
            |path: &Path| std::fs::metadata(path).and_then(|found| Ok((found.len(), found.modified()?)));
        let paths = folder::files(&self.folder)?.into_iter();
        Ok(paths.map(|path| (path.clone(), state(&path).ok())).collect())
    }
}

fn decode(files: Files) -> Found {
    let (mut runs, mut faults) = (Vec::new(), Vec::new());
    for path in files.keys() {
        match open(path).and_then(|file| table::decode(file, path)) {
            Ok(found) => runs.extend(found),
            Err(fault) => faults.push(fault),
        }
    }
    Found { runs: in_order(runs), faults, files }
}

/// Each run once, by the time at which it was recorded.
fn in_order(runs: impl IntoIterator<Item = JudgedRun>) -> Vec<JudgedRun> {
    let mut known: BTreeMap<(String, String), JudgedRun> = BTreeMap::new();
    runs.into_iter().for_each(|run| keep_first(&mut known, run));
    let mut runs: Vec<JudgedRun> = known.into_values().collect();
    runs.sort_by(|a, b| (a.instant_us(), a.key()).cmp(&(b.instant_us(), b.key())));
    runs
}

/// `20261124T081500Z-0123456789abcdef.parquet`: when it was judged, and what it holds.
fn name(runs: &[&JudgedRun], bytes: &[u8]) -> String {
    let judged = runs.iter().map(|run| run.judged_us).min();
    let judged = judged.and_then(|us| jiff::Timestamp::from_microsecond(us).ok());
    let instant = judged.map_or_else(|| "unknown".to_owned(), |at| at.strftime("%Y%m%dT%H%M%SZ").to_string());
    format!("{instant}-{:016x}.parquet", xxh3_64(bytes))
}

/// Of two verdicts on one run the first; of one time the same one whatever file it is in.
fn keep_first(known: &mut BTreeMap<(String, String), JudgedRun>, run: JudgedRun) {
    let key = (run.record.run_id.clone(), run.digest.clone());
    let order = |run: &JudgedRun| (run.judged_us, run.gate_code, run.tool.clone(), run.record.metrics.len());
    let is_earlier = known.get(&key).is_none_or(|other| order(&run) < order(other));
    if is_earlier {
        known.insert(key, run);
    }
}

fn open(path: &Path) -> Result<File, HistoryError> {
    let unreadable = |source: io::Error| HistoryError::Unreadable { path: path.to_owned(), source };
    // A pipe would keep us waiting, a device never end.
    let about = std::fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() {
        return Err(unreadable(io::Error::other("it is not a file")));
    }
    if about.len() > MOST_BYTES {
        return Err(HistoryError::TooLarge { path: path.to_owned(), bytes: about.len() });
    }
    File::open(path).map_err(unreadable)
}
