//! Nights as a Parquet file: one row for each run and metric, with columns to query and all that is needed to judge again.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, TimeUnit};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::error::HistoryError;
use super::judged_run::{JudgedRun, Told};
use crate::baseline::RunRecord;
use crate::run::guard;
use crate::summary::ComparableMetric;

/// Texts repeat a lot.
const ZSTD_LEVEL: i32 = 3;

/// Columns that a run is made of again, with the types that they are read as: another program may have written the file anew.
/// The others are there to be queried.
const READ: [(&str, DataType); 15] = [
    ("run_digest", DataType::Utf8),
    ("judged_at", DataType::Timestamp(TimeUnit::Microsecond, None)),
    ("tags", DataType::Utf8),
    ("verdict", DataType::Utf8),
    ("is_gate", DataType::Boolean),
    ("variance", DataType::Float64),
    ("memory", DataType::Float64),
    ("batches", DataType::Float64),
    ("fail_on", DataType::Utf8),
    ("must_exclude", DataType::Utf8),
    ("gate_code", DataType::Int32),
    ("definitions", DataType::Int32),
    ("tool", DataType::Utf8),
    (RUN, DataType::Utf8),
    (MEASURED, DataType::Utf8),
];
/// The record of the run without its metrics, and one of its metrics, as JSON: to the last bit.
const RUN: &str = "run";
const MEASURED: &str = "measured";

/// A row before it has become columns.
struct Row<'a> {
    run: &'a JudgedRun,
    metric: &'a ComparableMetric,
    told: Option<&'a Told>,
}

/// The bytes of the file. Same runs, same bytes.
pub fn encode(runs: &[&JudgedRun]) -> Result<Vec<u8>, HistoryError> {
    let failed = |error: ParquetError| HistoryError::Unencodable { reason: error.to_string() };
    write(runs).map_err(failed)
}

fn write(runs: &[&JudgedRun]) -> Result<Vec<u8>, ParquetError> {
    let rows = rows(runs)?;
    let about = KeyValue::new("cmo.table".to_owned(), "nights".to_owned());
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_key_value_metadata(Some(vec![about]))
        .build();
    let mut bytes = Vec::new();
    let mut file = ArrowWriter::try_new(&mut bytes, rows.schema(), Some(properties))?;
    file.write(&rows)?;
    file.close()?;
    Ok(bytes)
}

fn rows(runs: &[&JudgedRun]) -> Result<RecordBatch, ParquetError> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for &run in runs {
        let told = |metric: &ComparableMetric| run.told.get(&metric.key());
        rows.extend(run.record.metrics.iter().map(|metric| Row { run, metric, told: told(metric) }));
    }
    let mut columns: Vec<(&str, ArrayRef)> = columns_of_runs(&rows);
    columns.extend(columns_of_metrics(&rows));
    let json = |error: serde_json::Error| ParquetError::General(error.to_string());
    let alone =
        |run: &JudgedRun| serde_json::to_string(&RunRecord { metrics: Vec::new(), ..run.record.clone() });
    let alone: Vec<String> = runs.iter().map(|run| alone(run)).collect::<Result<_, _>>().map_err(json)?;
    let counts = runs.iter().map(|run| run.record.metrics.len());
    let repeated: Vec<&str> = alone
        .iter()
        .zip(counts)
        .flat_map(|(text, count)| std::iter::repeat_n(text.as_str(), count))
        .collect();
    columns.push((RUN, Arc::new(StringArray::from(repeated))));
    let measured = rows.iter().map(|row| serde_json::to_string(row.metric));
    let measured: Vec<String> = measured.collect::<Result<_, _>>().map_err(json)?;
    columns.push((MEASURED, Arc::new(StringArray::from(measured))));
    let nullable = columns.into_iter().map(|(name, values)| (name, values, true));
    Ok(RecordBatch::try_from_iter_with_nullable(nullable)?)
}

fn texts<'a>(rows: &'a [Row<'_>], text: impl Fn(&'a Row<'_>) -> Option<String>) -> ArrayRef {
    Arc::new(rows.iter().map(text).collect::<StringArray>())
}

fn numbers<'a>(rows: &'a [Row<'_>], number: impl Fn(&'a Row<'_>) -> Option<f64>) -> ArrayRef {
    Arc::new(rows.iter().map(|row| number(row).filter(|value| value.is_finite())).collect::<Float64Array>())
}

fn whole<'a>(rows: &'a [Row<'_>], number: impl Fn(&'a Row<'_>) -> Option<i32>) -> ArrayRef {
    Arc::new(rows.iter().map(number).collect::<Int32Array>())
}

