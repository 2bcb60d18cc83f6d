//! A file's columns as Arrow types: how they are asked for, and how they are named in messages.

use std::path::Path;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::file::metadata::ParquetMetaData;

use super::columns::kinds::{is_bytes, is_text, word_type};
use super::columns::{Kind, Table, find};
use super::error::RunError;

/// The file's columns as Arrow types: words as dictionaries, so that each distinct word is looked at once, and texts as views,
/// so that one that many rows have takes its room once.
pub fn read_schema(
    path: &Path,
    metadata: Arc<ParquetMetaData>,
    table: Table,
) -> Result<ArrowReaderMetadata, RunError> {
    let options = ArrowReaderOptions::new();
    let plain = ArrowReaderMetadata::try_new(metadata.clone(), options.clone())
        // The Arrow schema that some writers leave in the footer may be damaged; it is only a hint.
        .or_else(|_| ArrowReaderMetadata::try_new(metadata.clone(), options.with_skip_arrow_metadata(true)))
        .map_err(|error| RunError::Undecodable { path: path.to_owned(), reason: error.to_string() })?;
    let fields: Vec<Arc<Field>> = plain.schema().fields().iter().map(|field| shared(field, table)).collect();
    let wanted = Arc::new(Schema::new_with_metadata(fields, plain.schema().metadata().clone()));
    let hinted = ArrowReaderMetadata::try_new(metadata, ArrowReaderOptions::new().with_schema(wanted));
    Ok(hinted.unwrap_or(plain))
}

/// The field with the type in which equal texts share their room.
fn shared(field: &Arc<Field>, table: Table) -> Arc<Field> {
    let value = match field.data_type() {
        DataType::Dictionary(_, value) => value.as_ref(),
        other => other,
    };
    let shared = match find(table, field.name()).map(|column| column.kind) {
        Some(Kind::Word) if is_text(value) => word_type(),
        Some(Kind::Word) if is_bytes(value) => {
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Binary))
        }
        Some(Kind::Text) if is_text(value) => DataType::Utf8View,
        Some(Kind::Text) if is_bytes(value) => DataType::BinaryView,
        _ => return field.clone(),
    };
    Arc::new(field.as_ref().clone().with_data_type(shared))
}

/// A type in words that users of pandas, Polars and DuckDB know.
pub fn describe(data_type: &DataType) -> String {
    match data_type {
        DataType::Dictionary(_, value) => format!("a dictionary of {}", describe(value)),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "string".to_owned(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "binary".to_owned(),
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => "a list".to_owned(),
        DataType::Struct(_) => "a struct".to_owned(),
        other => other.to_string().to_lowercase(),
    }
}

pub fn list_names(schema: &Schema) -> String {
    /// More names than this help nobody in a message.
    const SHOWN: usize = 20;
    let names: Vec<String> =
        schema.fields().iter().take(SHOWN).map(|field| format!("`{}`", field.name())).collect();
    match schema.fields().len() {
        0 => "no columns".to_owned(),
        count if count > SHOWN => format!("{} and {} more", names.join(", "), count - SHOWN),
        _ => names.join(", "),
    }
}
