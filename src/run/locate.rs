//! RUNS arguments (files, folders, globs, run ids) → the runs they mean.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::checksum::{self, Integrity};
use super::error::RunError;
use super::metadata_files::peek_run_id;
use super::run_id::RunId;
use super::source::RunSource;
use super::unfinished;

/// The file that makes a folder one run and holds its metadata.
pub const FOLDER_METADATA: &str = "_run.json";

/// What an argument or a folder holds: runs, and what would be one were it whole.
type Found = Vec<Result<RunSource, RunError>>;

/// Finds the runs that `arguments` mean: sorted by id, each run once, then what failed, in the order of the
/// arguments. Runs that share an id are all refused.
pub fn locate(arguments: &[String], data_dir: &Path) -> Vec<Result<RunSource, RunError>> {
    let mut errors = Vec::new();
    let mut found: BTreeMap<PathBuf, RunSource> = BTreeMap::new();
    for argument in arguments {
        for source in resolve(argument, data_dir).unwrap_or_else(|error| vec![Err(error)]) {
            match source {
                Ok(source) => {
                    let place = source.path.canonicalize().unwrap_or_else(|_| source.path.clone());
                    found.entry(place).or_insert(source);
                }
                Err(error) => errors.push(error),
            }
        }
    }
    // Two arguments may mean the same folder.
    errors.dedup_by_key(|error| error.to_string());
    let mut runs = refuse_shared_ids(found.into_values().collect(), &mut errors);
    runs.extend(errors.into_iter().map(Err));
    runs
}

/// The runs by id, without those that share one. A run whose metadata cannot be read, or whose bytes are not those that
/// were written, takes no part in this: it must not stand in the way of one that is whole.
fn refuse_shared_ids(
    sources: Vec<RunSource>,
    errors: &mut Vec<RunError>,
) -> Vec<Result<RunSource, RunError>> {
    let named: Vec<RunSource> = sources.into_par_iter().map(with_run_id).collect();
    let mut by_id: BTreeMap<(String, Option<PathBuf>), Vec<RunSource>> = BTreeMap::new();
    for source in named {
        let apart = (!source.is_id_known).then(|| source.path.clone());
        by_id.entry((source.run_id.clone(), apart)).or_default().push(source);
    }
    let mut runs = Vec::new();
    for ((run_id, _), mut sources) in by_id {
        if sources.len() > 1 {
            let damaged = sources.extract_if(.., |source| source.files.iter().any(|file| is_damaged(file)));
            runs.extend(damaged.map(|source| Ok(RunSource { is_id_known: false, ..source })));
        }
        match <[RunSource; 1]>::try_from(sources) {
            Ok([source]) => runs.push(Ok(source)),
            Err(sources) if sources.is_empty() => {}
            Err(sources) => errors.extend(refuse_shared(&run_id, &sources)),
        }
    }
    runs
}

fn is_damaged(file: &Path) -> bool {
    matches!(checksum::verify(file), Ok(Integrity::Damaged { .. }))
}

fn with_run_id(mut source: RunSource) -> RunSource {
    let peeked = peek_run_id(&source);
    source.is_id_known = peeked.is_ok();
    source.run_id = peeked.unwrap_or_else(|_| RunId::from_file_name(&source.stem)).to_string();
    source
}

/// One error for each run of an id that stands for several.
fn refuse_shared(run_id: &str, sources: &[RunSource]) -> Vec<RunError> {
    let other = |index: usize| if index == 0 { 1 } else { 0 };
    let refuse = |(index, source): (usize, &RunSource)| RunError::SameRunId {
        path: source.path.clone(),
        other: sources[other(index)].path.clone(),
        run_id: run_id.to_owned(),
    };
    sources.iter().enumerate().map(refuse).collect()
}

fn resolve(argument: &str, data_dir: &Path) -> Result<Found, RunError> {
    let path = Path::new(argument);
    if path.is_dir() {
        return resolve_folder(path);
    }
    if path.exists() {
        return Ok(vec![Ok(file_source(path))]);
    }
    if argument.contains(['*', '?', '[']) {
        return resolve_glob(argument);
    }
    match unfinished::recording_of(path) {
        Some(unfinished) => Err(unfinished),
        None => resolve_id(argument, data_dir),
    }
}

fn resolve_id(argument: &str, data_dir: &Path) -> Result<Found, RunError> {
    let not_found = || RunError::NotFound { argument: argument.to_owned(), data_dir: data_dir.to_owned() };
    let id = RunId::new(argument).ok_or_else(not_found)?;
    let file = data_dir.join(format!("{id}.parquet"));
    let folder = data_dir.join(id.as_str());
    if file.is_file() {
        Ok(vec![Ok(file_source(&file))])
    } else if folder.is_dir() {
        resolve_folder(&folder)
    } else {
        Err(unfinished::recording_of(&file).unwrap_or_else(not_found))
    }
}

