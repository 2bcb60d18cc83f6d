//! Rows of the row group in progress, column by column.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, ArrowPrimitiveType, DictionaryArray, Int32Array, PrimitiveArray, StringArray, new_null_array,
};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::{
    Float64Type, Int32Type, SchemaRef, TimestampMicrosecondType, UInt8Type, UInt32Type, UInt64Type,
};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

/// The component of the sampler's rows.
const SAMPLES: &str = "process";

/// A word of a text column, as [`super::RunWriter::code`] gave it; valid for that writer only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Code(i32);

/// Words ↔ codes of one file, in order of arrival.
#[derive(Debug, Default)]
pub struct Words {
    code_by_word: HashMap<String, Code>,
    word_by_code: Vec<String>,
}

impl Words {
    pub fn code(&mut self, word: &str) -> Code {
        if let Some(&code) = self.code_by_word.get(word) {
            return code;
        }
        let code = Code(self.word_by_code.len() as i32);
        self.word_by_code.push(word.to_owned());
        self.code_by_word.insert(word.to_owned(), code);
        code
    }

    /// Rank of each code when the words are sorted.
    fn ranks(&self) -> Vec<usize> {
        let mut codes: Vec<usize> = (0..self.word_by_code.len()).collect();
        codes.sort_by_key(|&code| &self.word_by_code[code]);
        let mut ranks = vec![0; codes.len()];
        for (rank, code) in codes.into_iter().enumerate() {
            ranks[code] = rank;
        }
        ranks
    }
}

/// An optional column: rows after the last value that was set are null without being stored.
#[derive(Debug, Default)]
pub struct Sparse<T> {
    values: Vec<T>,
    valid: Vec<bool>,
}

impl<T: Copy + Default> Sparse<T> {
    pub fn set(&mut self, row: usize, value: T) {
        self.values.resize(row, T::default());
        self.valid.resize(row, false);
        self.values.push(value);
        self.valid.push(true);
    }

    fn clear(&mut self) {
        self.values.clear();
        self.valid.clear();
    }

    fn value(&self, row: u32) -> T {
        self.values.get(row as usize).copied().unwrap_or_default()
    }

    fn nulls(&self, order: &[u32]) -> NullBuffer {
        let is_valid = |row: usize| self.valid.get(order[row] as usize).copied().unwrap_or(false);
        NullBuffer::new(BooleanBuffer::collect_bool(order.len(), is_valid))
    }
}

/// The columns of the contract. `ts` and `component` have a value in each row.
#[derive(Debug, Default)]
pub struct Columns {
    pub words: Words,
    ts: Vec<i64>,
    component: Vec<Code>,
    pub operation: Sparse<Code>,
    pub outcome: Sparse<Code>,
    pub duration_ms: Sparse<f64>,
    pub value: Sparse<f64>,
    pub instance: Sparse<Code>,
    pub request_id: Sparse<u64>,
    pub user_id: Sparse<u32>,
    pub answered_by: Sparse<Code>,
    pub attempt: Sparse<u8>,
    pub scheduled_ts: Sparse<i64>,
    pub queue_ms: Sparse<f64>,
    pub tokens_in: Sparse<u32>,
    pub tokens_out: Sparse<u32>,
    pub ttft_ms: Sparse<f64>,
    pub cost_usd: Sparse<f64>,
    pub quality: Sparse<f64>,
    pub key: Sparse<u64>,
    /// Row and text, in order of rows: few rows have one.
    pub detail: Vec<(usize, String)>,
}

impl Columns {
    pub fn rows(&self) -> usize {
        self.ts.len()
    }

    /// Starts a row; the columns set for it must be set before the next one starts.
    pub fn start_row(&mut self, ts: i64, component: Code) -> usize {
        self.ts.push(ts);
        self.component.push(component);
        self.ts.len() - 1
    }

