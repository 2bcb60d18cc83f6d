//! Where one run lies.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Where one run lies. Nothing but its id has been read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSource {
    /// The file, or the folder of parts.
    pub path: PathBuf,
    /// Its Parquet files, sorted by name.
    pub files: Vec<PathBuf>,
    /// `<stem>.run.json` beside the file or folder, where there is one.
    pub sidecar: Option<PathBuf>,
    /// `_run.json` in the folder, where there is one.
    pub folder_metadata: Option<PathBuf>,
    /// Name of the file or folder without `.parquet`.
    pub stem: String,
    /// The id that the metadata names, where it can be read and is valid; otherwise made from `stem`.
    pub run_id: String,
    /// Whether the metadata could be read, so that the id is the one that the open run has.
    pub is_id_known: bool,
}

impl RunSource {
    /// Everything that is read of it: run files and metadata.
    pub fn all_files(&self) -> impl Iterator<Item = &Path> {
        let beside = self.sidecar.iter().chain(&self.folder_metadata);
        self.files.iter().chain(beside).map(PathBuf::as_path)
    }

    /// What its run files take on the disk, bytes: the holes of a sparse file are no work. 0 for one that cannot be
    /// looked at.
    pub fn bytes(&self) -> u64 {
        const BLOCK_BYTES: u64 = 512;
        let size = |found: fs::Metadata| found.len().min(found.blocks().saturating_mul(BLOCK_BYTES));
        self.files.iter().filter_map(|file| fs::metadata(file).ok()).map(size).sum()
    }
}
