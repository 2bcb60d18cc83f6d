//! What timelines show, as JSON inside a page: columns of numbers, each axis of time once.

use std::sync::Arc;

use serde_json::json;

use crate::report::outline::{Along, Axis, Detail, Figure, Layer, Measure, Panel, Shape};
use crate::units::Unit;

/// Digits that a screen can show; more of what changes little.
const DIGITS: i32 = 3;
const DIGITS_OF_MEMORY: i32 = 4;
const DIGITS_OF_TIME: i32 = 7;

/// The timelines among the figures; empty where there is none. Nothing in it ends a script.
pub fn json(figures: &[&Figure]) -> String {
    let timelines: Vec<String> =
        figures.iter().filter_map(|figure| Some(timeline(figure, figure.detail.as_ref()?))).collect();
    if timelines.is_empty() {
        return String::new();
    }
    format!("[{}]", timelines.join(",")).replace('<', "\\u003c")
}

fn timeline(figure: &Figure, detail: &Detail) -> String {
    let mut grids: Vec<Arc<[f64]>> = Vec::new();
    let coarse = panels(&figure.panels, &mut grids);
    let fine = panels(&detail.panels, &mut grids);
    let grids: Vec<String> =
        grids.iter().map(|grid| numbers(grid.iter().map(|&x| Some(x)), DIGITS_OF_TIME)).collect();
    let events: Vec<_> = detail.events.iter().map(|event| json!([event.at, event.name])).collect();
    let head = json!({
        "id": figure.id, "title": figure.title, "text": figure.text, "range": figure.x.range, "below": detail.below,
        "covers": detail.covers, "events": events,
    });
    let head = head.to_string();
    let head = head.strip_suffix('}').unwrap_or(&head);
    format!("{head},\"grids\":[{}],\"coarse\":[{coarse}],\"fine\":[{fine}]}}", grids.join(","))
}

fn panels(panels: &[Panel], grids: &mut Vec<Arc<[f64]>>) -> String {
    let all: Vec<String> = panels.iter().filter_map(|panel| track(panel, grids)).collect();
    all.join(",")
}

/// Rows are not drawn on a timeline.
fn track(panel: &Panel, grids: &mut Vec<Arc<[f64]>>) -> Option<String> {
    let Measure::Axis(Axis { title, unit, scale, range }) = &panel.y else { return None };
    let digits = if *unit == Unit::Megabytes { DIGITS_OF_MEMORY } else { DIGITS };
    let layers: Vec<String> = panel.layers.iter().filter_map(|each| layer(each, digits, grids)).collect();
    let head = json!({
        "title": panel.title, "axis": title, "unit": unit, "scale": scale, "range": range, "height": panel.height,
    });
    let head = head.to_string();
    let head = head.strip_suffix('}').unwrap_or(&head);
    Some(format!("{head},\"layers\":[{}]}}", layers.join(",")))
}

fn layer(layer: &Layer, digits: i32, grids: &mut Vec<Arc<[f64]>>) -> Option<String> {
    let mut grid = |x: &Arc<[f64]>| {
        let known = grids.iter().position(|known| Arc::ptr_eq(known, x));
        known.unwrap_or_else(|| {
            grids.push(x.clone());
            grids.len() - 1
        })
    };
    let column = |values: &[Option<f64>]| numbers(values.iter().copied(), digits);
    let shape = match &layer.shape {
        Shape::Line { x, y } => format!("\"kind\":\"line\",\"grid\":{},\"y\":{}", grid(x), column(y)),
        Shape::Stack { x, y } => format!("\"kind\":\"stack\",\"grid\":{},\"y\":{}", grid(x), column(y)),
        // One value in each bin: a band of no width.
        Shape::Band { low, high, .. } if low == high => return Some(named(layer, "\"kind\":\"none\"")),
        Shape::Band { x, low, high } => {
            format!("\"kind\":\"band\",\"grid\":{},\"y\":{},\"high\":{}", grid(x), column(low), column(high))
        }
        Shape::Spans(spans) => {
            let spans: Vec<String> = spans
                .iter()
                .map(|span| numbers([span.from, span.to, span.height].into_iter().map(Some), DIGITS_OF_TIME))
                .collect();
            format!("\"kind\":\"spans\",\"spans\":[{}]", spans.join(","))
        }
        Shape::Limit { along: Along::Y, at, label } => {
            format!("\"kind\":\"limit\",\"at\":{at},\"label\":{}", json!(label))
        }
        Shape::Limit { .. } | Shape::Bars(_) | Shape::Marks(_) => return None,
    };
    Some(named(layer, &shape))
}

fn named(layer: &Layer, shape: &str) -> String {
    let (name, ink, stroke) = (json!(layer.name), json!(layer.ink.token().0), json!(layer.stroke));
    format!("{{\"name\":{name},\"ink\":{ink},\"stroke\":{stroke},{shape}}}")
}

fn numbers(values: impl Iterator<Item = Option<f64>>, digits: i32) -> String {
    let words: Vec<String> = values.map(|value| number(value, digits)).collect();
    format!("[{}]", words.join(","))
}

fn number(value: Option<f64>, digits: i32) -> String {
    match value.filter(|value| value.is_finite()) {
        None => "null".to_owned(),
        Some(value) if value.fract() == 0.0 && value.abs() < 1e6 => (value as i64).to_string(),
        Some(value) => {
            let power = digits - 1 - value.abs().log10().floor() as i32;
            let scale = 10f64.powi(power.clamp(-15, 15));
            ((value * scale).round() / scale).to_string()
        }
    }
}
