//! The columns of a table, one after the other.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int32Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, UInt32Array, UInt64Array,
};
use arrow::datatypes::{Field, Int32Type, Schema};
use arrow::error::ArrowError;

/// Columns in the order in which they are added. Every column may hold nulls, so that a table's schema does
/// not depend on its rows.
#[derive(Default)]
pub(super) struct Columns {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl Columns {
    /// A text as dictionary.
    pub(super) fn text<'a>(self, name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Self {
        self.add(name, Arc::new(values.collect::<DictionaryArray<Int32Type>>()))
    }

    /// One text in all rows.
    pub(super) fn constant(self, name: &str, text: &str, rows: usize) -> Self {
        self.words(name, &Arc::new(StringArray::from(vec![text])), std::iter::repeat_n(0, rows))
    }

    /// Texts by their place in `words`; null where there is none.
    pub(super) fn words(
        self,
        name: &str,
        words: &Arc<StringArray>,
        places: impl Iterator<Item = usize>,
    ) -> Self {
        let known = words.len();
        let keys: Int32Array =
            places.map(|place| (place < known).then_some(i32::try_from(place).ok()).flatten()).collect();
        self.add(name, Arc::new(DictionaryArray::new(keys, Arc::<StringArray>::clone(words))))
    }

    /// A number; what is not finite is null.
    pub(super) fn number(self, name: &str, values: impl Iterator<Item = Option<f64>>) -> Self {
        let values = values.map(|value| value.filter(|value| value.is_finite()));
        self.add(name, Arc::new(values.collect::<Float64Array>()))
    }

    pub(super) fn count(self, name: &str, values: impl Iterator<Item = Option<u64>>) -> Self {
        self.add(name, Arc::new(values.collect::<UInt64Array>()))
    }

    pub(super) fn small_count(self, name: &str, values: impl Iterator<Item = Option<u32>>) -> Self {
        self.add(name, Arc::new(values.collect::<UInt32Array>()))
    }

    pub(super) fn every_count(self, name: &str, values: impl Iterator<Item = u64>) -> Self {
        self.add(name, Arc::new(UInt64Array::from_iter_values(values)))
    }

    pub(super) fn every_small_count(self, name: &str, values: impl Iterator<Item = u32>) -> Self {
        self.add(name, Arc::new(UInt32Array::from_iter_values(values)))
    }

    /// Instants, as [`Self::time`].
    pub(super) fn every_time(self, name: &str, values: impl Iterator<Item = i64>) -> Self {
        self.add(name, Arc::new(TimestampMicrosecondArray::from_iter_values(values).with_timezone("UTC")))
    }

    pub(super) fn flag(self, name: &str, values: impl Iterator<Item = Option<bool>>) -> Self {
        self.add(name, Arc::new(values.collect::<BooleanArray>()))
    }

    /// Instants, µs since 1970, UTC.
    pub(super) fn time(self, name: &str, values: impl Iterator<Item = Option<i64>>) -> Self {
        self.add(name, Arc::new(values.collect::<TimestampMicrosecondArray>().with_timezone("UTC")))
    }

    fn add(mut self, name: &str, array: ArrayRef) -> Self {
        self.fields.push(Field::new(name, array.data_type().clone(), true));
        self.arrays.push(array);
        self
    }

    pub(super) fn into_rows(self) -> Result<RecordBatch, ArrowError> {
        RecordBatch::try_new(Arc::new(Schema::new(self.fields)), self.arrays)
    }
}
