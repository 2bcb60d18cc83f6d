//! `comparison.html`: the runs side by side in the order of questions, with their figures.

use super::figures;
use super::{Execution, basis, degradation, levels, outline, sections, table};
use crate::comparison::{Comparison, Group, Judgement, LevelOfLoad};
use crate::exit_code::ExitCode;
use crate::judge::{CapacityBound, ChangeWord, MetricChange, NextLevelKind, Scalability};
use crate::report::history::changed_lately;
use crate::report::html::{KeyNumber, Page};
use crate::report::largest::largest;
use crate::report::outline::{Cell, Columns, Figure, Fold, Grid, Outline, Section, Tone, changes};
use crate::summary::Measured;
use crate::units::{self, Unit};

/// Groups whose levels, capacity and degradation are drawn; the others are in comparison.json.
const MOST_GROUPS: usize = 4;
/// Tables that unfold: above it the gravest.
const MOST_TABLES: usize = 30;
/// Of these that stand open because they fail.
const MOST_OPEN: usize = 3;
const RUNS_NAMED: usize = 3;

/// The page of many runs.
pub fn of_comparison(comparison: &Comparison, execution: &Execution<'_>) -> Page {
    let nights = changed_lately(execution.nights);
    let mut outline = Outline { sections: Vec::new(), ..outline::outline(comparison, Section::new("")) };
    let first = comparison.groups.first();
    outline.verdict.extend(first.map(|group| Cell::plain(&group.scalability.capacity_sentence)));
    outline.verdict.retain(|cell| !cell.text.is_empty());
    let groups = comparison.groups.iter().take(MOST_GROUPS).enumerate();
    let mut all = vec![
        basis::why(comparison).named("gate"),
        nights.named("nights"),
        table::by_load(comparison).named("ranking"),
        changed(comparison).named("changes"),
    ];
    let mut behind = Vec::new();
    for (index, group) in groups {
        let [glance, carries, costs] = of_group(comparison, group, index);
        let named = |section: Section, id| if index == 0 { section.named(id) } else { section };
        all.push(named(glance, "glance"));
        behind.extend([named(carries, "capacity"), named(costs, "degradation")]);
    }
    all.push(tables(comparison).named("levels"));
    all.append(&mut behind);
    all.push(others(comparison));
    all.push(sections::opportunities(comparison).named("opportunities"));
    all.push(
        Section { heading: "Runs that could not be judged".to_owned(), ..sections::quarantined(comparison) }
            .named("quarantined"),
    );
    all.push(basis::section(comparison, execution).named("basis"));
    all.retain(|section| !section.is_empty());
    outline.sections = all;
    Page { outline, numbers: numbers(comparison), foot: basis::foot(comparison, execution) }
}

/// Groups that are not drawn.
fn others(comparison: &Comparison) -> Section {
    let others = comparison.groups.len().saturating_sub(MOST_GROUPS);
    let line = (others > 0)
        .then(|| format!("Levels, capacity and degradation of {others} more groups are in comparison.json"));
    Section::of_lines("Other groups", line.into_iter().collect())
}

/// The forest, or why there is none.
fn changed(comparison: &Comparison) -> Section {
    let section = Section::new("Changes against the baseline");
    match figures::changes(comparison) {
        Ok(grid) => Section { grids: vec![grid], ..section },
        Err(reason) => Section { lines: vec![Cell::toned(reason, Tone::Dim)], ..section },
    }
}

