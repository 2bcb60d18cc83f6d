//! The targets: met or missed, the actual value beside the limit.

use super::parts::unknown;
use super::{Cell, Column, LOW_SAMPLE, Section, Tone};
use crate::analysis::Analysis;
use crate::judge::{LimitDirection, LimitOrigin, TargetOutcome, TargetVerdict};
use crate::units;

pub fn section(analysis: &Analysis) -> Section {
    let mut columns =
        vec![Column::word(""), Column::name("target"), Column::number("actual"), Column::number("limit")];
    // What is not known has no row, unless the gate asks for it; what is meant for another kind of run, nothing.
    let (known, others): (Vec<&TargetVerdict>, Vec<&TargetVerdict>) = analysis
        .targets
        .iter()
        .partition(|target| target.outcome != TargetOutcome::CannotTell || target.gate);
    let mut rows: Vec<Vec<Cell>> = known.iter().map(|target| row(target)).collect();
    // Most runs have no notes: then their column is left out.
    if known.iter().any(|target| !note(target).is_empty()) {
        columns.push(Column::name("note"));
        rows.iter_mut().zip(&known).for_each(|(row, target)| {
            row.push(Cell::toned(note(target), Tone::Dim));
        });
    }
    let mut section = Section::of_rows("Targets", columns, rows);
    section.add_lines(known.iter().filter_map(|target| reason(target)));
    let applying: Vec<&TargetVerdict> = others.into_iter().filter(|target| target.applies).collect();
    section.add_lines(unknown(&applying));
    section
}

/// Why a target can be neither met nor missed.
fn reason(target: &TargetVerdict) -> Option<String> {
    target.actual.reason().map(|reason| format!("{} {}: {reason}", units::NONE, target.name))
}

pub fn row(target: &TargetVerdict) -> Vec<Cell> {
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
    let tone = match target.outcome {
        TargetOutcome::Pass => Tone::Good,
        TargetOutcome::Fail => Tone::Bad,
        TargetOutcome::CannotTell => Tone::Doubtful,
    };
    Cell::toned(target.outcome.told(), tone)
}

fn note(target: &TargetVerdict) -> String {
    let gate = target.gate.then_some("gate");
    let of_the_run = (target.limit_from == LimitOrigin::Run).then_some("limit of the run");
    gate.into_iter().chain(of_the_run).collect::<Vec<_>>().join(", ")
}
