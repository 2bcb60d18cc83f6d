//! One file of a run, opened: its footer checked, its columns told apart, nothing decoded yet.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, RecordBatch};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;

use crate::config::RunLimits;

use super::columns::{Column, Kind, TS, Table, find};
use super::decode::to_micros;
use super::decode::value_type;
use super::duplicates::Span;
use super::error::RunError;
use super::schema::{describe, list_names, read_schema};
use super::{footer, pages};

/// Rows decoded at a time: some MB for all columns together, whatever the size of a row group.
const BATCH_ROWS: usize = 1 << 16;
/// Bytes of the columns' pages that are decoded at a time: fewer rows where each holds pages of text.
const BATCH_BYTES: u64 = 32 << 20;

/// One file of a run.
#[derive(Debug)]
pub struct Part {
    pub path: PathBuf,
    /// Name of the file without its folder.
    pub name: String,
    /// The columns that it may have.
    table: Table,
    /// Those that it has, in the table's order.
    pub columns: Vec<&'static Column>,
    /// Names of its columns that are not of the contract, sorted.
    pub extra: Vec<String>,
    /// What had to be decided about its columns.
    pub notes: Vec<String>,
    reader: ArrowReaderMetadata,
}

impl Part {
    /// Opens the file at `path`. Call it under a guard: the Parquet reader may panic.
    ///
    /// # Errors
    /// When its footer or its columns are not as the contract and its table want them.
    pub fn open(path: &Path, limits: &RunLimits, table: Table) -> Result<Part, RunError> {
        let footer = footer::read(path)?;
        footer.check(path, limits)?;
        let reader = read_schema(path, Arc::new(footer.metadata), table)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let mut part = Part {
            path: path.to_owned(),
            name,
            table,
            columns: Vec::new(),
            extra: Vec::new(),
            notes: Vec::new(),
            reader,
        };
        part.sort_columns(limits)?;
        Ok(part)
    }

    pub fn parquet(&self) -> &ParquetMetaData {
        self.reader.metadata()
    }

    pub fn rows(&self) -> u64 {
        self.parquet().file_metadata().num_rows() as u64
    }

    /// Arrow's name of the type of a column, for messages.
    pub fn type_of(&self, column: &str) -> Option<String> {
        self.reader.schema().field_with_name(column).ok().map(|field| describe(field.data_type()))
    }

    /// First and last time of a row group, as its statistics have them.
    pub fn span(&self, group: usize) -> Span {
        let ts = self.root(self.table[TS].name);
        let field = self.reader.schema().field_with_name(self.table[TS].name);
        let (Some(root), Ok(DataType::Timestamp(unit, _))) = (ts, field.map(Field::data_type)) else {
            return Span::UNKNOWN;
        };
        self.span_of(group, root, *unit).unwrap_or(Span::UNKNOWN)
    }

    fn span_of(&self, group: usize, root: usize, unit: TimeUnit) -> Option<Span> {
        let schema = self.parquet().file_metadata().schema_descr();
        let leaf = (0..schema.num_columns()).find(|&leaf| schema.get_column_root_idx(leaf) == root)?;
        let Statistics::Int64(statistics) = self.parquet().row_group(group).column(leaf).statistics()? else {
            return None;
        };
        let first_us = to_micros(*statistics.min_opt()?, unit);
        let last_us = to_micros(*statistics.max_opt()?, unit);
        (first_us <= last_us).then_some(Span { first_us, last_us })
    }

