//! The grade over time: a row a grade.

use super::bins::since_s;
use super::over_time::clock;
use crate::analysis::Analysis;
use crate::judge::GradeOverTime;
use crate::report::outline::{Bar, Cell, Figure, Ink, Layer, Measure, Panel, Row, Shape};
use crate::units::duration_s;

/// Where each grade held, over the trailing bin of each second.
pub fn grades(analysis: &Analysis) -> Option<Figure> {
    let over_time = analysis.grade_over_time.value().filter(|found| !found.per_second.is_empty())?;
    let rows: Vec<Row> = over_time
        .time_in_grade
        .iter()
        .map(|time| Row::new(&time.grade, Cell::plain(duration_s(time.seconds))))
        .collect();
    let worst = rows.len().saturating_sub(1);
    let bars = bars(over_time, analysis);
    let of = |is_worst: bool| bars.iter().filter(|bar| (bar.row == worst) == is_worst).cloned().collect();
    let layers = vec![
        Layer::new("", Ink::New, Shape::Bars(of(false))),
        Layer::new("", Ink::Fail, Shape::Bars(of(true))),
    ];
    let told: Vec<String> = rows.iter().map(|row| format!("{} {}", row.name, row.note.text)).collect();
    Some(Figure {
        id: "grades",
        title: "Grade over time".to_owned(),
        caption: Vec::new(),
        text: format!("Time in each grade: {}", told.join(", ")),
        x: clock(&analysis.whole),
        panels: vec![Panel {
            title: String::new(),
            height: rows.len() as u32 * 18,
            y: Measure::Rows(rows),
            layers,
        }],
        detail: None,
    })
}

/// Seconds of one grade that follow each other are one bar.
fn bars(over_time: &GradeOverTime, analysis: &Analysis) -> Vec<Bar> {
    let row_of = |grade: &str| over_time.time_in_grade.iter().position(|time| time.grade == grade);
    let mut bars: Vec<Bar> = Vec::new();
    for at in &over_time.per_second {
        let Some(row) = row_of(&at.grade) else { continue };
        let from = since_s(&analysis.whole, at.at_us);
        match bars.last_mut() {
            Some(last) if last.row == row && (from - last.to).abs() < 0.5 => last.to = from + 1.0,
            _ => bars.push(Bar::new(row, from, from + 1.0)),
        }
    }
    bars
}
