//! `error_causes.parquet`: the failures of each component by category, operation and text.

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

use super::columns::Columns;
use crate::analysis::Analysis;

pub fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let rows = || {
        analyses.iter().flat_map(|analysis| {
            let run_id = analysis.summary.identity.run_id.as_str();
            analysis.summary.error_causes.iter().map(move |cause| (run_id, cause))
        })
    };
    let causes = || rows().map(|(_, cause)| cause);
    Columns::default()
        .text("run_id", rows().map(|(run_id, _)| Some(run_id)))
        .text("component", causes().map(|cause| Some(cause.component.as_str())))
        .text("category", causes().map(|cause| Some(cause.category.as_str())))
        .text("operation", causes().map(|cause| cause.operation.as_deref()))
        .text("detail", causes().map(|cause| cause.detail.as_deref()))
        .count("count", causes().map(|cause| Some(cause.count)))
        .number("share", causes().map(|cause| Some(cause.share)))
        .time("first_ts", causes().map(|cause| Some(cause.first_us)))
        .time("last_ts", causes().map(|cause| Some(cause.last_us)))
        .into_rows()
}
