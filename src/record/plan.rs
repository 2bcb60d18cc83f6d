//! What is to be recorded: the command, the file, and what the user says about the run.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::RecordError;

/// Folder of run files where no file is named.
const DATA_FOLDER: &str = "data";
/// Longest run id, characters.
const MAX_ID_CHARS: usize = 128;

/// A recording to make. What is `None` is not in the metadata.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Program and arguments.
    pub command: Vec<OsString>,
    pub out: PathBuf,
    /// Replace a file that is there.
    pub replace: bool,
    pub run_id: String,
    pub test_name: String,
    pub scenario: Option<String>,
    pub users: Option<u32>,
    /// `closed` or `open`.
    pub load_model: Option<String>,
    pub think_time_ms: Option<f64>,
    pub tags: BTreeMap<String, String>,
    /// Files of JSON Lines that are read when the command has ended.
    pub events: Vec<PathBuf>,
}

/// File and run id for a run called `name`: a run's id is the name of its file. Without `out` it is made from the
/// name: other characters than letters, digits, `.`, `_` and `-` become `-`.
///
/// # Errors
/// When that gives no run id.
pub fn file_and_id(name: &str, out: Option<&Path>) -> Result<(PathBuf, String), RecordError> {
    let Some(out) = out else {
        let id: String = name.chars().map(|char| if is_id_char(char) { char } else { '-' }).collect();
        let id = checked_id(&id)?;
        return Ok((Path::new(DATA_FOLDER).join(format!("{id}.parquet")), id));
    };
    let stem = out.file_stem().unwrap_or_default().to_string_lossy();
    Ok((out.to_owned(), checked_id(&stem)?))
}

fn checked_id(id: &str) -> Result<String, RecordError> {
    let fits = (1..=MAX_ID_CHARS).contains(&id.len()) && id.chars().all(is_id_char);
    if fits && id != "." && id != ".." {
        Ok(id.to_owned())
    } else {
        Err(RecordError::BadRunId(id.to_owned()))
    }
}

fn is_id_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_the_run_and_a_run_after_its_file() {
        let made = file_and_id("load 50/ü", None).expect("an id");
        assert_eq!(made, (PathBuf::from("data/load-50--.parquet"), "load-50--".to_owned()));
        let given = file_and_id("load", Some(Path::new("x/load_50_b.parquet"))).expect("an id");
        assert_eq!(given, (PathBuf::from("x/load_50_b.parquet"), "load_50_b".to_owned()));
    }

    #[test]
    fn what_makes_no_run_id_is_refused() {
        for name in ["", ".", "..", &"x".repeat(129)] {
            assert!(file_and_id(name, None).is_err(), "{name}");
        }
        for out in ["", "x/..", "a b.parquet", "ü.parquet"] {
            assert!(file_and_id("load", Some(Path::new(out))).is_err(), "{out}");
        }
    }
}
