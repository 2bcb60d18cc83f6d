//! The calls to language models: times to first token, times per output token, tokens.

use super::requests::milliseconds;
use super::{Cell, Column, Section};
use crate::analysis::Analysis;
use crate::summary::{Distribution, Measured, ModelCalls, TokenCounts};
use crate::units;

/// What two headings need room for.
const EXPLAINED: &str =
    "TTFT: time to first token; TPOT: time per output token behind it. Of the successful calls";

/// One row for each component that has any of it.
pub fn section(analysis: &Analysis) -> Section {
    let columns = vec![
        Column::name("model calls"),
        Column::number("TTFT P50 ms"),
        Column::number("P95"),
        Column::number("TPOT P50 ms"),
        Column::number("P95").minor(),
        Column::number("tokens in").minor(),
        Column::number("out").minor(),
    ];
    let components = analysis.summary.components.iter();
    let rows: Vec<_> =
        components.filter_map(|found| Some(row(&found.component, found.calls.model.value()?))).collect();
    let lines = if rows.is_empty() { None } else { Some(EXPLAINED.to_owned()) };
    let mut section = Section::of_rows("Model calls", columns, rows);
    section.add_lines(lines);
    section
}

fn row(component: &str, model: &ModelCalls) -> Vec<Cell> {
    let time = |times: &Measured<Distribution>, q: f64| {
        let found = times.value().and_then(|times| times.quantile(q));
        found.map_or_else(Cell::none, |found| milliseconds(found.value_ms.number(), false, found.low_sample))
    };
    let mean = |tokens: &Measured<TokenCounts>| {
        let mean = tokens.value().and_then(|tokens| tokens.mean.number());
        mean.map_or_else(Cell::none, |mean| Cell::plain(units::number(mean)))
    };
    vec![
        Cell::plain(component),
        time(&model.ttft, 0.5),
        time(&model.ttft, 0.95),
        time(&model.tpot, 0.5),
        time(&model.tpot, 0.95),
        mean(&model.tokens_in),
        mean(&model.tokens_out),
    ]
}
