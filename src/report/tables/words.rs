//! A column of texts that stay the same over long runs of rows, encoded run by run instead of row by row.

use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

/// The pages of one column with their description; offsets count from the first page.
pub struct Pages {
    pub bytes: Vec<u8>,
    pub chunk: ColumnChunkMetaData,
}

/// Encodes `runs` of (index in `words`, rows): a page with the words that occur and one with the runs. No row is null.
pub fn encode(column: ColumnDescPtr, words: &[&str], runs: &[(usize, usize)]) -> Result<Pages, ParquetError> {
    let mut used: Vec<&str> = runs.iter().filter_map(|(index, _)| words.get(*index).copied()).collect();
    used.sort_unstable();
    used.dedup();
    let code = |index: usize| {
        let word = words.get(index).ok_or_else(|| ParquetError::General("no such word".to_owned()))?;
        used.binary_search(word).map_err(|_| ParquetError::General("no such word".to_owned()))
    };
    let rows: usize = runs.iter().map(|(_, rows)| rows).sum();
    let codes: Vec<(usize, usize)> =
        runs.iter().map(|(index, rows)| Ok((code(*index)?, *rows))).collect::<Result<_, ParquetError>>()?;
    let mut sink = TrackedWrite::new(Vec::new());
    let mut pages = SerializedPageWriter::new(&mut sink);
    let dictionary = pages.write_page(dictionary_page(&used)?)?;
    let data = pages.write_page(data_page(rows, used.len(), &codes)?)?;
    let uncompressed = dictionary.uncompressed_size + data.uncompressed_size;
    let compressed = dictionary.compressed_size + data.compressed_size;
    let bound = |word: Option<&&str>| word.map(|word| ByteArray::from(*word));
    let bounds = Statistics::byte_array(bound(used.first()), bound(used.last()), None, Some(0), false);
    let chunk = ColumnChunkMetaData::builder(column)
        .set_encodings(vec![Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY])
        .set_compression(Compression::UNCOMPRESSED)
        .set_num_values(rows as i64)
        .set_total_uncompressed_size(uncompressed as i64)
        .set_total_compressed_size(compressed as i64)
        .set_dictionary_page_offset(Some(dictionary.offset as i64))
        .set_data_page_offset(data.offset as i64)
        .set_statistics(bounds)
        .build()?;
    Ok(Pages { bytes: sink.into_inner()?, chunk })
}

fn dictionary_page(words: &[&str]) -> Result<CompressedPage, ParquetError> {
    let mut bytes = Vec::new();
    for word in words {
        bytes.extend(count(word.len())?.to_le_bytes());
        bytes.extend(word.as_bytes());
    }
    let length = bytes.len();
    let page = Page::DictionaryPage {
        buf: bytes.into(),
        num_values: count(words.len())?,
        encoding: Encoding::PLAIN,
        is_sorted: true,
    };
    Ok(CompressedPage::new(page, length))
}

/// Every row has a value (definition level 1), then the codes, both as runs of the RLE/bit-packing hybrid:
/// <https://parquet.apache.org/docs/file-format/data-pages/encodings/>.
fn data_page(rows: usize, words: usize, runs: &[(usize, usize)]) -> Result<CompressedPage, ParquetError> {
    let mut levels = Vec::new();
    push_run(&mut levels, rows, 1, 1);
    let mut bytes = count(levels.len())?.to_le_bytes().to_vec();
    bytes.extend(levels);
    let bits = (usize::BITS - words.saturating_sub(1).leading_zeros()) as u8;
    bytes.push(bits);
    for (code, rows) in runs {
        push_run(&mut bytes, *rows, *code, bits);
    }
    let length = bytes.len();
    let page = Page::DataPage {
        buf: bytes.into(),
        num_values: count(rows)?,
        encoding: Encoding::RLE_DICTIONARY,
        def_level_encoding: Encoding::RLE,
        rep_level_encoding: Encoding::RLE,
        statistics: None,
    };
    Ok(CompressedPage::new(page, length))
}

/// The length of the run, shifted left by one, as varint; then the value in as few bytes as hold its bits.
fn push_run(bytes: &mut Vec<u8>, rows: usize, value: usize, bits: u8) {
    const SEVEN_BITS: usize = 0x7f;
    const MORE: u8 = 0x80;
    let mut header = rows << 1;
    while header > SEVEN_BITS {
        bytes.push((header & SEVEN_BITS) as u8 | MORE);
        header >>= 7;
    }
    bytes.push(header as u8);
    let width = usize::from(bits.div_ceil(8));
    bytes.extend(&value.to_le_bytes()[..width]);
}

/// What a page can hold.
fn count(number: usize) -> Result<u32, ParquetError> {
    u32::try_from(number).map_err(|_| ParquetError::General(format!("{number} are too many for a page")))
}
