//! `--export-junit`: the verdicts as a file for CI, beside the reports. A verdict does not depend on it.

use std::path::Path;

use super::say_error;
use crate::exit_code::ExitCode;
use crate::report::{Judged, junit, printable};
use crate::staging;

/// Writes the file that was asked for. What goes wrong is said; then the old file stands.
pub fn export(path: Option<&Path>, judged: &Judged<'_>) -> ExitCode {
    let Some(path) = path else { return ExitCode::Clean };
    match junit::render(judged).and_then(|bytes| staging::replace_file_in_any_folder(path, &bytes)) {
        Ok(()) => ExitCode::Clean,
        Err(error) => {
            let message = format!("--export-junit {} could not be written: {error}", path.display());
            say_error(&printable(&message), Some("what stood there is as it was; the verdict holds"));
            ExitCode::Unexpected
        }
    }
}