/// At a glance; what the build carries; what more load costs.
fn of_group(comparison: &Comparison, group: &Group, index: usize) -> [Section; 3] {
    let heading = |text: &str| match comparison.groups.len() {
        1 => text.to_owned(),
        _ => format!("{text}: {}", group.name),
    };
    let mut glance = Section::new(heading("All levels at a glance"));
    match figures::levels(comparison, group, &format!("glance-{index}")) {
        Ok(grid) => glance.grids.push(grid),
        Err(reason) => glance.lines.push(Cell::toned(reason, Tone::Dim)),
    }
    let mut carries = sections::capacity(group, &heading("What the build carries"));
    // The captions have said these.
    let scalability = &group.scalability;
    let mut drawn = Vec::new();
    add(&mut drawn, &mut carries, figures::capacity(group));
    let has_capacity = !drawn.is_empty();
    add(&mut drawn, &mut carries, figures::scaling(group));
    let has_scaling = drawn.len() > usize::from(has_capacity);
    carries.lines.retain(|line| {
        !(has_capacity && line.text == scalability.capacity_sentence
            || has_scaling && line.text == scalability.scaling_sentence)
    });
    carries.grids.extend(grid(format!("carries-{index}"), "Capacity and scaling", Columns::Two, drawn));
    let mut costs = degradation::section(group, &heading("What more load costs"));
    costs.heading = heading("What more load costs");
    let mut drawn = Vec::new();
    add(&mut drawn, &mut costs, figures::degradation(group));
    costs.grids.extend(grid(format!("costs-{index}"), "Degradation", Columns::One, drawn));
    [glance, carries, costs]
}

/// The figure, or the reason as a line.
fn add(drawn: &mut Vec<Figure>, section: &mut Section, figure: Result<Figure, String>) {
    match figure {
        Ok(figure) => drawn.push(figure),
        Err(reason) => section.lines.push(Cell::toned(reason, Tone::Dim)),
    }
}

fn grid(id: String, title: &str, columns: Columns, figures: Vec<Figure>) -> Option<Grid> {
    // One figure has its own title.
    let (columns, title) = match figures.as_slice() {
        [figure] => (Columns::One, figure.title.as_str()),
        _ => (columns, title),
    };
    let title = title.to_owned();
    (!figures.is_empty()).then(|| Grid { id, title, caption: Vec::new(), columns, figures })
}

/// A table for each level, below a line that says how it came out.
fn tables(comparison: &Comparison) -> Section {
    let levels_of_load = comparison.levels();
    let mut section = Section::new("A table for each level");
    let all = levels_of_load
        .iter()
        .flat_map(|level| level.judgements.iter().map(move |judgement| (level, judgement)));
    let all: Vec<(&LevelOfLoad<'_>, &Judgement<'_>)> = all.collect();
    let shown = largest(all.iter().map(|(_, judgement)| judgement.gravity()), MOST_TABLES);
    let others = all.len() - shown.len();
    let mut open = 0;
    section.folds = shown
        .iter()
        .map(|&index| {
            let (level, judgement) = all[index];
            let is_failing = judgement.run.exit_code == ExitCode::GateFailed;
            open += usize::from(is_failing);
            let is_open = is_failing && open <= MOST_OPEN;
            Fold::new(summary(level, judgement, is_failing), is_open, levels::table(level, judgement))
        })
        .collect();
    section.add_lines((others > 0).then(|| {
        format!("{} more, less grave, are in comparison.json", units::counted(others as u64, "table"))
    }));
    section
}

/// `50 users: load_50, request/ok_p95_ms 1,064 → 1,260 ms, 2 regressed, 3 open`.
fn summary(level: &LevelOfLoad<'_>, judgement: &Judgement<'_>, is_failing: bool) -> Cell {
    let changes = &judgement.outcome.changes;
    let mut parts = vec![units::some_of(&judgement.runs, RUNS_NAMED)];
    let of_gate = || changes.iter().filter(|change| change.gate);
    let time = of_gate().find(|change| change.unit == Unit::Milliseconds);
    parts.extend(time.or_else(|| of_gate().next()).map(from_to));
    let words = [
        (ChangeWord::Regressed, "✕", "regressed"),
        (ChangeWord::Suspected, "?", "suspected"),
        (ChangeWord::Improved, "✓", "improved"),
        (ChangeWord::Inconclusive, changes::OPEN, "open"),
    ];
    parts.extend(words.iter().filter_map(|(word, sign, told)| {
        let count = changes.iter().filter(|change| change.word.value() == Some(word)).count();
        (count > 0).then(|| format!("{sign} {count} {told}"))
    }));
    let tone = if is_failing { Tone::Bad } else { Tone::Plain };
    Cell::toned(format!("{}: {}", level.name, parts.join(", ")), tone)
}

