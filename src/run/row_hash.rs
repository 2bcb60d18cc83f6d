//! One hash a row over all its columns, column by column.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType};
use arrow_row::{RowConverter, SortField};
use arrow_schema::{ArrowError, DataType};
use xxhash_rust::xxh3::xxh3_64;

use super::columns::Table;
use super::decode::Decoded;
use super::duplicates::mix;

/// Stands for a null.
const NULL: u64 = 0x6e75_6c6c_6e75_6c6c;

/// The hashes of `rows` rows. A column of the table that is not there counts as one of nulls, so that parts with and
/// without it compare.
pub fn hash_rows(columns: &[Decoded], table: Table, rows: usize) -> Vec<u64> {
    let mut hashes = vec![0; rows];
    for column in table {
        match columns.iter().find(|decoded| decoded.column.index == column.index) {
            Some(decoded) => {
                hash_column(decoded.values.as_ref(), &mut hashes);
                hash_apart(decoded.tell_apart.as_deref(), &mut hashes);
            }
            None => hash_nulls(&mut hashes),
        }
    }
    hashes
}

/// Mixes a column that is not of the contract, of whatever type, into the hashes.
///
/// # Errors
/// When Arrow has no way to compare values of its type.
pub fn hash_extra(column: Option<&ArrayRef>, hashes: &mut [u64]) -> Result<(), ArrowError> {
    let Some(column) = column.filter(|column| column.data_type() != &DataType::Null) else {
        hash_nulls(hashes);
        return Ok(());
    };
    let converter = RowConverter::new(vec![SortField::new(column.data_type().clone())])?;
    let rows = converter.convert_columns(std::slice::from_ref(column))?;
    for (row, hash) in hashes.iter_mut().enumerate() {
        let value = if column.is_null(row) { NULL } else { xxh3_64(rows.row(row).as_ref()) };
        *hash = mix(*hash, value);
    }
    Ok(())
}

fn hash_nulls(hashes: &mut [u64]) {
    for hash in hashes {
        *hash = mix(*hash, NULL);
    }
}

/// Only where something does: in ms, µs and ns one instant is one instant.
fn hash_apart(tell_apart: Option<&[u32]>, hashes: &mut [u64]) {
    let apart = hashes.iter_mut().zip(tell_apart.unwrap_or_default()).filter(|(_, apart)| **apart != 0);
    for (hash, &apart) in apart {
        *hash = mix(*hash, u64::from(apart));
    }
}

fn hash_column(values: &dyn Array, hashes: &mut [u64]) {
    match values.data_type() {
        DataType::Int64 => hash_primitive::<Int64Type>(values, hashes, |value| value as u64),
        DataType::UInt32 => hash_primitive::<UInt32Type>(values, hashes, u64::from),
        DataType::UInt64 => hash_primitive::<UInt64Type>(values, hashes, |value| value),
        // −0 + 0 is 0: both zeros are one value.
        DataType::Float64 => hash_primitive::<Float64Type>(values, hashes, |value| (value + 0.0).to_bits()),
        _ => hash_text(values, hashes),
    }
}

fn hash_primitive<T: ArrowPrimitiveType>(
    values: &dyn Array,
    hashes: &mut [u64],
    bits: impl Fn(T::Native) -> u64,
) {
    let values = values.as_primitive::<T>();
    if values.null_count() == 0 {
        for (hash, &value) in hashes.iter_mut().zip(values.values()) {
            *hash = mix(*hash, bits(value));
        }
    } else {
        for (hash, value) in hashes.iter_mut().zip(values) {
            *hash = mix(*hash, value.map_or(NULL, &bits));
        }
    }
}

fn hash_text(values: &dyn Array, hashes: &mut [u64]) {
    for (hash, text) in hashes.iter_mut().zip(values.as_string_view()) {
        *hash = mix(*hash, text.map_or(NULL, |text| xxh3_64(text.as_bytes())));
    }
}
