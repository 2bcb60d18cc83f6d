//! 5 Reports: an analysis as files and on the terminal. They print what they receive and compute nothing.

use crate::analysis::{Analysis, Provenance};

pub mod baselines;
pub mod comparison;
pub mod csv;
#[cfg(test)]
mod fixture;
pub mod json;
mod many;
pub mod markdown;
mod outline;
pub mod tables;
pub mod terminal;
mod write;

pub use many::{Format, summary};
pub(crate) use outline::printable;
pub use tables::{TABLES, TableError, TablesDraft, TablesError};
pub use write::{FolderDraft, MARKER, ReportFile, WriteError, replace_folder};

/// All files of a run's report.
///
/// # Errors
/// When a table cannot be built.
pub fn files(analysis: &Analysis, provenance: &Provenance) -> Result<Vec<ReportFile>, TableError> {
    let mut files = vec![
        ReportFile { name: "report.json", bytes: json::render(analysis, provenance) },
        ReportFile { name: "report.md", bytes: markdown::render(analysis).into_bytes() },
        ReportFile { name: "timeseries.csv", bytes: csv::render(&[analysis]).into_bytes() },
    ];
    for table in tables::TABLES {
        files.push(ReportFile { name: table.file_name, bytes: table.render(analysis, provenance)? });
    }
    Ok(files)
}
