//! A table as the bytes of a Parquet file.

use std::io::Write;

use arrow_schema::{DataType, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;

use crate::analysis::{Provenance, SCHEMA_VERSION};

/// Words and counts shrink to little at any level: the fastest will do.
const ZSTD_LEVEL: i32 = 1;

/// Rows of one batch: few enough that its columns and what they come from stay in the processor's cache.
pub const ROWS_PER_BATCH: usize = 8_192;

/// Rows of one row group at most: the pages of all its columns are in memory until it ends.
pub const ROWS_PER_GROUP: usize = 1 << 18;

/// Keys of the file's metadata: which table, which version of its columns, when and by what it was made.
const TABLE_KEY: &str = "cmo.table";
const SCHEMA_VERSION_KEY: &str = "cmo.schema_version";
const PROVENANCE_KEY: &str = "cmo.provenance";

/// Begins the table `file_name`. Same rows, same bytes.
pub fn begin<W: Write + Send>(
    out: W,
    schema: SchemaRef,
    file_name: &str,
    provenance: &Provenance,
) -> Result<ArrowWriter<W>, ParquetError> {
    let properties = properties(&schema, file_name, provenance)?;
    ArrowWriter::try_new(out, schema, Some(properties))
}

fn properties(
    schema: &Schema,
    file_name: &str,
    provenance: &Provenance,
) -> Result<WriterProperties, ParquetError> {
    let provenance_json =
        serde_json::to_string(provenance).map_err(|error| ParquetError::General(error.to_string()))?;
    let table = file_name.trim_end_matches(".parquet");
    let metadata = vec![
        KeyValue::new(TABLE_KEY.to_owned(), table.to_owned()),
        KeyValue::new(SCHEMA_VERSION_KEY.to_owned(), SCHEMA_VERSION.to_string()),
        KeyValue::new(PROVENANCE_KEY.to_owned(), provenance_json),
    ];
    let properties = WriterProperties::builder()
        .set_created_by(provenance.tool.clone())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        // Minima and maxima of a row group are enough to skip it; those of each page cost more than they save.
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
        .set_key_value_metadata(Some(metadata));
    Ok(schema
        .fields()
        .iter()
        .fold(properties, |properties, field| {
            encode_column(properties, ColumnPath::from(field.name().clone()), field.data_type())
        })
        .build())
}

/// Texts are dictionaries. Numbers are not: looking each one up takes longer than all else, and most differ. Whole numbers
/// and times go up in small steps. The digits of fractions are noise: compressing them takes as long as encoding all
/// columns, for a quarter of the file.
fn encode_column(
    properties: WriterPropertiesBuilder,
    column: ColumnPath,
    data_type: &DataType,
) -> WriterPropertiesBuilder {
    match data_type {
        DataType::Int32 | DataType::Int64 | DataType::Timestamp(..) => properties
            .set_column_dictionary_enabled(column.clone(), false)
            .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED),
        DataType::Float64 => properties
            .set_column_dictionary_enabled(column.clone(), false)
            .set_column_compression(column, Compression::UNCOMPRESSED),
        _ => properties,
    }
}
