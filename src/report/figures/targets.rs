//! How far each target is off: the value as a share of its limit.

use crate::analysis::Analysis;
use crate::judge::{LimitDirection, TargetOutcome, TargetVerdict};
use crate::report::outline::{
    Along, Axis, Bar, Cell, Figure, Ink, Layer, Measure, Panel, Row, Scale, Shape, Stroke, Tone,
};
use crate::units::Unit;

/// What lies farther off ends the row.
const WIDEST: f64 = 2.5;
const ROW_HEIGHT: u32 = 24;

/// Bullets of the targets that were judged.
pub fn targets(analysis: &Analysis) -> Option<Figure> {
    let judged: Vec<(&TargetVerdict, f64)> = analysis
        .targets
        .iter()
        .filter(|target| target.outcome != TargetOutcome::CannotTell && target.limit > 0.0)
        .filter_map(|target| Some((target, target.actual.number()?)))
        .collect();
    if judged.is_empty() {
        return None;
    }
    let most = judged.iter().map(|(target, actual)| actual / target.limit).fold(1.25, f64::max).min(WIDEST);
    let bars = |outcome: TargetOutcome| -> Vec<Bar> {
        let rows = judged.iter().enumerate().filter(|(_, (target, _))| target.outcome == outcome);
        rows.map(|(row, (target, actual))| {
            Bar::new(row, 0.0, (actual / target.limit).clamp(0.0, most)).thin(0.42)
        })
        .collect()
    };
    let layer = |outcome: TargetOutcome, ink| Layer::new(outcome.told(), ink, Shape::Bars(bars(outcome)));
    let rows = judged.iter().map(|(target, actual)| Row::new(&target.name, note(target, *actual)));
    let limit = Shape::Limit { along: Along::X, at: 1.0, label: String::new() };
    let layers = vec![
        layer(TargetOutcome::Pass, Ink::New),
        layer(TargetOutcome::Fail, Ink::Fail),
        Layer::new("limit", Ink::Text, limit).stroked(Stroke::Bold),
    ];
    let told: Vec<String> = judged
        .iter()
        .map(|(target, actual)| format!("{} {}", target.name, note(target, *actual).text))
        .collect();
    Some(Figure {
        id: "targets-figure",
        title: "Each value as a share of its limit".to_owned(),
        caption: Vec::new(),
        text: crate::report::printable(&told.join("; ")),
        x: Axis::new("value / limit", Unit::Ratio, Scale::Linear, (0.0, most)),
        panels: vec![Panel {
            title: String::new(),
            height: judged.len() as u32 * ROW_HEIGHT,
            y: Measure::Rows(rows.collect()),
            layers,
        }],
        detail: None,
    })
}

/// `✕ 85.80 % (≥ 95.00 %)`.
fn note(target: &TargetVerdict, actual: f64) -> Cell {
    let sign = match target.direction {
        LimitDirection::Above => '>',
        LimitDirection::Below => '<',
    };
    let (mark, tone) = match target.outcome {
        TargetOutcome::Fail => ('✕', Tone::Bad),
        TargetOutcome::Pass => ('✓', Tone::Plain),
        TargetOutcome::CannotTell => ('?', Tone::Doubtful),
    };
    let (actual, limit) = (target.unit.print(actual), target.unit.print(target.limit));
    Cell::toned(format!("{mark} {actual} ({sign} {limit})"), tone)
}