fn resolve_glob(pattern: &str) -> Result<Found, RunError> {
    let paths = glob::glob(pattern).map_err(|error| RunError::BadPattern {
        pattern: pattern.to_owned(),
        reason: error.msg.to_owned(),
    })?;
    let mut found = Vec::new();
    for path in paths {
        match path {
            Ok(path) if path.is_dir() => match resolve_folder(&path) {
                Err(RunError::EmptyFolder { .. }) if !is_run_file(&path) => {}
                Err(error) => found.push(Err(error)),
                Ok(runs) => found.extend(runs),
            },
            Ok(path) if is_run_file(&path) => found.push(Ok(file_source(&path))),
            Ok(_) => {}
            Err(error) => found.push(Err(RunError::Io {
                path: error.path().to_owned(),
                source: std::io::Error::from(error.error().kind()),
            })),
        }
    }
    if found.is_empty() {
        return Err(RunError::NoMatch { pattern: pattern.to_owned() });
    }
    Ok(found)
}

/// The runs in a folder: itself when it is one, else its run files, those sub-folders that are one run, and
/// recordings that did not become a run file.
fn resolve_folder(path: &Path) -> Result<Found, RunError> {
    if let Some(source) = folder_source(path)? {
        return Ok(vec![Ok(source)]);
    }
    let mut found: Found = Vec::new();
    for entry in list(path)? {
        if entry.is_dir() {
            match folder_source(&entry) {
                Ok(Some(source)) => found.push(Ok(source)),
                // Named or described like a run, and nothing in it.
                Ok(None) if claims_to_be_a_run(&entry) => {
                    found.push(Err(RunError::EmptyFolder { path: entry }));
                }
                Ok(None) => {}
                Err(error) => found.push(Err(error)),
            }
        } else if is_run_file(&entry) {
            found.push(Ok(file_source(&entry)));
        }
    }
    found.extend(unfinished::recordings_in(path).into_iter().map(Err));
    if found.is_empty() {
        return Err(RunError::EmptyFolder { path: path.to_owned() });
    }
    Ok(found)
}

fn claims_to_be_a_run(folder: &Path) -> bool {
    is_run_file(folder) || folder.join(FOLDER_METADATA).is_file()
}

/// The folder as one run: it holds `_run.json`, or nothing but `part-*` as Parquet files.
fn folder_source(path: &Path) -> Result<Option<RunSource>, RunError> {
    let files: Vec<PathBuf> =
        list(path)?.into_iter().filter(|entry| is_run_file(entry) && entry.is_file()).collect();
    let folder_metadata = Some(path.join(FOLDER_METADATA)).filter(|file| file.is_file());
    let is_part = |file: &PathBuf| name_of(file).starts_with("part-");
    if files.is_empty() || (folder_metadata.is_none() && !files.iter().all(is_part)) {
        return Ok(None);
    }
    let name = folder_name(path);
    let stem = stem_of(&name);
    let sidecar = sidecar_of(path, stem);
    Ok(Some(RunSource {
        path: path.to_owned(),
        files,
        sidecar,
        folder_metadata,
        stem: stem.to_owned(),
        run_id: String::new(),
        is_id_known: false,
    }))
}

fn file_source(path: &Path) -> RunSource {
    let name = name_of(path);
    let stem = stem_of(&name);
    RunSource {
        path: path.to_owned(),
        files: vec![path.to_owned()],
        sidecar: sidecar_of(path, stem),
        folder_metadata: None,
        stem: stem.to_owned(),
        run_id: String::new(),
        is_id_known: false,
    }
}

/// The name without `.parquet`: Spark gives it to folders, too.
fn stem_of(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, extension)) if extension.eq_ignore_ascii_case("parquet") && !stem.is_empty() => stem,
        _ => name,
    }
}

fn sidecar_of(path: &Path, stem: &str) -> Option<PathBuf> {
    Some(path.with_file_name(format!("{stem}.run.json"))).filter(|file| file.is_file())
}

/// The name of a folder, also of one that is given as `.` or `data/..`.
fn folder_name(path: &Path) -> String {
    match path.file_name() {
        Some(name) => name.to_string_lossy().into_owned(),
        None => path.canonicalize().map(|full| name_of(&full)).unwrap_or_default(),
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(OsStr::to_string_lossy).unwrap_or_default().into_owned()
}

/// Hidden, temporary and other files are none of ours: a writer leaves `.x.parquet.tmp` or `_temporary` behind.
fn is_run_file(path: &Path) -> bool {
    let name = name_of(path);
    let is_parquet = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"));
    is_parquet && !name.starts_with(['.', '_'])
}

/// The entries of a folder, sorted by name, without hidden ones.
fn list(path: &Path) -> Result<Vec<PathBuf>, RunError> {
    let io = |source| RunError::Io { path: path.to_owned(), source };
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).map_err(io)? {
        let entry = entry.map_err(io)?.path();
        if !name_of(&entry).starts_with('.') {
            entries.push(entry);
        }
    }
    entries.sort();
    Ok(entries)
}
