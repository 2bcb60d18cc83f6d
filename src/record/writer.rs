//! Writes events while the test runs, in a thread of its own: whoever sends them never waits for the disk.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::RecordError;
use crate::run::{Event, RunWriter, WriteError};

/// Batches that may wait for the writer before senders do.
const QUEUE_BATCHES: usize = 1024;

/// The run file in the making, fed by a queue.
#[derive(Debug)]
pub struct QueuedWriter {
    path: PathBuf,
    thread: JoinHandle<Result<RunWriter, WriteError>>,
}

impl QueuedWriter {
    /// Starts the file at `path`, with its folder. The queue ends when all its senders are gone.
    ///
    /// # Errors
    /// When the file exists and `replace` is false, or it cannot be made.
    pub fn create(path: &Path, replace: bool) -> Result<(Self, SyncSender<Vec<Event>>), RecordError> {
        if !replace && path.symlink_metadata().is_ok() {
            return Err(RecordError::FileExists(path.to_owned()));
        }
        let failed = |error: String| RecordError::CreateFile { path: path.to_owned(), error };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        }
        let writer = RunWriter::create(path).map_err(|error| failed(error.to_string()))?;
        let (sender, queue) = sync_channel(QUEUE_BATCHES);
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || write(writer, &queue))
            .map_err(|error| failed(error.to_string()))?;
        Ok((Self { path: path.to_owned(), thread }, sender))
    }

    /// Waits until all that was sent is written and gives the writer for the last rows.
    ///
    /// # Errors
    /// When something could not be written.
    pub fn into_writer(self) -> Result<RunWriter, RecordError> {
        let written = self.thread.join().map_err(|_| RecordError::Writer(self.path.clone()))?;
        written.map_err(|error| write_failed(&self.path, error))
    }
}

/// The error of a file that was begun.
pub fn write_failed(path: &Path, error: WriteError) -> RecordError {
    RecordError::Write { path: path.to_owned(), error: error.to_string() }
}

fn write(mut writer: RunWriter, queue: &Receiver<Vec<Event>>) -> Result<RunWriter, WriteError> {
    for event in queue.iter().flatten() {
        writer.push(&event)?;
    }
    Ok(writer)
}
