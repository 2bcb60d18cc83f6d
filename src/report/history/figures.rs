//! A metric over the nights of a level: values with their intervals, what changed for good, and where the numbers mean
//! something else.

use super::Shown;
use super::picture::WIDEST_CALM;
use crate::history::{Change, Series};
use crate::report::outline::{
    Along, Axis, Cell, Figure, Ink, Layer, Mark, Measure, Panel, Scale, Shape, Stroke,
};
use crate::report::printable;
use crate::units::{self, Unit};

const HEIGHT: u32 = 130;
/// Nights that have a bar each.
const MOST_BARS: usize = 8;

/// The nights from `first` on; none where the metric has no value in them.
pub fn nights(shown: &Shown<'_>, series: &Series, first: usize) -> Option<Figure> {
    let level = &shown.level;
    let points: Vec<(usize, f64, f64)> = series
        .points
        .iter()
        .enumerate()
        .filter(|(_, point)| point.night >= first)
        .filter_map(|(index, point)| Some((index, day(&level.nights[point.night].date)?, point.value)))
        .collect();
    let (&(start, from, _), &(_, to, _)) = (points.first()?, points.last()?);
    let intervals: Vec<Option<(f64, f64)>> = points
        .iter()
        .map(|&(index, _, value)| {
            let night = &level.nights[series.points[index].night];
            night.interval(&series.metric, series.scale, value).map(|at| (at.low, at.high))
        })
        .collect();
    let at = |index: usize| points.get(index.checked_sub(start)?).map(|(_, at, _)| *at - 0.5);
    let mut layers = values(&points, &intervals);
    layers.extend(
        series.cuts.iter().filter_map(|&cut| Some(rule(at(cut)?, "┊ other definitions", Ink::Muted))),
    );
    let changes = || series.changes.iter().filter(|change| change.point >= start);
    layers.extend(changes().filter_map(|change| {
        let size = series.change_unit().print(series.change_of(change));
        Some(rule(at(change.point)?, &format!("{size}{}", sign(change)), ink(change)))
    }));
    layers.extend(means(series, &points));
    Some(Figure {
        id: "",
        title: printable(&format!("{} at {}", series.metric, level.short_name())),
        caption: changes().map(|change| told(shown, series, change)).collect(),
        text: printable(&text(shown, series, &points)),
        x: Axis::new("night (UTC)", Unit::Count, Scale::Date, (from - 0.6, to + 0.6)),
        panels: vec![Panel {
            title: String::new(),
            y: Measure::Axis(axis(series, &points, &intervals)),
            height: HEIGHT,
            layers,
        }],
        detail: None,
    })
}

/// Days since 1970 of `2026-11-15`.
fn day(date: &str) -> Option<f64> {
    let at: jiff::Timestamp = format!("{date}T00:00:00Z").parse().ok()?;
    Some(at.as_second() as f64 / 86_400.0)
}

fn axis(series: &Series, points: &[(usize, f64, f64)], intervals: &[Option<(f64, f64)>]) -> Axis {
    let values = points.iter().map(|(.., value)| *value);
    let ends = intervals.iter().flatten().flat_map(|&(low, high)| [low, high]);
    let (low, high) = values
        .chain(ends)
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let widened = (WIDEST_CALM * series.least_change - (high - low)).max(0.1 * (high - low)).max(1e-9) / 2.0;
    let (low, high) = (low - widened, high + widened);
    let range = match series.unit {
        Unit::Ratio => (low.max(0.0), high.min(1.0).max(low.max(0.0) + 1e-6)),
        _ => (low, high),
    };
    Axis::new(unit_title(series.unit), series.unit, Scale::Linear, range)
}

fn unit_title(unit: Unit) -> &'static str {
    match unit {
        Unit::Milliseconds => "ms",
        Unit::Seconds => "s",
        Unit::Ratio | Unit::Percent => "%",
        Unit::Megabytes => "MB",
        Unit::MegabytesPerMinute => "MB/min",
        Unit::Kilobytes => "KB",
        Unit::PerSecond => "1/s",
        Unit::Usd => "USD",
        Unit::Count | Unit::Number => "value",
    }
}

