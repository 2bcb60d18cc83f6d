//! Names in the folder of baselines.

use std::path::{Path, PathBuf};

use super::error::{BaselineError, unwritable};
use crate::run::RunId;
use crate::staging;

/// Folder of what was replaced or removed, inside that of the baselines.
pub const HISTORY: &str = "history";

/// Can this name a baseline? It names a file, and must not be taken for the history.
pub fn is_name(text: &str) -> bool {
    RunId::new(text).is_some() && text != HISTORY
}

/// Where the baseline of this name is in a folder.
pub fn path_in(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.json"))
}

/// Makes the names in the folder safe on the disk.
pub fn sync(folder: &Path) -> Result<(), BaselineError> {
    staging::sync_folder(folder).map_err(unwritable(folder))
}
