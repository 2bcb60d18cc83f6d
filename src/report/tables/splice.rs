//! Parquet files put together as one without decoding them: their pages are copied, the footer is written anew.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use parquet::errors::ParquetError;
use parquet::file::metadata::{
    ColumnChunkMetaData, FileMetaData, ParquetMetaData, ParquetMetaDataReader, ParquetMetaDataWriter,
    RowGroupMetaData,
};

use super::parquet_bytes::Encoded;

const MAGIC: &[u8; 4] = b"PAR1";

/// Files of one schema, one behind the other.
pub(super) struct Splice<W: Write> {
    out: W,
    /// Bytes that were written.
    position: u64,
    /// Schema and metadata of the first file, which are those of all.
    file: FileMetaData,
    row_groups: Vec<RowGroupMetaData>,
}

impl<W: Write> Splice<W> {
    /// Begins a file with the schema and the metadata of `first`, and with its rows.
    pub(super) fn begin(mut out: W, first: &Encoded) -> Result<Self, ParquetError> {
        out.write_all(MAGIC)?;
        let file = first.metadata.file_metadata().clone();
        let mut splice = Self { out, position: MAGIC.len() as u64, file, row_groups: Vec::new() };
        splice.append(first)?;
        Ok(splice)
    }

    /// Adds the rows of a file in memory.
    pub(super) fn append(&mut self, other: &Encoded) -> Result<(), ParquetError> {
        let copied = self.copy_encoded(other)?;
        self.add_row_groups(copied)
    }

    /// Adds the rows of a file on the disk.
    pub(super) fn append_file(&mut self, mut other: File) -> Result<(), ParquetError> {
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&other)?;
        other.seek(SeekFrom::Start(MAGIC.len() as u64))?;
        let copied = self.copy_pages(&metadata, other)?;
        self.add_row_groups(copied)
    }

    /// Adds the rows of a row group once more, with the only column of `other` in the place of `column`. What both row
    /// groups share is stored once: their columns point to the same pages.
    pub(super) fn repeat(
        &mut self,
        row_group: usize,
        column: usize,
        other: &Encoded,
    ) -> Result<(), ParquetError> {
        let replacing = self.copy_encoded(other)?;
        let missing = || ParquetError::General("no such row group or column".to_owned());
        let repeated = self.row_groups.get(row_group).ok_or_else(missing)?;
        let mut columns = repeated.columns().to_vec();
        let rows = repeated.num_rows();
        let other = replacing.first().and_then(|copied| copied.columns.first()).ok_or_else(missing)?;
        *columns.get_mut(column).ok_or_else(missing)? = other.clone();
        self.add_row_groups(vec![Copied { columns, rows }])
    }

    /// Writes the footer.
    pub(super) fn finish(mut self) -> Result<W, ParquetError> {
        let file = FileMetaData::new(
            self.file.version(),
            self.row_groups.iter().map(RowGroupMetaData::num_rows).sum(),
            self.file.created_by().map(str::to_owned),
            self.file.key_value_metadata().cloned(),
            self.file.schema_descr_ptr(),
            self.file.column_orders().cloned(),
        );
        let mut footer = Vec::new();
        ParquetMetaDataWriter::new(&mut footer, &ParquetMetaData::new(file, self.row_groups)).finish()?;
        self.out.write_all(&footer)?;
        Ok(self.out)
    }

    fn copy_encoded(&mut self, other: &Encoded) -> Result<Vec<Copied>, ParquetError> {
        self.copy_pages(&other.metadata, other.bytes.get(MAGIC.len()..).unwrap_or_default())
    }

    /// Copies all pages of a file from behind its magic; its columns as they lie in ours.
    fn copy_pages(
        &mut self,
        metadata: &ParquetMetaData,
        from: impl Read,
    ) -> Result<Vec<Copied>, ParquetError> {
        let chunks = metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
        let ends = chunks.map(|chunk| chunk.byte_range()).map(|(start, length)| start + length);
        let length = ends.max().unwrap_or(0).saturating_sub(MAGIC.len() as u64);
        let moved_by = self.position as i64 - MAGIC.len() as i64;
        let copied = io::copy(&mut from.take(length), &mut self.out)?;
        if copied != length {
            return Err(ParquetError::EOF(format!("{copied} of {length} bytes of pages")));
        }
        self.position += length;
        let moved = |group: &RowGroupMetaData| {
            let columns: Result<Vec<_>, _> =
                group.columns().iter().map(|chunk| move_chunk(chunk, moved_by)).collect();
            Ok(Copied { columns: columns?, rows: group.num_rows() })
        };
        metadata.row_groups().iter().map(moved).collect()
    }

    fn add_row_groups(&mut self, copied: Vec<Copied>) -> Result<(), ParquetError> {
        for Copied { columns, rows } in copied {
            let bytes = columns.iter().map(ColumnChunkMetaData::uncompressed_size).sum();
            let group = RowGroupMetaData::builder(self.file.schema_descr_ptr())
                .set_num_rows(rows)
                .set_total_byte_size(bytes)
                .set_column_metadata(columns);
            self.row_groups.push(group.build()?);
        }
        Ok(())
    }
}

/// The columns of a row group whose pages were copied.
struct Copied {
    columns: Vec<ColumnChunkMetaData>,
    rows: i64,
}

fn move_chunk(chunk: &ColumnChunkMetaData, by: i64) -> Result<ColumnChunkMetaData, ParquetError> {
    let pages = chunk.data_page_offset() + by;
    let dictionary = chunk.dictionary_page_offset().map(|at| at + by);
    chunk.clone().into_builder().set_data_page_offset(pages).set_dictionary_page_offset(dictionary).build()
}