    /// Reads the named columns of a row group, batch after batch, having checked their pages.
    ///
    /// # Errors
    /// When pages promise what is not there, or the reader refuses the file.
    pub fn read_group(
        &self,
        group: usize,
        columns: &[&str],
        limits: &RunLimits,
    ) -> Result<ParquetRecordBatchReader, RunError> {
        let io = |source| RunError::Io { path: self.path.clone(), source };
        let mut file = File::open(&self.path).map_err(io)?;
        let roots: HashSet<usize> = columns.iter().filter_map(|column| self.root(column)).collect();
        let schema = self.parquet().file_metadata().schema_descr();
        let described = self.parquet().row_group(group);
        let mut bytes = 0;
        for (leaf, chunk) in described.columns().iter().enumerate() {
            if roots.contains(&schema.get_column_root_idx(leaf)) {
                bytes += pages::check(&self.path, &mut file, chunk, limits)?;
            }
        }
        ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.reader.clone())
            .with_row_groups(vec![group])
            .with_projection(ProjectionMask::roots(schema, roots))
            .with_batch_size(batch_rows(described.num_rows() as u64, bytes))
            .build()
            .map_err(|error| self.undecodable(&error))
    }

    pub fn undecodable(&self, error: &dyn std::error::Error) -> RunError {
        RunError::Undecodable { path: self.path.clone(), reason: error.to_string() }
    }

    /// Index of a column among the root columns of the file.
    fn root(&self, column: &str) -> Option<usize> {
        let schema = self.parquet().file_metadata().schema_descr();
        schema.root_schema().get_fields().iter().position(|field| field.name() == column)
    }

    /// Tells the contract's columns from others and checks their types.
    fn sort_columns(&mut self, limits: &RunLimits) -> Result<(), RunError> {
        let schema = self.reader.schema().clone();
        let mut seen = HashSet::new();
        for field in schema.fields() {
            let is_new = seen.insert(field.name().as_str());
            match find(self.table, field.name()) {
                Some(_) if !is_new => {
                    let column = field.name().clone();
                    return Err(RunError::RepeatedColumn { path: self.path.clone(), column });
                }
                Some(column) => self.take_column(column, field, limits)?,
                None => self.extra.push(field.name().clone()),
            }
        }
        self.extra.sort();
        self.extra.dedup();
        self.columns.sort_unstable_by_key(|column| column.index);
        match self.table.iter().find(|column| column.required && !self.has(column)) {
            Some(column) => Err(RunError::MissingColumn {
                path: self.path.clone(),
                column: column.name,
                found: list_names(&schema),
            }),
            None => Ok(()),
        }
    }

    fn has(&self, column: &Column) -> bool {
        self.columns.iter().any(|own| own.index == column.index)
    }

    fn take_column(
        &mut self,
        column: &'static Column,
        field: &Field,
        limits: &RunLimits,
    ) -> Result<(), RunError> {
        let found = field.data_type();
        if found == &DataType::Null {
            return Ok(());
        }
        if column.kind.accepts(found) || is_code(column, found) {
            self.columns.push(column);
            self.note_conversion(column, found);
            return Ok(());
        }
        if !column.required && self.holds_nothing(column.name, found, limits)? {
            self.notes.push(format!(
                "`{}` is {} and holds nothing: taken as missing",
                column.name,
                describe(found)
            ));
            return Ok(());
        }
        Err(RunError::WrongType {
            path: self.path.clone(),
            column: column.name.to_owned(),
            found: describe(found),
            wanted: column.kind.wanted(),
        })
    }

    fn note_conversion(&mut self, column: &Column, found: &DataType) {
        match (column.kind, found) {
            (Kind::Time, DataType::Timestamp(TimeUnit::Nanosecond, _)) => {
                self.notes.push(format!("`{}` is in ns: cut to µs", column.name));
            }
            (Kind::Id | Kind::SmallId, found) if !value_type(found).is_numeric() => {
                self.notes.push(format!("`{}` comes as {}: hashed", column.name, describe(found)));
            }
            (Kind::Id | Kind::SmallId | Kind::SmallCount | Kind::Count, found) if found.is_floating() => {
                self.notes.push(format!("`{}` comes as {}: NaN taken as null", column.name, describe(found)));
            }
            _ => {}
        }
    }

    /// Whether a column of a wrong type has only nulls and NaN: writers give a column of nothing any type.
    fn holds_nothing(&self, column: &str, found: &DataType, limits: &RunLimits) -> Result<bool, RunError> {
        if found.is_nested() {
            return Ok(false);
        }
        for group in 0..self.parquet().num_row_groups() {
            for batch in self.read_group(group, &[column], limits)? {
                let batch = batch.map_err(|error| self.undecodable(&error))?;
                if !is_nothing(&batch) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// How many of `rows`, whose pages unpack to `bytes`, are decoded at a time.
fn batch_rows(rows: u64, bytes: u64) -> usize {
    let fitting = u128::from(BATCH_BYTES) * u128::from(rows) / u128::from(bytes.max(1));
    usize::try_from(fitting).unwrap_or(BATCH_ROWS).clamp(1, BATCH_ROWS)
}

/// The notes of all parts, each once with the parts that it is about. `columns` are those of the whole run.
pub fn part_notes(parts: &[Part], columns: &[&Column]) -> Vec<String> {
    let mut notes: Vec<(String, Vec<&str>)> = Vec::new();
    for part in parts {
        let absent = columns.iter().filter(|column| !part.has(column));
        let absent = absent.map(|column| format!("no `{}`: taken as null", column.name));
        for note in part.notes.iter().cloned().chain(absent) {
            match notes.iter_mut().find(|(before, _)| *before == note) {
                Some((_, names)) => names.push(&part.name),
                None => notes.push((note, vec![&part.name])),
            }
        }
    }
    let name = |(note, names): (String, Vec<&str>)| match names.as_slice() {
        names if names.len() == parts.len() => note,
        [name] => format!("{name}: {note}"),
        [first, ..] => format!("{first} and {} more parts: {note}", names.len() - 1),
        [] => note,
    };
    notes.into_iter().map(name).collect()
}

/// Numbers and booleans that stand for words, as tables of other tools have them: HTTP statuses, `success`.
fn is_code(column: &Column, found: &DataType) -> bool {
    let found = value_type(found);
    column.kind == Kind::Word && !column.required && (found.is_integer() || *found == DataType::Boolean)
}

fn is_nothing(batch: &RecordBatch) -> bool {
    let Some(values) = batch.columns().first() else { return true };
    if values.logical_null_count() == values.len() {
        return true;
    }
    if !values.data_type().is_floating() {
        return false;
    }
    let floats = cast(values, &DataType::Float64).ok();
    let floats = floats.as_ref().and_then(|floats| floats.as_primitive_opt::<Float64Type>());
    floats.is_some_and(|floats| floats.iter().flatten().all(f64::is_nan))
}
