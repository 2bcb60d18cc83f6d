//! `percentiles.parquet`: every quantile of every component and operation, by class and category of outcome, in each window.

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

use super::columns::Columns;
use crate::analysis::Analysis;
use crate::summary::{ComponentCalls, Distribution, OutcomeCounts, Quantile, RunSummary};

struct Row<'a> {
    run: &'a RunSummary,
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
    Columns::default()
        .text("run_id", rows().map(|row| Some(row.run.identity.run_id.as_str())))
        .text("window", rows().map(|row| Some(row.run.window.name.as_str())))
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
        .into_rows()
}

fn add_window<'a>(run: &'a RunSummary, rows: &mut Vec<Row<'a>>) {
    for component in &run.components {
        add_calls(run, &component.component, None, &component.calls, rows);
        for operation in &component.operations {
            add_calls(run, &component.component, Some(&operation.operation), &operation.calls, rows);
        }
    }
}

fn add_calls<'a>(
    run: &'a RunSummary,
    component: &'a str,
    operation: Option<&'a str>,
    calls: &'a ComponentCalls,
    rows: &mut Vec<Row<'a>>,
) {
    let mut add = |outcome_class, category, distribution: &'a Distribution| {
        // Without a single duration there is nothing to say.
        if distribution.n > 0 {
            let row = |quantile| Row {
                run,
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
    add("all", None, &calls.all);
    add("ok", None, &calls.ok);
    add("failed", None, &calls.failed);
    for (category, distribution) in &calls.by_category {
        let class = if OutcomeCounts::is_failure_word(category) { "failed" } else { "all" };
        add(class, Some(category), distribution);
    }
}