    /// The rows as a batch in the order in which they are stored; empties the columns, keeps the words.
    pub fn take_batch(&mut self, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
        let order = self.storage_order();
        let words: ArrayRef = Arc::new(StringArray::from_iter_values(&self.words.word_by_code));
        let text = |column: &Sparse<Code>| gather_text(column, &order, &words);
        let component = order.iter().map(|&row| self.component[row as usize].0);
        let arrays = vec![
            Arc::new(gather_all::<TimestampMicrosecondType>(&self.ts, &order).with_timezone("UTC")),
            dictionary(Int32Array::from_iter_values(component), &words)?,
            text(&self.operation)?,
            text(&self.outcome)?,
            gather::<Float64Type>(&self.duration_ms, &order),
            gather::<Float64Type>(&self.value, &order),
            text(&self.instance)?,
            gather::<UInt64Type>(&self.request_id, &order),
            gather::<UInt32Type>(&self.user_id, &order),
            text(&self.answered_by)?,
            gather::<UInt8Type>(&self.attempt, &order),
            self.gather_scheduled(&order),
            gather::<Float64Type>(&self.queue_ms, &order),
            gather::<UInt32Type>(&self.tokens_in, &order),
            gather::<UInt32Type>(&self.tokens_out, &order),
            gather::<Float64Type>(&self.ttft_ms, &order),
            gather::<Float64Type>(&self.cost_usd, &order),
            gather::<Float64Type>(&self.quality, &order),
            gather::<UInt64Type>(&self.key, &order),
            self.gather_detail(&order),
        ];
        self.clear();
        RecordBatch::try_new(schema.clone(), arrays)
    }

    /// Row numbers by component (by its word), then `ts`, then arrival. Samples stay in order of arrival: a clock
    /// that was set back shows in their order alone.
    fn storage_order(&self) -> Vec<u32> {
        let ranks = self.words.ranks();
        let mut by_rank: Vec<Vec<u32>> = vec![Vec::new(); ranks.len()];
        for (row, component) in self.component.iter().enumerate() {
            by_rank[ranks[component.0 as usize]].push(row as u32);
        }
        let ts = |row: &u32| self.ts[*row as usize];
        let samples = self.words.code_by_word.get(SAMPLES).map(|code| ranks[code.0 as usize]);
        let mut order = Vec::with_capacity(self.rows());
        for (rank, mut rows) in by_rank.into_iter().enumerate() {
            if Some(rank) != samples && !rows.is_sorted_by_key(ts) {
                rows.sort_by_key(ts);
            }
            order.append(&mut rows);
        }
        order
    }

    fn gather_scheduled(&self, order: &[u32]) -> ArrayRef {
        let values = order.iter().map(|&row| self.scheduled_ts.value(row)).collect::<Vec<_>>();
        let nulls = Some(self.scheduled_ts.nulls(order)).filter(|nulls| nulls.null_count() > 0);
        Arc::new(PrimitiveArray::<TimestampMicrosecondType>::new(values.into(), nulls).with_timezone("UTC"))
    }

    fn gather_detail(&self, order: &[u32]) -> ArrayRef {
        let mut text_by_row: Vec<Option<&str>> = Vec::new();
        if let Some((last, _)) = self.detail.last() {
            text_by_row.resize(last + 1, None);
        }
        for (row, text) in &self.detail {
            text_by_row[*row] = Some(text);
        }
        let text = |row: &u32| text_by_row.get(*row as usize).copied().flatten();
        Arc::new(StringArray::from_iter(order.iter().map(text)))
    }

    fn clear(&mut self) {
        let Columns {
            words: _,
            ts,
            component,
            operation,
            outcome,
            duration_ms,
            value,
            instance,
            request_id,
            user_id,
            answered_by,
            attempt,
            scheduled_ts,
            queue_ms,
            tokens_in,
            tokens_out,
            ttft_ms,
            cost_usd,
            quality,
            key,
            detail,
        } = self;
        ts.clear();
        component.clear();
        detail.clear();
        attempt.clear();
        scheduled_ts.clear();
        for column in [operation, outcome, instance, answered_by] {
            column.clear();
        }
        for column in [duration_ms, value, queue_ms, ttft_ms, cost_usd, quality] {
            column.clear();
        }
        for column in [request_id, key] {
            column.clear();
        }
        for column in [user_id, tokens_in, tokens_out] {
            column.clear();
        }
    }
}

fn gather_all<T: ArrowPrimitiveType>(values: &[T::Native], order: &[u32]) -> PrimitiveArray<T> {
    PrimitiveArray::from_iter_values(order.iter().map(|&row| values[row as usize]))
}

fn gather<T>(column: &Sparse<T::Native>, order: &[u32]) -> ArrayRef
where
    T: ArrowPrimitiveType,
    T::Native: Copy + Default,
{
    if column.values.is_empty() {
        return new_null_array(&T::DATA_TYPE, order.len());
    }
    let values = order.iter().map(|&row| column.value(row)).collect::<Vec<_>>();
    Arc::new(PrimitiveArray::<T>::new(values.into(), Some(column.nulls(order))))
}

fn gather_text(column: &Sparse<Code>, order: &[u32], words: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let codes = order.iter().map(|&row| column.value(row).0).collect::<Vec<_>>();
    dictionary(Int32Array::new(codes.into(), Some(column.nulls(order))), words)
}

fn dictionary(codes: Int32Array, words: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(codes, words.clone())?))
}
