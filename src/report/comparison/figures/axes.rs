//! What the figures of a comparison share: axes, and which of many marks are drawn.

use crate::comparison::{ComparedRun, Comparison, Group};
use crate::judge::LoadAxis;
use crate::report::outline::{Axis, Ink, Layer, Mark, Scale, Shape, Span};
use crate::units::Unit;

/// Marks of one figure: more are not told apart.
pub const MOST_MARKS: usize = 60;
/// Times of which the longest is so many times the shortest need an axis in powers of ten.
const WIDE_RATIO: f64 = 4.0;

/// Levels of load, from 0 on.
pub fn of_load(axis: LoadAxis, most: f64) -> Axis {
    match axis {
        LoadAxis::Users => Axis::from_zero("users", Unit::Count, most),
        LoadAxis::OfferedPerS => Axis::from_zero("requests offered, 1/s", Unit::PerSecond, most),
    }
}

/// Times: from 0, or in powers of ten where the longest is many times the shortest.
pub fn times(values: &[f64]) -> Axis {
    let known = || values.iter().copied().filter(|value| value.is_finite() && *value > 0.0);
    let (least, most) = (known().fold(f64::INFINITY, f64::min), known().fold(0.0, f64::max));
    if most < WIDE_RATIO * least {
        return Axis::from_zero("ms from 0", Unit::Milliseconds, most * 1.05);
    }
    Axis::new("ms, log", Unit::Milliseconds, Scale::Log, (least / 1.4, most * 1.4))
}

/// A share of success: from a round number below the least to 100 %.
pub fn success(values: impl Iterator<Item = f64>) -> Axis {
    let least = values.filter(|value| value.is_finite()).fold(0.98, f64::min).clamp(0.0, 1.0);
    let from = [0.9, 0.8, 0.5].into_iter().find(|&from| from < least).unwrap_or(0.0);
    Axis::new("%", Unit::Ratio, Scale::Linear, (from, 1.0))
}

/// The same distance to both sides of 0.
pub fn about_zero(title: &str, unit: Unit, farthest: f64) -> Axis {
    let power = 10f64.powf(farthest.max(f64::MIN_POSITIVE).log10().floor());
    // Of each of these ends three ticks or more are round.
    let ends = [1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0].map(|end| end * power);
    let end = ends.into_iter().find(|&end| end >= farthest).filter(|end| end.is_normal()).unwrap_or(1.0);
    Axis::new(title, unit, Scale::Linear, (-end, end))
}

/// All, or so many spread evenly from the first to the last.
pub fn thinned<T>(all: Vec<T>, most: usize) -> Vec<T> {
    let count = all.len();
    let is_kept = |index: usize| count <= most || (index * most / count) != ((index + 1) * most / count);
    all.into_iter().enumerate().filter(|(index, _)| is_kept(*index)).map(|(_, one)| one).collect()
}

pub fn mark(x: f64, y: f64) -> Mark {
    Mark { x, y, interval: None, is_filled: true }
}

/// From one value of x to another, as ground.
pub fn ground(from: f64, to: f64) -> Layer {
    Layer::new("", Ink::Band, Shape::Spans(vec![Span { from, to, height: 1.0 }]))
}

/// A line through values; a gap where there is none.
pub fn line(name: &str, ink: Ink, points: &[(f64, Option<f64>)]) -> Layer {
    let x = points.iter().map(|(x, _)| *x).collect();
    Layer::new(name, ink, Shape::Line { x, y: points.iter().map(|(_, y)| *y).collect() })
}

/// The runs of a group.
pub fn runs_of<'a>(comparison: &'a Comparison, group: &'a Group) -> impl Iterator<Item = &'a ComparedRun> {
    let is_in = |run: &&ComparedRun| group.runs.binary_search(&run.run_id).is_ok();
    comparison.runs.iter().filter(is_in)
}

/// How much was asked of a run, on the axis of its group.
pub fn load_of(run: &ComparedRun, axis: LoadAxis) -> Option<f64> {
    match axis {
        LoadAxis::Users => run.users.value().map(|&users| f64::from(users)),
        LoadAxis::OfferedPerS => run.target_rate_per_s,
    }
}
