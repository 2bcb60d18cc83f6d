//! The columns of a run file as we write them: names, types, order and encodings of the contract.

use std::sync::Arc;

use arrow_schema::{Field, Schema, SchemaRef};
use parquet::basic::{Compression, Encoding as ParquetEncoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::run::checksum::CREATED_BY;
use crate::run::columns::{Encoding, Table};

/// Level 1 is as fast as the disk; higher levels gain few percent on numbers that are mostly noise.
const ZSTD_LEVEL: i32 = 1;

/// The schema: all columns of the table in its order.
pub fn run_schema(table: Table) -> SchemaRef {
    let fields = table.iter().map(|column| Field::new(column.name, column.kind.written(), !column.required));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// How the columns are encoded. Row groups are cut by the writer itself, so no limit stands here.
pub fn writer_properties(table: Table) -> Result<WriterProperties, ParquetError> {
    let mut builder = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_max_row_group_row_count(None)
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for column in table {
        let path = || ColumnPath::from(column.name);
        if column.encoding != Encoding::Dictionary {
            builder = builder.set_column_dictionary_enabled(path(), false);
        }
        if column.encoding == Encoding::Differences {
            builder = builder.set_column_encoding(path(), ParquetEncoding::DELTA_BINARY_PACKED);
        }
        if column.is_skipped_by_page {
            builder = builder.set_column_statistics_enabled(path(), EnabledStatistics::Page);
        }
    }
    Ok(builder.build())
}
