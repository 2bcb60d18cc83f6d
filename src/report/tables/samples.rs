//! `samples.parquet`: every sampled value of a metric, over the whole run.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::{RecordBatch, StringArray};
use arrow::error::ArrowError;

use super::columns::Columns;
use crate::analysis::Analysis;
use crate::summary::SamplePoint;

pub(super) const FILE_NAME: &str = "samples.parquet";

pub(super) fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let schema = rows("", &[])?.schema();
    let of_run =
        |analysis: &&Analysis| rows(&analysis.summary.identity.run_id, &analysis.whole.series.samples);
    let batches: Vec<RecordBatch> = analyses.iter().map(of_run).collect::<Result<_, _>>()?;
    match <[RecordBatch; 1]>::try_from(batches) {
        Ok([one]) => Ok(one),
        Err(batches) => arrow::compute::concat_batches(&schema, &batches),
    }
}

/// A run has few metrics and many samples: each name is stored once.
fn rows(run_id: &str, samples: &[SamplePoint]) -> Result<RecordBatch, ArrowError> {
    let metrics: BTreeSet<&str> = samples.iter().map(|sample| sample.metric.as_str()).collect();
    let places: HashMap<&str, usize> =
        metrics.iter().enumerate().map(|(place, metric)| (*metric, place)).collect();
    let names = Arc::new(StringArray::from_iter_values(metrics));
    // Each name is in the map: both come from the same samples.
    let place = |sample: &SamplePoint| places.get(sample.metric.as_str()).copied().unwrap_or(usize::MAX);
    let all = || samples.iter();
    Columns::default()
        .constant("run_id", run_id, samples.len())
        .every_time("ts", all().map(|sample| sample.at_us))
        .every_count("tick", all().map(|sample| sample.tick))
        .words("metric", &names, all().map(place))
        .number("value", all().map(|sample| Some(sample.value)))
        .into_rows()
}
