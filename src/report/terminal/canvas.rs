//! The text of a document in the making: lines, paragraphs, tables, no wider than the paper.

use std::fmt::Write;

use anstyle::Style;

use super::columns::{Fitted, fit};
use super::layout::{Line, cut_end, cut_middle, first_lines, width, wrap};
use super::paper::Paper;
use super::spark;
use super::tone::style;
use crate::report::outline::{Cell, Column, ColumnKind, Item, Spark, Tone};

const INDENT: &str = "  ";
const GAP: &str = "  ";

pub struct Canvas {
    text: String,
    paper: Paper,
    /// Columns of tables that had no room.
    left_out: Vec<&'static str>,
}

impl Canvas {
    pub fn new(paper: Paper) -> Self {
        Self { text: String::new(), paper, left_out: Vec::new() }
    }

    pub fn finish(self) -> String {
        self.text
    }

    pub fn blank(&mut self) {
        self.text.push('\n');
    }

    /// An empty line, unless this is the first.
    pub fn gap(&mut self) {
        if !self.text.is_empty() {
            self.blank();
        }
    }

    /// One line from the left edge on.
    pub fn heading(&mut self, heading: &str, style: Style) {
        let heading = cut_middle(&self.paper.letters(heading), self.paper.columns(), self.paper);
        self.styled(&heading, style);
        self.blank();
    }

    /// A paragraph, indented.
    pub fn wrapped(&mut self, cell: &Cell) {
        self.hanging(INDENT, &INDENT.repeat(2), cell, style(cell.tone));
    }

    /// What is said first: bold, from the left edge on.
    pub fn paragraph(&mut self, cell: &Cell) {
        self.hanging("", INDENT, cell, style(cell.tone).bold());
    }

    /// An entry of a numbered list, with its details below it.
    pub fn item(&mut self, number: usize, item: &Item) {
        let number = format!("{INDENT}{number}. ");
        let margin = " ".repeat(width(&number));
        self.hanging(&number, &margin, &item.text, style(item.text.tone));
        for detail in &item.details {
            let margin = format!("{margin}{INDENT}");
            self.hanging(&margin, &margin, detail, style(detail.tone));
        }
    }

    /// A paragraph whose first line begins with `first`, the others with `margin`, which is no shorter.
    pub fn hanging(&mut self, first: &str, margin: &str, cell: &Cell, style: Style) {
        let room = self.paper.columns() - width(margin);
        let lines = wrap(&self.paper.letters(&cell.text), room);
        let lines = first_lines(lines, cell.most_lines.unwrap_or(usize::MAX), room, self.paper);
        for (index, part) in lines.iter().enumerate() {
            self.text.push_str(if index == 0 { first } else { margin });
            self.styled(part, style);
            self.blank();
        }
    }

    pub fn sparks(&mut self, sparks: &[Spark]) {
        let names = sparks.iter().map(|spark| width(&spark.name)).max().unwrap_or(0);
        for spark in sparks {
            let line = spark::draw(spark, names, self.paper.columns() - width(INDENT));
            let line = self.paper.letters(&line).trim_end().to_owned();
            self.text.push_str(INDENT);
            self.text.push_str(&cut_end(&line, self.paper.columns() - width(INDENT), self.paper));
            self.blank();
        }
    }

    /// Columns side by side. Rows that share the word of a group stand below it.
    pub fn table(&mut self, columns: &[Column], rows: &[Vec<Cell>]) {
        let spelt = |cell: &Cell| Cell { text: self.paper.letters(&cell.text).into_owned(), ..cell.clone() };
        let rows: Vec<Vec<Cell>> = rows.iter().map(|row| row.iter().map(spelt).collect()).collect();
        let Some(group) = columns.iter().position(|column| column.kind == ColumnKind::Group) else {
            self.rows(INDENT, columns, &rows, |_, _| {});
            return;
        };
        let without = |cells: &[Cell]| [&cells[..group], &cells[group + 1..]].concat();
        let others: Vec<Column> = [&columns[..group], &columns[group + 1..]].concat();
        let cells: Vec<Vec<Cell>> = rows.iter().map(|row| without(row)).collect();
        self.rows(&INDENT.repeat(2), &others, &cells, |canvas, index| {
            let word = &rows[index][group];
            if index == 0 || rows[index - 1][group] != *word {
                canvas.wrapped(word);
            }
        });
    }

    /// `before` writes what stands above a row.
    fn rows(
        &mut self,
        indent: &str,
        columns: &[Column],
        rows: &[Vec<Cell>],
        before: impl Fn(&mut Self, usize),
    ) {
        if rows.is_empty() {
            return;
        }
        let fitted = fit(columns, rows, GAP.len(), self.paper.columns() - indent.len());
        for name in &fitted.left_out {
            if !name.is_empty() && !self.left_out.contains(name) {
                self.left_out.push(name);
            }
        }
        if columns.iter().any(|column| !column.name.is_empty()) {
            let heading: Vec<Cell> =
                columns.iter().map(|column| Cell::toned(column.name, Tone::Dim)).collect();
            self.row(indent, columns, &heading, &fitted);
        }
        for (index, row) in rows.iter().enumerate() {
            before(self, index);
            self.row(indent, columns, row, &fitted);
        }
    }

    fn row(&mut self, indent: &str, columns: &[Column], row: &[Cell], fitted: &Fitted) {
        let mut line = Line::new(indent, self.paper);
        for (place, &(index, room)) in fitted.shown.iter().enumerate() {
            let (Some(cell), kind) = (row.get(index), columns[index].kind) else { continue };
            if place > 0 {
                line.push(GAP, Style::new());
            }
            let shown = match kind {
                ColumnKind::Text => cut_end(&cell.text, room, self.paper),
                _ => cut_middle(&cell.text, room, self.paper),
            };
            let padding = " ".repeat(room.saturating_sub(width(&shown)));
            let is_number = kind == ColumnKind::Number;
            if is_number {
                line.push(&padding, Style::new());
            }
            line.push(&shown, style(cell.tone));
            if !is_number {
                line.push(&padding, Style::new());
            }
        }
        self.text.push_str(&line.finish());
        self.blank();
    }

    /// Which columns the tables so far have no room for.
    pub fn left_out(&self) -> Option<Cell> {
        let names = self.left_out.join(", ");
        let text = format!("No room on {} columns for: {names}", self.paper.columns());
        (!names.is_empty()).then(|| Cell::toned(text, Tone::Dim).at_most(2))
    }

    fn styled(&mut self, part: &str, style: Style) {
        // Writing into a string cannot fail.
        let _ = write!(self.text, "{style}{part}{style:#}");
    }
}
