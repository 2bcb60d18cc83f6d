//! Ids of any type → UInt64 or UInt32: what counts is which are equal.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, UInt64Array};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};
use xxhash_rust::xxh3::xxh3_64;

use super::marks::Marks;
use super::numbers::{to_type, to_unsigned, value_type};
use crate::run::columns::kinds::is_text;

/// An id of 64 bits: a signed one is its bits, a text that is no number its hash (XXH3).
pub fn decode_id(array: &ArrayRef, index: usize, marks: &mut Marks) -> Result<ArrayRef, ArrowError> {
    Ok(Arc::new(to_bits(array, index, marks)?))
}

/// An id of 32 bits; one that is wider is its hash.
pub fn decode_small_id(array: &ArrayRef, index: usize, marks: &mut Marks) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == &DataType::UInt32 {
        return Ok(array.clone());
    }
    let small = |id: u64| u32::try_from(id).unwrap_or_else(|_| xxh3_64(&id.to_le_bytes()) as u32);
    Ok(Arc::new(to_bits(array, index, marks)?.unary::<_, UInt32Type>(small)))
}

fn to_bits(array: &ArrayRef, index: usize, marks: &mut Marks) -> Result<UInt64Array, ArrowError> {
    match value_type(array.data_type()) {
        value if value.is_signed_integer() => {
            Ok(to_type::<Int64Type>(array)?.unary::<_, UInt64Type>(|id| id as u64))
        }
        value if value.is_numeric() => to_unsigned(array, index, marks),
        value if is_text(value) => {
            let texts = cast(array, &DataType::LargeUtf8)?;
            let id = |text: &str| text.parse().unwrap_or_else(|_| xxh3_64(text.as_bytes()));
            Ok(texts.as_string::<i64>().iter().map(|text| text.map(id)).collect())
        }
        _ => {
            let bytes = cast(array, &DataType::LargeBinary)?;
            Ok(bytes.as_binary::<i64>().iter().map(|bytes| bytes.map(xxh3_64)).collect())
        }
    }
}
