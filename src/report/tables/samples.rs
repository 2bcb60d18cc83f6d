//! `samples.parquet`: every sampled value of a metric, over the whole run.

use std::sync::Arc;

use arrow::array::{RecordBatch, StringArray};
use arrow::error::ArrowError;

use super::columns::Columns;
use crate::analysis::Analysis;
use crate::summary::{SamplePoint, Series};

pub(super) const FILE_NAME: &str = "samples.parquet";

pub(super) fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let schema = rows("", &Series::default())?.schema();
    let of_run = |analysis: &&Analysis| rows(&analysis.summary.identity.run_id, &analysis.whole.series);
    let batches: Vec<RecordBatch> = analyses.iter().map(of_run).collect::<Result<_, _>>()?;
    match <[RecordBatch; 1]>::try_from(batches) {
        Ok([one]) => Ok(one),
        Err(batches) => arrow::compute::concat_batches(&schema, &batches),
    }
}

/// A run has few metrics and many samples: each name is stored once.
fn rows(run_id: &str, series: &Series) -> Result<RecordBatch, ArrowError> {
    let samples = &series.samples;
    let (names, places) = names(series);
    let place = |sample: &SamplePoint| sample.among(&places).unwrap_or(usize::MAX);
    let all = || samples.iter();
    Columns::default()
        .constant("run_id", run_id, samples.len())
        .every_time("ts", all().map(|sample| sample.at_us))
        .every_count("tick", all().map(|sample| samples.tick(sample)))
        .words("metric", &Arc::new(names), all().map(place))
        .number("value", all().map(|sample| Some(sample.value)))
        .into_rows()
}

/// The names that occur, sorted, and the place of each metric's among them.
fn names(series: &Series) -> (StringArray, Vec<Option<usize>>) {
    let mut occurs = vec![false; series.metrics.len()];
    for sample in series.samples.iter() {
        if let Some(occurs) = occurs.get_mut(sample.metric as usize) {
            *occurs = true;
        }
    }
    let labels = series.metrics.iter().map(String::as_str).zip(occurs);
    let labels: Vec<Option<&str>> = labels.map(|(label, occurs)| occurs.then_some(label)).collect();
    let mut names: Vec<&str> = labels.iter().copied().flatten().collect();
    names.sort_unstable();
    // Two metrics of one name are told apart by nothing but their place in the run.
    names.dedup();
    let places = labels.iter().map(|label| names.binary_search(&(*label)?).ok()).collect();
    (StringArray::from_iter_values(names), places)
}
