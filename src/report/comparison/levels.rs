//! What changed against the baseline: what did at every level of load in one line, then a table for each level.

use crate::comparison::{ChangeEverywhere, Comparison, Judgement, LevelOfLoad, everywhere};
use crate::judge::{ChangeWord, MetricChange};
use crate::report::outline::{Cell, Section, Tone, changes};
use crate::units::{self, some_of};

/// Tables that a person still reads; the other levels are counted.
const MOST_TABLES: usize = 12;
/// Rows of a table beside those of the gate.
const MOST_BESIDE_GATE: usize = 8;
const RUNS_NAMED: usize = 4;
const VANISHED_NAMED: usize = 8;

/// Nothing where no run was compared.
pub fn sections(comparison: &Comparison) -> Vec<Section> {
    let levels = comparison.levels();
    let mut sections = vec![at_every_level(&levels)];
    let tables = levels.iter().flat_map(|level| level.judgements.iter().map(move |one| (level, one)));
    // The levels that do not pass first, should there be too many.
    let mut tables: Vec<(&LevelOfLoad<'_>, &Judgement<'_>)> = tables.collect();
    let others = tables.len().saturating_sub(MOST_TABLES);
    if others > 0 {
        tables.sort_by_key(|(_, judgement)| std::cmp::Reverse(judgement.gravity()));
        tables.truncate(MOST_TABLES);
    }
    sections.extend(tables.iter().map(|(level, judgement)| table(level, judgement)));
    if others > 0 {
        let line = format!("{} more, in comparison.json", units::count(others as u64));
        sections.push(Section::of_lines("Other levels", vec![line]));
    }
    sections
}

/// One cause that explains all levels is told once.
pub fn at_every_level(levels: &[LevelOfLoad<'_>]) -> Section {
    let lines = everywhere(levels).iter().map(|change| every_level(change)).collect();
    Section::of_lines("At every level", lines)
}

/// `lightrag/ok_p95_ms +17.0 … +24.0 % at all 4 levels`.
fn every_level(change: &ChangeEverywhere<'_>) -> String {
    let ChangeEverywhere { levels, least, most } = change;
    let unit = least.print_unit();
    let range = match (least.change.number(), most.change.number()) {
        (Some(least), Some(most)) => unit.print_range(least, most),
        _ => units::NONE.to_owned(),
    };
    format!("{} {range} at all {levels} levels", least.key())
}

/// `25 users, scenario steady: load_25, against load_25_a, load_25_b`.
pub fn table(level: &LevelOfLoad<'_>, judgement: &Judgement<'_>) -> Section {
    let mut section = Section::new(level.name);
    let together = if judgement.runs.len() > 1 { ", judged as one" } else { "" };
    let heading = format!(
        "{}{together} against {}",
        some_of(&judgement.runs, RUNS_NAMED),
        some_of(level.baseline_runs, RUNS_NAMED)
    );
    section.intro.push(Cell::toned(heading, Tone::Dim));
    let outcome = judgement.outcome;
    let (of_gate, beside): (Vec<&MetricChange>, Vec<&MetricChange>) =
        outcome.changes.iter().partition(|change| change.gate);
    let is_there = |change: &&MetricChange| change.word.value() != Some(&ChangeWord::Vanished);
    let mut beside: Vec<&MetricChange> = beside.into_iter().filter(is_there).collect();
    // Stable: of one gravity in the order of the comparison.
    beside.sort_by_key(|change| std::cmp::Reverse(change.severity));
    let hidden = beside.len().saturating_sub(MOST_BESIDE_GATE);
    let listed: Vec<&MetricChange> =
        of_gate.into_iter().chain(beside.into_iter().take(MOST_BESIDE_GATE)).collect();
    changes::add(&mut section, &listed);
    section.add_lines((hidden > 0).then(|| format!("{hidden} more changed, in comparison.json")));
    let vanished = judgement.vanished();
    section.add_lines(
        (!vanished.is_empty()).then(|| format!("Vanished: {}", some_of(&vanished, VANISHED_NAMED))),
    );
    let compared = outcome.changes.iter().filter(is_there).count() as u64;
    let quiet = outcome.compared.saturating_sub(compared);
    section
        .add_lines((quiet > 0).then(|| format!("No change shown in {} more metrics", units::count(quiet))));
    section
}
