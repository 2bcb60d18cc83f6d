//! Arrow columns as a file has them → the contract's columns, rows at fault marked.

mod marks;
mod numbers;
mod times;
mod words;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::error::ArrowError;

use super::batch::Lexicon;
use super::columns::{COLUMNS, Kind};

pub(super) use marks::{Marks, Reason, Tally, TallyLine};
pub(super) use times::to_micros;

/// A column of the contract in its own type.
#[derive(Debug)]
pub(super) struct Decoded {
    /// Place in [`COLUMNS`].
    pub(super) place: usize,
    pub(super) values: ArrayRef,
    /// Of timestamps in ns: what was cut off each, ns. Not used but to tell rows apart.
    pub(super) cut_ns: Option<Vec<u32>>,
}

/// Rows of a run in the contract's types, those at fault marked and still among them.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) columns: Vec<Decoded>,
    pub(super) marks: Marks,
}

/// Decodes the columns at `places` of a batch that holds them by name; those that hold nothing are left out.
///
/// # Errors
/// When Arrow cannot convert a column; its type was checked before, so that is a damaged file.
pub(super) fn decode(batch: &RecordBatch, places: &[usize], lexicon: &Lexicon) -> Result<Rows, ArrowError> {
    let mut marks = Marks::new(batch.num_rows());
    let mut columns = Vec::with_capacity(places.len());
    for &place in places {
        let Some(array) = batch.column_by_name(COLUMNS[place].name) else { continue };
        // Rows that lie together are of one kind as often as not, and most columns are not for them.
        if !COLUMNS[place].required && array.null_count() == array.len() {
            continue;
        }
        columns.push(decode_column(place, array, lexicon, &mut marks)?);
    }
    Ok(Rows { columns, marks })
}

fn decode_column(
    place: usize,
    array: &ArrayRef,
    lexicon: &Lexicon,
    marks: &mut Marks,
) -> Result<Decoded, ArrowError> {
    let mut cut_ns = None;
    let values = match COLUMNS[place].kind {
        Kind::Time => {
            let times = times::decode(array, place, marks)?;
            cut_ns = times.cut_ns;
            times.values
        }
        Kind::Word => words::decode(array, lexicon)?,
        Kind::Text => words::decode_text(array)?,
        Kind::Measure(_) => numbers::decode_measure(array, place, marks)?,
        Kind::Number => numbers::decode_number(array, place, marks)?,
        Kind::Id => numbers::decode_id(array, place, marks)?,
        Kind::SmallId => numbers::decode_small(array, u32::MAX, place, marks)?,
        Kind::Count(limit) => numbers::decode_small(array, limit, place, marks)?,
    };
    if COLUMNS[place].required {
        marks.mark_nulls(values.as_ref(), place);
    }
    Ok(Decoded { place, values, cut_ns })
}
