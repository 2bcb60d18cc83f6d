//! `samples.parquet`: every sampled value of a metric, over the whole run.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{RecordBatch, StringArray};
use arrow::error::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;

use super::columns::Columns;
use super::parquet_bytes::{ROWS_PER_BATCH, ROWS_PER_GROUP, properties};
use crate::analysis::{Analysis, Provenance};
use crate::summary::{SamplePoint, Series};

pub const FILE_NAME: &str = "samples.parquet";

/// All rows of `analyses`, for those who want them in memory.
pub fn record_batch(analyses: &[&Analysis]) -> Result<RecordBatch, ArrowError> {
    let schema = Names::of(&Series::default()).rows("", &Series::default(), &[])?.schema();
    let of_run = |analysis: &&Analysis| {
        let series = &analysis.whole.series;
        Names::of(series).rows(&analysis.summary.identity.run_id, series, &series.samples)
    };
    let batches: Vec<RecordBatch> = analyses.iter().map(of_run).collect::<Result<_, _>>()?;
    arrow::compute::concat_batches(&schema, &batches)
}

/// The rows of one run as a Parquet file.
pub fn encode_run(
    analysis: &Analysis,
    provenance: &Provenance,
    out: &mut (dyn Write + Send),
) -> Result<(), ParquetError> {
    let (run_id, series) = (&analysis.summary.identity.run_id, &analysis.whole.series);
    let names = Names::of(series);
    let schema = names.rows(run_id, series, &[])?.schema();
    let properties = properties(&schema, FILE_NAME, provenance)?;
    let mut file = ArrowWriter::try_new(out, schema, Some(properties))?;
    for group in series.samples.chunks(ROWS_PER_GROUP) {
        group
            .chunks(ROWS_PER_BATCH)
            .try_for_each(|samples| file.write(&names.rows(run_id, series, samples)?))?;
        file.flush()?;
    }
    file.close().map(drop)
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
            .every_time("ts", all().map(|sample| sample.at_us))
            .every_count("tick", all().map(|sample| series.samples.tick(sample)))
            .words("metric", &self.names, all().map(index))
            .number("value", all().map(|sample| Some(sample.value)))
            .into_rows()
    }
}
