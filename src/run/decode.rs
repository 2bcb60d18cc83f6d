//! Arrow columns as a file has them → the contract's columns, rows at fault marked.

mod ids;
mod marks;
mod numbers;
mod plausible;
mod times;
mod translate;
mod words;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::error::ArrowError;

use super::batch::Lexicon;
use super::columns::{Column, Kind};

pub use marks::{DUPLICATE_ROW, Marks, Reason, Tally, TallyLine};
pub use numbers::value_type;
pub use plausible::Plausible;
pub use times::to_micros;

/// A column of the contract in its own type.
#[derive(Debug)]
pub struct Decoded {
    pub column: &'static Column,
    pub values: ArrayRef,
    /// Of timestamps in ns: what was cut off each, ns. Not used but to tell rows apart.
    pub cut_ns: Option<Vec<u32>>,
}

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

/// Decodes `columns` of a batch that holds them by name; those that hold nothing are left out. `ok_words` mean ok.
///
/// # Errors
/// When Arrow cannot convert a column; its type was checked before, so that is a damaged file.
pub fn decode(
    batch: &RecordBatch,
    columns: &[&'static Column],
    (lexicon, ok_words): (&Lexicon, &[String]),
) -> Result<Rows, ArrowError> {
    let mut marks = Marks::new(batch.num_rows());
    let mut decoded = Vec::with_capacity(columns.len());
    for column in columns {
        let Some(array) = batch.column_by_name(column.name) else { continue };
        // Rows that lie together are of one kind as often as not, and most columns are not for them.
        if !column.required && array.null_count() == array.len() {
            continue;
        }
        decoded.push(decode_column(column, array, (lexicon, ok_words), &mut marks)?);
    }
    Ok(Rows { columns: decoded, marks })
}

fn decode_column(
    column: &'static Column,
    array: &ArrayRef,
    (lexicon, ok_words): (&Lexicon, &[String]),
    marks: &mut Marks,
) -> Result<Decoded, ArrowError> {
    let index = column.index;
    let mut cut_ns = None;
    let values = match column.kind {
        Kind::Time => {
            let times = times::decode(array, index, marks)?;
            cut_ns = times.cut_ns;
            times.values
        }
        Kind::Word => words::decode(column, array, lexicon, ok_words)?,
        Kind::Text => words::decode_text(array)?,
        Kind::Measure => numbers::decode_measure(array, index, marks)?,
        Kind::Number => numbers::decode_number(array, index, marks)?,
        Kind::Id => ids::decode_id(array, index, marks)?,
        Kind::SmallId => ids::decode_small_id(array, index, marks)?,
        Kind::SmallCount => numbers::decode_small(array, u8::MAX.into(), index, marks)?,
        Kind::Count => numbers::decode_small(array, u32::MAX, index, marks)?,
    };
    if column.required {
        marks.mark_nulls(values.as_ref(), index);
    }
    Ok(Decoded { column, values, cut_ns })
}
