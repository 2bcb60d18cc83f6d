//! `components.parquet`: every number of every component, in long form.

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

use super::columns::Columns;
use super::domain_metrics;
use crate::analysis::Analysis;
use crate::summary::{ComponentCalls, Measured, RunSummary};
use crate::units::Unit;

/// One number of a component or of one of its operations.
pub struct Row<'a> {
    pub component: &'a str,
    pub operation: Option<&'a str>,
    pub metric: String,
    pub value: Option<f64>,
    pub unit: Unit,
}

pub fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let mut rows = Vec::new();
    for analysis in analyses {
        let run_id = analysis.summary.identity.run_id.as_str();
        rows.extend(rows_of(&analysis.summary).into_iter().map(|row| (run_id, row)));
    }
    let rows = || rows.iter();
    Columns::default()
        .text("run_id", rows().map(|(run_id, _)| Some(*run_id)))
        .text("component", rows().map(|(_, row)| Some(row.component)))
        .text("operation", rows().map(|(_, row)| row.operation))
        .text("metric", rows().map(|(_, row)| Some(row.metric.as_str())))
        .number("value", rows().map(|(_, row)| row.value))
        .text("unit", rows().map(|(_, row)| Some(row.unit.word())))
        .into_rows()
}

fn rows_of(run: &RunSummary) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for component in &run.components {
        let name = component.component.as_str();
        add_calls(name, None, &component.calls, &mut rows);
        for operation in &component.operations {
            add_calls(name, Some(&operation.operation), &operation.calls, &mut rows);
        }
    }
    domain_metrics::add(run, &mut rows);
    rows
}

fn add_calls<'a>(
    component: &'a str,
    operation: Option<&'a str>,
    calls: &ComponentCalls,
    rows: &mut Vec<Row<'a>>,
) {
    let counts = &calls.counts;
    let total = |total: &Measured<u64>| total.value().map(|total| *total as f64);
    let numbers = [
        ("finished", Some(counts.finished as f64), Unit::Count),
        ("ok", Some(counts.ok as f64), Unit::Count),
        ("failed", Some(counts.failed as f64), Unit::Count),
        ("miss", Some(counts.miss as f64), Unit::Count),
        ("blocked", Some(counts.blocked as f64), Unit::Count),
        ("unfinished", Some(counts.unfinished as f64), Unit::Count),
        ("success_rate", calls.success_rate.number(), Unit::Ratio),
        ("throughput_per_s", calls.throughput_per_s.number(), Unit::PerSecond),
        ("mean_ms", calls.all.mean_ms.number(), Unit::Milliseconds),
        ("min_ms", calls.all.min_ms.number(), Unit::Milliseconds),
        ("p50_ms", calls.all.value_ms(0.5), Unit::Milliseconds),
        ("p95_ms", calls.all.value_ms(0.95), Unit::Milliseconds),
        ("p99_ms", calls.all.value_ms(0.99), Unit::Milliseconds),
        ("max_ms", calls.all.max_ms.number(), Unit::Milliseconds),
        ("mean_queue_ms", calls.mean_queue_ms.number(), Unit::Milliseconds),
        ("total_cost_usd", calls.total_cost_usd.number(), Unit::Usd),
        ("total_tokens_in", total(&calls.total_tokens_in), Unit::Count),
        ("total_tokens_out", total(&calls.total_tokens_out), Unit::Count),
    ];
    let row = |metric: String, value, unit| Row { component, operation, metric, value, unit };
    rows.extend(numbers.map(|(metric, value, unit)| row(metric.to_owned(), value, unit)));
    rows.extend(
        counts
            .by_outcome
            .iter()
            .map(|(word, n)| row(format!("outcome:{word}"), Some(*n as f64), Unit::Count)),
    );
}
