//! Run files as others write them: with Arrow's plain Parquet writer, right or wrong.

use std::fs::File;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array};
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use serde_json::Value;

use super::Bench;

/// 2026-01-01, µs since 1970.
pub const T0_US: i64 = 1_767_225_600_000_000;

pub type Columns = Vec<(&'static str, ArrayRef)>;

/// Requests 10 ms apart that all went well.
pub fn requests(rows: usize) -> Columns {
    let instants = (0..rows as i64).map(|row| T0_US + row * 10_000);
    let durations = (0..rows).map(|row| 10.0 + row as f64 / 100.0);
    vec![
        ("ts", Arc::new(TimestampMicrosecondArray::from_iter_values(instants).with_timezone("UTC"))),
        ("component", texts(&vec!["request"; rows])),
        ("outcome", texts(&vec!["ok"; rows])),
        ("duration_ms", Arc::new(Float64Array::from_iter_values(durations))),
    ]
}

pub fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// The columns with one replaced.
pub fn with(columns: Columns, name: &'static str, values: ArrayRef) -> Columns {
    let mut columns = without(columns, name);
    columns.push((name, values));
    columns
}

pub fn without(columns: Columns, name: &str) -> Columns {
    columns.into_iter().filter(|(column, _)| *column != name).collect()
}

/// `requests(rows)` in which the duration of the given rows, counted from 0, is another.
pub fn with_duration(rows: usize, at: &[usize], duration_ms: f64) -> Columns {
    let duration = |row| if at.contains(&row) { duration_ms } else { 10.0 + row as f64 / 100.0 };
    with(requests(rows), "duration_ms", Arc::new(Float64Array::from_iter_values((0..rows).map(duration))))
}

/// `requests(rows)` in which the given rows have no `ts`.
pub fn without_instant(rows: usize, at: &[usize]) -> Columns {
    let instant = |row: usize| (!at.contains(&row)).then(|| T0_US + row as i64 * 10_000);
    with(requests(rows), "ts", Arc::new((0..rows).map(instant).collect::<TimestampMicrosecondArray>()))
}

/// `requests(rows)` with the last of them once more, `copies` times.
pub fn with_copies(rows: usize, copies: usize) -> Columns {
    let indices: Vec<usize> = (0..rows).chain(std::iter::repeat_n(rows - 1, copies)).collect();
    let batch = take(&to_batch(requests(rows)), &indices);
    let names = ["ts", "component", "outcome", "duration_ms"];
    names.into_iter().map(|name| (name, batch.column_by_name(name).unwrap().clone())).collect()
}

pub fn to_batch(columns: Columns) -> RecordBatch {
    let nullable = columns.into_iter().map(|(name, values)| (name, values, true));
    RecordBatch::try_from_iter_with_nullable(nullable).unwrap()
}

pub fn take(batch: &RecordBatch, indices: &[usize]) -> RecordBatch {
    take_record_batch(batch, &UInt32Array::from_iter_values(indices.iter().map(|&index| index as u32)))
        .unwrap()
}

impl Bench {
    /// Writes a run file as others would; `metadata` is the text under `cmo.run`.
    pub fn write_run(&self, name: &str, batch: &RecordBatch, metadata: Option<&str>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let pair = metadata.map(|text| vec![KeyValue::new("cmo.run".to_owned(), text.to_owned())]);
        // Several row groups, so that several threads have work.
        let properties = WriterProperties::builder()
            .set_max_row_group_row_count(Some(500))
            .set_key_value_metadata(pair)
            .build();
        let mut writer =
            ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
        writer.write(batch).unwrap();
        writer.close().unwrap();
    }

    /// Like `write_run`, from columns, without metadata.
    pub fn write_columns(&self, name: &str, columns: Columns) {
        self.write_run(name, &to_batch(columns), None);
    }

    /// All rows of a run file, and its metadata.
    pub fn read_run(&self, name: &str) -> (RecordBatch, Value) {
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(self.path(name)).unwrap()).unwrap();
        let pairs = builder.metadata().file_metadata().key_value_metadata().unwrap().clone();
        let json = pairs.into_iter().find(|pair| pair.key == "cmo.run").and_then(|pair| pair.value);
        (read_table(&self.path(name)), serde_json::from_str(&json.unwrap()).unwrap())
    }
}

/// All rows of a table.
pub fn read_table(path: &std::path::Path) -> RecordBatch {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let schema = builder.schema().clone();
    let batches: Vec<RecordBatch> = builder.build().unwrap().collect::<Result<_, _>>().unwrap();
    concat_batches(&schema, &batches).unwrap()
}
