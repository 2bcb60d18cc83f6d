//! The summary of a run for a person at a terminal: verdict first, never wider than 80 columns.
//!
//! Colours are ANSI sequences; whoever prints strips them where they are not wanted (`anstream`).

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::outline::{Cell, Column, ColumnKind, Outline, Section, Tone, outline};
use crate::analysis::Analysis;

mod layout;

pub(super) use layout::truncate_middle;
use layout::{Line, fit_widths, width, wrap};

/// Widest line, columns.
pub(super) const WIDTH: usize = 80;
const INDENT: &str = "  ";
const GAP: &str = "  ";

/// The summary of one run.
pub fn render(analysis: &Analysis) -> String {
    let outline = outline(analysis);
    let mut text = head(&outline);
    for section in &outline.sections {
        text.push('\n');
        push_styled(&mut text, section.heading, Style::new().bold());
        text.push('\n');
        push_section(&mut text, section);
    }
    if !outline.notes.is_empty() {
        text.push('\n');
        outline.notes.iter().for_each(|note| push_wrapped(&mut text, note, style(Tone::Dim)));
    }
    text
}

/// Title, window and verdict alone: for one of many runs.
pub(super) fn render_brief(analysis: &Analysis) -> String {
    head(&outline(analysis))
}

fn head(outline: &Outline) -> String {
    let mut text = String::new();
    push_styled(&mut text, &truncate_middle(&outline.title, WIDTH), Style::new().bold());
    text.push('\n');
    push_styled(&mut text, &truncate_middle(&outline.subtitle, WIDTH), style(Tone::Dim));
    text.push_str("\n\n");
    for (index, cell) in outline.verdict.iter().enumerate() {
        let style = if index == 0 { style(cell.tone).bold() } else { style(cell.tone) };
        push_wrapped(&mut text, &cell.text, style);
    }
    text
}

fn push_section(text: &mut String, section: &Section) {
    push_table(text, &section.columns, &section.rows);
    section.lines.iter().for_each(|line| push_wrapped(text, line, Style::new()));
}

/// Columns side by side; names are cut in the middle until the table fits.
pub(super) fn push_table(text: &mut String, columns: &[Column], rows: &[Vec<Cell>]) {
    if rows.is_empty() {
        return;
    }
    let room = WIDTH - INDENT.len();
    let widths = fit_widths(columns, rows, GAP.len(), room);
    let heading: Vec<Cell> = columns.iter().map(|column| Cell::toned(column.name, Tone::Dim)).collect();
    for row in std::iter::once(&heading).chain(rows) {
        let mut line = Line::new(INDENT, WIDTH);
        for (index, (cell, column)) in row.iter().zip(columns).enumerate() {
            if index > 0 {
                line.push(GAP, Style::new());
            }
            let shown = truncate_middle(&cell.text, widths[index]);
            let padding = " ".repeat(widths[index].saturating_sub(width(&shown)));
            let is_number = column.kind == ColumnKind::Number;
            if is_number {
                line.push(&padding, Style::new());
            }
            line.push(&shown, style(cell.tone));
            if !is_number {
                line.push(&padding, Style::new());
            }
        }
        text.push_str(&line.finish());
        text.push('\n');
    }
}

pub(super) fn push_wrapped(text: &mut String, line: &str, style: Style) {
    for (index, part) in wrap(line, WIDTH - 2 * INDENT.len()).iter().enumerate() {
        text.push_str(INDENT);
        if index > 0 {
            text.push_str(INDENT);
        }
        push_styled(text, part, style);
        text.push('\n');
    }
}

pub(super) fn push_styled(text: &mut String, part: &str, style: Style) {
    // Writing into a string cannot fail.
    let _ = write!(text, "{style}{part}{style:#}");
}

pub(super) fn style(tone: Tone) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Good => AnsiColor::Green.on_default(),
        Tone::Doubtful => AnsiColor::Yellow.on_default(),
        Tone::Bad => AnsiColor::Red.on_default(),
        Tone::Dim => Style::new().dimmed(),
    }
}

#[cfg(test)]
mod tests;
