//! A table as the bytes of a Parquet file.

use arrow::array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use crate::analysis::{Provenance, SCHEMA_VERSION};

/// Compression that costs little time and halves what level 1 leaves of repeated words.
const ZSTD_LEVEL: i32 = 3;

/// Keys of the file's metadata: which table, which version of its columns, when and by what it was made.
const TABLE_KEY: &str = "cmo.table";
const SCHEMA_VERSION_KEY: &str = "cmo.schema_version";
const PROVENANCE_KEY: &str = "cmo.provenance";

pub(super) fn encode(
    rows: &RecordBatch,
    file_name: &str,
    provenance: &Provenance,
) -> Result<Vec<u8>, ParquetError> {
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
        .set_key_value_metadata(Some(metadata))
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, rows.schema(), Some(properties))?;
    writer.write(rows)?;
    writer.close()?;
    Ok(bytes)
}
