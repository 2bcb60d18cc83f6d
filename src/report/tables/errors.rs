//! `errors.parquet`: the failures of each component by category.

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

use super::columns::Columns;
use crate::analysis::Analysis;

pub fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let rows = || {
        analyses.iter().flat_map(|analysis| {
            let run_id = analysis.summary.identity.run_id.as_str();
            analysis.summary.errors.iter().map(move |error| (run_id, error))
        })
    };
    let errors = || rows().map(|(_, error)| error);
    Columns::default()
        .text("run_id", rows().map(|(run_id, _)| Some(run_id)))
        .text("component", errors().map(|error| Some(error.component.as_str())))
        .text("category", errors().map(|error| Some(error.category.as_str())))
        .count("count", errors().map(|error| Some(error.count)))
        .number("share", errors().map(|error| Some(error.share)))
        .time("first_ts", errors().map(|error| Some(error.first_us)))
        .time("last_ts", errors().map(|error| Some(error.last_us)))
        .text("example", errors().map(|error| error.example.as_deref()))
        .into_rows()
}