fn band(points: &[(usize, f64, f64)], intervals: &[Option<(f64, f64)>]) -> Layer {
    let x = points.iter().map(|(_, at, _)| *at).collect();
    let low = intervals.iter().map(|interval| interval.map(|(low, _)| low)).collect();
    let high = intervals.iter().map(|interval| interval.map(|(_, high)| high)).collect();
    Layer::new("", Ink::Other, Shape::Band { x, low, high })
}

/// Few nights have a bar each, many a band.
fn values(points: &[(usize, f64, f64)], intervals: &[Option<(f64, f64)>]) -> Vec<Layer> {
    let has_bars = points.len() <= MOST_BARS;
    let marks = points.iter().zip(intervals).map(|(&(_, x, y), interval)| Mark {
        x,
        y,
        interval: interval.filter(|_| has_bars),
        is_filled: true,
    });
    let marks = Layer::new("", Ink::New, Shape::Marks(marks.collect()));
    if has_bars { vec![marks] } else { vec![band(points, intervals), marks] }
}

/// The mean of each stretch between changes.
fn means(series: &Series, points: &[(usize, f64, f64)]) -> Vec<Layer> {
    let first = points.first().map_or(0, |(index, ..)| *index);
    let mut layers = Vec::new();
    for (place, change) in series.changes.iter().enumerate() {
        let next = series.changes.get(place + 1).map_or(series.points.len(), |next| next.point);
        let before = place.checked_sub(1).map_or(0, |before| series.changes[before].point);
        let stretches =
            [(before, change.point, change.before, place == 0), (change.point, next, change.after, true)];
        for (from, to, mean, _) in stretches.into_iter().filter(|(.., is_drawn)| *is_drawn) {
            let x: Vec<f64> = (from.max(first)..to)
                .filter_map(|index| points.get(index - first).map(|(_, at, _)| *at))
                .collect();
            let y = vec![Some(mean); x.len()];
            layers.push(Layer::new("", Ink::Text, Shape::Line { x: x.into(), y }).stroked(Stroke::Faint));
        }
    }
    layers
}

fn rule(at: f64, label: &str, ink: Ink) -> Layer {
    Layer::limit(Along::X, at, label, ink)
}

fn ink(change: &Change) -> Ink {
    match (change.is_worse, &change.acknowledged) {
        (true, None) => Ink::Fail,
        (true, Some(_)) => Ink::Muted,
        (false, _) => Ink::New,
    }
}

/// Never colour alone.
fn sign(change: &Change) -> &'static str {
    match (change.is_worse, &change.acknowledged) {
        (true, None) => " ✕",
        (true, Some(_)) => " acknowledged",
        (false, _) => " ✓",
    }
}

/// `+22.0 % since 2026-11-15, commit a1b2c3d4, not acknowledged`.
fn told(shown: &Shown<'_>, series: &Series, change: &Change) -> Cell {
    Cell::toned(super::size_and_standing(&shown.level, series, change), super::tone(change))
}

fn text(shown: &Shown<'_>, series: &Series, points: &[(usize, f64, f64)]) -> String {
    let night = |index: usize| &shown.level.nights[series.points[index].night].date;
    let (first, last) = match (points.first(), points.last()) {
        (Some(first), Some(last)) => (first, last),
        _ => return String::new(),
    };
    let changes = series.changes.iter().map(|change| told(shown, series, change).text);
    let told: Vec<String> = changes.collect();
    let changed = if told.is_empty() { "no change that lasts".to_owned() } else { told.join("; ") };
    format!(
        "{} from {} ({}) to {} ({}): {changed}",
        units::counted(points.len() as u64, "night"),
        night(first.0),
        series.unit.print(first.2),
        night(last.0),
        series.unit.print(last.2)
    )
}
