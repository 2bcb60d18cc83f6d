//! The targets: kept or missed, the actual value beside the limit.

use super::parts::cannot_be_told;
use super::{Cell, Column, LOW_SAMPLE, Section, Tone};
use crate::analysis::Analysis;
use crate::judge::{LimitDirection, LimitOrigin, TargetOutcome, TargetVerdict};
use crate::units;

pub fn section(analysis: &Analysis) -> Section {
    let mut columns =
        vec![Column::word(""), Column::name("target"), Column::number("actual"), Column::number("limit")];
    // What cannot be told has no row, unless the gate asks for it; what is meant for another kind of run, nothing.
    let (told, untold): (Vec<&TargetVerdict>, Vec<&TargetVerdict>) = analysis
        .targets
        .iter()
        .partition(|target| target.outcome != TargetOutcome::CannotTell || target.gate);
    let mut rows: Vec<Vec<Cell>> = told.iter().map(|target| row(target)).collect();
    // Most runs have no notes: then their column is left out.
    if told.iter().any(|target| !note(target).is_empty()) {
        columns.push(Column::name("note"));
        rows.iter_mut().zip(&told).for_each(|(row, target)| {
            row.push(Cell::toned(note(target), Tone::Dim));
        });
    }
    let mut section = Section::of_rows("Targets", columns, rows);
    section.add_lines(told.iter().filter_map(|target| reason(target)));
    let applying: Vec<&TargetVerdict> = untold.into_iter().filter(|target| target.applies).collect();
    section.add_lines(cannot_be_told(&applying));
    section
}

/// Why a target can be neither kept nor missed.
fn reason(target: &TargetVerdict) -> Option<String> {
    target.actual.reason().map(|reason| format!("{} {}: {reason}", units::NONE, target.name))
}

fn row(target: &TargetVerdict) -> Vec<Cell> {
    let unit = target.unit;
    let actual = target.actual.number().map_or_else(Cell::none, |value| {
        let mark = if target.low_sample { LOW_SAMPLE.to_string() } else { String::new() };
        Cell::plain(mark + &unit.print(value))
    });
    let sign = match target.direction {
        LimitDirection::Above => ">",
        LimitDirection::Below => "<",
    };
    vec![
        outcome(target),
        Cell::plain(&target.name),
        actual,
        Cell::plain(format!("{sign} {}", unit.print(target.limit))),
    ]
}

fn outcome(target: &TargetVerdict) -> Cell {
    match target.outcome {
        TargetOutcome::Pass => Cell::toned("pass", Tone::Good),
        TargetOutcome::Fail => Cell::toned("FAIL", Tone::Bad),
        TargetOutcome::CannotTell => Cell::none(),
    }
}

fn note(target: &TargetVerdict) -> String {
    let gate = target.gate.then_some("gate");
    let of_the_run = (target.limit_from == LimitOrigin::Run).then_some("limit of the run");
    gate.into_iter().chain(of_the_run).collect::<Vec<_>>().join(", ")
}
