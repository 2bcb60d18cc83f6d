//! `samples.parquet`: every sampled value of a metric, over the whole run.

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

use super::columns::Columns;
use crate::analysis::Analysis;

pub(super) const FILE_NAME: &str = "samples.parquet";

pub(super) fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let rows = || {
        analyses.iter().flat_map(|analysis| {
            let run_id = analysis.summary.identity.run_id.as_str();
            analysis.whole.series.samples.iter().map(move |sample| (run_id, sample))
        })
    };
    Columns::default()
        .text("run_id", rows().map(|(run_id, _)| Some(run_id)))
        .time("ts", rows().map(|(_, sample)| Some(sample.at_us)))
        .count("tick", rows().map(|(_, sample)| Some(sample.tick)))
        .text("metric", rows().map(|(_, sample)| Some(sample.metric.as_str())))
        .number("value", rows().map(|(_, sample)| Some(sample.value)))
        .into_rows()
}
