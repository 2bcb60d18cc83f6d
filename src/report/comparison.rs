//! What `compare` shows: the runs side by side, as files and on the terminal.

use std::path::Path;

use super::history::changed_lately;
use super::outline::{Cell, Outline, exit_line};
use super::tables;
use super::{Closing, Paper, ReportFile, TableError, markdown, terminal};
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

/// The comparison for a person at a terminal, with where its files are and how the process ends.
pub fn text(
    comparison: &Comparison,
    execution: &Execution<'_>,
    files: Option<&Path>,
    closing: &Closing<'_>,
    paper: Paper,
) -> String {
    let files = files.map(|folder| Cell::plain(format!("files: {}", folder.display())));
    let closing = files.into_iter().chain([exit_line(closing)]).collect();
    terminal::render(&Outline { closing, ..outline(comparison, execution) }, paper)
}

/// `comparison.json`.
pub fn json(comparison: &Comparison, execution: &Execution<'_>) -> String {
    json::render(comparison, execution)
}

/// `comparison.md`, which fits into a comment of a merge request.
pub fn markdown(comparison: &Comparison, execution: &Execution<'_>) -> String {
    markdown::render_comment(&outline(comparison, execution), TAG)
}

/// The files of the comparison's folder, without the tables that hold the rows of each run.
///
/// # Errors
/// When a table cannot be built.
pub fn files(comparison: &Comparison, execution: &Execution<'_>) -> Result<Vec<ReportFile>, TableError> {
    let mut files = vec![
        ReportFile { name: "comparison.json", bytes: json(comparison, execution).into_bytes() },
        ReportFile { name: "comparison.md", bytes: markdown(comparison, execution).into_bytes() },
    ];
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
