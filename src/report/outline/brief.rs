//! One run in few lines: what decided, what to do, targets, times, components, the shape of the run. All else is in the outline.

use super::parts::is_of_absent_part;
use super::verdict::{self, verdict_in_brief};
use super::{Cell, Column, LOW_SAMPLE, LOWER_BOUND, Outline, Section, Spark, Tone, components, requests};
use super::{quality, subtitle, targets, title};
use crate::advise::Recommendation;
use crate::analysis::Analysis;
use crate::judge::{Severity, TargetOutcome, TargetVerdict};
use crate::units::{self, Unit};

/// Lines that it takes at most, however wide the paper is.
pub const MOST_LINES: usize = 45;

/// The outline of one run in at most `MOST_LINES` lines, with what is said last.
pub fn brief(analysis: &Analysis, closing: Vec<Cell>) -> Outline {
    let (headline, mut verdict) = verdict_in_brief(analysis);
    verdict.extend(quality::doubts(analysis).map(|line| line.at_most(3)));
    let mut outline = Outline {
        title: format!("{} · {}", title(analysis), subtitle(analysis)),
        subtitle: String::new(),
        headline: Some(headline),
        verdict,
        sections: vec![
            findings(analysis),
            missed(analysis),
            requests::times_in_brief(analysis),
            components::in_brief(analysis),
            over_time(analysis),
        ],
        notes: Vec::new(),
        closing,
        most_lines: Some(MOST_LINES),
    };
    outline.sections.retain(|section| !section.is_empty());
    outline.notes = notes(&outline.sections);
    limit(&mut outline);
    outline
}

/// What says nothing else of itself has one line.
fn limit(outline: &mut Outline) {
    let of_sections = outline.sections.iter_mut().flat_map(|section| &mut section.lines);
    let cells = outline.verdict.iter_mut().chain(of_sections).chain(&mut outline.closing);
    cells.for_each(|cell| cell.most_lines = cell.most_lines.or(Some(1)));
}

/// One line each: how grave it is, and the core of what to do.
fn findings(analysis: &Analysis) -> Section {
    let columns = vec![Column::word("severity"), Column::text("finding: what to do")];
    let rows = analysis.recommendations.iter().map(finding).collect();
    Section::of_rows("", columns, rows).gravest_first()
}

fn finding(found: &Recommendation) -> Vec<Cell> {
    let tone = match found.severity {
        Severity::High | Severity::Critical => Tone::Bad,
        Severity::Medium => Tone::Doubtful,
        Severity::Low => Tone::Plain,
    };
    vec![Cell::toned(found.severity.word(), tone), Cell::plain(&found.brief)]
}

/// The targets that are not met, those of the gate first; the others are counted.
fn missed(analysis: &Analysis) -> Section {
    let mut found: Vec<&TargetVerdict> =
        analysis.targets.iter().filter(|target| is_named(target, analysis)).collect();
    // Stable: of one kind in the order of the settings.
    found.sort_by_key(|target| (!target.gate, target.outcome != TargetOutcome::Fail));
    let mut columns = vec![Column::word(""), Column::name(""), Column::number(""), Column::number("")];
    let mut rows: Vec<Vec<Cell>> = found.iter().map(|target| targets::row(target)).collect();
    let notes: Vec<String> = found.iter().map(|target| note(target)).collect();
    if notes.iter().any(|note| !note.is_empty()) {
        columns.push(Column::text("").minor());
        rows.iter_mut().zip(notes).for_each(|(row, note)| row.push(Cell::toned(note, Tone::Dim)));
    }
    let counts = verdict::targets(analysis);
    if rows.is_empty() {
        return Section { lines: vec![counts], ..Section::new("") };
    }
    Section::of_rows(&counts.text, columns, rows).gravest_first()
}

fn is_named(target: &TargetVerdict, analysis: &Analysis) -> bool {
    match target.outcome {
        TargetOutcome::Pass => target.gate && target.low_sample,
        TargetOutcome::Fail => true,
        TargetOutcome::CannotTell => target.applies && !is_of_absent_part(target, analysis),
    }
}

fn note(target: &TargetVerdict) -> String {
    let gate = target.gate.then_some("gate");
    let few = target.low_sample.then_some("too few samples");
    gate.into_iter().chain(few).chain(target.actual.reason()).collect::<Vec<_>>().join(": ")
}

/// The shape of the whole run.
fn over_time(analysis: &Analysis) -> Section {
    let found = analysis.requests_over_time();
    let spark = |name: &str, unit: Unit, values: Vec<Option<f64>>, is_worse_low: bool| Spark {
        name: name.to_owned(),
        unit,
        values,
        is_worse_low,
    };
    let mut section = Section::new("");
    if !found.per_s.is_empty() {
        let per_s = found.per_s.iter().copied().map(Some).collect();
        section.sparks.push(spark("P95", Unit::Milliseconds, found.p95_ms.clone(), false));
        section.sparks.push(spark("throughput", Unit::PerSecond, per_s, true));
    }
    section
}

/// What the marks mean, as far as they occur.
fn notes(sections: &[Section]) -> Vec<String> {
    let cells = || sections.iter().flat_map(|section| section.rows.iter().flatten());
    let has = |mark: &str| cells().any(|cell| cell.text.starts_with(mark));
    let meanings = [
        (LOW_SAMPLE.to_string(), "few samples"),
        (LOWER_BOUND.to_string(), "at least: cut off while waiting"),
        (units::NONE.to_owned(), "unknown, --full says why"),
    ];
    let there: Vec<String> = meanings
        .iter()
        .filter(|(mark, _)| has(mark))
        .map(|(mark, meaning)| format!("{mark} {meaning}"))
        .collect();
    if there.is_empty() { Vec::new() } else { vec![there.join("; ")] }
}
