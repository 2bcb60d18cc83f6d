//! `history show`: the nights of each level as a picture, what changed between which of them, and one sentence on top.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::outline::{Cell, Column, Outline, Section, Tone};
use super::{Format, Paper, markdown, printable, terminal};
use crate::exit_code::ExitCode;
use crate::history::{Change, Level, Night, Series};
use crate::units;

mod figures;
mod lately;
mod page;
mod picture;
#[cfg(test)]
mod tests;

pub use lately::section as changed_lately;
pub use page::page;
pub use picture::MEANS as PICTURE_MEANS;

/// Of the JSON.
const SCHEMA_VERSION: u32 = 1;

/// A level of load with what is shown of it.
#[derive(Debug)]
pub struct Shown<'a> {
    pub level: Level<'a>,
    pub series: Vec<Series>,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// So many last nights of each level.
    pub last: usize,
    /// All nights of each metric, not only of those that changed.
    pub in_full: bool,
}

/// What is printed.
pub fn print(format: Format, shown: &[Shown<'_>], asked: Asked, paper: Paper) -> String {
    match format {
        Format::Text => terminal::render(&outline(shown, asked), paper),
        Format::Markdown => markdown::render_outline(&outline(shown, asked)),
        Format::Json => render_json(shown, asked),
    }
}

fn outline(shown: &[Shown<'_>], asked: Asked) -> Outline {
    let nights: usize = shown.iter().map(|shown| shown.level.nights.len()).max().unwrap_or(0);
    let dates = || shown.iter().flat_map(|shown| &shown.level.nights).map(|night| night.date.as_str());
    let span = dates().min().zip(dates().max()).map(|(first, last)| format!("{first} … {last}; "));
    let levels = units::counted(shown.len() as u64, "level");
    let mut sections = Vec::new();
    for shown in shown {
        sections.push(overview(shown, asked));
        let is_told = |series: &&Series| asked.in_full || !series.changes.is_empty();
        sections
            .extend(shown.series.iter().filter(is_told).map(|series| detail(&shown.level, series, asked)));
    }
    let (headline, changes) = verdict(shown);
    Outline {
        title: format!("History of {}", units::counted(nights as u64, "night")),
        subtitle: format!("{}{levels} of load", span.unwrap_or_default()),
        headline: Some(headline),
        verdict: changes,
        notes: vec![picture::MEANS.to_owned()],
        sections,
        ..Outline::default()
    }
}

/// A change with the series and the level of which it is.
type Current<'a> = (&'a Shown<'a>, &'a Series, &'a Change);

/// The last change of each series is how things are today.
fn current<'a>(shown: &'a [Shown<'a>]) -> impl Iterator<Item = Current<'a>> {
    let of_level = |shown: &'a Shown<'a>| {
        shown.series.iter().filter_map(move |series| Some((shown, series, series.changes.last()?)))
    };
    shown.iter().flat_map(of_level)
}

/// What is worse and nobody acknowledged first, of them the latest.
fn gravest_first<'a>(shown: &'a [Shown<'a>]) -> Vec<Current<'a>> {
    let mut all: Vec<Current<'a>> = current(shown).collect();
    all.sort_by_key(|(shown, series, change)| {
        let is_open = change.is_worse && change.acknowledged.is_none();
        Reverse((is_open, change.is_worse, since(&shown.level, series, change).date.clone()))
    });
    all
}

/// The gravest in one sentence, and how many there are with the others in one each.
fn verdict(shown: &[Shown<'_>]) -> (Cell, Vec<Cell>) {
    let all = gravest_first(shown);
    let cells: Vec<Cell> = all
        .iter()
        .map(|(shown, series, change)| Cell::toned(sentence(&shown.level, series, change), tone(change)))
        .collect();
    let count = |tone: Tone| cells.iter().filter(|cell| cell.tone == tone).count();
    let counts = format!(
        "Changes that last: {} for the worse, {} acknowledged, {} for the better",
        count(Tone::Bad),
        count(Tone::Dim),
        count(Tone::Good)
    );
    let mut told = vec![Cell::plain(counts)];
    match cells.first() {
        Some(first) if first.tone == Tone::Bad => {
            told.extend_from_slice(&cells[1..]);
            (first.clone(), told)
        }
        _ if shown.is_empty() => (Cell::toned("No nights are kept yet", Tone::Dim), Vec::new()),
        _ => {
            told.extend(cells);
            (Cell::toned("Nothing changed for the worse that is not acknowledged", Tone::Good), told)
        }
    }
}

fn tone(change: &Change) -> Tone {
    match (change.is_worse, &change.acknowledged) {
        (true, None) => Tone::Bad,
        (true, Some(_)) => Tone::Dim,
        (false, _) => Tone::Good,
    }
}

fn night_of<'a>(level: &'a Level<'_>, series: &Series, point: usize) -> &'a Night<'a> {
    &level.nights[series.points[point].night]
}

/// The first night of a change.
fn since<'a>(level: &'a Level<'_>, series: &Series, change: &Change) -> &'a Night<'a> {
    night_of(level, series, change.point)
}

/// `request/ok_p95_ms at 50 users: +22.0 % since 2026-11-15, commit a1b2c3d4, not acknowledged`.
fn sentence(level: &Level<'_>, series: &Series, change: &Change) -> String {
    let what = size_and_standing(level, series, change);
    printable(&format!("{} at {}: {what}", series.metric, level.short_name()))
}

/// `+22.0 % since 2026-11-15, commit a1b2c3d4, not acknowledged`.
fn size_and_standing(level: &Level<'_>, series: &Series, change: &Change) -> String {
    let night = since(level, series, change);
    let size = series.change_unit().print(series.change_of(change));
    let commit = night.short_commit().map(|commit| format!(", commit {commit}")).unwrap_or_default();
    format!("{size} since {}{commit}, {}", night.date, standing(change))
}

/// What somebody has to do about it.
fn standing(change: &Change) -> String {
    match (&change.acknowledged, change.is_worse) {
        (Some(known), _) => format!("acknowledged until {}: {}", known.until, known.reason),
        (None, true) => "not acknowledged".to_owned(),
        (None, false) => "better".to_owned(),
    }
}

/// `9f8e7d6c..a1b2c3d4`: the commits that came in between the last night before and the first after.
fn culprits(level: &Level<'_>, series: &Series, change: &Change) -> Option<String> {
    let before = night_of(level, series, change.point - 1).short_commit();
    let after = since(level, series, change).short_commit();
    match (before, after) {
        (Some(before), Some(after)) if before == after => Some(format!("same commit {after}")),
        (Some(before), Some(after)) => Some(format!("{before}..{after}")),
        _ => None,
    }
}

/// Each metric of a level as a picture of its nights.
fn overview(shown: &Shown<'_>, asked: Asked) -> Section {
    let Shown { level, series } = shown;
    let columns =
        vec![Column::name("metric"), Column::word("nights"), Column::number("first"), Column::number("last")];
    let row = |series: &Series| {
        let first = first_shown(level, asked);
        let points = || series.points.iter().filter(|point| point.night >= first);
        let print =
            |value: Option<f64>| value.map_or(Cell::none(), |value| Cell::plain(series.unit.print(value)));
        let tone = series.changes.last().map_or(Tone::Plain, tone);
        vec![
            Cell::plain(&series.metric),
            Cell::toned(picture::draw(series, first, level.nights.len()), tone),
            print(points().next().map(|point| point.value)),
            print(points().next_back().map(|point| point.value)),
        ]
    };
    let mut section = Section::of_rows(&level.name(), columns, series.iter().map(row).collect());
    for series in series {
        section.lines.extend(series.changes.iter().map(|change| line(level, series, change)));
    }
    let cuts = series.iter().flat_map(|of| of.cuts.iter().map(|&cut| night_of(level, of, cut).date.as_str()));
    for date in cuts.collect::<BTreeSet<&str>>() {
        section.add_lines([format!(
            "since {date} the numbers mean something else (definitions, or settings that change them): no change is told across \
             that night"
        )]);
    }
    section
}

/// What changed, from what to what, and where to look.
fn line(level: &Level<'_>, series: &Series, change: &Change) -> Cell {
    let (before, after) = (night_of(level, series, change.point - 1), since(level, series, change));
    let look = culprits(level, series, change).map(|range| format!(", commits {range}")).unwrap_or_default();
    let text = format!(
        "{}: {} since {}, from {} to {}; it came between the nights of {} and {}{look}; {}",
        series.metric,
        series.change_unit().print(series.change_of(change)),
        after.date,
        series.unit.print(change.before),
        series.unit.print(change.after),
        before.date,
        after.date,
        standing(change)
    );
    Cell::toned(text, tone(change))
}

/// Index of the first night that is shown.
fn first_shown(level: &Level<'_>, asked: Asked) -> usize {
    level.nights.len().saturating_sub(asked.last)
}

/// A metric night by night, with what changed drawn between the rows.
fn detail(level: &Level<'_>, series: &Series, asked: Asked) -> Section {
    let columns = vec![
        Column::word("night"),
        Column::name("commit"),
        Column::number("value"),
        Column::number("runs"),
        Column::name("said"),
    ];
    let first = first_shown(level, asked);
    let mut rows = Vec::new();
    for (index, point) in series.points.iter().enumerate().filter(|(_, point)| point.night >= first) {
        if series.cuts.contains(&index) {
            rows.push(rule("── cut", "", "", "other definitions", Tone::Dim));
        }
        if let Some(change) = series.changes.iter().find(|change| change.point == index) {
            let size = series.change_unit().print(series.change_of(change));
            let range = culprits(level, series, change).unwrap_or_default();
            rows.push(rule("── change", &range, &size, &standing(change), tone(change)));
        }
        let night = &level.nights[point.night];
        rows.push(vec![
            Cell::plain(&night.date),
            night.short_commit().map_or(Cell::none(), Cell::plain),
            Cell::plain(series.unit.print(point.value)),
            Cell::plain(units::count(night.runs.len() as u64)),
            said(night, &series.metric),
        ]);
    }
    Section::of_rows(&format!("{} at {}", series.metric, level.short_name()), columns, rows)
}

/// The words of the metric; where there is none, whether the night could be compared at all.
fn said(night: &Night<'_>, metric: &str) -> Cell {
    let words = night.verdicts(metric);
    if words.is_empty() && night.gate_code() == i32::from(ExitCode::CouldNotJudge.code()) {
        return Cell::toned("could not be judged", Tone::Dim);
    }
    Cell::plain(words.join(", "))
}

fn rule(word: &str, commits: &str, size: &str, said: &str, tone: Tone) -> Vec<Cell> {
    [word, commits, size, "", said].map(|text| Cell::toned(text, tone)).to_vec()
}

fn render_json(shown: &[Shown<'_>], asked: Asked) -> String {
    let (headline, _) = verdict(shown);
    let levels: Vec<Value> = shown
        .iter()
        .map(|shown| {
            let series = shown.series.iter().map(|series| series_json(&shown.level, series, asked));
            json!({
                "name": shown.level.name(),
                "users": shown.level.conditions.users,
                "metrics": series.collect::<Vec<_>>(),
            })
        })
        .collect();
    format!(
        "{:#}\n",
        json!({ "schema_version": SCHEMA_VERSION, "headline": headline.text, "levels": levels })
    )
}

fn series_json(level: &Level<'_>, series: &Series, asked: Asked) -> Value {
    let first = first_shown(level, asked);
    let nights = series.points.iter().filter(|point| point.night >= first).map(|point| {
        let night = &level.nights[point.night];
        json!({
            "date": night.date,
            "git_commit": night.commit,
            "runs": night.runs.iter().map(|run| run.record.run_id.as_str()).collect::<Vec<_>>(),
            "value": point.value,
            "verdicts": night.verdicts(&series.metric),
            "gate_code": night.gate_code(),
        })
    });
    let cuts = series.cuts.iter().map(|&cut| night_of(level, series, cut).date.clone());
    json!({
        "metric": series.metric,
        "unit": series.unit,
        "nights": nights.collect::<Vec<_>>(),
        "definitions_changed_on": cuts.collect::<Vec<_>>(),
        "change_points":
            series.changes.iter().map(|change| change_json(level, series, change)).collect::<Vec<_>>(),
    })
}

fn change_json(level: &Level<'_>, series: &Series, change: &Change) -> Value {
    let (before, after) = (night_of(level, series, change.point - 1), since(level, series, change));
    json!({
        "date": after.date,
        "git_commit": after.commit,
        "last_before": { "date": before.date, "git_commit": before.commit },
        "scale": series.scale,
        "change": series.change_of(change),
        "before": change.before,
        "after": change.after,
        "is_worse": change.is_worse,
        "p": change.p,
        "acknowledged": change.acknowledged,
    })
}
