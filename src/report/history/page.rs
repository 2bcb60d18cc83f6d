//! `history.html`: the nights of each level, what changed for the worse first.

use std::cmp::Reverse;

use super::{Asked, Shown, current, figures, first_shown, gravest_first, line, overview, tone};
use crate::analysis::Provenance;
use crate::history::Series;
use crate::report::html::{self, KeyNumber, Page};
use crate::report::outline::{Cell, Columns, Figure, Fold, Grid, Item, Outline, Section, Tone};
use crate::report::printable;
use crate::units;

/// Figures of a page: above it those of the gravest changes.
const MOST_FIGURES: usize = 60;
/// Nights of a figure, the last ones: more cannot be told apart.
const MOST_NIGHTS: usize = 120;
/// Changes that are told in full; the others have their figures.
const MOST_TOLD: usize = 20;

/// The bytes of it.
///
/// # Errors
/// Never but for a bug: it is written into memory.
pub fn page(shown: &[Shown<'_>], asked: Asked, provenance: &Provenance) -> std::io::Result<String> {
    html::render(&of_history(shown, asked, provenance)).map_err(std::io::Error::other)
}

fn of_history(shown: &[Shown<'_>], asked: Asked, provenance: &Provenance) -> Page {
    let asked = Asked { last: asked.last.clamp(1, MOST_NIGHTS), ..asked };
    let outline = super::outline(shown, asked);
    let verdict = outline.verdict.into_iter().take(1).collect();
    let (levels, hidden) = levels(shown, asked);
    let mut sections = vec![changes(shown).named("changes")];
    sections.extend(levels);
    sections.push(Section::of_lines("Left out", hidden.into_iter().collect()).named("left-out"));
    sections.retain(|section| !section.is_empty());
    let made = format!("Made by {} at {}", provenance.tool, provenance.generated_at);
    Page {
        outline: Outline { verdict, sections, ..outline },
        numbers: numbers(shown),
        foot: vec![printable(&made)],
    }
}

/// The open ones for the worse first, each with where to look.
fn changes(shown: &[Shown<'_>]) -> Section {
    let all = gravest_first(shown);
    let item = |(shown, series, change): &super::Current<'_>| Item {
        text: Cell::toned(super::sentence(&shown.level, series, change), tone(change)),
        details: vec![line(&shown.level, series, change)],
        shown_by: None,
    };
    let mut section = Section::new("What changed for good");
    section.items = all.iter().take(MOST_TOLD).map(item).collect();
    let others = all.len().saturating_sub(MOST_TOLD);
    section.add_lines((others > 0).then(|| format!("… and {others} more: `cmo-metrics history show`")));
    if all.is_empty() && !shown.is_empty() {
        section.add_lines(["No metric changed for good".to_owned()]);
    }
    section
}

/// A section a level with the figures of its metrics, and their numbers below; what was left out.
fn levels(shown: &[Shown<'_>], asked: Asked) -> (Vec<Section>, Option<String>) {
    let mut drawn: Vec<(usize, &Series)> = shown
        .iter()
        .enumerate()
        .flat_map(|(index, shown)| shown.series.iter().map(move |series| (index, series)))
        .collect();
    let others = drawn.len().saturating_sub(MOST_FIGURES);
    if others > 0 {
        drawn.sort_by_key(|(_, series)| Reverse(gravity(series)));
        drawn.truncate(MOST_FIGURES);
    }
    let is_drawn = |index: usize, series: &Series| {
        drawn.iter().any(|(of, one)| *of == index && std::ptr::eq(*one, series))
    };
    let sections = shown.iter().enumerate().filter_map(|(index, level)| {
        let first = first_shown(&level.level, asked);
        let series = level.series.iter().filter(|series| is_drawn(index, series));
        let figures: Vec<Figure> =
            series.filter_map(|series| figures::nights(level, series, first)).collect();
        (!figures.is_empty()).then(|| section(level, index, figures, asked))
    });
    let hidden = (others > 0).then(|| {
        format!(
            "{} of {} are drawn, those that changed first; `cmo-metrics history show` has all",
            units::counted(MOST_FIGURES as u64, "figure"),
            units::count((MOST_FIGURES + others) as u64)
        )
    });
    (sections.collect(), hidden)
}

fn section(shown: &Shown<'_>, index: usize, figures: Vec<Figure>, asked: Asked) -> Section {
    let name = shown.level.name();
    let caption = "Points: the value of a night, a mean where it has several runs; bars or grey ground: its interval at 90 %, from what its runs tell of \
                   themselves. Dashed: a change for good (✕ worse, ✓ better), or other definitions; thin: the means before and after";
    let columns = if figures.len() > 2 { Columns::Three } else { Columns::Two };
    let grid = Grid {
        id: format!("nights-{}", index + 1),
        title: "Night by night".to_owned(),
        caption: if index == 0 { vec![Cell::plain(caption)] } else { Vec::new() },
        columns,
        figures,
    };
    let nights = units::counted(shown.level.nights.len().min(asked.last) as u64, "night");
    let table = Fold::new(Cell::plain(format!("{nights} in numbers")), false, overview(shown, asked));
    Section { grids: vec![grid], folds: vec![table], ..Section::new(name) }
}

/// 3: open and worse, 2: worse and acknowledged, 1: better, 0: nothing changed.
fn gravity(series: &Series) -> u8 {
    match series.changes.last().map(|change| (change.is_worse, &change.acknowledged)) {
        Some((true, None)) => 3,
        Some((true, Some(_))) => 2,
        Some((false, _)) => 1,
        None => 0,
    }
}

fn numbers(shown: &[Shown<'_>]) -> Vec<KeyNumber> {
    let count = |wanted: Tone| current(shown).filter(|(.., change)| tone(change) == wanted).count() as u64;
    let nights = shown.iter().map(|shown| shown.level.nights.len()).max().unwrap_or(0) as u64;
    let number = |label, count: u64, tone: Tone| KeyNumber {
        label,
        value: Cell::toned(units::count(count), if count > 0 { tone } else { Tone::Plain }),
        note: String::new(),
    };
    vec![
        number("worse, not acknowledged", count(Tone::Bad), Tone::Bad),
        number("worse, acknowledged", count(Tone::Dim), Tone::Plain),
        number("better", count(Tone::Good), Tone::Good),
        number("nights", nights, Tone::Plain),
        number("levels of load", shown.len() as u64, Tone::Plain),
    ]
}
