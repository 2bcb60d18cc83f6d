//! `verdicts.parquet`: everything that was judged, a row each, with the numbers that it rests on.

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

use super::columns::Columns;
use crate::analysis::Analysis;
use crate::judge::LimitDirection;
use crate::units::{Scale, Unit};

mod comparison;
mod row;
mod run;
#[cfg(test)]
mod tests;

use row::Row;

pub fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let all: Vec<(&str, Row)> = analyses
        .iter()
        .flat_map(|analysis| {
            let run_id = analysis.summary.identity.run_id.as_str();
            let rows = run::rows(analysis).into_iter().chain(comparison::rows(analysis));
            rows.map(move |row| (run_id, row))
        })
        .collect();
    let columns = Columns::default().text("run_id", all.iter().map(|(run_id, _)| Some(*run_id)));
    let rows: Vec<&Row> = all.iter().map(|(_, row)| row).collect();
    rest(judgement(columns, &rows), &rows).into_rows()
}

fn judgement(columns: Columns, rows: &[&Row]) -> Columns {
    let text = |of: fn(&Row) -> Option<&str>| rows.iter().map(move |row| of(row));
    let number = |of: fn(&Row) -> Option<f64>| rows.iter().map(move |row| of(row));
    columns
        .text("window", text(|row| Some(row.window)))
        .text("kind", text(|row| Some(row.kind)))
        .text("subject", text(|row| Some(&row.subject)))
        .text("other", text(|row| row.other.as_deref()))
        .text("metric", text(|row| row.metric.as_deref()))
        .text("verdict", text(|row| row.verdict.as_deref()))
        .text("severity", text(|row| row.severity.as_deref()))
        .number("value", number(|row| row.value))
        .number("value_low", number(|row| row.value_interval.map(|found| found.low)))
        .number("value_high", number(|row| row.value_interval.map(|found| found.high)))
        .text("unit", text(|row| row.unit.map(Unit::word)))
        .number("baseline_value", number(|row| row.baseline_value))
        .number("change", number(|row| row.change))
        .number("change_low", number(|row| row.change_interval.map(|found| found.low)))
        .number("change_high", number(|row| row.change_interval.map(|found| found.high)))
        .text("change_scale", text(|row| row.change_scale.map(Scale::word)))
        .number("margin", number(|row| row.margin))
}

fn rest(columns: Columns, rows: &[&Row]) -> Columns {
    let text = |of: fn(&Row) -> Option<&str>| rows.iter().map(move |row| of(row));
    let number = |of: fn(&Row) -> Option<f64>| rows.iter().map(move |row| of(row));
    columns
        .number("slope_per_min", number(|row| row.slope_per_min))
        .number("slope_low", number(|row| row.slope_interval.map(|found| found.low)))
        .number("slope_high", number(|row| row.slope_interval.map(|found| found.high)))
        .number("p", number(|row| row.p))
        .count("samples", rows.iter().map(|row| row.samples))
        .number("effective_samples", number(|row| row.effective_samples))
        .number("baseline_effective_samples", number(|row| row.baseline_effective_samples))
        .number("smallest_detectable_change", number(|row| row.smallest_detectable_change))
        .number("limit", number(|row| row.limit))
        .text("limit_direction", text(|row| row.limit_direction.map(LimitDirection::word)))
        .number("limit_change", number(|row| row.limit_change))
        .flag("gate", rows.iter().map(|row| row.gate))
        .flag("low_sample", rows.iter().map(|row| row.low_sample))
        .text("reason", text(|row| row.reason.as_deref()))
}
