//! `samples.parquet`: every sampled value of a metric, over the whole run.

use std::sync::Arc;

use arrow_array::{RecordBatch, StringArray};
use arrow_schema::ArrowError;

use super::columns::{Batches, Columns};
use super::parquet_bytes::ROWS_PER_BATCH;
use crate::analysis::Analysis;
use crate::summary::{SamplePoint, Series};

/// No rows.
pub fn empty() -> Result<RecordBatch, ArrowError> {
    Names::of(&Series::default()).rows("", &Series::default(), &[])
}

pub fn of_run(analysis: &Analysis) -> Batches<'_> {
    let (run_id, series) = (&analysis.summary.identity.run_id, &analysis.whole.series);
    let names = Names::of(series);
    let batches = series.samples.chunks(ROWS_PER_BATCH);
    Box::new(batches.map(move |samples| names.rows(run_id, series, samples)))
}

/// A run has few metrics and many samples: each name is stored once.
struct Names {
    /// Those that occur, sorted.
    names: Arc<StringArray>,
    /// The index of each metric's among them.
    indices: Vec<Option<usize>>,
}

impl Names {
    fn of(series: &Series) -> Self {
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
        // Two metrics of one name are told apart by nothing but their index in the run.
        names.dedup();
        let indices = labels.iter().map(|label| names.binary_search(&(*label)?).ok()).collect();
        Self { names: Arc::new(StringArray::from_iter_values(names)), indices }
    }

    /// Rows for some of the samples of `series`.
    fn rows(
        &self,
        run_id: &str,
        series: &Series,
        samples: &[SamplePoint],
    ) -> Result<RecordBatch, ArrowError> {
        let index = |sample: &SamplePoint| sample.among(&self.indices).unwrap_or(usize::MAX);
        let all = || samples.iter();
        Columns::default()
            .constant("run_id", run_id, samples.len())
            .time("ts", all().map(|sample| Some(sample.at_us)))
            .count("tick", all().map(|sample| Some(series.samples.tick(sample))))
            .words("metric", &self.names, all().map(index))
            .number("value", all().map(|sample| Some(sample.value)))
            .into_rows()
    }
}
