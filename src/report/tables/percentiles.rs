//! `percentiles.parquet`: every quantile of every component and operation, by class and category of outcome, in each window.

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

use super::columns::Columns;
use crate::analysis::Analysis;
use crate::summary::{ComponentCalls, Distribution, OutcomeCounts, Quantile, RunSummary};

/// A window of a run, and whether it is the judged one.
type Window<'a> = (&'a RunSummary, bool);

struct Row<'a> {
    window: Window<'a>,
    component: &'a str,
    operation: Option<&'a str>,
    outcome_class: &'static str,
    category: Option<&'a str>,
    quantile: &'a Quantile,
    n: u64,
}

pub fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let mut rows = Vec::new();
    for window in analyses.iter().flat_map(|analysis| analysis.windows()) {
        add_window(window, &mut rows);
    }
    let rows = || rows.iter();
    let runs = || rows().map(|row| row.window.0);
    Columns::default()
        .text("run_id", runs().map(|run| Some(run.identity.run_id.as_str())))
        .text("window", runs().map(|run| Some(run.window.name.word())))
        .text("component", rows().map(|row| Some(row.component)))
        .text("operation", rows().map(|row| row.operation))
        .text("outcome_class", rows().map(|row| Some(row.outcome_class)))
        .text("category", rows().map(|row| row.category))
        .number("quantile", rows().map(|row| Some(row.quantile.quantile)))
        .number("value_ms", rows().map(|row| row.quantile.value_ms.number()))
        // Intervals are not computed by this version.
        .number("ci_low_ms", rows().map(|_| None))
        .number("ci_high_ms", rows().map(|_| None))
        .count("n", rows().map(|row| Some(row.n)))
        .flag("low_sample", rows().map(|row| Some(row.quantile.low_sample)))
        .flag("judged", rows().map(|row| Some(row.window.1)))
        .into_rows()
}

fn add_window<'a>(window: Window<'a>, rows: &mut Vec<Row<'a>>) {
    for component in &window.0.components {
        add_calls(window, &component.component, None, &component.calls, rows);
        for operation in &component.operations {
            add_calls(window, &component.component, Some(&operation.operation), &operation.calls, rows);
        }
    }
}

fn add_calls<'a>(
    window: Window<'a>,
    component: &'a str,
    operation: Option<&'a str>,
    calls: &'a ComponentCalls,
    rows: &mut Vec<Row<'a>>,
) {
    let mut add = |outcome_class, category, distribution: &'a Distribution| {
        // Without a single duration there is nothing to say.
        if distribution.n > 0 {
            let row = |quantile| Row {
                window,
                component,
                operation,
                outcome_class,
                category,
                quantile,
                n: distribution.n,
            };
            rows.extend(distribution.quantiles.iter().map(row));
        }
    };
    add("finished", None, &calls.all);
    add("ok", None, &calls.ok);
    add("failed", None, &calls.failed);
    for (category, distribution) in &calls.by_category {
        let class = if OutcomeCounts::is_failure_word(category) { "failed" } else { "finished" };
        add(class, Some(category), distribution);
    }
}
