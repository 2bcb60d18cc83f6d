//! Metrics beside their baseline, in the manner of benchstat: one table, wherever a comparison is shown.

use super::{Cell, Column, Section, Tone};
use crate::exit_code::ExitCode;
use crate::judge::{ChangeWord, MetricChange};
use crate::summary::Measured;

/// Of what nothing can be said.
pub const OPEN: &str = "~";
/// What it means.
pub const OPEN_MEANS: &str = "~ inconclusive: the interval reaches beyond what counts as unchanged";

/// The changes, the gate's first, gravest first, with what a reader must know of them below.
pub fn add(section: &mut Section, changes: &[&MetricChange]) {
    let mut listed = changes.to_vec();
    // Stable: of one rank, in the order of the comparison.
    listed.sort_by_key(|change| (!change.gate, change.rank()));
    let of_gate = listed.iter().filter(|change| change.gate).count();
    if 0 < of_gate && of_gate < listed.len() {
        section.add_lines([format!("The first {of_gate} are those of the gate")]);
    }
    section.columns = vec![
        Column::name("metric"),
        Column::number("baseline").minor(),
        Column::number("now"),
        Column::number("change"),
        Column::number("interval").minor(),
        Column::number("n").minor(),
        Column::group("verdict"),
    ];
    let notes: Vec<&str> = distinct(listed.iter().filter_map(|change| change.note.as_deref()));
    section.rows = listed.iter().map(|change| row(change, &notes)).collect();
    section.add_lines(notes.iter().enumerate().map(|(index, note)| format!("{} {note}", mark(index))));
}

/// What became of a run in its gate, in a table of runs.
pub fn gate(code: ExitCode) -> Cell {
    match code {
        ExitCode::Clean => Cell::toned("pass", Tone::Good),
        ExitCode::GateFailed => Cell::toned("FAIL", Tone::Bad),
        _ => Cell::toned("not judged", Tone::Doubtful),
    }
}

fn distinct<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    all.for_each(|one| {
        if !found.contains(&one) {
            found.push(one);
        }
    });
    found
}

fn row(change: &MetricChange, notes: &[&str]) -> Vec<Cell> {
    let unit = change.unit;
    let scale = change.print_unit();
    let value = |value: &Measured<f64>| {
        value.number().map_or_else(Cell::none, |value| Cell::plain(unit.print(value)))
    };
    let interval = change.interval.value();
    let note = change.note.as_ref().and_then(|note| notes.iter().position(|known| known == note));
    vec![
        Cell::plain(format!("{}{}", change.key(), note.map(mark).unwrap_or_default())),
        value(&change.baseline),
        value(&change.current),
        change.change.number().map_or_else(Cell::none, |change| Cell::plain(scale.print(change))),
        interval.map_or_else(Cell::none, |found| Cell::plain(scale.print_range(found.low, found.high))),
        Cell::plain(format!("{}+{}", change.baseline_runs, change.runs)),
        verdict(change),
    ]
}

/// `¹`: of a footnote.
fn mark(index: usize) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digits = (index + 1).to_string();
    digits.chars().filter_map(|digit| DIGITS.get(digit.to_digit(10)? as usize)).collect()
}

/// The word, of a regression with its severity.
fn verdict(change: &MetricChange) -> Cell {
    let Some(word) = change.word.value() else { return Cell::toned("not compared", Tone::Doubtful) };
    let (text, tone) = match (word, change.severity) {
        (ChangeWord::Regressed, Some(severity)) => (format!("regressed ({})", severity.word()), Tone::Bad),
        (ChangeWord::Inconclusive, _) => (OPEN.to_owned(), Tone::Plain),
        (ChangeWord::Unchanged | ChangeWord::Appeared, _) => (word.word().to_owned(), Tone::Plain),
        (ChangeWord::Improved, _) => (word.word().to_owned(), Tone::Good),
        _ => (word.word().to_owned(), Tone::Doubtful),
    };
    Cell::toned(text, tone)
}
