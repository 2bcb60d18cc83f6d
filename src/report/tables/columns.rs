//! The columns of a table, one after the other.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, RecordBatch, TimestampMicrosecondArray,
    UInt32Array, UInt64Array,
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
