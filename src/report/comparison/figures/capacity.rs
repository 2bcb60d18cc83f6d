//! What the build carries: P95 and success against load, with the targets, the capacity and its range.

use super::axes::{MOST_MARKS, ground, line, of_load, success, thinned, times};
use crate::comparison::Group;
use crate::judge::{Capacity, CapacityBound, LoadLevel};
use crate::report::outline::{Along, Cell, Figure, Ink, Layer, Mark, Measure, Panel, Shape};
use crate::stats::interval::Interval;
use crate::summary::Measured;
use crate::units::{self, Unit};

/// # Errors
/// With the reason why there is nothing to draw.
pub fn capacity(group: &Group) -> Result<Figure, String> {
    let scalability = &group.scalability;
    let levels = &scalability.levels;
    let Some(most) = levels.last().filter(|_| levels.iter().any(|level| level.p95_ms.number().is_some()))
    else {
        return Err("No capacity to draw: no level of load has a P95".to_owned());
    };
    let found = scalability.capacity.value();
    let p95_below = found.and_then(|found| found.p95_below_ms);
    let success_above = found.and_then(|found| found.success_above);
    let all_times = || {
        let of = |level: &LoadLevel| {
            let interval = level.p95_interval_ms.value();
            [level.p95_ms.number(), interval.map(|at| at.low), interval.map(|at| at.high)]
        };
        levels.iter().flat_map(of).flatten().chain(p95_below)
    };
    let lowest =
        |level: &LoadLevel| level.success_interval.value().map(|at| at.low).or(level.success_rate.number());
    let shares = levels.iter().filter_map(lowest).chain(success_above);
    let carried = found.map(|found| carried(group, found)).unwrap_or_default();
    let all_times: Vec<f64> = all_times().collect();
    let panels = vec![
        panel(
            ("P95 of finished requests", times(&all_times), 190),
            levels,
            (|level| &level.p95_ms, |level| &level.p95_interval_ms),
            (p95_below, Unit::Milliseconds, &carried),
        ),
        panel(
            ("Success", success(shares), 90),
            levels,
            (|level| &level.success_rate, |level| &level.success_interval),
            (success_above, Unit::Ratio, &ranged(&carried)),
        ),
    ];
    Ok(Figure {
        id: "",
        title: "P95 and success against load".to_owned(),
        caption: captions(group),
        text: crate::report::printable(&text(group)),
        x: of_load(scalability.axis, most.load.0),
        panels,
        detail: None,
    })
}

type Value = fn(&LoadLevel) -> &Measured<f64>;
type Range = fn(&LoadLevel) -> &Measured<Interval>;

fn panel(
    (title, axis, height): (&str, crate::report::outline::Axis, u32),
    levels: &[LoadLevel],
    (value, interval): (Value, Range),
    (target, unit, carried): (Option<f64>, Unit, &[Layer]),
) -> Panel {
    let through: Vec<_> = levels.iter().map(|level| (level.load.0, value(level).number())).collect();
    let marks = |holds: Option<bool>| {
        let of = levels.iter().filter(|level| level.holds.value().copied() == holds);
        let marks = of.filter_map(|level| {
            let interval = interval(level).value().map(|at| (at.low, at.high));
            Some(Mark {
                x: level.load.0,
                y: value(level).number()?,
                interval,
                is_filled: holds == Some(true),
            })
        });
        Shape::Marks(thinned(marks.collect(), MOST_MARKS))
    };
    let mut layers = carried.to_vec();
    layers.push(line("", Ink::New, &through));
    let styles = [
        (Some(true), "holds the targets", Ink::New),
        (Some(false), "misses one", Ink::Fail),
        (None, "cannot tell", Ink::Other),
    ];
    for (holds, name, ink) in styles {
        if levels.iter().any(|level| level.holds.value().copied() == holds) {
            // The first panel says it for both.
            let name = if unit == Unit::Milliseconds { name } else { "" };
            layers.push(Layer::new(name, ink, marks(holds)));
        }
    }
    layers
        .extend(target.map(|at| Layer::limit(Along::Y, at, format!("target {}", unit.print(at)), Ink::Fail)));
    Panel { title: title.to_owned(), y: Measure::Axis(axis), height, layers }
}

/// The range as ground, the capacity as a line.
fn carried(group: &Group, found: &Capacity) -> Vec<Layer> {
    let axis = group.scalability.axis;
    let mut layers = Vec::new();
    if let (Some(low), Some(high)) = (found.low.value(), found.high.value()) {
        layers.push(ground(low.0, high.0));
    }
    let word = match found.bound {
        CapacityBound::Between => axis.print(found.load),
        CapacityBound::AtLeast => format!("at least {}", axis.print(found.load)),
        CapacityBound::FewerThan => format!("below {}", axis.print(found.load)),
    };
    layers.push(Layer::limit(Along::X, found.load.0, word, Ink::Text));
    layers
}

/// The same without the word.
fn ranged(carried: &[Layer]) -> Vec<Layer> {
    let unnamed = |layer: &Layer| match &layer.shape {
        Shape::Limit { along, at, .. } => Layer::limit(*along, *at, "", layer.ink),
        _ => layer.clone(),
    };
    carried.iter().map(unnamed).collect()
}

fn captions(group: &Group) -> Vec<Cell> {
    let scalability = &group.scalability;
    let mut captions = vec![
        Cell::plain(&scalability.capacity_sentence),
        Cell::plain(
            "Bars at the points: intervals of the level. The vertical line: the capacity, on grey its range; between tested \
             levels it is interpolated",
        ),
    ];
    let found = scalability.capacity.value();
    captions.extend(found.filter(|found| !found.limited_by.is_empty()).map(|found| {
        let first = found.first_that_fails.map(|load| format!(", at {}", scalability.axis.print(load)));
        Cell::plain(format!("First missed: {}{}", found.limited_by.join(", "), first.unwrap_or_default()))
    }));
    captions.extend(found.into_iter().flat_map(|found| &found.caveats).map(Cell::plain));
    let levels = scalability.levels.len();
    captions.extend((levels > MOST_MARKS).then(|| {
        Cell::plain(format!(
            "Up to {MOST_MARKS} of {} levels have a point; the line goes through all",
            units::count(levels as u64)
        ))
    }));
    captions
}

fn text(group: &Group) -> String {
    let axis = group.scalability.axis;
    let print = |value: &Measured<f64>, unit: Unit| {
        value.number().map_or(units::NONE.to_owned(), |value| unit.print(value))
    };
    let level = |level: &LoadLevel| {
        format!(
            "{}: P95 {}, success {}",
            axis.print(level.load),
            print(&level.p95_ms, Unit::Milliseconds),
            print(&level.success_rate, Unit::Ratio)
        )
    };
    thinned(group.scalability.levels.iter().map(level).collect(), MOST_MARKS).join("; ")
}
