//! 5 Reports: an analysis as files and on the terminal. They print what they receive and compute nothing.

use std::io::Write;

use crate::analysis::{Analysis, Provenance};

pub mod baselines;
mod blocks;
mod cases;
pub mod comparison;
pub mod csv;
mod figures;
#[cfg(test)]
mod fixture;
pub mod github;
pub mod history;
mod html;
pub mod json;
pub mod junit;
mod largest;
mod many;
pub mod markdown;
mod outline;
mod page;
mod svg;
pub mod tables;
pub mod terminal;
mod write;

pub use cases::{Judged, kept_of};
pub use many::{Format, Shown, headline, summary};
pub use outline::Closing;
pub(crate) use outline::printable;
pub use tables::{StagedTables, TABLES, Table, TableError, TablesError};
pub use terminal::Paper;
pub use write::{MARKER, ReportFile, StagedFolder, WriteError};

/// The file of a run's report that people read first.
pub const PAGE: &str = "report.html";

/// A file of a run's report.
#[derive(Debug, Clone, Copy)]
pub struct RunReportFile {
    pub name: &'static str,
    content: Content,
}

#[derive(Debug, Clone, Copy)]
enum Content {
    Json,
    Markdown,
    Page,
    Csv,
    Table(Table),
}

/// All files of a run's report.
pub fn files_of_run() -> Vec<RunReportFile> {
    let texts = [
        RunReportFile { name: "report.json", content: Content::Json },
        RunReportFile { name: "report.md", content: Content::Markdown },
        RunReportFile { name: PAGE, content: Content::Page },
        RunReportFile { name: "timeseries.csv", content: Content::Csv },
    ];
    let tables =
        tables::TABLES.map(|table| RunReportFile { name: table.file_name, content: Content::Table(table) });
    texts.into_iter().chain(tables).collect()
}

impl RunReportFile {
    /// Writes the file to `out`, which need not hold all of it.
    ///
    /// # Errors
    /// When a table cannot be built, or `out` refuses.
    pub fn write(
        &self,
        analysis: &Analysis,
        provenance: &Provenance,
        out: &mut (impl Write + Send),
    ) -> Result<(), TablesError> {
        match self.content {
            Content::Json => Ok(out.write_all(&json::render(analysis, provenance))?),
            Content::Markdown => Ok(out.write_all(markdown::render(analysis).as_bytes())?),
            Content::Page => {
                let page =
                    html::render(&page::of_run(analysis, provenance)).map_err(std::io::Error::other)?;
                Ok(out.write_all(page.as_bytes())?)
            }
            Content::Csv => Ok(csv::write(analysis, out)?),
            Content::Table(table) => table.write(analysis, provenance, out),
        }
    }
}
