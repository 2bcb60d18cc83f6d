//! What a person reads about a run, before it is known where: sections of rows and lines.
//!
//! The terminal and Markdown print the same outline, so that they never say different things.

use crate::analysis::Analysis;
use crate::units;

mod advice;
mod brief;
mod cell;
pub(crate) mod changes;
mod closing;
mod comparison;
mod components;
mod correlation;
mod counts;
mod figure;
mod grid;
mod models;
mod parts;
mod printable;
mod quality;
mod requests;
mod section;
mod targets;
mod trends;
mod verdict;

#[cfg(test)]
pub use brief::MOST_LINES;
pub use brief::brief;
pub use cell::{Cell, Tone};
pub use closing::{Closing, exit_line, of_run};
pub use figure::{
    Along, Axis, Bar, Clock, Detail, Event, Figure, Ink, Layer, Mark, Measure, Panel, Row, Scale, Shape,
    Span, Stroke,
};
pub use grid::{Columns, Grid};
pub(crate) use printable::printable;
pub use section::{
    Column, ColumnKind, Fold, Importance, Item, LOW_SAMPLE, LOWER_BOUND, OF_FINISHED, Section, Spark,
};
pub use verdict::{assessment, grade_tone, headline, verdict_lines};

/// The whole of it.
#[derive(Default)]
pub struct Outline {
    pub title: String,
    pub subtitle: String,
    /// Why the exit code is not 0: above everything else.
    pub headline: Option<Cell>,
    /// The verdict comes first.
    pub verdict: Vec<Cell>,
    pub sections: Vec<Section>,
    /// What the marks in the tables mean, as far as they occur.
    pub notes: Vec<String>,
    /// What is said last: where the files are, the exit code and its reason.
    pub closing: Vec<Cell>,
    /// Where lines are counted: it should take no more of them.
    pub most_lines: Option<usize>,
}

/// The outline of one run.
pub fn outline(analysis: &Analysis) -> Outline {
    let mut sections = vec![
        advice::section(analysis).named("findings"),
        comparison::section(analysis).named("baseline"),
        targets::section(analysis).named("targets"),
        requests::times(analysis).named("times"),
        requests::throughput(analysis).named("throughput"),
        requests::errors(analysis).named("errors"),
        components::section(analysis).named("components"),
        models::section(analysis).named("models"),
        components::health(analysis).named("health"),
        trends::section(analysis).named("trends"),
        correlation::section(analysis).named("correlation"),
        components::resources(analysis).named("resources"),
        quality::section(analysis).named("quality"),
    ];
    sections.retain(|section| !section.is_empty());
    Outline {
        title: title(analysis),
        subtitle: subtitle(analysis),
        headline: headline(analysis),
        verdict: verdict_lines(analysis),
        notes: notes(&sections),
        sections,
        ..Outline::default()
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
    let cells = || sections.iter().flat_map(|section| section.rows.iter().flatten());
    let has = |mark: char| cells().any(|cell| cell.text.starts_with(mark) && cell.text != changes::OPEN);
    let mut notes = Vec::new();
    if has(LOW_SAMPLE) {
        notes.push(format!("{LOW_SAMPLE} few samples: a handful of values decides this number"));
    }
    if has(LOWER_BOUND) {
        notes.push(format!("{LOWER_BOUND} cut off while waiting: it would have taken longer"));
    }
    notes.extend(cells().any(|cell| cell.text == changes::OPEN).then(|| changes::OPEN_MEANS.to_owned()));
    if cells().any(|cell| cell.text == units::NONE) {
        notes.push(format!("{} unknown: `undefined` in report.json says why", units::NONE));
    }
    notes
}
