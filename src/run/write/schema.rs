//! The columns of a run file as we write them: names, types, order and encodings of the contract.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::run::checksum::CREATED_BY;

/// Level 1 is as fast as the disk; higher levels gain few percent on numbers that are mostly noise.
const ZSTD_LEVEL: i32 = 1;

/// The schema: all columns of the contract in its order; `ts` and `component` without nulls.
pub fn run_schema() -> SchemaRef {
    let time = || DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let text = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let optional = |name: &str, kind: DataType| Field::new(name, kind, true);
    Arc::new(Schema::new(vec![
        Field::new("ts", time(), false),
        Field::new("component", text(), false),
        optional("operation", text()),
        optional("outcome", text()),
        optional("duration_ms", DataType::Float64),
        optional("value", DataType::Float64),
        optional("instance", text()),
        optional("request_id", DataType::UInt64),
        optional("user_id", DataType::UInt32),
        optional("answered_by", text()),
        optional("attempt", DataType::UInt8),
        optional("scheduled_ts", time()),
        optional("queue_ms", DataType::Float64),
        optional("tokens_in", DataType::UInt32),
        optional("tokens_out", DataType::UInt32),
        optional("ttft_ms", DataType::Float64),
        optional("cost_usd", DataType::Float64),
        optional("quality", DataType::Float64),
        optional("key", DataType::UInt64),
        optional("detail", DataType::Utf8),
    ]))
}

/// How the columns are encoded. Row groups are cut by the writer itself, so no limit stands here.
pub fn writer_properties() -> Result<WriterProperties, ParquetError> {
    let mut builder = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_max_row_group_row_count(None)
        .set_statistics_enabled(EnabledStatistics::Chunk);
    // Nearly sorted numbers: differences take a byte or two instead of eight.
    for name in ["ts", "request_id", "scheduled_ts"] {
        builder = builder
            .set_column_dictionary_enabled(ColumnPath::from(name), false)
            .set_column_encoding(ColumnPath::from(name), Encoding::DELTA_BINARY_PACKED);
    }
    // Measured times hardly repeat: a dictionary would be built and thrown away.
    for name in ["duration_ms", "queue_ms", "ttft_ms"] {
        builder = builder.set_column_dictionary_enabled(ColumnPath::from(name), false);
    }
    // Rows are clustered by component: page limits let readers skip what they don't need.
    for name in ["ts", "component"] {
        builder = builder.set_column_statistics_enabled(ColumnPath::from(name), EnabledStatistics::Page);
    }
    Ok(builder.build())
}