fn instants<'a>(rows: &'a [Row<'_>], instant: impl Fn(&'a Row<'_>) -> Option<i64>) -> ArrayRef {
    Arc::new(rows.iter().map(instant).collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
}

/// What all rows of a run share.
fn columns_of_runs(rows: &[Row<'_>]) -> Vec<(&'static str, ArrayRef)> {
    let users = |row: &Row<'_>| row.run.record.conditions.users.and_then(|users| i32::try_from(users).ok());
    vec![
        ("run_id", texts(rows, |row| Some(row.run.record.run_id.clone()))),
        ("run_digest", texts(rows, |row| Some(row.run.digest.clone()))),
        ("started_at", instants(rows, |row| row.run.started_us())),
        ("judged_at", instants(rows, |row| Some(row.run.judged_us))),
        ("git_commit", texts(rows, |row| row.run.record.git_commit.clone())),
        ("git_branch", texts(rows, |row| row.run.record.git_branch.clone())),
        ("tags", texts(rows, |row| serde_json::to_string(&row.run.tags).ok())),
        ("level", texts(rows, |row| Some(row.run.record.conditions.group_text()))),
        ("scenario", texts(rows, |row| row.run.record.conditions.scenario.clone())),
        ("users", whole(rows, users)),
        ("load_model", texts(rows, |row| row.run.record.conditions.load_model.clone())),
        ("target_rate_per_s", numbers(rows, |row| row.run.record.conditions.target_rate_per_s)),
        ("window_s", numbers(rows, |row| row.run.record.window_s)),
        (
            "is_trusted",
            Arc::new(rows.iter().map(|row| Some(row.run.record.is_trusted)).collect::<BooleanArray>()),
        ),
        ("fail_on", texts(rows, |row| Some(row.run.fail_on.clone()))),
        ("must_exclude", texts(rows, |row| Some(row.run.must_exclude.clone()))),
        ("gate_code", whole(rows, |row| Some(row.run.gate_code))),
        ("definitions", whole(rows, |row| Some(row.run.definitions))),
        ("tool", texts(rows, |row| Some(row.run.tool.clone()))),
    ]
}

/// What is of one metric.
fn columns_of_metrics(rows: &[Row<'_>]) -> Vec<(&'static str, ArrayRef)> {
    let samples = |row: &Row<'_>| i64::try_from(row.metric.samples).ok();
    let is_gate = |row: &Row<'_>| row.told.map(|told| told.is_gate);
    vec![
        ("component", texts(rows, |row| Some(row.metric.component.clone()))),
        ("metric", texts(rows, |row| Some(row.metric.name.clone()))),
        ("unit", texts(rows, |row| Some(row.metric.unit.word().to_owned()))),
        ("value", numbers(rows, |row| row.metric.value.number())),
        ("n", Arc::new(rows.iter().map(samples).collect::<Int64Array>())),
        ("variance", numbers(rows, |row| row.told?.variance)),
        ("memory", numbers(rows, |row| row.told?.memory)),
        ("batches", numbers(rows, |row| row.told?.batches)),
        ("verdict", texts(rows, |row| row.told?.verdict.clone())),
        ("is_gate", Arc::new(rows.iter().map(is_gate).collect::<BooleanArray>())),
    ]
}

/// The runs in the `file` at `path`.
pub fn decode(file: File, path: &Path) -> Result<Vec<JudgedRun>, HistoryError> {
    let broken = |reason: String| HistoryError::NoNights { path: path.to_owned(), reason };
    // A panic inside the Parquet reader costs this file alone.
    match guard(path, || Ok(read(file))) {
        Ok(read) => read.map_err(broken),
        Err(panic) => Err(broken(panic.to_string())),
    }
}

fn read(file: File) -> Result<Vec<JudgedRun>, String> {
    let text = |error: &dyn std::error::Error| error.to_string();
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| text(&error))?;
    let names = READ.iter().map(|(name, _)| *name);
    let mask = ProjectionMask::columns(builder.parquet_schema(), names);
    let batches = builder.with_projection(mask).build().map_err(|error| text(&error))?;
    let mut runs: BTreeMap<(String, String), JudgedRun> = BTreeMap::new();
    for batch in batches {
        let batch = batch.map_err(|error: ArrowError| text(&error))?;
        Columns::of(&batch)?.add_to(&mut runs)?;
    }
    Ok(runs.into_values().collect())
}

/// The columns of a batch that are read, each of its type.
struct Columns {
    columns: BTreeMap<&'static str, ArrayRef>,
    rows: usize,
}

impl Columns {
    fn of(batch: &RecordBatch) -> Result<Self, String> {
        let read = |(name, data_type): &(&'static str, DataType)| {
            let column = batch.column_by_name(name).ok_or_else(|| format!("it has no column `{name}`"))?;
            let column = cast(column, data_type).map_err(|_| wrong_type(name))?;
            Ok((*name, column))
        };
        let columns = READ.iter().map(read).collect::<Result<_, String>>()?;
        Ok(Self { columns, rows: batch.num_rows() })
    }

    fn column(&self, name: &str) -> Result<&ArrayRef, String> {
        self.columns.get(name).ok_or_else(|| format!("it has no column `{name}`"))
    }

    fn text(&self, name: &str, row: usize) -> Result<Option<&str>, String> {
        let texts = self.column(name)?.as_string_opt::<i32>().ok_or_else(|| wrong_type(name))?;
        Ok(texts.is_valid(row).then(|| texts.value(row)))
    }

    fn needed(&self, name: &str, row: usize) -> Result<&str, String> {
        self.text(name, row)?.ok_or_else(|| format!("a row without `{name}`"))
    }

    fn number(&self, name: &str, row: usize) -> Result<Option<f64>, String> {
        let column = self.column(name)?;
        let numbers = column.as_any().downcast_ref::<Float64Array>().ok_or_else(|| wrong_type(name))?;
        Ok(numbers.is_valid(row).then(|| numbers.value(row)))
    }

    fn whole(&self, name: &str, row: usize) -> Result<i32, String> {
        let numbers = self.column(name)?.as_primitive_opt::<Int32Type>().ok_or_else(|| wrong_type(name))?;
        if numbers.is_valid(row) { Ok(numbers.value(row)) } else { Err(format!("a row without `{name}`")) }
    }

    fn flag(&self, name: &str, row: usize) -> Result<bool, String> {
        let flags = self.column(name)?.as_boolean_opt().ok_or_else(|| wrong_type(name))?;
        Ok(flags.is_valid(row) && flags.value(row))
    }

    fn instant(&self, name: &str, row: usize) -> Result<i64, String> {
        let instants = self
            .column(name)?
            .as_primitive_opt::<TimestampMicrosecondType>()
            .ok_or_else(|| wrong_type(name))?;
        if instants.is_valid(row) { Ok(instants.value(row)) } else { Err(format!("a row without `{name}`")) }
    }

    /// Adds each row to the run that it is of.
    fn add_to(&self, runs: &mut BTreeMap<(String, String), JudgedRun>) -> Result<(), String> {
        for row in 0..self.rows {
            let metric: ComparableMetric = parse(self.needed(MEASURED, row)?)?;
            let record: RunRecord = parse(self.needed(RUN, row)?)?;
            let key = (record.run_id.clone(), self.needed("run_digest", row)?.to_owned());
            let told = self.told(row)?;
            let run = match runs.entry(key) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => place.insert(self.run(record, row)?),
            };
            // Nothing of a run is counted twice, whatever the file says.
            if run.record.metric(&metric.component, &metric.name).is_none() {
                run.told.extend(told.map(|told| (metric.key(), told)));
                run.record.metrics.push(metric);
            }
        }
        Ok(())
    }

    fn run(&self, record: RunRecord, row: usize) -> Result<JudgedRun, String> {
        Ok(JudgedRun {
            record: RunRecord { metrics: Vec::new(), ..record },
            digest: self.needed("run_digest", row)?.to_owned(),
            judged_us: self.instant("judged_at", row)?,
            tags: parse(self.needed("tags", row)?)?,
            told: BTreeMap::new(),
            fail_on: self.needed("fail_on", row)?.to_owned(),
            must_exclude: self.needed("must_exclude", row)?.to_owned(),
            gate_code: self.whole("gate_code", row)?,
            definitions: self.whole("definitions", row)?,
            tool: self.needed("tool", row)?.to_owned(),
        })
    }

    fn told(&self, row: usize) -> Result<Option<Told>, String> {
        let told = Told {
            verdict: self.text("verdict", row)?.map(str::to_owned),
            is_gate: self.flag("is_gate", row)?,
            variance: self.number("variance", row)?,
            memory: self.number("memory", row)?,
            batches: self.number("batches", row)?,
        };
        Ok((told != Told::default()).then_some(told))
    }
}

fn wrong_type(name: &str) -> String {
    format!("its column `{name}` is of another type")
}

fn parse<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}
