//! Typed views on the columns of a batch.

use polars_core::datatypes::{
    Float64Type, Int64Type, PolarsNumericType, StringChunked, UInt32Type, UInt64Type,
};
use polars_core::prelude::ChunkedArray;
use polars_core::series::Series;
use polars_core::utils::arrow::bitmap::Bitmap;
use polars_core::utils::arrow::types::NativeType;

use crate::run::Batch;

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
    fn new<P: PolarsNumericType<Native = T>>(column: Option<&'a ChunkedArray<P>>) -> Self {
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

/// The columns of a batch that measuring looks at. Texts are codes of the run's lexicon, times µs since 1970.
pub struct Rows<'a> {
    pub ts: Numbers<'a, i64>,
    pub component: Numbers<'a, u32>,
    pub operation: Numbers<'a, u32>,
    pub outcome: Numbers<'a, u32>,
    pub duration_ms: Numbers<'a, f64>,
    pub value: Numbers<'a, f64>,
    pub instance: Numbers<'a, u32>,
    pub request_id: Numbers<'a, u64>,
    pub user_id: Numbers<'a, u32>,
    pub answered_by: Numbers<'a, u32>,
    pub attempt: Numbers<'a, u32>,
    pub scheduled_ts: Numbers<'a, i64>,
    pub queue_ms: Numbers<'a, f64>,
    pub tokens_in: Numbers<'a, u32>,
    pub tokens_out: Numbers<'a, u32>,
    pub ttft_ms: Numbers<'a, f64>,
    pub cost_usd: Numbers<'a, f64>,
    pub quality: Numbers<'a, f64>,
    pub key: Numbers<'a, u64>,
    detail: Option<&'a StringChunked>,
}

impl<'a> Rows<'a> {
    pub fn new(batch: &'a Batch) -> Self {
        let column = |name: &str| -> Option<&'a Series> {
            batch.frame.column(name).ok().map(|column| column.as_materialized_series())
        };
        let ints = |name| Numbers::new::<Int64Type>(column(name).and_then(|series| series.i64().ok()));
        let codes = |name| Numbers::new::<UInt32Type>(column(name).and_then(|series| series.u32().ok()));
        let ids = |name| Numbers::new::<UInt64Type>(column(name).and_then(|series| series.u64().ok()));
        let floats = |name| Numbers::new::<Float64Type>(column(name).and_then(|series| series.f64().ok()));
        Self {
            ts: ints("ts"),
            component: codes("component"),
            operation: codes("operation"),
            outcome: codes("outcome"),
            duration_ms: floats("duration_ms"),
            value: floats("value"),
            instance: codes("instance"),
            request_id: ids("request_id"),
            user_id: codes("user_id"),
            answered_by: codes("answered_by"),
            attempt: codes("attempt"),
            scheduled_ts: ints("scheduled_ts"),
            queue_ms: floats("queue_ms"),
            tokens_in: codes("tokens_in"),
            tokens_out: codes("tokens_out"),
            ttft_ms: floats("ttft_ms"),
            cost_usd: floats("cost_usd"),
            quality: floats("quality"),
            key: ids("key"),
            detail: column("detail").and_then(|series| series.str().ok()),
        }
    }

    /// Whether any row of `rows` used or gave anything that is counted.
    pub fn has_usage(&self, rows: std::ops::Range<usize>) -> bool {
        let small = [self.tokens_in, self.tokens_out, self.attempt];
        let floats = [self.cost_usd, self.ttft_ms, self.queue_ms, self.quality];
        small.iter().any(|column| column.has_any(rows.clone()))
            || floats.iter().any(|column| column.has_any(rows.clone()))
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
        self.detail.and_then(|detail| detail.get(row))
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
