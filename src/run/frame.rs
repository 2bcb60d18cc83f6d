//! Columns in Arrow → a Polars frame, without the rows at fault.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, BooleanArray};
use arrow_buffer::ScalarBuffer;
use arrow_schema::{ArrowError, DataType};
use arrow_select::filter::filter;
use polars_core::chunked_array::ChunkedArray;
use polars_core::datatypes as polars;
use polars_core::frame::DataFrame;
use polars_core::prelude::{Column, IntoColumn, NamedFrom, PlSmallStr, Series};
use polars_core::utils::arrow::bitmap::Bitmap;

use super::decode::Decoded;

/// The frame of `columns`; of their rows only those that `kept` holds, all when it is none.
///
/// # Errors
/// When the columns do not fit together: a bug or a damaged file.
pub fn build(
    columns: Vec<Decoded>,
    kept: Option<&BooleanArray>,
    rows: usize,
) -> Result<DataFrame, ArrowError> {
    let height = kept.map_or(rows, BooleanArray::true_count);
    let mut series = Vec::with_capacity(columns.len());
    for decoded in columns {
        let values = match kept {
            Some(kept) => filter(decoded.values.as_ref(), kept)?,
            None => decoded.values,
        };
        series.push(convert(decoded.column.name, values));
    }
    DataFrame::new(height, series).map_err(|error| ArrowError::ComputeError(error.to_string()))
}

fn convert(name: &str, values: ArrayRef) -> Column {
    let name = PlSmallStr::from(name);
    match values.data_type() {
        DataType::Int64 => numbers::<Int64Type, polars::Int64Type>(name, values),
        DataType::UInt32 => numbers::<UInt32Type, polars::UInt32Type>(name, values),
        DataType::UInt64 => numbers::<UInt64Type, polars::UInt64Type>(name, values),
        DataType::Float64 => numbers::<Float64Type, polars::Float64Type>(name, values),
        _ => {
            let texts: Vec<Option<&str>> = values.as_string_view().iter().collect();
            Series::new(name, texts).into_column()
        }
    }
}

/// Takes the numbers over; where someone else holds them too, a copy.
fn numbers<A, P>(name: PlSmallStr, values: ArrayRef) -> Column
where
    A: ArrowPrimitiveType,
    P: polars::PolarsNumericType<Native = A::Native>,
    ChunkedArray<P>: IntoColumn,
{
    let array = values.as_primitive::<A>().clone();
    drop(values);
    let (_, numbers, nulls) = array.into_parts();
    let validity = nulls.filter(|nulls| nulls.null_count() > 0).map(|nulls| {
        let bits = nulls.inner().sliced();
        Bitmap::from_u8_vec(bits.as_slice().to_vec(), nulls.len())
    });
    let numbers = match numbers.into_inner().into_vec::<A::Native>() {
        Ok(numbers) => numbers,
        Err(shared) => ScalarBuffer::<A::Native>::from(shared).to_vec(),
    };
    ChunkedArray::<P>::from_vec_validity(name, numbers, validity).into_column()
}
