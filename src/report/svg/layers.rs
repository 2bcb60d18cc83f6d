//! The layers of a panel.

use super::canvas::{Anchor, Canvas, Paint, Pen, Point, SMALL, TITLE, text_width};
use super::layout::Frame;
use crate::report::outline::{Along, Axis, Bar, Ink, Layer, Mark, Shape, Span, Stroke};

const FAINT: f64 = 0.13;
const BAND: f64 = 0.3;
/// Points are thinned in columns of this width, CSS pixels, each of which keeps four.
const GRAIN: f64 = 4.0;

/// The layers on a measure.
pub fn on_measure(canvas: &mut Canvas<'_>, layers: &[Layer], y: &Axis, (x, frame): (&Axis, &Frame)) {
    for layer in layers {
        if let Shape::Spans(spans) = &layer.shape {
            spans_of(canvas, spans, layer, (x, frame));
        }
    }
    stacks(canvas, layers, y, (x, frame));
    let limits_before = |index: usize| {
        layers[..index]
            .iter()
            .filter(|layer| matches!(layer.shape, Shape::Limit { along: Along::X, .. }))
            .count()
    };
    for (index, layer) in layers.iter().enumerate() {
        let at = |value: f64, of: f64| (frame.x(x, value), frame.y(y, of));
        match &layer.shape {
            Shape::Line { x: along, y: values } => {
                for run in runs(values) {
                    let points: Vec<Point> = run.map(|(index, value)| at(along[index], value)).collect();
                    line(canvas, &extremes(points), layer);
                }
            }
            Shape::Band { x: along, low, high } => {
                let both: Vec<Option<f64>> = low.iter().zip(high).map(|(low, high)| low.and(*high)).collect();
                for run in runs(&both) {
                    let indices: Vec<usize> = run.map(|(index, _)| index).collect();
                    let edge = |of: &[Option<f64>]| -> Vec<Point> {
                        indices.iter().map(|&index| at(along[index], of[index].unwrap_or(0.0))).collect()
                    };
                    polygon(canvas, &edge(low), &edge(high), Paint::of(layer.ink).faded(BAND));
                }
            }
            Shape::Limit { along: Along::X, at, label } => {
                limit_of_x(canvas, (*at, label, limits_before(index)), layer, (x, frame))
            }
            Shape::Limit { along: Along::Y, at, .. } => limit_of_y(canvas, *at, layer, (y, frame)),
            Shape::Marks(marks) => {
                for mark in marks {
                    let interval = mark.interval.map(|(low, high)| [at(mark.x, low), at(mark.x, high)]);
                    paint_mark(canvas, mark, (at(mark.x, mark.y), interval), layer);
                }
            }
            // Spans and stacks are ground, and bars lie on rows.
            Shape::Spans(_) | Shape::Stack { .. } | Shape::Bars(_) => {}
        }
    }
}

/// Each stack as the area below its upper edge, the highest first: what it stands on is painted over it.
fn stacks(canvas: &mut Canvas<'_>, layers: &[Layer], y: &Axis, (x, frame): (&Axis, &Frame)) {
    let mut below: Vec<f64> = Vec::new();
    let mut areas: Vec<(Vec<Point>, &Layer)> = Vec::new();
    for layer in layers {
        let Shape::Stack { x: along, y: values } = &layer.shape else { continue };
        below.resize(along.len(), 0.0);
        below.iter_mut().zip(values).for_each(|(below, value)| *below += value.unwrap_or(0.0));
        let edge = along.iter().zip(&below).map(|(&along, &of)| (frame.x(x, along), frame.y(y, of)));
        areas.push((edge.collect(), layer));
    }
    for (edge, layer) in areas.iter().rev() {
        let ground: Vec<Point> = edge.iter().map(|&(x, _)| (x, frame.bottom)).collect();
        polygon(canvas, &ground, edge, fill(layer));
    }
}

/// The layers on rows.
pub fn on_rows(canvas: &mut Canvas<'_>, layers: &[Layer], rows: usize, (x, frame): (&Axis, &Frame)) {
    for layer in layers {
        match &layer.shape {
            Shape::Bars(bars) => bars.iter().for_each(|bar| paint_bar(canvas, bar, layer, rows, (x, frame))),
            Shape::Marks(marks) => {
                for mark in marks {
                    let y = frame.row(mark.y.max(0.0) as usize, rows);
                    let interval = mark.interval.map(|(low, high)| [low, high].map(|of| (frame.x(x, of), y)));
                    paint_mark(canvas, mark, ((frame.x(x, mark.x), y), interval), layer);
                    arrows(canvas, mark, layer, (x, frame), y);
                }
            }
            Shape::Spans(spans) => spans_of(canvas, spans, layer, (x, frame)),
            Shape::Limit { along: Along::X, at, label } => {
                limit_of_x(canvas, (*at, label, 0), layer, (x, frame))
            }
            // These lie on a measure.
            Shape::Limit { .. } | Shape::Line { .. } | Shape::Stack { .. } | Shape::Band { .. } => {}
        }
    }
}

