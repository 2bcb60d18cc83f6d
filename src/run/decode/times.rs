//! Timestamps of any unit → µs since 1970; those outside the contract's years mark their row.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowTimestampType, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, Int64Array, PrimitiveArray};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, TimeUnit};

use super::decoded::Decoded;
use super::marks::{Marks, Reason};
use super::numbers::suspects;
use crate::run::columns::{Column, TIMES_US};

const NS_PER_US: i64 = 1_000;
const US_PER_MS: i64 = 1_000;
const US_PER_S: i64 = 1_000_000;

/// Converts timestamps with a zone or without: with one they are instants all the same, without one they are UTC.
pub fn decode(column: &'static Column, array: &ArrayRef, marks: &mut Marks) -> Result<Decoded, ArrowError> {
    let array = match array.data_type() {
        DataType::Dictionary(_, value) => cast(array, value)?,
        _ => array.clone(),
    };
    let &DataType::Timestamp(unit, _) = array.data_type() else { return Err(no_timestamp(&array)) };
    let raw = match unit {
        TimeUnit::Second => as_integers::<TimestampSecondType>(&array)?,
        TimeUnit::Millisecond => as_integers::<TimestampMillisecondType>(&array)?,
        TimeUnit::Microsecond => as_integers::<TimestampMicrosecondType>(&array)?,
        TimeUnit::Nanosecond => as_integers::<TimestampNanosecondType>(&array)?,
    };
    let tell_apart = if unit == TimeUnit::Nanosecond { cut(&raw) } else { None };
    let micros = match unit {
        TimeUnit::Microsecond => raw,
        _ => raw.unary::<_, Int64Type>(|raw| to_micros(raw, unit)),
    };
    let is_in_range = |value: i64| TIMES_US.contains(&value);
    for row in suspects(micros.values(), is_in_range).filter(|&row| micros.is_valid(row)) {
        marks.mark(row, Reason::OutOfRange, column.index);
    }
    Ok(Decoded { column, values: Arc::new(micros), tell_apart })
}

/// µs since 1970 of a raw value in `unit`, rounded down.
pub fn to_micros(raw: i64, unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => raw.saturating_mul(US_PER_S),
        TimeUnit::Millisecond => raw.saturating_mul(US_PER_MS),
        TimeUnit::Microsecond => raw,
        TimeUnit::Nanosecond => raw.div_euclid(NS_PER_US),
    }
}

/// What is cut off times in ns, unless it is nothing everywhere.
fn cut(nanos: &Int64Array) -> Option<Vec<u32>> {
    let cut: Vec<u32> = nanos.values().iter().map(|ns| ns.rem_euclid(NS_PER_US) as u32).collect();
    cut.iter().any(|&ns| ns != 0).then_some(cut)
}

fn as_integers<T: ArrowTimestampType>(array: &ArrayRef) -> Result<Int64Array, ArrowError> {
    let times: &PrimitiveArray<T> = array.as_primitive_opt::<T>().ok_or_else(|| no_timestamp(array))?;
    Ok(times.reinterpret_cast::<Int64Type>())
}

fn no_timestamp(array: &ArrayRef) -> ArrowError {
    ArrowError::CastError(format!("{} is no timestamp", array.data_type()))
}
