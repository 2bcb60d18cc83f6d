//! What the figures of a comparison hold, and what their captions say.

use super::*;
use crate::comparison::{Comparison, Group};
use crate::report::comparison::tests::{against_baseline, compared, runs};
use crate::report::outline::{Figure, Grid, Layer, Measure, Panel, Shape};

fn described(figure: &Figure) -> String {
    let head = format!("{}\n  x: {:?} {:?}\n", figure.title, figure.x.title, figure.x.range);
    let panels: String = figure.panels.iter().map(panel).collect();
    let captions: String = figure.caption.iter().map(|cell| format!("  “{}”\n", cell.text)).collect();
    format!("{head}{panels}{captions}  text: {}\n", figure.text)
}

fn panel(panel: &Panel) -> String {
    let head = match &panel.y {
        Measure::Axis(axis) => format!("  {} y: {:?} {:?}\n", panel.title, axis.title, axis.range),
        Measure::Rows(rows) => {
            rows.iter().map(|row| format!("  row {} | {}\n", row.name, row.note.text)).collect()
        }
    };
    head + &panel.layers.iter().map(layer).collect::<String>()
}

fn layer(layer: &Layer) -> String {
    let shape = match &layer.shape {
        Shape::Line { x, y } if x.len() > 12 => format!("line of {} points", y.len()),
        Shape::Line { x, y } => format!("line {x:?} {y:?}"),
        Shape::Marks(marks) if marks.is_empty() => return String::new(),
        Shape::Marks(marks) => {
            let each = |mark: &crate::report::outline::Mark| {
                format!("({:.3}, {:.3}) {:.3?} {}", mark.x, mark.y, mark.interval, mark.is_filled)
            };
            format!("marks {}", marks.iter().map(each).collect::<Vec<_>>().join("; "))
        }
        Shape::Spans(spans) => format!("spans {spans:?}"),
        Shape::Limit { along, at, label } => format!("limit {along:?} {at:.3} {label:?}"),
        other => format!("{other:?}"),
    };
    format!("    {:?} {:?} {} {shape}\n", layer.ink, layer.stroke, layer.name)
}

fn of_grid(grid: &Grid) -> String {
    let captions: String = grid.caption.iter().map(|cell| format!("“{}”\n", cell.text)).collect();
    format!("{}\n{captions}{}", grid.title, grid.figures.iter().map(described).collect::<String>())
}

fn without_baseline() -> Comparison {
    compared(runs(), Vec::new(), crate::comparison::Reference::Nothing)
}

fn group(comparison: &Comparison) -> &Group {
    &comparison.groups[1]
}

#[test]
fn the_forest_has_a_figure_for_each_metric_and_says_where_it_stands_clear() {
    insta::assert_snapshot!(of_grid(&changes(&against_baseline()).unwrap()));
}

#[test]
fn levels_capacity_scaling_and_degradation_are_drawn_from_the_runs() {
    let comparison = without_baseline();
    let group = group(&comparison);
    let drawn = [capacity(group), scaling(group), degradation(group)].map(|figure| match figure {
        Ok(figure) => described(&figure),
        Err(reason) => reason,
    });
    let glance = of_grid(&levels(&comparison, group, "glance").unwrap());
    insta::assert_snapshot!(format!("{glance}\n{}", drawn.join("\n")));
}

#[test]
fn where_nothing_can_be_drawn_the_reason_is_told() {
    let comparison = without_baseline();
    assert!(changes(&comparison).err().unwrap().starts_with("No changes to show: no baseline was asked for"));
    let alone = &comparison.groups[0];
    assert_eq!(
        levels(&comparison, alone, "glance").err().unwrap(),
        "Nothing against load: all runs are of 30 users"
    );
    assert!(
        degradation(alone).err().unwrap().starts_with("No degradation to draw: all runs are of 30 users")
    );
}

#[test]
fn of_many_marks_some_spread_from_the_first_to_the_last_are_drawn() {
    let all: Vec<usize> = (0..500).collect();
    let shown = axes::thinned(all.clone(), 60);
    assert_eq!(shown.len(), 60);
    assert!(shown[0] < 10 && shown[59] == 499, "{shown:?}");
    assert_eq!(axes::thinned(all, 500).len(), 500);
}

#[test]
fn an_axis_about_zero_ends_at_a_round_number() {
    use crate::units::Unit;
    for (farthest, end) in [(0.65, 0.75), (0.2, 0.2), (34.0, 50.0), (f64::NAN, 1.0), (0.0, 1.0)] {
        let range = axes::about_zero("", Unit::Number, farthest).range;
        assert!((range.1 - end).abs() < 1e-9 && range.0 == -range.1, "{farthest}: {range:?}");
    }
}
