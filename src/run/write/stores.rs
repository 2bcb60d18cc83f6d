//! What a writer keeps of each optional column until its row group is full.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, ArrowPrimitiveType, DictionaryArray, Int32Array, PrimitiveArray, StringArray, new_null_array,
};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::{
    ArrowNativeType, DataType, Float64Type, Int32Type, TimestampMicrosecondType, UInt8Type, UInt32Type,
    UInt64Type,
};
use arrow::error::ArrowError;

use super::row::Row;
use super::words::{Code, Words};
use crate::run::columns::{COLUMNS, Table, Typed, kinds, run_columns};
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

    fn set(&mut self, row: usize, value: Self::Given<'_>);

    /// The values of the rows in `order`, as type `written`.
    fn gather(&self, order: &[u32], words: &ArrayRef, written: &DataType) -> Result<ArrayRef, ArrowError>;

    fn clear(&mut self);
}

/// How a kind of column is kept.
pub trait Kept: Typed {
    type Store: Store;

    /// What a row is given for the value of an event.
    fn given<'a>(value: &'a Self::Value, words: &mut Words) -> Given<'a, Self>;
}

/// What a row is given for a column of kind `K`.
pub type Given<'a, K> = <<K as Kept>::Store as Store>::Given<'a>;

macro_rules! define_stores {
    (
        required { $($must:ident: $must_kind:ident),* }
        optional { $($name:ident: $kind:ident),* }
    ) => {
        /// The optional columns of the contract.
        #[derive(Debug, Default)]
        pub struct RunStores {
            $($name: <kinds::$kind as Kept>::Store,)*
        }

        impl Stores for RunStores {
            type Event = Event;
            const TABLE: Table = COLUMNS;

            fn head(event: &Event) -> (i64, &str) {
                (event.ts, &event.component)
            }

            fn fill(&mut self, row: usize, event: &Event, words: &mut Words) {
                $(if let Some(value) = &event.$name {
                    self.$name.set(row, <kinds::$kind as Kept>::given(value, words));
                })*
            }

            fn gather(&self, order: &[u32], words: &ArrayRef) -> Result<Vec<ArrayRef>, ArrowError> {
                Ok(vec![$(self.$name.gather(order, words, &<kinds::$kind as Typed>::KIND.written())?,)*])
            }

            fn clear(&mut self) {
                $(self.$name.clear();)*
            }
        }

        /// A setter for each column; each is set at most once.
        impl Row<'_, RunStores> {
            $(
                #[inline]
                pub fn $name(self, value: Given<'_, kinds::$kind>) -> Self {
                    self.stores.$name.set(self.row, value);
                    self
                }
            )*
        }
    };
}

run_columns!(define_stores);

#[cfg(test)]
pub(crate) use define_stores;

/// Values up to the last row that has one, and which rows have one.
#[derive(Debug, Default)]
pub struct Sparse<T> {
    values: Vec<T>,
    valid: Vec<bool>,
}

impl<T: Copy + Default> Sparse<T> {
    #[inline]
    fn set(&mut self, row: usize, value: T) {
        self.values.resize(row, T::default());
        self.valid.resize(row, false);
        self.values.push(value);
        self.valid.push(true);
    }

    fn clear(&mut self) {
        self.values.clear();
        self.valid.clear();
    }

    fn values<'a>(&'a self, order: &'a [u32]) -> impl Iterator<Item = T> + 'a {
        order.iter().map(|&row| self.values.get(row as usize).copied().unwrap_or_default())
    }

    fn nulls(&self, order: &[u32]) -> NullBuffer {
        let is_valid = |row: usize| self.valid.get(order[row] as usize).copied().unwrap_or(false);
        NullBuffer::new(BooleanBuffer::collect_bool(order.len(), is_valid))
    }
}

/// Numbers that Arrow has a type for.
pub trait Native: ArrowNativeType {
    type Arrow: ArrowPrimitiveType<Native = Self>;
}

impl<T: Native> Store for Sparse<T> {
    type Given<'a> = T;

    #[inline]
    fn set(&mut self, row: usize, value: T) {
        self.set(row, value);
    }

    fn gather(&self, order: &[u32], _: &ArrayRef, written: &DataType) -> Result<ArrayRef, ArrowError> {
        if self.values.is_empty() {
            return Ok(new_null_array(written, order.len()));
        }
        let values = self.values(order).collect::<Vec<_>>();
        let values = PrimitiveArray::<T::Arrow>::new(values.into(), Some(self.nulls(order)));
        Ok(Arc::new(values.with_data_type(written.clone())))
    }

    fn clear(&mut self) {
        self.clear();
    }
}

impl Store for Sparse<Code> {
    type Given<'a> = Code;

    #[inline]
    fn set(&mut self, row: usize, value: Code) {
        self.set(row, value);
    }

    fn gather(&self, order: &[u32], words: &ArrayRef, _: &DataType) -> Result<ArrayRef, ArrowError> {
        let codes = self.values(order).map(|code| code.0).collect::<Vec<_>>();
        dictionary(Int32Array::new(codes.into(), Some(self.nulls(order))), words)
    }

    fn clear(&mut self) {
        self.clear();
    }
}

/// Words of which `codes` are the codes.
pub fn dictionary(codes: Int32Array, words: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(codes, words.clone())?))
}

/// Row and text, in order of rows: few rows have one.
#[derive(Debug, Default)]
pub struct Texts(Vec<(usize, String)>);

impl Store for Texts {
    type Given<'a> = &'a str;

    fn set(&mut self, row: usize, value: &str) {
        self.0.push((row, value.to_owned()));
    }

    fn gather(&self, order: &[u32], _: &ArrayRef, _: &DataType) -> Result<ArrayRef, ArrowError> {
        let mut text_by_row: Vec<Option<&str>> = Vec::new();
        if let Some((last, _)) = self.0.last() {
            text_by_row.resize(last + 1, None);
        }
        for (row, text) in &self.0 {
            text_by_row[*row] = Some(text);
        }
        let text = |row: &u32| text_by_row.get(*row as usize).copied().flatten();
        Ok(Arc::new(StringArray::from_iter(order.iter().map(text))))
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

impl Kept for kinds::Word {
    type Store = Sparse<Code>;

    fn given(value: &String, words: &mut Words) -> Code {
        words.code(value)
    }
}

impl Kept for kinds::Text {
    type Store = Texts;

    fn given<'a>(value: &'a String, _: &mut Words) -> &'a str {
        value
    }
}

macro_rules! keep_numbers {
    ($($native:ident as $arrow:ident: $($kind:ident)*;)*) => { $(
        impl Native for $native {
            type Arrow = $arrow;
        }

        $(impl Kept for kinds::$kind {
            type Store = Sparse<$native>;

            #[inline]
            fn given(value: &$native, _: &mut Words) -> $native {
                *value
            }
        })*
    )* };
}

keep_numbers! {
    i64 as TimestampMicrosecondType: Time;
    f64 as Float64Type: Measure Number;
    u64 as UInt64Type: Id Hash;
    u32 as UInt32Type: SmallId Count;
    u8 as UInt8Type: SmallCount;
}
