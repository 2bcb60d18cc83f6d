//! Arrow columns as a file has them → the contract's columns, rows at fault marked.

mod decoded;
mod ids;
mod marks;
mod numbers;
mod plausible;
mod texts;
mod times;
mod translate;
mod words;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::ArrowError;

use super::columns::{Column, Kind};

pub use decoded::{Decoded, Reader};
pub use marks::{DUPLICATE_ROW, Marks, Reason, Tally, TallyLine};
pub use numbers::value_type;
pub use plausible::Plausible;
pub use times::to_micros;
pub use words::{spelling, to_dictionary};

/// Rows of a run in the contract's types, those at fault marked and still among them.
#[derive(Debug)]
pub struct Rows {
    pub columns: Vec<Decoded>,
    pub marks: Marks,
}

impl Rows {
    /// The values of the column at `index` of the table, where they have it.
    pub fn column(&self, index: usize) -> Option<&ArrayRef> {
        self.columns.iter().find(|decoded| decoded.column.index == index).map(|decoded| &decoded.values)
    }
}

/// Decodes `columns` of a batch that holds them by name; those that hold nothing are left out.
///
/// # Errors
/// When Arrow cannot convert a column; its type was checked before, so that is a damaged file.
pub fn decode(
    batch: &RecordBatch,
    columns: &[&'static Column],
    reader: &Reader<'_>,
) -> Result<Rows, ArrowError> {
    let mut marks = Marks::new(batch.num_rows());
    let mut decoded = Vec::with_capacity(columns.len());
    for column in columns {
        let Some(array) = batch.column_by_name(column.name) else { continue };
        // Rows that lie together are of one kind as often as not, and most columns are not for them.
        if !column.required && array.null_count() == array.len() {
            continue;
        }
        let values = decode_column(column, array, (reader, &decoded), &mut marks)?;
        decoded.push(values);
    }
    Ok(Rows { columns: decoded, marks })
}

fn decode_column(
    column: &'static Column,
    array: &ArrayRef,
    (reader, before): (&Reader<'_>, &[Decoded]),
    marks: &mut Marks,
) -> Result<Decoded, ArrowError> {
    let index = column.index;
    let decoded = match column.kind {
        Kind::Time => times::decode(column, array, marks)?,
        Kind::Word => words::decode(column, array, reader, before)?,
        Kind::Text => Decoded::new(column, texts::decode(array, reader.limits.max_detail_bytes)?),
        Kind::Measure => Decoded::new(column, numbers::decode_measure(array, index, marks)?),
        Kind::Number => Decoded::new(column, numbers::decode_number(array, index, marks)?),
        Kind::Id => Decoded::new(column, ids::decode_id(array, index, marks)?),
        Kind::SmallId => Decoded::new(column, ids::decode_small_id(array, index, marks)?),
        Kind::SmallCount => Decoded::new(column, numbers::decode_small(array, u8::MAX.into(), index, marks)?),
        Kind::Count => Decoded::new(column, numbers::decode_small(array, u32::MAX, index, marks)?),
    };
    if column.required {
        marks.mark_nulls(decoded.values.as_ref(), index);
    }
    Ok(decoded)
}
