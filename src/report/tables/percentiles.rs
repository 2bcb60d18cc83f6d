//! `percentiles.parquet`: every quantile of every component and operation, by class and category of outcome, in each window.

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

use super::columns::Columns;
use crate::analysis::Analysis;
use crate::summary::{ComponentCalls, Distribution, OutcomeCounts, RunSummary};

/// A window of a run, and whether it is the judged one.
type Window<'a> = (&'a RunSummary, bool);

/// One distribution: a row for each of its quantiles. These are made as they are asked for, since there may be many.
struct Rows<'a> {
    window: Window<'a>,
    component: &'a str,
    operation: Option<&'a str>,
    outcome_class: &'static str,
    category: Option<&'a str>,
    distribution: &'a Distribution,
}

pub fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let mut found = Vec::new();
    for window in analyses.iter().flat_map(|analysis| analysis.windows()) {
        add_window(window, &mut found);
    }
    let quantiles = || {
        let of = |rows: &Rows<'_>| rows.distribution.quantiles.len();
        found
            .iter()
            .flat_map(move |rows| std::iter::repeat_n(rows, of(rows)).zip(&rows.distribution.quantiles))
    };
    let rows = || quantiles().map(|(rows, _)| rows);
    let runs = || rows().map(|row| row.window.0);
    Columns::default()
        .text("run_id", runs().map(|run| Some(run.identity.run_id.as_str())))
        .text("window", runs().map(|run| Some(run.window.name.word())))
        .text("component", rows().map(|row| Some(row.component)))
        .text("operation", rows().map(|row| row.operation))
        .text("outcome_class", rows().map(|row| Some(row.outcome_class)))
        .text("category", rows().map(|row| row.category))
        .number("quantile", quantiles().map(|(_, found)| Some(found.quantile)))
        .number("value_ms", quantiles().map(|(_, found)| found.value_ms.number()))
        // Intervals are not computed by this version.
        .number("ci_low_ms", rows().map(|_| None))
        .number("ci_high_ms", rows().map(|_| None))
        .count("n", rows().map(|row| Some(row.distribution.n)))
        .flag("low_sample", quantiles().map(|(_, found)| Some(found.low_sample)))
        .flag("judged", rows().map(|row| Some(row.window.1)))
        .into_rows()
}

fn add_window<'a>(window: Window<'a>, rows: &mut Vec<Rows<'a>>) {
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
    rows: &mut Vec<Rows<'a>>,
) {
    let mut add = |outcome_class, category, distribution: &'a Distribution| {
        // Without a single duration there is nothing to say.
        if distribution.n > 0 {
            rows.push(Rows { window, component, operation, outcome_class, category, distribution });
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
