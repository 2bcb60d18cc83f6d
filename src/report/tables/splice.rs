//! Parquet files put together as one without decoding them: their pages are copied, the footer is written anew.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    ColumnChunkMetaData, FileMetaData, ParquetMetaData, ParquetMetaDataReader, ParquetMetaDataWriter,
    RowGroupMetaData,
};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnDescPtr;

use super::parquet_bytes::Encoded;
use super::words::Pages;

const MAGIC: &[u8; 4] = b"PAR1";

/// Files of one schema, one behind the other.
pub struct Splice<W: Write> {
    out: W,
    /// Bytes that were written.
    position: u64,
    /// Schema and metadata of the first file, which are those of all.
    file: FileMetaData,
    row_groups: Vec<RowGroupMetaData>,
}

impl<W: Write> Splice<W> {
    /// Begins a file with the schema and the metadata of `first`, and with its rows.
    pub fn begin(mut out: W, first: &Encoded) -> Result<Self, ParquetError> {
        out.write_all(MAGIC)?;
        let file = first.metadata.file_metadata().clone();
        let mut splice = Self { out, position: MAGIC.len() as u64, file, row_groups: Vec::new() };
        splice.append(first)?;
        Ok(splice)
    }

    /// Adds the rows of a file in memory.
    pub fn append(&mut self, other: &Encoded) -> Result<(), ParquetError> {
        let pages = other.bytes.get(MAGIC.len()..).unwrap_or_default();
        self.copy_pages(&other.metadata, pages)?.into_iter().try_for_each(|copied| self.add_row_group(copied))
    }

    /// Adds the rows of a file on the disk.
    pub fn append_file(&mut self, mut other: File) -> Result<(), ParquetError> {
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&other)?;
        other.seek(SeekFrom::Start(MAGIC.len() as u64))?;
        self.copy_pages(&metadata, other)?.into_iter().try_for_each(|copied| self.add_row_group(copied))
    }

    /// Writes the pages of the rows that `fill` writes: row groups without a position of their own yet.
    pub fn encode(
        &mut self,
        schema: SchemaRef,
        properties: WriterProperties,
        fill: impl FnOnce(&mut ArrowWriter<PagesOnly<'_, W>>) -> Result<(), ParquetError>,
    ) -> Result<Vec<Copied>, ParquetError>
    where
        W: Send,
    {
        let pages = PagesOnly { out: &mut self.out, before: MAGIC.len(), is_over: false };
        let mut rows = ArrowWriter::try_new(pages, schema, Some(properties))?;
        fill(&mut rows)?;
        rows.flush()?;
        rows.sync()?;
        rows.inner_mut().is_over = true;
        let metadata = rows.close()?;
        self.moved(&metadata)
    }

    /// Copies the pages of one column.
    pub fn copy_column(&mut self, pages: &Pages) -> Result<ColumnChunkMetaData, ParquetError> {
        let chunk = move_chunk(&pages.chunk, self.position as i64)?;
        self.out.write_all(&pages.bytes)?;
        self.position += pages.bytes.len() as u64;
        Ok(chunk)
    }

    /// Adds a row group of columns whose pages were copied. Several row groups may share pages.
    pub fn add_row_group(&mut self, copied: Copied) -> Result<(), ParquetError> {
        let Copied { columns, rows } = copied;
        let bytes = columns.iter().map(ColumnChunkMetaData::uncompressed_size).sum();
        let group = RowGroupMetaData::builder(self.file.schema_descr_ptr())
            .set_num_rows(rows)
            .set_total_byte_size(bytes)
            .set_column_metadata(columns);
        self.row_groups.push(group.build()?);
        Ok(())
    }

    /// Description of the column `name`, and its index.
    pub fn column(&self, name: &str) -> Result<(usize, ColumnDescPtr), ParquetError> {
        let columns = self.file.schema_descr().columns();
        let index = columns.iter().position(|column| column.name() == name);
        let index = index.ok_or_else(|| ParquetError::General(format!("no column {name}")))?;
        Ok((index, columns[index].clone()))
    }

    /// Writes the footer.
    pub fn finish(mut self) -> Result<W, ParquetError> {
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

    /// Copies all pages of a file from behind its magic; its columns as they lie in ours.
    fn copy_pages(
        &mut self,
        metadata: &ParquetMetaData,
        from: impl Read,
    ) -> Result<Vec<Copied>, ParquetError> {
        let length = length_of_pages(metadata);
        let copied = io::copy(&mut from.take(length), &mut self.out)?;
        if copied != length {
            return Err(ParquetError::EOF(format!("{copied} of {length} bytes of pages")));
        }
        self.moved(metadata)
    }

    /// The row groups of a file whose pages have just been written behind ours.
    fn moved(&mut self, metadata: &ParquetMetaData) -> Result<Vec<Copied>, ParquetError> {
        let moved_by = self.position as i64 - MAGIC.len() as i64;
        self.position += length_of_pages(metadata);
        let moved = |group: &RowGroupMetaData| {
            let columns: Result<Vec<_>, _> =
                group.columns().iter().map(|chunk| move_chunk(chunk, moved_by)).collect();
            Ok(Copied { columns: columns?, rows: group.num_rows() })
        };
        metadata.row_groups().iter().map(moved).collect()
    }
}

/// Pages lie between the magic and the footer.
fn length_of_pages(metadata: &ParquetMetaData) -> u64 {
    let chunks = metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
    let ends = chunks.map(|chunk| chunk.byte_range()).map(|(start, length)| start + length);
    ends.max().unwrap_or(0).saturating_sub(MAGIC.len() as u64)
}

/// Where a writer of whole files writes: what comes before the pages and behind them is left out.
pub struct PagesOnly<'a, W> {
    out: &'a mut W,
    /// Bytes before the pages that are still to come.
    before: usize,
    is_over: bool,
}

impl<W: Write> Write for PagesOnly<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_over {
            return Ok(bytes.len());
        }
        let skipped = self.before.min(bytes.len());
        self.before -= skipped;
        self.out.write_all(&bytes[skipped..])?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The columns of a row group whose pages were copied.
#[derive(Clone)]
pub struct Copied {
    pub columns: Vec<ColumnChunkMetaData>,
    pub rows: i64,
}

fn move_chunk(chunk: &ColumnChunkMetaData, by: i64) -> Result<ColumnChunkMetaData, ParquetError> {
    let pages = chunk.data_page_offset() + by;
    let dictionary = chunk.dictionary_page_offset().map(|at| at + by);
    chunk.clone().into_builder().set_data_page_offset(pages).set_dictionary_page_offset(dictionary).build()
}
