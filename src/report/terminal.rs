//! The summary of a run for a person at a terminal: verdict first, never wider than 80 columns.
//!
//! Colours are ANSI sequences; whoever prints strips them where they are not wanted (`anstream`).

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::outline::{Cell, Column, ColumnKind, Outline, Section, Tone, outline};
use crate::analysis::Analysis;

mod layout;

pub use layout::truncate_middle;
use layout::{Line, fit_widths, width, wrap};

/// Widest line, columns.
pub const WIDTH: usize = 80;
const INDENT: &str = "  ";
const GAP: &str = "  ";

/// The summary of one run.
pub fn render(analysis: &Analysis) -> String {
    render_outline(&outline(analysis))
}

pub fn render_outline(outline: &Outline) -> String {
    let mut text = head(outline);
    for section in &outline.sections {
        text.push('\n');
        push_styled(&mut text, &truncate_middle(&section.heading, WIDTH), Style::new().bold());
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
pub fn render_brief(analysis: &Analysis) -> String {
    head(&outline(analysis))
}

fn head(outline: &Outline) -> String {
    let mut text = String::new();
    if let Some(headline) = &outline.headline {
        push_paragraph(&mut text, headline);
        text.push('\n');
    }
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
    section.intro.iter().for_each(|line| push_wrapped(text, &line.text, style(line.tone)));
    push_table(text, &section.columns, &section.rows);
    for (index, item) in section.items.iter().enumerate() {
        let number = format!("{INDENT}{}. ", index + 1);
        let margin = " ".repeat(width(&number));
        push_hanging(text, &number, &margin, &item.text, style(item.text.tone));
        for detail in &item.details {
            let margin = format!("{margin}{INDENT}");
            push_hanging(text, &margin, &margin, detail, style(detail.tone));
        }
    }
    section.lines.iter().for_each(|line| push_wrapped(text, &line.text, style(line.tone)));
}

/// Columns side by side; names are cut in the middle until the table fits. Rows that share the word of a group stand
/// below it.
pub fn push_table(text: &mut String, columns: &[Column], rows: &[Vec<Cell>]) {
    let Some(group) = columns.iter().position(|column| column.kind == ColumnKind::Group) else {
        push_rows(text, INDENT, columns, rows, |_, _| {});
        return;
    };
    let without = |cells: &[Cell]| [&cells[..group], &cells[group + 1..]].concat();
    let others: Vec<Column> = [&columns[..group], &columns[group + 1..]].concat();
    let cells: Vec<Vec<Cell>> = rows.iter().map(|row| without(row)).collect();
    push_rows(text, &INDENT.repeat(2), &others, &cells, |text, index| {
        let word = &rows[index][group];
        if index == 0 || rows[index - 1][group] != *word {
            push_wrapped(text, &word.text, style(word.tone));
        }
    });
}

/// `before` writes what stands above a row.
fn push_rows(
    text: &mut String,
    indent: &str,
    columns: &[Column],
    rows: &[Vec<Cell>],
    before: impl Fn(&mut String, usize),
) {
    if rows.is_empty() {
        return;
    }
    let widths = fit_widths(columns, rows, GAP.len(), WIDTH - indent.len());
    let heading: Vec<Cell> = columns.iter().map(|column| Cell::toned(column.name, Tone::Dim)).collect();
    push_row(text, indent, columns, &heading, &widths);
    for (index, row) in rows.iter().enumerate() {
        before(text, index);
        push_row(text, indent, columns, row, &widths);
    }
}

fn push_row(text: &mut String, indent: &str, columns: &[Column], row: &[Cell], widths: &[usize]) {
    let mut line = Line::new(indent, WIDTH);
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

pub fn push_wrapped(text: &mut String, line: &str, style: Style) {
    push_hanging(text, INDENT, &INDENT.repeat(2), &Cell::plain(line), style);
}

/// What is said first: bold, from the left edge on.
pub fn push_paragraph(text: &mut String, cell: &Cell) {
    push_hanging(text, "", INDENT, cell, style(cell.tone).bold());
}

/// A paragraph whose first line begins with `first`, the others with `margin`.
fn push_hanging(text: &mut String, first: &str, margin: &str, cell: &Cell, style: Style) {
    for (index, part) in wrap(&cell.text, WIDTH - width(margin)).iter().enumerate() {
        text.push_str(if index == 0 { first } else { margin });
        push_styled(text, part, style);
        text.push('\n');
    }
}

pub fn push_styled(text: &mut String, part: &str, style: Style) {
    // Writing into a string cannot fail.
    let _ = write!(text, "{style}{part}{style:#}");
}

pub fn style(tone: Tone) -> Style {
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
