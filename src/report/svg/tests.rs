//! Drawings of small figures.

use std::sync::Arc;

use super::*;
use crate::report::outline::{Along, Bar, Cell, Layer, Mark, Row, Shape, Span, Stroke, Tone};
use crate::units::Unit;

fn figure(y: Measure, layers: Vec<Layer>) -> Figure {
    Figure {
        id: "small",
        title: "Small".into(),
        caption: Vec::new(),
        text: "A small figure".into(),
        x: Axis::new("s", Unit::Seconds, Scale::Time, (0.0, 4.0)),
        panels: vec![Panel { title: "Calls".into(), y, height: 60, layers }],
        detail: None,
    }
}

fn grid() -> Arc<[f64]> {
    [0.0, 1.0, 2.0, 3.0, 4.0].into()
}

fn measure() -> Measure {
    Measure::Axis(Axis::from_zero("1/s", Unit::PerSecond, 10.0))
}

#[test]
fn a_gap_parts_a_line_and_is_no_zero() {
    let y = vec![Some(1.0), Some(2.0), None, Some(4.0), Some(5.0)];
    let line = Layer::new("calls", Ink::Lightrag, Shape::Line { x: grid(), y });
    let drawing = paint(&figure(measure(), vec![line]), WIDE);
    let lines = drawing.elements.matches("stroke=\"#D29100\"").count();
    assert_eq!(lines, 3, "two parts and the mark in the legend: {}", drawing.elements);
}

#[test]
fn a_series_is_one_element_however_long() {
    let x: Arc<[f64]> = (0..10_000).map(|at| f64::from(at) * 4e-4).collect();
    let y = (0..10_000).map(|at| Some(if at == 5_000 { 10.0 } else { f64::from(at % 3) })).collect();
    let line = Layer::new("", Ink::L1, Shape::Line { x, y });
    let drawing = paint(&figure(measure(), vec![line]), NARROW);
    assert_eq!(drawing.elements.matches("#4E97D1").count(), 1);
    assert!(drawing.elements.len() < 20_000, "{}", drawing.elements.len());
}

#[test]
fn each_shape_is_drawn_on_rows_or_on_a_measure() {
    let rows = Measure::Rows(vec![
        Row::new("one", Cell::plain("1 s")),
        Row::new("two", Cell::toned("2 s", Tone::Bad)),
    ]);
    let bars =
        Layer::new("waiting", Ink::Perplexity, Shape::Bars(vec![Bar::new(0, 0.0, 3.0).labelled("3 s")]));
    let marks = Shape::Marks(vec![Mark { x: 2.0, y: 1.0, interval: Some((1.0, 3.0)), is_filled: false }]);
    let limit = Shape::Limit { along: Along::X, at: 3.5, label: "limit".into() };
    let layers = vec![
        bars.stroked(Stroke::Hatched),
        Layer::new("", Ink::New, marks),
        Layer::new("", Ink::Fail, limit).stroked(Stroke::Dashed),
        Layer::new("", Ink::Fail, Shape::Spans(vec![Span { from: 1.0, to: 2.0, height: 1.0 }]))
            .stroked(Stroke::Faint),
    ];
    let drawing = paint(&figure(rows, layers), WIDE);
    for wanted in [
        "#743A81",
        ">3 s</text>",
        "<circle",
        "stroke-dasharray",
        "opacity=\"0.13\"",
        ">limit</text>",
        ">two</text>",
    ] {
        assert!(drawing.elements.contains(wanted), "{wanted} in {}", drawing.elements);
    }
}

#[test]
fn stacks_stand_on_each_other_and_bands_reach_from_low_to_high() {
    let stack = |ink, value| Layer::new("", ink, Shape::Stack { x: grid(), y: vec![Some(value); 5] });
    let band = Shape::Band { x: grid(), low: vec![Some(1.0); 5], high: vec![Some(9.0); 5] };
    let layers = vec![stack(Ink::L1, 2.0), stack(Ink::L2, 3.0), Layer::new("", Ink::Other, band)];
    let drawing = paint(&figure(measure(), layers), WIDE);
    assert_eq!(drawing.elements.matches("<polygon").count(), 3, "{}", drawing.elements);
}

#[test]
fn a_name_cannot_end_an_element() {
    let rows = Measure::Rows(vec![Row::new("</text><img onerror=x>", Cell::plain("\"'&"))]);
    let drawing = paint(&figure(rows, Vec::new()), WIDE);
    assert!(!drawing.elements.contains("<img"), "{}", drawing.elements);
    assert!(drawing.elements.contains("&lt;"), "{}", drawing.elements);
}

#[test]
fn what_is_not_finite_stays_on_the_sheet() {
    for value in [f64::NAN, f64::INFINITY, -1e300] {
        let line = Layer::new("x", Ink::L1, Shape::Line { x: grid(), y: vec![Some(value); 5] });
        let drawing = paint(&figure(measure(), vec![line]), WIDE);
        assert!(!drawing.elements.contains("NaN") && !drawing.elements.contains("inf"), "{value}");
    }
}
