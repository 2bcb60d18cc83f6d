//! All levels at a glance: small figures of what matters, against the load, with the baseline beside it.

use std::collections::BTreeMap;

use super::axes::{MOST_MARKS, line, load_of, mark, of_load, runs_of, success, thinned, times};
use crate::comparison::{ComparedRun, Comparison, Group};
use crate::judge::{Load, LoadAxis, LoadLevel};
use crate::report::outline::{Axis, Cell, Columns, Figure, Grid, Ink, Layer, Measure, Panel, Shape, Stroke};
use crate::stats::moments::mean;
use crate::summary::Measured;
use crate::units::{self, Unit};

const HEIGHT: u32 = 110;
/// A share that falls by less than this from one level to another stays the same to a reader.
const MARGIN_POINTS: f64 = 0.02;

/// One small figure.
struct Entry {
    title: &'static str,
    unit: Unit,
    /// Under which key a comparison with a baseline knows it.
    key: &'static str,
    of_level: fn(&LoadLevel) -> Option<f64>,
    of_run: fn(&ComparedRun) -> &Measured<f64>,
}

/// Values against load.
type Points = Vec<(f64, Option<f64>)>;

const ENTRIES: [Entry; 7] = [
    Entry {
        title: "P95 of finished requests",
        unit: Unit::Milliseconds,
        key: "request/p95_ms",
        of_level: |level| level.p95_ms.number(),
        of_run: |run| &run.p95_ms,
    },
    Entry {
        title: "Mean of finished requests",
        unit: Unit::Milliseconds,
        key: "request/mean_ms",
        of_level: |level| level.mean_ms.number(),
        of_run: |run| &run.mean_ms,
    },
    Entry {
        title: "Success",
        unit: Unit::Ratio,
        key: "request/success_rate",
        of_level: |level| level.success_rate.number(),
        of_run: |run| &run.success_rate,
    },
    Entry {
        title: "Successful requests",
        unit: Unit::PerSecond,
        key: "request/ok_per_s",
        of_level: |level| level.ok_per_s.number(),
        of_run: |run| &run.ok_per_s,
    },
    Entry {
        title: "Requests in flight",
        unit: Unit::Number,
        key: "",
        of_level: |level| level.in_flight.number(),
        of_run: |run| &run.in_flight,
    },
    Entry {
        title: "Cache hits, any tier",
        unit: Unit::Ratio,
        key: "cache/lookup_hit_rate",
        of_level: |_| None,
        of_run: |run| &run.cache_hit_rate,
    },
    Entry {
        title: "LightRAG success",
        unit: Unit::Ratio,
        key: "lightrag/success_rate",
        of_level: |_| None,
        of_run: |run| &run.lightrag_success_rate,
    },
];

/// # Errors
/// With the reason why there is nothing to draw.
pub fn levels(comparison: &Comparison, group: &Group, id: &str) -> Result<Grid, String> {
    let scalability = &group.scalability;
    if scalability.levels.len() < 2 {
        return Err(match scalability.levels.first() {
            Some(level) => {
                format!("Nothing against load: all runs are of {}", scalability.axis.print(level.load))
            }
            None => "Nothing against load: no run names its load".to_owned(),
        });
    }
    let runs: Vec<(f64, &ComparedRun)> =
        runs_of(comparison, group).filter_map(|run| Some((load_of(run, scalability.axis)?, run))).collect();
    let drawn: Vec<(&Entry, Points)> = ENTRIES
        .iter()
        .map(|entry| (entry, values(entry, &scalability.levels, &runs)))
        .filter(|(_, points)| points.iter().any(|(_, value)| value.is_some()))
        .collect();
    let mut caption = vec![Cell::plain(how_to_read(&runs, comparison))];
    caption.extend(first_to_leave(&drawn, scalability.axis).map(Cell::plain));
    let figures = drawn.iter().map(|(entry, points)| {
        figure(entry, points, &runs, &before(comparison, group, entry.key), scalability.axis)
    });
    Ok(Grid {
        id: id.to_owned(),
        title: "All levels of load at a glance".to_owned(),
        caption,
        columns: Columns::Three,
        figures: figures.collect(),
    })
}

