//! What `compare` shows: the runs side by side, as files and on the terminal.

use super::history::changed_lately;
use super::outline::Outline;
use super::tables;
use super::{Format, ReportFile, TableError, markdown, terminal};
use crate::comparison::Comparison;

mod degradation;
mod execution;
mod json;
mod levels;
mod outline;
mod sections;
mod table;
#[cfg(test)]
mod tests;

pub use execution::Execution;

/// The JSON Schema of `comparison.json` (draft 2020-12).
pub const SCHEMA: &str = include_str!("../../docs/schema/comparison.schema.json");

/// By which a bot finds the comment that it wrote before.
const TAG: &str = "<!-- cmo-metrics comparison -->";

/// What is printed. JSON and Markdown are those of the files.
pub fn print(format: Format, comparison: &Comparison, execution: &Execution<'_>) -> String {
    match format {
        Format::Text => terminal::render_outline(&outline(comparison, execution)),
        Format::Json => json::render(comparison, execution),
        Format::Markdown => markdown::render_comment(&outline(comparison, execution), TAG),
    }
}

/// The files of the comparison's folder, without the tables that hold the rows of each run.
///
/// # Errors
/// When a table cannot be built.
pub fn files(comparison: &Comparison, execution: &Execution<'_>) -> Result<Vec<ReportFile>, TableError> {
    let text = |name, format| ReportFile { name, bytes: print(format, comparison, execution).into_bytes() };
    let mut files = vec![text("comparison.json", Format::Json), text("comparison.md", Format::Markdown)];
    for table in tables::COMPARISON_TABLES {
        files.push(ReportFile {
            name: table.file_name,
            bytes: table.render(comparison, execution.provenance)?,
        });
    }
    Ok(files)
}

/// The verdict in one sentence.
pub fn headline(comparison: &Comparison) -> String {
    outline::headline(comparison).text
}

fn outline(comparison: &Comparison, execution: &Execution<'_>) -> Outline {
    outline::outline(comparison, changed_lately(execution.nights))
}
