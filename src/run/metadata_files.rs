//! Finds and reads a run's metadata: Parquet key `cmo.run`, sidecar, `_run.json`, or nothing.

use std::path::{Path, PathBuf};

use parquet::file::metadata::ParquetMetaData;
use serde_json::{Map, Value};

use super::error::RunError;
use super::guard::guard;
use super::run_id::RunId;
use super::source::RunSource;
use super::write::METADATA_KEY;
use super::{MetadataOrigin, RunMetadata, SCHEMA_VERSION, footer};

/// No metadata is longer, bytes: it describes a run, it does not hold one. Each byte of it is parsed several times.
const MAX_METADATA_BYTES: u64 = 1_000_000;

/// A run's metadata and what had to be decided to get it.
#[derive(Debug)]
pub struct Loaded {
    pub metadata: RunMetadata,
    pub origin: MetadataOrigin,
    pub run_id: RunId,
    pub notes: Vec<String>,
}

/// One place where metadata was found.
struct Found {
    origin: MetadataOrigin,
    path: PathBuf,
    object: Map<String, Value>,
}

/// Loads the metadata of `source`, whose parts have the footers `parts`, in the order of its files. The footer
/// comes before the sidecar, the sidecar before `_run.json`.
///
/// # Errors
/// When it is no JSON object, has values of a wrong type, is of a newer version, or parts contradict each other.
pub fn load(source: &RunSource, parts: &[&ParquetMetaData]) -> Result<Loaded, RunError> {
    let mut notes = Vec::new();
    let mut found: Vec<Found> = from_footers(source, parts, &mut notes)?.into_iter().collect();
    let beside =
        [(MetadataOrigin::Sidecar, &source.sidecar), (MetadataOrigin::Folder, &source.folder_metadata)];
    for (origin, path) in beside {
        if let Some(path) = path {
            found.push(Found { origin, path: path.clone(), object: parse(path, &read_text(path)?)? });
        }
    }
    let mut found = found.into_iter();
    let used = found.next();
    for unused in found {
        if let Some(used) = &used {
            notes.push(format!(
                "metadata taken from {}; that in {} is not used",
                place(used),
                name_of(&unused.path)
            ));
        }
    }
    let (metadata, origin) = match used {
        Some(used) => (to_metadata(&used.path, &used.object)?, used.origin),
        None => (RunMetadata::default(), MetadataOrigin::None),
    };
    let run_id = decide_id(metadata.run_id.as_deref(), &source.stem, &mut notes);
    Ok(Loaded { metadata, origin, run_id, notes })
}

/// The id that `source` will have once it is loaded. The footers are read for it and let go of again.
///
/// # Errors
/// When it cannot be loaded, as [`load`] and reading the footers have them.
pub fn peek_run_id(source: &RunSource) -> Result<RunId, RunError> {
    let peek = || {
        let footers: Vec<footer::Footer> =
            source.files.iter().map(|file| footer::read(file)).collect::<Result<_, _>>()?;
        let parts: Vec<&ParquetMetaData> = footers.iter().map(|footer| &footer.metadata).collect();
        load(source, &parts).map(|loaded| loaded.run_id)
    };
    guard(&source.path, peek)
}

fn decide_id(named: Option<&str>, stem: &str, notes: &mut Vec<String>) -> RunId {
    if let Some(id) = named.and_then(RunId::new) {
        return id;
    }
    let id = RunId::new(stem).unwrap_or_else(|| RunId::from_file_name(stem));
    if let Some(named) = named {
        notes.push(format!(
            "run_id {named:?} of the metadata is not valid: `{id}`, from the file name, is used"
        ));
    } else if id.as_str() != stem {
        notes.push(format!("the file name {stem:?} is no valid run id: `{id}` is used"));
    }
    id
}

