//! What can be wrong with a baseline: each error names it, and how to mend it.

use std::io;
use std::path::{Path, PathBuf};

/// Why a baseline cannot be read or saved. `Display` says what is wrong and where; [`BaselineError::remedy`] how to mend
/// it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    #[error("`{}` is no name for a baseline: letters, digits, `.`, `_` and `-` only, 128 at most", .name.escape_debug())]
    BadName { name: String },
    #[error("there is no baseline `{name}` in {}", folder.display())]
    Missing { name: String, folder: PathBuf, nearest: Option<String> },
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}: {bytes} bytes is too large for a baseline", path.display())]
    TooLarge { path: PathBuf, bytes: u64 },
    #[error("{}: not JSON, or cut off: {reason}", path.display())]
    NotJson { path: PathBuf, reason: String },
    #[error("{}: not a baseline: {reason}", path.display())]
    NotABaseline { path: PathBuf, reason: String },
    #[error(
        "{}: written by a newer cmo-metrics: schema_version {found}, this build knows up to {known}",
        path.display()
    )]
    Newer { path: PathBuf, found: u64, known: u32 },
    #[error(
        "{}: saved by an older cmo-metrics, whose numbers mean something else: schema_version {found}, this build compares {known}",
        path.display()
    )]
    Older { path: PathBuf, found: u64, known: u32, runs: Vec<String> },
    #[error("{}: holds what cannot have been measured: {reason}", path.display())]
    Nonsense { path: PathBuf, reason: String },
    #[error("{}: it was changed after it was saved", path.display())]
    Changed { path: PathBuf },
    #[error("{}: the baseline inside is named `{found}`", path.display())]
    OtherName { path: PathBuf, found: String },
    #[error("{}: a baseline of this name exists", path.display())]
    Exists { path: PathBuf },
    #[error("baseline `{name}` holds {}", .runs.join(", "))]
    Holds { name: String, runs: Vec<String> },
    #[error("{}: cannot be written: {source}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("baseline `{name}` cannot be saved: {reason}")]
    Unsaveable { name: String, reason: String },
}

impl BaselineError {
    /// What the user can do about it, one sentence.
    pub fn remedy(&self) -> String {
        match self {
            BaselineError::Missing { nearest: Some(nearest), .. } => {
                format!("did you mean `{nearest}`? `cmo-metrics baseline list` shows all")
            }
            BaselineError::Older { path, runs, .. } => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                let runs = if runs.is_empty() { "RUN".to_owned() } else { runs.join(" ") };
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                let folder =
                    folder.map(|folder| format!("--baselines {} ", folder.display())).unwrap_or_default();
                format!("make it anew: cmo-metrics baseline save {runs} --name {name} {folder}--replace")
            }
            BaselineError::OtherName { found, .. } => {
                format!("name the file `{found}.json` again, or save its runs under the other name")
            }
            other => other.fixed_remedy().to_owned(),
        }
    }

    fn fixed_remedy(&self) -> &'static str {
        match self {
            BaselineError::BadName { .. } => "choose another name",
            BaselineError::Missing { .. } => {
                "save one with `cmo-metrics baseline save RUN --name NAME`, or name its folder with --baselines"
            }
            BaselineError::Unreadable { .. } => "check that it is a file and may be read",
            BaselineError::Newer { .. } => "use a newer cmo-metrics, or save the baseline anew with this one",
            BaselineError::Exists { .. } => {
                "choose another name, or replace it with --replace: the old one is kept as history"
            }
            BaselineError::Holds { .. } => "it was added before, or it is a copy: leave it out",
            BaselineError::Unwritable { .. } => "is the disk full, or the folder read-only?",
            BaselineError::Unsaveable { .. } => {
                "this is a fault of the measurement: please report it with the run"
            }
            _ => "save it anew, or take it from version control or from history/ beside it",
        }
    }
}

/// The error of a disk that refuses `path`.
pub fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> BaselineError + '_ {
    |source| BaselineError::Unwritable { path: path.to_owned(), source }
}
