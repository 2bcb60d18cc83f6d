//! Typed views on the columns of a batch.

use polars_core::datatypes::{NumericNative, PolarsNumericType, StringChunked};
use polars_core::series::Series;
use polars_core::utils::arrow::bitmap::Bitmap;
use polars_core::utils::arrow::types::NativeType;

use crate::run::Batch;
use crate::run::columns::{run_columns, value_type};

/// One column of numbers: contiguous values with validity. A column that the run lacks has no values.
#[derive(Clone, Copy)]
pub struct Numbers<'a, T> {
    values: &'a [T],
    validity: Option<&'a Bitmap>,
}

/// Values of rows that all have one, or none of them.
#[derive(Clone, Copy)]
pub enum Even<'a, T> {
    Each(&'a [T]),
    None,
}

impl<T: Copy> Even<'_, T> {
    pub fn has_each(&self) -> bool {
        matches!(self, Even::Each(_))
    }

    /// The value at `index` among the rows.
    #[inline]
    pub fn get(&self, index: usize) -> Option<T> {
        match self {
            Even::Each(values) => values.get(index).copied(),
            Even::None => None,
        }
    }
}

impl<'a, T: NativeType> Numbers<'a, T> {
    fn of(column: Option<&'a Series>) -> Self
    where
        T: NumericNative<PolarsType: PolarsNumericType<Native = T>>,
    {
        let column = column.and_then(|column| column.unpack::<T::PolarsType>().ok());
        match column.and_then(|column| column.downcast_iter().next()) {
            Some(chunk) => Self { values: chunk.values().as_slice(), validity: chunk.validity() },
            None => Self { values: &[], validity: None },
        }
    }

    /// The value in `row`, `None` for a null or a missing column.
    #[inline]
    pub fn get(&self, row: usize) -> Option<T> {
        let value = *self.values.get(row)?;
        match self.validity {
            Some(validity) if !validity.get_bit(row) => None,
            _ => Some(value),
        }
    }

    /// The values in `rows`, one by one.
    #[inline]
    pub fn part(self, rows: std::ops::Range<usize>) -> impl Iterator<Item = Option<T>> {
        rows.map(move |row| self.get(row))
    }

    /// The values in `rows` as they stand, where each of them has one.
    pub fn all_of(&self, rows: std::ops::Range<usize>) -> Option<&'a [T]> {
        let values = self.values.get(rows.clone())?;
        let is_full =
            self.validity.is_none_or(|validity| validity.null_count_range(rows.start, rows.len()) == 0);
        is_full.then_some(values)
    }

    /// The values in `rows` where each of them has one, or that none has; otherwise some have and some have not.
    pub fn evenly(&self, rows: std::ops::Range<usize>) -> Option<Even<'a, T>> {
        match self.all_of(rows.clone()) {
            Some(values) => Some(Even::Each(values)),
            None => (!self.has_any(rows)).then_some(Even::None),
        }
    }

    /// Whether any row of `rows` has a value.
    pub fn has_any(&self, rows: std::ops::Range<usize>) -> bool {
        match (self.values.is_empty(), self.validity) {
            (true, _) => false,
            (false, None) => !rows.is_empty(),
            (false, Some(validity)) => validity.null_count_range(rows.start, rows.len()) < rows.len(),
        }
    }

    /// All values, nulls included (their content is undefined).
    pub fn values(&self) -> &'a [T] {
        self.values
    }
}

/// Texts of a column; none where the run lacks it.
#[derive(Clone, Copy)]
pub struct Texts<'a>(Option<&'a StringChunked>);

impl<'a> Texts<'a> {
    fn of(column: Option<&'a Series>) -> Self {
        Self(column.and_then(|column| column.str().ok()))
    }

    /// The text in `row`.
    pub fn get(&self, row: usize) -> Option<&'a str> {
        self.0.and_then(|texts| texts.get(row))
    }
}

/// How a kind of column is looked at.
#[rustfmt::skip]
macro_rules! view {
    ($a:lifetime Text) => { Texts<$a> };
    ($a:lifetime Word) => { Numbers<$a, u32> };
    ($a:lifetime SmallCount) => { Numbers<$a, u32> };
    ($a:lifetime $kind:ident) => { Numbers<$a, value_type!($kind)> };
}

macro_rules! define_rows {
    ({ $($must:ident: $must_kind:ident)* } $($name:ident: $kind:ident)*) => {
        /// The columns of a batch. Words are codes of the run's lexicon, times µs since 1970.
        #[allow(dead_code, reason = "not every column must be measured")]
        pub struct Rows<'a> {
            $(pub $must: view!('a $must_kind),)*
            $(pub $name: view!('a $kind),)*
        }

        impl<'a> Rows<'a> {
            pub fn new(batch: &'a Batch) -> Self {
                let column = |name: &str| {
                    batch.frame.column(name).ok().map(|column| column.as_materialized_series())
                };
                Self {
                    $($must: <view!('a $must_kind)>::of(column(stringify!($must))),)*
                    $($name: <view!('a $kind)>::of(column(stringify!($name))),)*
                }
            }
        }
    };
}

run_columns!(define_rows);

/// Hands the columns that are summed over calls, of what these used or gave, to the macro `$then`.
macro_rules! used_columns {
    ($then:ident) => {
        $then! { tokens_in tokens_out cost_usd queue_ms quality }
    };
}

pub(crate) use used_columns;

impl<'a> Rows<'a> {
    /// Whether any row of `rows` used or gave anything that is counted.
    pub fn has_usage(&self, rows: std::ops::Range<usize>) -> bool {
        macro_rules! has_any {
            ($($name:ident)*) => {
                self.attempt.has_any(rows.clone()) || self.ttft_ms.has_any(rows.clone())
                    $(|| self.$name.has_any(rows.clone()))*
            };
        }
        used_columns!(has_any)
    }

    /// Starts and ends of the calls in `rows`, µs since 1970.
    pub fn spans_us(&self, rows: std::ops::Range<usize>) -> impl Iterator<Item = (i64, i64)> {
        let starts_us = &self.ts.values()[rows.clone()];
        let durations_ms = self.duration_ms.part(rows);
        starts_us.iter().zip(durations_ms).map(|(&start_us, duration_ms)| {
            (start_us, duration_ms.map_or(start_us, |duration_ms| end_us(start_us, duration_ms)))
        })
    }

    pub fn detail(&self, row: usize) -> Option<&'a str> {
        self.detail.get(row)
    }
}

/// End of a call that started at `start_us` and took `duration_ms`, µs since 1970, rounded down.
#[inline]
pub fn end_us(start_us: i64, duration_ms: f64) -> i64 {
    let duration_us = duration_ms * 1000.0;
    // The conversion cuts towards 0, which rounds down what is never negative. It saturates, so an absurd duration ends
    // at the end of time instead of wrapping round.
    start_us.saturating_add(duration_us as i64)
}