fn from_to(change: &MetricChange) -> String {
    let print = |value: &Measured<f64>| {
        value.number().map_or(units::NONE.to_owned(), |value| change.unit.print(value))
    };
    format!("{} {} → {}", change.key(), print(&change.baseline), print(&change.current))
}

/// The numbers that are looked at first: of the gate, and of the first group.
fn numbers(comparison: &Comparison) -> Vec<KeyNumber> {
    let totals = &comparison.totals;
    let code = comparison.exit.code;
    let gate = match code {
        ExitCode::Clean if !comparison.is_gated() => Cell::toned("no gate", Tone::Dim),
        ExitCode::Clean => Cell::toned("✓ passes", Tone::Good),
        ExitCode::GateFailed => Cell::toned("✕ fails", Tone::Bad),
        _ => Cell::toned("? cannot tell", Tone::Doubtful),
    };
    let mut numbers = vec![KeyNumber {
        label: "gate",
        value: gate,
        note: format!(
            "of {}: {} fail, {} cannot be judged",
            units::counted(totals.runs, "run"),
            units::count(totals.gate_failed),
            units::count(totals.could_not_judge + totals.quarantined)
        ),
    }];
    if let Some(group) = comparison.groups.first() {
        numbers.extend(of_scalability(&group.scalability));
    }
    numbers
}

fn of_scalability(found: &Scalability) -> Vec<KeyNumber> {
    let axis = found.axis;
    let mut numbers = Vec::new();
    if let Some(capacity) = found.capacity.value() {
        let bound = match capacity.bound {
            CapacityBound::Between => "",
            CapacityBound::AtLeast => "≥ ",
            CapacityBound::FewerThan => "< ",
        };
        let range = match (capacity.low.value(), capacity.high.value()) {
            (Some(low), Some(high)) => format!("{} to {}", axis.number(*low), axis.number(*high)),
            _ => String::new(),
        };
        let p95 = capacity.p95_below_ms.map(|limit| format!("P95 < {}", Unit::Milliseconds.print(limit)));
        numbers.push(KeyNumber {
            label: "capacity",
            value: Cell::plain(format!("{bound}{}", axis.print(capacity.load))),
            note: [Some(range).filter(|range| !range.is_empty()), p95]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("; "),
        });
        numbers.extend(capacity.last_that_holds.map(|load| KeyNumber {
            label: "last level that holds",
            value: Cell::plain(axis.print(load)),
            note:
                capacity.first_that_fails.map_or(String::new(), |load| format!("{} fails", axis.print(load))),
        }));
    }
    if let Some(knee) = found.knee.value() {
        let range = knee
            .interval
            .value()
            .map(|at| format!("{} to {}", units::number(at.low), units::number(at.high)));
        numbers.push(KeyNumber {
            label: "knee",
            value: Cell::plain(format!("{} in flight", units::number(knee.in_flight))),
            note: range.unwrap_or_default(),
        });
    }
    if let Some(next) = found.next_level.value() {
        numbers.push(KeyNumber {
            label: "next test",
            value: Cell::plain(axis.print(next.load)),
            note: match next.kind {
                NextLevelKind::Repeat => "once more",
                NextLevelKind::Bisect => "between what holds and what fails",
                NextLevelKind::FillGap => "in a gap beside the knee",
                NextLevelKind::Extend => "beyond the largest level",
                NextLevelKind::Lower => "below the smallest level",
            }
            .to_owned(),
        });
    }
    numbers
}