/// What stands before a name in the legend.
pub fn swatch(canvas: &mut Canvas<'_>, layer: &Layer, (x, y): Point) {
    match &layer.shape {
        Shape::Line { .. } | Shape::Limit { .. } => line(canvas, &[(x, y), (x + 13.0, y)], layer),
        Shape::Marks(marks) => {
            let is_filled = marks.first().is_none_or(|mark| mark.is_filled);
            canvas.circle((x + 6.5, y), 4.0, Paint::of(layer.ink), is_filled);
        }
        _ => canvas.rect((x + 1.0, y - 5.0), (x + 12.0, y + 5.0), fill(layer)),
    }
}

fn line(canvas: &mut Canvas<'_>, points: &[Point], layer: &Layer) {
    let (paint, pen) = match layer.stroke {
        Stroke::Solid | Stroke::Hatched => (Paint::of(layer.ink), Pen::Thin),
        Stroke::Bold => (Paint::of(layer.ink), Pen::Bold),
        Stroke::Dashed => (Paint::of(layer.ink), Pen::Dashed),
        Stroke::Faint => (Paint::of(layer.ink).faded(0.6), Pen::Hair),
    };
    match points {
        // One value between two gaps.
        [(x, y)] => canvas.line(&[(x - 0.75, *y), (x + 0.75, *y)], paint, Pen::Bold),
        points => canvas.line(points, paint, pen),
    }
}

fn fill(layer: &Layer) -> Paint {
    match (layer.stroke, &layer.shape) {
        (Stroke::Hatched, _) => Paint::hatched(layer.ink),
        (Stroke::Faint, _) => Paint::of(layer.ink).faded(FAINT),
        (_, Shape::Band { .. }) => Paint::of(layer.ink).faded(BAND),
        _ => Paint::of(layer.ink),
    }
}

/// From the lower edge along the upper one and back. Where the two meet for long, nothing is drawn.
fn polygon(canvas: &mut Canvas<'_>, low: &[Point], high: &[Point], paint: Paint) {
    let is_flat = |index: usize| (low[index].1 - high[index].1).abs() < 0.05;
    let last = low.len().saturating_sub(1);
    let mut from = None;
    for index in 0..low.len() {
        let is_edge = is_flat(index) && (index == last || is_flat(index + 1));
        match from {
            None if !is_edge => {
                from = Some(index.saturating_sub(usize::from(index > 0 && is_flat(index - 1))))
            }
            Some(start) if is_edge || index == last => {
                let upper = extremes(high[start..=index].to_vec());
                let lower = extremes(low[start..=index].to_vec());
                let outline: Vec<Point> = upper.into_iter().chain(lower.into_iter().rev()).collect();
                canvas.polygon(&outline, paint);
                from = None;
            }
            _ => {}
        }
    }
}

fn spans_of(canvas: &mut Canvas<'_>, spans: &[Span], layer: &Layer, (x, frame): (&Axis, &Frame)) {
    for span in spans {
        let top = frame.bottom - span.height.clamp(0.0, 1.0) * (frame.bottom - frame.top);
        let (from, to) = (frame.x(x, span.from), frame.x(x, span.to));
        // What is short is seen all the same.
        canvas.rect((from, top), (to.max(from + 0.5), frame.bottom), fill(layer));
    }
}

/// The label of each one stands lower than that of the one before: they may be close to each other.
fn limit_of_x(
    canvas: &mut Canvas<'_>,
    (at, label, before): (f64, &str, usize),
    layer: &Layer,
    (x, frame): (&Axis, &Frame),
) {
    if !x.holds(at) {
        return;
    }
    let at = frame.x(x, at);
    line(canvas, &[(at, frame.top), (at, frame.bottom)], layer);
    let room = text_width(label, SMALL) + 6.0;
    let (x, anchor) =
        if at + room > frame.right { (at - 4.0, Anchor::End) } else { (at + 4.0, Anchor::Start) };
    let down = frame.top + 6.0 + 13.0 * (before % 4) as f64;
    canvas.text((x, down), label, SMALL, (Paint::of(layer.ink), anchor, false));
}

/// Its label is in the legend.
fn limit_of_y(canvas: &mut Canvas<'_>, at: f64, layer: &Layer, (y, frame): (&Axis, &Frame)) {
    if !y.holds(at) {
        return;
    }
    let at = frame.y(y, at);
    line(canvas, &[(frame.left, at), (frame.right, at)], layer);
}

