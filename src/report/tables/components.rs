//! `components.parquet`: every number of the catalogue that a run has, in long form.

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

use super::columns::Columns;
use crate::analysis::Analysis;
use crate::metrics::{self, Fact};

pub fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let mut rows: Vec<(&str, Fact<'_>)> = Vec::new();
    for analysis in analyses {
        let run_id = analysis.summary.identity.run_id.as_str();
        rows.extend(metrics::all(&analysis.summary).into_iter().map(|fact| (run_id, fact)));
    }
    let rows = || rows.iter();
    Columns::default()
        .text("run_id", rows().map(|(run_id, _)| Some(*run_id)))
        .text("component", rows().map(|(_, fact)| Some(fact.component)))
        .text("operation", rows().map(|(_, fact)| fact.operation))
        .text("metric", rows().map(|(_, fact)| Some(fact.statistic.as_str())))
        .number("value", rows().map(|(_, fact)| fact.reading.value.number()))
        .text("unit", rows().map(|(_, fact)| Some(fact.unit.word())))
        .into_rows()
}
