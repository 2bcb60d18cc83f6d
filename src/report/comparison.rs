//! What `compare` shows: the runs side by side, as files and on the terminal.

use std::path::Path;

use super::history::{self, changed_lately};
use super::outline::{Cell, Outline, exit_line};
use super::{Closing, Paper, ReportFile, TablesError, html, markdown, tables, terminal};
use crate::comparison::Comparison;

mod basis;
mod degradation;
mod execution;
mod figures;
mod json;
mod levels;
mod outline;
mod page;
mod sections;
mod table;
#[cfg(test)]
mod tests;

pub use execution::Execution;

/// The JSON Schema of `comparison.json` (draft 2020-12).
pub const SCHEMA: &str = include_str!("../../docs/schema/comparison.schema.json");

/// Last nights of each level on their page.
const NIGHTS_ON_PAGE: usize = 60;

/// By which a bot finds the comment that it wrote before.
const TAG: &str = "<!-- cmo-metrics comparison -->";

/// The comparison for a person at a terminal, with where its files are and how the process ends.
pub fn text(
    comparison: &Comparison,
    execution: &Execution<'_>,
    files: Option<&Path>,
    closing: &Closing,
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
/// When a table or a page cannot be built.
pub fn files(comparison: &Comparison, execution: &Execution<'_>) -> Result<Vec<ReportFile>, TablesError> {
    let mut files = vec![
        ReportFile { name: "comparison.json", bytes: json(comparison, execution).into_bytes() },
        ReportFile { name: "comparison.md", bytes: markdown(comparison, execution).into_bytes() },
    ];
    files.extend(pages(comparison, execution)?);
    for table in tables::COMPARISON_TABLES {
        files.push(ReportFile {
            name: table.file_name,
            bytes: table.render(comparison, execution.provenance)?,
        });
    }
    Ok(files)
}

/// That of the runs, and that of the nights where a history is kept.
fn pages(comparison: &Comparison, execution: &Execution<'_>) -> std::io::Result<Vec<ReportFile>> {
    let page = html::render(&page::of_comparison(comparison, execution)).map_err(std::io::Error::other)?;
    let mut pages = vec![ReportFile { name: "comparison.html", bytes: page.into_bytes() }];
    if !execution.nights.is_empty() {
        let asked = history::Asked { last: NIGHTS_ON_PAGE, in_full: false };
        let page = history::page(execution.nights, asked, execution.provenance)?;
        pages.push(ReportFile { name: "history.html", bytes: page.into_bytes() });
    }
    Ok(pages)
}

/// The verdict in one sentence.
pub fn headline(comparison: &Comparison) -> String {
    outline::headline(comparison).text
}

fn outline(comparison: &Comparison, execution: &Execution<'_>) -> Outline {
    outline::outline(comparison, changed_lately(execution.nights))
}
