//! The columns of a table, one after the other.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use arrow_schema::{ArrowError, Field, Schema};

/// The rows of one run.
pub type Batches<'a> = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + 'a>;

/// Columns in the order in which they are added. Every column may hold nulls, so that a table's schema does
/// not depend on its rows.
#[derive(Default)]
pub struct Columns {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl Columns {
    /// A text as dictionary.
    pub fn text<'a>(self, name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Self {
        self.add(name, Arc::new(values.collect::<DictionaryArray<Int32Type>>()))
    }

    /// One text in all rows.
    pub fn constant(self, name: &str, text: &str, rows: usize) -> Self {
        self.words(name, &Arc::new(StringArray::from(vec![text])), std::iter::repeat_n(0, rows))
    }

    /// Texts by their index in `words`; null where there is none.
    pub fn words(self, name: &str, words: &Arc<StringArray>, indices: impl Iterator<Item = usize>) -> Self {
        let known = words.len();
        let keys = indices.map(|index| i32::try_from(index).ok().filter(|_| index < known));
        let (keys, nulls) = values_and_nulls(keys);
        let keys = Int32Array::new(keys.into(), nulls);
        self.add(name, Arc::new(DictionaryArray::new(keys, Arc::<StringArray>::clone(words))))
    }

    /// A number; what is not finite is null.
    pub fn number(self, name: &str, values: impl Iterator<Item = Option<f64>>) -> Self {
        let values = values.map(|value| value.filter(|value| value.is_finite()));
        let (values, nulls) = values_and_nulls(values);
        self.add(name, Arc::new(Float64Array::new(values.into(), nulls)))
    }

    /// Signed, so that the difference of two is what it is; null where it is beyond 63 bits.
    pub fn count(self, name: &str, values: impl Iterator<Item = Option<u64>>) -> Self {
        let values = values.map(|value| value.and_then(|value| i64::try_from(value).ok()));
        let (values, nulls) = values_and_nulls(values);
        self.add(name, Arc::new(Int64Array::new(values.into(), nulls)))
    }

    /// As [`Self::count`], in half the room.
    pub fn small_count(self, name: &str, values: impl Iterator<Item = Option<u32>>) -> Self {
        let values = values.map(|value| value.and_then(|value| i32::try_from(value).ok()));
        let (values, nulls) = values_and_nulls(values);
        self.add(name, Arc::new(Int32Array::new(values.into(), nulls)))
    }

    pub fn flag(self, name: &str, values: impl Iterator<Item = Option<bool>>) -> Self {
        self.add(name, Arc::new(values.collect::<BooleanArray>()))
    }

    /// Instants, µs since 1970, UTC.
    pub fn time(self, name: &str, values: impl Iterator<Item = Option<i64>>) -> Self {
        let (values, nulls) = values_and_nulls(values);
        let array = TimestampMicrosecondArray::new(values.into(), nulls).with_timezone("UTC");
        self.add(name, Arc::new(array))
    }

    fn add(mut self, name: &str, array: ArrayRef) -> Self {
        self.fields.push(Field::new(name, array.data_type().clone(), true));
        self.arrays.push(array);
        self
    }

    pub fn into_rows(self) -> Result<RecordBatch, ArrowError> {
        RecordBatch::try_new(Arc::new(Schema::new(self.fields)), self.arrays)
    }
}

/// The values, and where there are none; mostly there are, so that those indices alone are noted.
fn values_and_nulls<T: Default>(values: impl Iterator<Item = Option<T>>) -> (Vec<T>, Option<NullBuffer>) {
    let mut nulls = Vec::new();
    let value_or_null = |(index, value): (usize, Option<T>)| {
        value.unwrap_or_else(|| {
            nulls.push(index);
            T::default()
        })
    };
    let values: Vec<T> = values.enumerate().map(value_or_null).collect();
    if nulls.is_empty() {
        return (values, None);
    }
    let mut valid = BooleanBufferBuilder::new(values.len());
    valid.append_n(values.len(), true);
    nulls.into_iter().for_each(|index| valid.set_bit(index, false));
    (values, Some(NullBuffer::new(valid.finish())))
}
