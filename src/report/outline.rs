//! What a person reads about a run, before it is known where: sections of rows and lines.
//!
//! The terminal and Markdown print the same outline, so that they never say different things.

use crate::analysis::Analysis;
use crate::units;

mod components;
mod printable;
mod quality;
mod requests;
mod targets;
mod verdict;

pub(crate) use printable::printable;
pub(super) use verdict::{grade_tone, verdict_lines};

/// The whole of it.
pub(super) struct Outline {
    pub(super) title: String,
    pub(super) subtitle: String,
    /// The verdict comes first.
    pub(super) verdict: Vec<Cell>,
    pub(super) sections: Vec<Section>,
    /// What the marks in the tables mean, as far as they occur.
    pub(super) notes: Vec<String>,
}

/// A heading with a table, or lines, or both.
pub(super) struct Section {
    pub(super) heading: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) lines: Vec<String>,
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: ColumnKind,
}

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnKind {
    /// A short word: flush left, never cut.
    Word,
    /// A name that may be long: flush left, cut in the middle where room is short.
    Name,
    /// Flush right.
    Number,
}

/// A piece of text with what it means for the reader.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) tone: Tone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Good,
    Doubtful,
    Bad,
    /// Says that something is not known.
    Dim,
}

impl Cell {
    pub(super) fn plain(text: impl AsRef<str>) -> Self {
        Self::toned(text, Tone::Plain)
    }

    /// Whatever the text holds, it is safe to print.
    pub(super) fn toned(text: impl AsRef<str>, tone: Tone) -> Self {
        Self { text: printable(text.as_ref()), tone }
    }

    pub(super) fn none() -> Self {
        Self::toned(units::NONE, Tone::Dim)
    }
}

impl Column {
    pub(super) fn word(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Word }
    }

    pub(super) fn name(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Name }
    }

    pub(super) fn number(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Number }
    }
}

impl Section {
    pub(super) fn of_lines(heading: &'static str, lines: Vec<String>) -> Self {
        Self { heading, columns: Vec::new(), rows: Vec::new(), lines }
    }

    pub(super) fn of_rows(heading: &'static str, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Self {
        Self { heading, columns, rows, lines: Vec::new() }
    }

    fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.lines.is_empty()
    }
}

/// Marks before a number.
pub(super) const LOW_SAMPLE: char = '~';
pub(super) const LOWER_BOUND: char = '≥';

/// The outline of one run.
pub(super) fn outline(analysis: &Analysis) -> Outline {
    let mut sections = vec![
        targets::section(analysis),
        requests::times(analysis),
        requests::throughput(analysis),
        requests::errors(analysis),
        components::section(analysis),
        components::health(analysis),
        components::resources(analysis),
        quality::section(analysis),
    ];
    sections.retain(|section| !section.is_empty());
    for section in &mut sections {
        section.lines.iter_mut().for_each(|line| *line = printable(line));
    }
    Outline {
        title: title(analysis),
        subtitle: subtitle(analysis),
        verdict: verdict_lines(analysis),
        notes: notes(&sections),
        sections,
    }
}

fn title(analysis: &Analysis) -> String {
    let identity = &analysis.summary.identity;
    match &identity.metadata.test_name {
        Some(name) if *name != identity.run_id => printable(&format!("{} · {name}", identity.run_id)),
        _ => printable(&identity.run_id),
    }
}

fn subtitle(analysis: &Analysis) -> String {
    let summary = &analysis.summary;
    let mut parts = vec![units::instant(summary.window.start_us)];
    parts.extend(summary.window.duration_s.number().map(units::duration_s));
    parts
        .extend(summary.identity.metadata.users.map(|users| format!("{} users", units::count(users.into()))));
    parts.push(format!("{} requests", units::count(summary.requests.totals.requests)));
    parts.join(", ")
}

fn notes(sections: &[Section]) -> Vec<String> {
    let has = |mark: char| {
        sections
            .iter()
            .flat_map(|section| section.rows.iter().flatten())
            .any(|cell| cell.text.starts_with(mark))
    };
    let mut notes = Vec::new();
    if has(LOW_SAMPLE) {
        notes.push(format!("{LOW_SAMPLE} few samples: a handful of values decides this number"));
    }
    if has(LOWER_BOUND) {
        notes.push(format!("{LOWER_BOUND} cut off while waiting: it would have taken longer"));
    }
    if sections.iter().flat_map(|section| section.rows.iter().flatten()).any(|cell| cell.text == units::NONE)
    {
        notes.push(format!("{} not known: `undefined` in report.json says why", units::NONE));
    }
    notes
}
