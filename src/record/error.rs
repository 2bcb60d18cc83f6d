//! What stops a recording, and the exit code that it ends with.

use std::io;
use std::path::PathBuf;

/// A failure of the recorder or of the command's start. Each message names the thing and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error(
        "no run id can be made from {0:?}: it must have 1 to 128 characters and be neither '.' nor '..'; \
         give another --name (or a file name with --out)"
    )]
    BadRunId(String),
    #[error("{} exists already; give --force to replace it, or another --out or --name", .0.display())]
    FileExists(PathBuf),
    #[error("cannot create {}: {error}; check that its folder can be written, or give another --out", path.display())]
    CreateFile { path: PathBuf, error: String },
    #[error(
        "cannot open the socket for events at {}: {error}; TMPDIR must name a folder that can be written and \
         has a short path (a socket's path is limited to 107 bytes)", path.display()
    )]
    Socket { path: PathBuf, error: io::Error },
    #[error("cannot watch signals and processes: {0}")]
    Supervise(io::Error),
    #[error("no command was given; it stands after '--'")]
    NoCommand,
    #[error("{command}: command not found; the command stands after '--'")]
    NotFound { command: String },
    #[error("{command}: cannot be started: {error}")]
    NotExecutable { command: String, error: io::Error },
    #[error("cannot write {}: {error}; the recording is lost, free space or give another --out", path.display())]
    Write { path: PathBuf, error: String },
    #[error("the writer of {} broke down, the recording is lost; this is a bug", .0.display())]
    Writer(PathBuf),
}

impl RecordError {
    /// The exit code, as of `env` and `timeout`: 127 the command was not found, 126 it cannot be started,
    /// 125 the recorder itself failed.
    pub fn exit_code(&self) -> u8 {
        match self {
            RecordError::NotFound { .. } => 127,
            RecordError::NotExecutable { .. } => 126,
            _ => RECORDER_FAILED,
        }
    }
}

/// Exit code of the recorder's own failures.
pub const RECORDER_FAILED: u8 = 125;
