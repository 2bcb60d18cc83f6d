//! Numbers of any width → Float64, UInt64 or UInt32; what does not fit marks its row.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, Float64Array, PrimitiveArray};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};

use super::marks::{Marks, Reason};
use crate::run::columns::EXACT_FLOATS_BELOW;

/// A duration or a sampled value: a float that is not negative.
pub fn decode_measure(array: &ArrayRef, index: usize, marks: &mut Marks) -> Result<ArrayRef, ArrowError> {
    decode_float(array, index, marks, 0.0)
}

/// Any other float.
pub fn decode_number(array: &ArrayRef, index: usize, marks: &mut Marks) -> Result<ArrayRef, ArrowError> {
    decode_float(array, index, marks, f64::NEG_INFINITY)
}

/// NaN is a null, as writers without nulls have it; infinity is a fault, and so is what is below `least`.
fn decode_float(
    array: &ArrayRef,
    index: usize,
    marks: &mut Marks,
    least: f64,
) -> Result<ArrayRef, ArrowError> {
    let values = to_type::<Float64Type>(array)?;
    let is_fine = |value: f64| value >= least && value.is_finite();
    let mut has_nan = false;
    for row in suspects(values.values(), is_fine).filter(|&row| values.is_valid(row)) {
        match values.value(row) {
            value if value.is_nan() => has_nan = true,
            value if value.is_finite() => marks.mark(row, Reason::Negative, index),
            _ => marks.mark(row, Reason::NonFinite, index),
        }
    }
    if !has_nan {
        return Ok(Arc::new(values));
    }
    let values: Float64Array = values.iter().map(|value| value.filter(|value| !value.is_nan())).collect();
    Ok(Arc::new(values))
}

/// A count of at most `limit`.
pub fn decode_small(
    array: &ArrayRef,
    limit: u32,
    index: usize,
    marks: &mut Marks,
) -> Result<ArrayRef, ArrowError> {
    // Nothing to check: any number of that width fits.
    if limit == u32::MAX && array.data_type() == &DataType::UInt32 {
        return Ok(array.clone());
    }
    let wide = to_unsigned(array, index, marks)?;
    for row in suspects(wide.values(), |value| value <= u64::from(limit)) {
        if wide.is_valid(row) {
            marks.mark(row, Reason::OutOfRange, index);
        }
    }
    let narrow = wide.unary::<_, UInt32Type>(|value| value as u32);
    Ok(Arc::new(narrow))
}

/// Values looked at side by side: without a branch on each of them, a processor checks several at once.
const VALUES_AT_ONCE: usize = 1024;

/// The rows whose value `is_good` does not hold for, nulls among them.
pub fn suspects<T: Copy>(values: &[T], is_good: impl Fn(T) -> bool + Copy) -> impl Iterator<Item = usize> {
    let pieces = values.chunks(VALUES_AT_ONCE).enumerate();
    let with_any = pieces
        .filter(move |(_, piece)| !piece.iter().fold(true, |are_good, &value| are_good & is_good(value)));
    with_any.flat_map(move |(index, piece)| {
        let rows = piece.iter().enumerate().filter(move |(_, value)| !is_good(**value));
        rows.map(move |(row, _)| index * VALUES_AT_ONCE + row)
    })
}

/// Integers that are not negative, and whole floats.
pub fn to_unsigned(
    array: &ArrayRef,
    index: usize,
    marks: &mut Marks,
) -> Result<PrimitiveArray<UInt64Type>, ArrowError> {
    match value_type(array.data_type()) {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => {
            Ok(from_signed(&to_type::<Int64Type>(array)?, index, marks))
        }
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => to_type(array),
        _ => Ok(from_float(&to_type::<Float64Type>(array)?, index, marks)),
    }
}

fn from_signed(
    values: &PrimitiveArray<Int64Type>,
    index: usize,
    marks: &mut Marks,
) -> PrimitiveArray<UInt64Type> {
    for row in suspects(values.values(), |value| value >= 0).filter(|&row| values.is_valid(row)) {
        marks.mark(row, Reason::Negative, index);
    }
    values.unary(|value| value as u64)
}

/// Integral floats, NaN for null: pandas makes them of a column of integers with gaps.
fn from_float(values: &Float64Array, index: usize, marks: &mut Marks) -> PrimitiveArray<UInt64Type> {
    for (row, value) in values.iter().enumerate() {
        match value {
            Some(value) if value < 0.0 => marks.mark(row, Reason::Negative, index),
            Some(value) if value.fract() != 0.0 && !value.is_nan() => {
                marks.mark(row, Reason::OutOfRange, index);
            }
            Some(value) if value >= EXACT_FLOATS_BELOW => marks.mark(row, Reason::OutOfRange, index),
            _ => {}
        }
    }
    values.iter().map(|value| value.filter(|value| !value.is_nan()).map(|value| value as u64)).collect()
}

/// That of a dictionary's values.
pub fn value_type(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, value) => value,
        other => other,
    }
}

/// The column in type `T`, without a copy where it has it already.
pub fn to_type<T: ArrowPrimitiveType>(array: &ArrayRef) -> Result<PrimitiveArray<T>, ArrowError> {
    if let Some(values) = array.as_primitive_opt::<T>() {
        return Ok(values.clone());
    }
    let plain = match array.data_type() {
        DataType::Dictionary(_, value) => cast(array, value)?,
        _ => array.clone(),
    };
    let converted = cast(&plain, &T::DATA_TYPE)?;
    converted
        .as_primitive_opt::<T>()
        .cloned()
        .ok_or_else(|| ArrowError::CastError(format!("{} is no {}", array.data_type(), T::DATA_TYPE)))
}
