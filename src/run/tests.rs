//! Reading run files, case by case: what is tolerated, what is refused, and with which words.

mod broken;
mod duplicates;
mod folders;
mod metadata;
mod names;
mod row_faults;
mod schema_faults;
mod tolerated;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use polars_core::prelude::AnyValue;
use tempfile::TempDir;

use super::columns::{COLUMNS, Kind, find};
use super::{Batch, LoadReport, RunError, RunFile, RunSource, locate};
use crate::config::{Config, RunLimits};

/// 2026-01-01, µs since 1970.
const T0: i64 = 1_767_225_600_000_000;

static PANIC_AT: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Called where a row group is opened, in tests only: panics for the files that a test asked for.
pub fn panic_where_asked(path: &Path) {
    let asked = PANIC_AT.lock().unwrap().iter().any(|asked| asked == path);
    assert!(!asked, "asked to panic");
}

type Columns = Vec<(&'static str, ArrayRef)>;

fn limits() -> RunLimits {
    Config::defaults().run
}

/// Rows at fault are what the test is about, not too many of them.
fn lenient() -> RunLimits {
    RunLimits { max_faulty_row_share: 1.0, ..limits() }
}

fn us(offsets: &[i64]) -> ArrayRef {
    let values = offsets.iter().map(|offset| T0 + offset);
    Arc::new(TimestampMicrosecondArray::from_iter_values(values).with_timezone("UTC"))
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn dictionary(values: &[&str]) -> ArrayRef {
    Arc::new(values.iter().copied().collect::<DictionaryArray<Int32Type>>())
}

fn floats(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

/// `rows` requests, 1 ms apart, with a duration.
fn requests(rows: usize) -> Columns {
    let offsets: Vec<i64> = (0..rows as i64).map(|row| row * 1000).collect();
    let durations: Vec<f64> = (0..rows).map(|row| 10.0 + row as f64).collect();
    vec![
        ("ts", us(&offsets)),
        ("component", dictionary(&vec!["request"; rows])),
        ("duration_ms", floats(&durations)),
    ]
}

/// The columns with one replaced or added.
fn with(mut columns: Columns, name: &'static str, values: ArrayRef) -> Columns {
    columns.retain(|(before, _)| *before != name);
    columns.push((name, values));
    columns
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, columns: Columns) -> PathBuf {
        self.write_with(name, columns, 1 << 20, None)
    }

    /// With so many rows in a row group, and a text under `cmo.run`.
    fn write_with(&self, name: &str, columns: Columns, group_rows: usize, metadata: Option<&str>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let batch = RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, values)| (name, values, true)),
        )
        .unwrap();
        let pair = metadata.map(|text| vec![KeyValue::new("cmo.run".to_owned(), text.to_owned())]);
        let properties = WriterProperties::builder()
            .set_max_row_group_row_count(Some(group_rows))
            .set_key_value_metadata(pair)
            .build();
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        path
    }
}

/// What was read: the batches in order of their first time, and the report.
struct Loaded {
    file: RunFile,
    batches: Vec<Batch>,
    report: LoadReport,
}

impl Loaded {
    /// A column as text, `null` where there is none, words as words.
    fn column(&self, name: &str) -> Vec<String> {
        let is_word = find(COLUMNS, name).is_some_and(|column| column.kind == Kind::Word);
        let mut values = Vec::new();
        for batch in &self.batches {
            // What holds nothing may be absent.
            let Ok(column) = batch.frame.column(name) else {
                values.resize(values.len() + batch.frame.height(), "null".to_owned());
                continue;
            };
            for row in 0..column.len() {
                values.push(match column.get(row).unwrap() {
                    AnyValue::Null => "null".to_owned(),
                    AnyValue::UInt32(code) if is_word => self.file.lexicon().word(code).to_string(),
                    AnyValue::String(text) => text.to_owned(),
                    value => value.to_string(),
                });
            }
        }
        values
    }

    /// Reason, column, count and first row of each fault.
    fn faults(&self) -> Vec<(&str, &str, u64, u64)> {
        let faults = self.report.faults.iter();
        faults.map(|fault| (&*fault.reason, &*fault.column, fault.count, fault.first_row)).collect()
    }
}

fn source(path: &Path) -> Result<RunSource, RunError> {
    let argument = path.to_str().unwrap().to_owned();
    let mut found = locate(&[argument], Path::new("nowhere"));
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn read_with(path: &Path, limits: &RunLimits) -> Result<Loaded, RunError> {
    let file = RunFile::open(&source(path)?, limits)?;
    let keep = |kept: &mut Vec<Batch>, batch: &Batch| kept.push(batch.clone());
    let (mut batches, report) = file.fold(|_| Vec::new(), keep, |one, other| one.append(other))?;
    batches.sort_by_key(|batch| batch.frame.column("ts").unwrap().i64().unwrap().iter().min());
    Ok(Loaded { file, batches, report })
}

fn read(path: &Path) -> Result<Loaded, RunError> {
    read_with(path, &limits())
}

/// What is wrong with the file, without its path, and the remedy.
fn refusal(path: &Path) -> (String, String) {
    let error = read(path).err().expect("the run is refused");
    let text = error.to_string();
    let path = format!("{}: ", error.path().display());
    let reason = text.strip_prefix(&path).unwrap_or_else(|| panic!("{text} does not begin with {path}"));
    (reason.to_owned(), error.remedy())
}
