//! Runs that could not be read: those that are still being written are told from those that are broken.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::error::Error;
use crate::analysis::Failure;
use crate::exit_code::ExitCode;
use crate::run::{RunError, writers_of};

/// A file that was written this short a time ago may still be written, by another machine or another user.
const MOMENTS: Duration = Duration::from_secs(60);

/// The failure of a run over which we fell ourselves.
pub fn our_bug(path: &Path) -> Failure {
    let path = path.display().to_string();
    Failure {
        run: path.clone(),
        kind: "internal_error",
        message: format!("{path}: the analysis broke down on it"),
        remedy: Some(
            "this is a bug: please report it with the lines above and, if you can, the file".to_owned(),
        ),
        exit_code: ExitCode::Unexpected,
        path,
    }
}

/// A run that could not be read, with what is known of why.
#[derive(Debug)]
pub struct Suspect {
    failure: Box<Failure>,
    /// The file, where it may be at fault only because somebody is still writing it.
    unfinished: Option<PathBuf>,
}

impl From<RunError> for Suspect {
    fn from(error: RunError) -> Self {
        let unfinished = error.may_be_unfinished().then(|| error.path().to_owned());
        Self { failure: Box::new(Error::from(error).failure()), unfinished }
    }
}

impl From<Failure> for Suspect {
    fn from(failure: Failure) -> Self {
        Self { failure: Box::new(failure), unfinished: None }
    }
}

/// Tells those that are still being written from those that are broken; sorted by path.
pub fn sort_out(suspects: Vec<Suspect>) -> Vec<Failure> {
    let files: Vec<PathBuf> = suspects
        .iter()
        .filter_map(|suspect| suspect.unfinished.clone())
        .filter(|path| path.is_file())
        .collect();
    let writers = writers_of(&files);
    let sort_out = |suspect: Suspect| {
        let mut failure = *suspect.failure;
        let Some(path) = suspect.unfinished else { return failure };
        if let Some(writer) = writers.get(&path) {
            let run = failure.run;
            failure = Error::from(RunError::StillWritten { path, writer: writer.clone() }).failure();
            failure.run = run;
        } else if ["truncated", "empty"].contains(&failure.kind) && is_fresh(&path) {
            failure.message.push_str(" (it was written moments ago: is that still going on?)");
        }
        failure
    };
    let mut failures: Vec<Failure> = suspects.into_iter().map(sort_out).collect();
    failures.sort_by(|one, other| (&one.path, &one.message).cmp(&(&other.path, &other.message)));
    failures
}

/// A file from the future is not fresh: its clock is not ours.
fn is_fresh(path: &Path) -> bool {
    let age = std::fs::metadata(path).and_then(|found| found.modified());
    let age = age.ok().and_then(|written| SystemTime::now().duration_since(written).ok());
    age.is_some_and(|age| age < MOMENTS)
}
