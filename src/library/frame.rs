//! Arrow's columns as a Polars frame.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, RecordBatch};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};
use polars_core::datatypes::{self as polars, PolarsNumericType};
use polars_core::prelude::{
    BooleanChunked, ChunkedArray, Column, DataFrame, Int64Chunked, IntoColumn, NewChunkedArray, PlSmallStr,
    StringChunked,
};

/// The same rows: numbers and flags as they are, texts as strings, instants as datetimes (µs, UTC).
///
/// # Errors
/// When a column is of another type.
pub fn frame_of(rows: &RecordBatch) -> Result<DataFrame, String> {
    let schema = rows.schema();
    let columns = schema.fields().iter().zip(rows.columns());
    let columns: Result<Vec<Column>, String> =
        columns.map(|(field, values)| column(field.name(), values)).collect();
    DataFrame::new(rows.num_rows(), columns?).map_err(|error| error.to_string())
}

fn column(name: &str, values: &ArrayRef) -> Result<Column, String> {
    let name = PlSmallStr::from(name);
    Ok(match values.data_type() {
        DataType::Float64 => numbers::<Float64Type, polars::Float64Type>(name, values),
        DataType::Int64 => numbers::<Int64Type, polars::Int64Type>(name, values),
        DataType::Int32 => numbers::<Int32Type, polars::Int32Type>(name, values),
        DataType::Boolean => {
            BooleanChunked::from_iter_options(name, values.as_boolean().iter()).into_column()
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let instants = values.as_primitive::<TimestampMicrosecondType>();
            datetimes(Int64Chunked::from_iter_options(name, instants.iter()))
        }
        DataType::Utf8 | DataType::Dictionary(..) => {
            let texts = cast(values, &DataType::Utf8).map_err(|error| error.to_string())?;
            StringChunked::from_iter_options(name, texts.as_string::<i32>().iter()).into_column()
        }
        other => return Err(format!("column {name} is {other}")),
    })
}

/// µs since 1970 as datetimes, UTC.
pub fn datetimes(us: Int64Chunked) -> Column {
    us.into_datetime(polars::TimeUnit::Microseconds, None).into_column()
}

fn numbers<A, P>(name: PlSmallStr, values: &ArrayRef) -> Column
where
    A: ArrowPrimitiveType,
    P: PolarsNumericType<Native = A::Native>,
    ChunkedArray<P>: IntoColumn + NewChunkedArray<P, A::Native>,
{
    ChunkedArray::<P>::from_iter_options(name, values.as_primitive::<A>().iter()).into_column()
}
