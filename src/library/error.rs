//! Why a run is not analysed, with its path.

use std::path::PathBuf;

use crate::analysis::Failure;
use crate::config::ConfigError;
use crate::exit_code::ExitCode;
use crate::judge::WindowError;
use crate::memory::TooLarge;
use crate::run::{RunError, RunFile};

/// What goes wrong with a run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be found or read.
    #[error(transparent)]
    Unreadable(#[from] RunError),
    /// The path means several runs where one is asked for.
    #[error("{}: {runs} runs where one is asked for", path.display())]
    Several { path: PathBuf, runs: usize },
    /// It is whole, and still not judged.
    #[error("{run_id}: {reason}")]
    Refused { run_id: String, path: PathBuf, reason: Box<Refusal> },
    /// Its events, or a table of its numbers, cannot be made a frame: a bug.
    #[error("cannot make a frame of {of}: {problem}; please report this")]
    Frame { of: String, problem: String },
}

/// Why a run that is whole is not judged.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It has none of the window that was asked for.
    #[error(transparent)]
    Window(#[from] WindowError),
    /// It does not fit into the memory.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// Its metadata names targets that are none.
    #[error(transparent)]
    Targets(#[from] ConfigError),
}

impl Refusal {
    fn kind(&self) -> &'static str {
        match self {
            Refusal::Window(_) => "no_such_window",
            Refusal::TooLarge(_) => "too_large",
            Refusal::Targets(_) => "targets",
        }
    }

    fn remedy(&self) -> &'static str {
        match self {
            Refusal::Window(error) => error.remedy(),
            Refusal::TooLarge(_) => TooLarge::REMEDY,
            Refusal::Targets(_) => "mend `targets` in the run's metadata",
        }
    }

    fn exit_code(&self) -> ExitCode {
        match self {
            Refusal::Window(error) => error.exit_code(),
            Refusal::TooLarge(_) | Refusal::Targets(_) => ExitCode::CouldNotJudge,
        }
    }
}

impl Error {
    pub fn refused(run: &RunFile, reason: impl Into<Refusal>) -> Self {
        let (run_id, path) = (run.run_id().to_owned(), run.path().to_owned());
        Error::Refused { run_id, path, reason: Box::new(reason.into()) }
    }

    /// The same for a list of runs, of which this one is no more than a part.
    pub fn failure(&self) -> Failure {
        let (run, path, kind, remedy, exit_code) = match self {
            Error::Unreadable(error) => {
                let path = error.path().display().to_string();
                (path.clone(), path, error.kind(), Some(error.remedy()), ExitCode::CouldNotJudge)
            }
            Error::Several { path, .. } => {
                let (path, remedy) = (path.display().to_string(), "name one of them".to_owned());
                (path.clone(), path, "several_runs", Some(remedy), ExitCode::CouldNotJudge)
            }
            Error::Refused { run_id, path, reason } => {
                let (path, remedy) = (path.display().to_string(), reason.remedy().to_owned());
                (run_id.clone(), path, reason.kind(), Some(remedy), reason.exit_code())
            }
            Error::Frame { of, .. } => (of.clone(), of.clone(), "internal_error", None, ExitCode::Unexpected),
        };
        Failure { run, path, kind, message: self.to_string(), remedy, exit_code }
    }
}
