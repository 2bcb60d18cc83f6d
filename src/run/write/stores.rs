//! What a writer keeps of each optional column until its row group is full.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float64Type, Int32Type, TimestampMicrosecondType, UInt8Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, DictionaryArray, PrimitiveArray, StringArray, new_null_array,
};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::{ArrowError, DataType};
use rustc_hash::FxHashMap;

use super::words::{Code, Words};
use crate::run::columns::{COLUMNS, Kind, Table, run_columns, value_type};
use crate::run::event::Event;

/// The optional columns of a table.
pub trait Stores: Default {
    type Event;
    const TABLE: Table;

    /// What each event has: when it was, and its component.
    fn head(event: &Self::Event) -> (i64, &str);

    /// Sets everything else that `event` has.
    fn fill(&mut self, row: usize, event: &Self::Event, words: &mut Words);

    /// The columns with their rows in `order`.
    fn gather(&self, order: &[u32], words: &ArrayRef) -> Result<Vec<ArrayRef>, ArrowError>;

    fn clear(&mut self);
}

/// The values of one column. Rows after the last value that was set are null without being stored.
pub trait Store: Default {
    /// What a row is given.
    type Given<'a>;

    fn set(&mut self, row: usize, given: Self::Given<'_>);

    /// The values of the rows in `order`, as type `written`.
    fn gather(&self, order: &[u32], words: &ArrayRef, written: &DataType) -> Result<ArrayRef, ArrowError>;

    fn clear(&mut self);
}

/// A row that was just started; what is not set is null.
pub struct Row<'a, S = RunStores> {
    pub(crate) stores: &'a mut S,
    pub(crate) row: usize,
}

/// How a kind of column is kept.
#[rustfmt::skip]
macro_rules! store {
    (Text) => { Texts };
    (Word) => { Sparse<Code> };
    ($kind:ident) => { Sparse<value_type!($kind)> };
}

/// What a row is given for the value of an event.
#[rustfmt::skip]
macro_rules! given {
    (Text, $value:ident, $words:ident) => { $value };
    (Word, $value:ident, $words:ident) => { $words.code($value) };
    ($kind:ident, $value:ident, $words:ident) => { *$value };
}

macro_rules! define_stores {
    ({ $($must:ident: $must_kind:ident)* } $($name:ident: $kind:ident)*) => {
        /// The optional columns of the contract.
        #[derive(Debug, Default)]
        pub struct RunStores {
            $($name: store!($kind),)*
        }

        impl Stores for RunStores {
            type Event = Event;
            const TABLE: Table = COLUMNS;

            fn head(event: &Event) -> (i64, &str) {
                (event.ts, &event.component)
            }

            fn fill(&mut self, row: usize, event: &Event, words: &mut Words) {
                $(if let Some(value) = &event.$name {
                    self.$name.set(row, given!($kind, value, words));
                })*
            }

            fn gather(&self, order: &[u32], words: &ArrayRef) -> Result<Vec<ArrayRef>, ArrowError> {
                Ok(vec![$(self.$name.gather(order, words, &Kind::$kind.written())?,)*])
            }

            fn clear(&mut self) {
                $(self.$name.clear();)*
            }
        }

        /// A setter for each column; each is set at most once.
        impl Row<'_, RunStores> {
            $(
                #[inline]
                pub fn $name(self, given: <store!($kind) as Store>::Given<'_>) -> Self {
                    self.stores.$name.set(self.row, given);
                    self
                }
            )*
        }
    };
}

run_columns!(define_stores);

/// Values up to the last row that has one, and which rows have one.
#[derive(Debug, Default)]
pub struct Sparse<T> {
    values: Vec<T>,
    valid: Vec<bool>,
}

/// What a row has one of, as Arrow has it.
pub trait Value: Copy + Default {
    type Arrow: ArrowPrimitiveType;

    fn native(self) -> <Self::Arrow as ArrowPrimitiveType>::Native;
}

macro_rules! numbers {
    ($($number:ident as $arrow:ident,)*) => { $(
        impl Value for $number {
            type Arrow = $arrow;

            fn native(self) -> $number {
                self
            }
        }
    )* };
}

numbers! {
    i64 as TimestampMicrosecondType, f64 as Float64Type, u64 as UInt64Type, u32 as UInt32Type, u8 as UInt8Type,
}

impl Value for Code {
    type Arrow = Int32Type;

    fn native(self) -> i32 {
        self.0
    }
}

impl<T: Value> Store for Sparse<T> {
    type Given<'a> = T;

    #[inline]
    fn set(&mut self, row: usize, given: T) {
        self.values.resize(row, T::default());
        self.valid.resize(row, false);
        self.values.push(given);
        self.valid.push(true);
    }

    fn gather(&self, order: &[u32], words: &ArrayRef, written: &DataType) -> Result<ArrayRef, ArrowError> {
        if self.values.is_empty() {
            return Ok(new_null_array(written, order.len()));
        }
        let value = |&row: &u32| self.values.get(row as usize).copied().unwrap_or_default().native();
        let values = order.iter().map(value).collect::<Vec<_>>();
        let is_valid = |row: usize| self.valid.get(order[row] as usize).copied().unwrap_or(false);
        let nulls = NullBuffer::new(BooleanBuffer::collect_bool(order.len(), is_valid));
        let array = PrimitiveArray::<T::Arrow>::new(values.into(), Some(nulls));
        match (&array as &dyn Array).as_primitive_opt::<Int32Type>() {
            Some(codes) => Ok(Arc::new(DictionaryArray::try_new(codes.clone(), words.clone())?)),
            None => Ok(Arc::new(array.with_data_type(written.clone()))),
        }
    }

    fn clear(&mut self) {
        self.values.clear();
        self.valid.clear();
    }
}

/// Text by row: few rows have one.
#[derive(Debug, Default)]
pub struct Texts(FxHashMap<u32, String>);

impl Store for Texts {
    type Given<'a> = &'a str;

    fn set(&mut self, row: usize, given: &str) {
        self.0.insert(row as u32, given.to_owned());
    }

    fn gather(&self, order: &[u32], _: &ArrayRef, _: &DataType) -> Result<ArrayRef, ArrowError> {
        Ok(Arc::new(order.iter().map(|row| self.0.get(row)).collect::<StringArray>()))
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
pub(crate) use {define_stores, given, store};