fn how_to_read(runs: &[(f64, &ComparedRun)], comparison: &Comparison) -> String {
    let dots = if runs.len() > MOST_MARKS {
        format!("{MOST_MARKS} of {} runs have a point", units::count(runs.len() as u64))
    } else {
        "each point is a run".to_owned()
    };
    let before = comparison.regressions.value().map(|_| "; dashed grey: the baseline");
    format!("The line: the mean of each level; {dots}{}", before.unwrap_or_default())
}

/// One value a level: as it was judged, or the mean over its runs.
fn values(entry: &Entry, levels: &[LoadLevel], runs: &[(f64, &ComparedRun)]) -> Points {
    let of_runs = |load: Load| {
        let here = runs.iter().filter(|(at, _)| Load(*at) == load);
        mean(&here.filter_map(|(_, run)| (entry.of_run)(run).number()).collect::<Vec<f64>>())
    };
    levels
        .iter()
        .map(|level| (level.load.0, (entry.of_level)(level).or_else(|| of_runs(level.load))))
        .collect()
}

/// The baseline's value at each level that was compared.
fn before(comparison: &Comparison, group: &Group, key: &str) -> Points {
    let mut at: BTreeMap<Load, f64> = BTreeMap::new();
    for run in runs_of(comparison, group) {
        let outcome = run.regression.value().and_then(|own| own.outcome.value());
        let change = outcome.and_then(|found| found.changes.iter().find(|change| change.key() == key));
        let value = change.and_then(|change| change.baseline.number());
        if let (Some(load), Some(value)) = (load_of(run, group.scalability.axis), value) {
            at.insert(Load(load), value);
        }
    }
    at.into_iter().map(|(load, value)| (load.0, Some(value))).collect()
}

fn figure(
    entry: &Entry,
    points: &Points,
    runs: &[(f64, &ComparedRun)],
    before: &Points,
    axis: LoadAxis,
) -> Figure {
    let marks: Vec<_> =
        runs.iter().filter_map(|(load, run)| Some(mark(*load, (entry.of_run)(run).number()?))).collect();
    let all = || points.iter().chain(before).filter_map(|(_, value)| *value).chain(marks.iter().map(|m| m.y));
    let y = match entry.unit {
        Unit::Milliseconds => times(&all().collect::<Vec<f64>>()),
        Unit::Ratio => success(all()),
        unit => Axis::from_zero("", unit, all().fold(0.0, f64::max)),
    };
    let title = match entry.unit {
        Unit::Milliseconds => y.title.clone(),
        Unit::Ratio => "%".to_owned(),
        Unit::PerSecond => "1/s".to_owned(),
        _ => "number".to_owned(),
    };
    let most = points.iter().map(|(load, _)| *load).fold(0.0, f64::max);
    let marks = Layer::new("", Ink::New, Shape::Marks(thinned(marks, MOST_MARKS)));
    let before = (!before.is_empty()).then(|| line("", Ink::Other, before).stroked(Stroke::Dashed));
    let layers = before.into_iter().chain([line("", Ink::New, points), marks]).collect();
    let told: Vec<String> = points
        .iter()
        .map(|(load, value)| {
            let value = value.map_or(units::NONE.to_owned(), |value| entry.unit.print(value));
            format!("{} {value}", axis.print(Load(*load)))
        })
        .collect();
    Figure {
        id: "",
        title: entry.title.to_owned(),
        caption: Vec::new(),
        text: thinned(told, MOST_MARKS).join("; "),
        x: of_load(axis, most),
        panels: vec![Panel {
            title: String::new(),
            y: Measure::Axis(Axis { title, ..y }),
            height: HEIGHT,
            layers,
        }],
        detail: None,
    }
}

/// Up to which level success stays where it began.
fn first_to_leave(drawn: &[(&Entry, Points)], axis: LoadAxis) -> Option<String> {
    let (_, points) = drawn.iter().find(|(entry, _)| entry.title == "Success")?;
    let known: Vec<(f64, f64)> = points.iter().filter_map(|(load, value)| Some((*load, (*value)?))).collect();
    let (_, first) = *known.first()?;
    let (load, value) = *known.iter().find(|(_, value)| first - value > MARGIN_POINTS)?;
    Some(format!(
        "Success leaves its first level at {}: {} instead of {}",
        axis.print(Load(load)),
        Unit::Ratio.print(value),
        Unit::Ratio.print(first)
    ))
}