fn paint_bar(canvas: &mut Canvas<'_>, bar: &Bar, layer: &Layer, rows: usize, (x, frame): (&Axis, &Frame)) {
    let half = frame.pitch(rows) * bar.thickness.clamp(0.02, 1.0) / 2.0;
    let (from, to) = (frame.x(x, bar.from), frame.x(x, bar.to));
    let middle = frame.row(bar.row, rows);
    canvas.rect((from, middle - half), (to.max(from + 0.75), middle + half), fill(layer));
    if !bar.label.is_empty() && to - from > text_width(&bar.label, SMALL) + 8.0 && half > TITLE / 2.0 {
        let style = (Paint::on(layer.ink), Anchor::Middle, false);
        // Hatching and letters do not go together.
        let ground = (text_width(&bar.label, SMALL) / 2.0 + 3.0, 7.0);
        let centre = (from + to) / 2.0;
        if layer.stroke == Stroke::Hatched {
            let corner = |sign: f64| (centre + sign * ground.0, middle + sign * ground.1);
            canvas.rect(corner(-1.0), corner(1.0), Paint::of(layer.ink));
        }
        canvas.text((centre, middle), &bar.label, SMALL, style);
    }
}

fn paint_mark(
    canvas: &mut Canvas<'_>,
    mark: &Mark,
    (at, interval): (Point, Option<[Point; 2]>),
    layer: &Layer,
) {
    if let Some(ends) = interval {
        canvas.line(&ends, Paint::of(layer.ink), Pen::Thin);
    }
    let ground = Paint::of(Ink::Band);
    if !mark.is_filled {
        canvas.circle(at, 3.5, ground, true);
    }
    canvas.circle(at, 3.5, Paint::of(layer.ink), mark.is_filled);
}

/// At the ends of the axis, where the interval goes on beyond them.
fn arrows(canvas: &mut Canvas<'_>, mark: &Mark, layer: &Layer, (x, frame): (&Axis, &Frame), y: f64) {
    let Some((low, high)) = mark.interval else { return };
    let ends = [(low < x.range.0, frame.left, -1.0), (high > x.range.1, frame.right, 1.0)];
    for (_, at, sign) in ends.into_iter().filter(|(is_beyond, ..)| *is_beyond) {
        let head = [(at + sign * 6.0, y), (at - sign, y - 4.0), (at - sign, y + 4.0)];
        canvas.polygon(&head, Paint::of(layer.ink));
    }
}

/// The stretches between gaps, with their indices.
fn runs(values: &[Option<f64>]) -> impl Iterator<Item = impl Iterator<Item = (usize, f64)>> {
    let mut index = 0;
    let chunks = values.chunk_by(|a, b| a.is_some() == b.is_some()).map(move |chunk| {
        let start = index;
        index += chunk.len();
        (start, chunk)
    });
    chunks.filter(|(_, chunk)| chunk.first().is_some_and(Option::is_some)).map(|(start, chunk)| {
        chunk.iter().enumerate().filter_map(move |(offset, value)| Some((start + offset, (*value)?)))
    })
}

/// Of points that are close to each other the first, the lowest, the highest and the last: it looks the same.
fn extremes(points: Vec<Point>) -> Vec<Point> {
    let mut kept = Vec::with_capacity(points.len().min(4096));
    let column = |point: &Point| (point.0 / GRAIN).floor();
    for chunk in points.chunk_by(|a, b| column(a) == column(b)) {
        if chunk.len() <= 4 {
            kept.extend_from_slice(chunk);
            continue;
        }
        let by_height = |a: &usize, b: &usize| chunk[*a].1.total_cmp(&chunk[*b].1);
        let last = chunk.len() - 1;
        let low = (0..chunk.len()).min_by(by_height).unwrap_or(0);
        let high = (0..chunk.len()).max_by(by_height).unwrap_or(last);
        let mut wanted = [0, low.min(high), low.max(high), last].to_vec();
        wanted.dedup();
        kept.extend(wanted.into_iter().map(|index| chunk[index]));
    }
    level(kept)
}

/// Without points in the middle of what is level.
fn level(points: Vec<Point>) -> Vec<Point> {
    let is_same = |a: Point, b: Point| (a.1 - b.1).abs() < 0.05;
    let mut kept: Vec<Point> = Vec::with_capacity(points.len());
    for (index, &point) in points.iter().enumerate() {
        let is_between = kept.last().is_some_and(|&before| is_same(before, point))
            && points.get(index + 1).is_some_and(|&next| is_same(point, next));
        if !is_between {
            kept.push(point);
        }
    }
    kept
}
