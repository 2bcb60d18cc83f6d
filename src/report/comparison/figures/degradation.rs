//! What more load costs: times and success of each level against the least load.

use super::axes::{MOST_MARKS, line, mark, of_load, thinned};
use crate::comparison::{Degradation, Group, LevelChange, RunChange};
use crate::report::outline::{Axis, Cell, Figure, Ink, Layer, Measure, Panel, Scale, Shape, Stroke};
use crate::summary::Measured;
use crate::units::{self, ChangeUnit, Unit};

/// # Errors
/// With the reason why there is nothing to draw.
pub fn degradation(group: &Group) -> Result<Figure, String> {
    let found = match &group.degradation {
        Measured::Value(found) => found,
        Measured::Undefined(undefined) => {
            return Err(format!("No degradation to draw: {}", undefined.reason()));
        }
    };
    let most = found.levels.last().map_or(1.0, |level| level.load.0);
    Ok(Figure {
        id: "",
        title: format!("Against {}", found.axis.print(found.reference_load)),
        caption: captions(found),
        text: thinned(found.levels.iter().map(|level| told(found, level)).collect(), MOST_MARKS).join("; "),
        x: of_load(found.axis, most),
        panels: vec![times(found), success(found)],
        detail: None,
    })
}

fn times(found: &Degradation) -> Panel {
    let marks = marks(found, |run| run.p95_change.number(), 1.0);
    let (p95, mean) =
        (through(found, |level| &level.p95_change, 1.0), through(found, |level| &level.mean_change, 1.0));
    let all = || marks.iter().map(|at| at.y).chain(p95.iter().chain(&mean).filter_map(|(_, value)| *value));
    Panel {
        title: "Slower".to_owned(),
        y: Measure::Axis(around("%", Unit::Ratio, all(), 0.1)),
        height: 150,
        layers: vec![
            line("mean", Ink::Muted, &mean).stroked(Stroke::Dashed),
            line("P95", Ink::New, &p95),
            Layer::new("P95 of a run", Ink::New, Shape::Marks(thinned(marks, MOST_MARKS))),
        ],
    }
}

fn success(found: &Degradation) -> Panel {
    let marks = marks(found, |run| run.success_change.number(), 100.0);
    let levels = through(found, |level| &level.success_change, 100.0);
    let all = || marks.iter().map(|at| at.y).chain(levels.iter().filter_map(|(_, value)| *value));
    Panel {
        title: "Success".to_owned(),
        y: Measure::Axis(around("points", Unit::Number, all(), 1.0)),
        height: 90,
        layers: vec![
            line("", Ink::New, &levels),
            Layer::new("", Ink::New, Shape::Marks(thinned(marks, MOST_MARKS))),
        ],
    }
}

/// From the least to the most with 0 among them; at least so far to one side.
fn around(title: &str, unit: Unit, values: impl Iterator<Item = f64>, least: f64) -> Axis {
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((0.0, 0.0), |(low, high): (f64, f64), value| (low.min(value), high.max(value)));
    let end = |far: f64| if far > 0.0 { Axis::from_zero("", unit, far).range.1 } else { 0.0 };
    let (low, high) = (-end(-low), end(high));
    let high = if high - low < least { low + least } else { high };
    Axis::new(title, unit, Scale::Linear, (low, high))
}

fn through(
    found: &Degradation,
    of: fn(&LevelChange) -> &Measured<f64>,
    factor: f64,
) -> Vec<(f64, Option<f64>)> {
    let levels = found.levels.iter();
    levels.map(|level| (level.load.0, of(level).number().map(|value| value * factor))).collect()
}

fn marks(
    found: &Degradation,
    of: fn(&RunChange) -> Option<f64>,
    factor: f64,
) -> Vec<crate::report::outline::Mark> {
    found.runs.iter().filter_map(|run| Some(mark(run.load.0, of(run)? * factor))).collect()
}

/// How to read it, and what is farthest.
fn captions(found: &Degradation) -> Vec<Cell> {
    let mut captions = vec![Cell::plain(format!(
        "Each point is a run, the line the mean of a level; what the runs at {} differ by is noise",
        found.axis.print(found.reference_load)
    ))];
    let change = |level: &&LevelChange| level.p95_change.number();
    let slowest = found
        .levels
        .iter()
        .filter(|level| change(level).is_some())
        .max_by(|a, b| change(a).unwrap_or_default().total_cmp(&change(b).unwrap_or_default()));
    captions.extend(slowest.and_then(|level| {
        let size = level.p95_change.number().filter(|size| *size > 0.0)?;
        let mean =
            level.mean_change.number().map(|mean| format!(", the mean {}", ChangeUnit::Relative.print(mean)));
        Some(Cell::plain(format!(
            "Slowest at {}: P95 {}{}",
            found.axis.print(level.load),
            ChangeUnit::Relative.print(size),
            mean.unwrap_or_default()
        )))
    }));
    captions.extend(mean_hides(found).map(Cell::plain));
    captions
}

/// A mean that falls while success falls looks better and is not.
fn mean_hides(found: &Degradation) -> Option<String> {
    let both = |level: &LevelChange| Some((level.mean_ms.number()?, level.success_rate.number()?));
    let pair = found.levels.windows(2).find(|pair| {
        matches!((both(&pair[0]), both(&pair[1])), (Some(a), Some(b)) if b.0 < 0.95 * a.0 && b.1 < a.1 - 0.02)
    })?;
    let (before, after) = (both(&pair[0])?, both(&pair[1])?);
    Some(format!(
        "From {} to {} the mean falls from {} to {} while success falls from {} to {}",
        found.axis.print(pair[0].load),
        found.axis.print(pair[1].load),
        Unit::Milliseconds.print(before.0),
        Unit::Milliseconds.print(after.0),
        Unit::Ratio.print(before.1),
        Unit::Ratio.print(after.1)
    ))
}

fn told(found: &Degradation, level: &LevelChange) -> String {
    let print = |value: &Measured<f64>, unit: ChangeUnit| {
        value.number().map_or(units::NONE.to_owned(), |value| unit.print(value))
    };
    format!(
        "{}: P95 {}, mean {}, success {}",
        found.axis.print(level.load),
        print(&level.p95_change, ChangeUnit::Relative),
        print(&level.mean_change, ChangeUnit::Relative),
        print(&level.success_change, ChangeUnit::Points)
    )
}