/// The metadata in the footers of the parts, which must agree.
fn from_footers(
    source: &RunSource,
    parts: &[&ParquetMetaData],
    notes: &mut Vec<String>,
) -> Result<Option<Found>, RunError> {
    let mut first: Option<Found> = None;
    let mut without = 0;
    for (path, part) in source.files.iter().zip(parts) {
        let Some(text) = key_value(part) else {
            without += 1;
            continue;
        };
        let object = parse(path, text)?;
        match &first {
            None => first = Some(Found { origin: MetadataOrigin::Footer, path: path.clone(), object }),
            Some(first) if first.object != object => {
                return Err(RunError::PartsDisagree {
                    path: source.path.clone(),
                    first: name_of(&first.path),
                    second: name_of(path),
                    difference: format!("metadata: {}", differing_keys(&first.object, &object).join(", ")),
                });
            }
            Some(_) => {}
        }
    }
    if first.is_some() && without > 0 {
        notes.push(format!("{without} of {} parts carry no metadata of their own", parts.len()));
    }
    Ok(first)
}

fn key_value(part: &ParquetMetaData) -> Option<&str> {
    let pairs = part.file_metadata().key_value_metadata()?;
    pairs.iter().find(|pair| pair.key == METADATA_KEY)?.value.as_deref()
}

fn differing_keys(first: &Map<String, Value>, second: &Map<String, Value>) -> Vec<String> {
    let mut keys: Vec<String> = first
        .keys()
        .chain(second.keys())
        .filter(|key| first.get(*key) != second.get(*key))
        .cloned()
        .collect();
    keys.sort();
    keys.dedup();
    keys.iter().map(|key| format!("`{key}`")).collect()
}

fn read_text(path: &Path) -> Result<String, RunError> {
    let io = |source| RunError::Io { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(io)?.len() > MAX_METADATA_BYTES {
        return Err(too_long(path));
    }
    let bytes = std::fs::read(path).map_err(io)?;
    String::from_utf8(bytes).map_err(|_| bad(path, "it is not UTF-8 text".to_owned()))
}

/// A JSON object whose version we know.
fn parse(path: &Path, text: &str) -> Result<Map<String, Value>, RunError> {
    if text.len() as u64 > MAX_METADATA_BYTES {
        return Err(too_long(path));
    }
    let value: Value = serde_json::from_str(text).map_err(|error| bad(path, format!("not JSON: {error}")))?;
    let Value::Object(object) = value else {
        return Err(bad(path, "JSON, but not an object".to_owned()));
    };
    match object.get("schema_version") {
        None | Some(Value::Null) => {}
        Some(version) => match version.as_u64() {
            None => return Err(bad(path, format!("`schema_version` is {version}, wanted a whole number"))),
            Some(found) if found > u64::from(SCHEMA_VERSION) => {
                return Err(RunError::NewerMetadata { path: path.to_owned(), found, known: SCHEMA_VERSION });
            }
            Some(_) => {}
        },
    }
    Ok(object)
}

/// The object as metadata. A null is the same as a missing key.
fn to_metadata(path: &Path, object: &Map<String, Value>) -> Result<RunMetadata, RunError> {
    let present: Map<String, Value> = object
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    // The structure as a whole cannot say which key is wrong, single keys can.
    for (key, value) in &present {
        let single = Map::from_iter([(key.clone(), value.clone())]);
        if let Err(error) = serde_json::from_value::<RunMetadata>(Value::Object(single)) {
            return Err(bad(path, format!("`{key}`: {error}")));
        }
    }
    serde_json::from_value(Value::Object(present)).map_err(|error| bad(path, error.to_string()))
}

fn too_long(path: &Path) -> RunError {
    bad(path, format!("it is longer than {MAX_METADATA_BYTES} bytes"))
}

fn bad(path: &Path, reason: String) -> RunError {
    RunError::BadMetadata { path: path.to_owned(), reason }
}

fn place(found: &Found) -> String {
    match found.origin {
        MetadataOrigin::Footer => "the file itself".to_owned(),
        _ => name_of(&found.path),
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
