//! Rows of the row group in progress, column by column.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, StringArray, TimestampMicrosecondArray};
use arrow_schema::{ArrowError, SchemaRef};

use super::stores::Stores;
use super::words::{Code, Words};

/// The component of the sampler's rows.
const SAMPLES: &str = "process";

/// The columns of a table. `ts` and `component` have a value in each row.
#[derive(Debug, Default)]
pub struct Columns<S> {
    pub words: Words,
    ts: Vec<i64>,
    component: Vec<Code>,
    pub optional: S,
}

impl<S: Stores> Columns<S> {
    pub fn rows(&self) -> usize {
        self.ts.len()
    }

    /// Starts a row; the columns set for it must be set before the next one starts.
    #[inline]
    pub fn start_row(&mut self, ts: i64, component: Code) -> usize {
        self.ts.push(ts);
        self.component.push(component);
        self.ts.len() - 1
    }

    /// The rows as a batch in the order in which they are stored; empties the columns, keeps the words.
    pub fn take_batch(&mut self, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
        let order = self.storage_order();
        let words: ArrayRef = Arc::new(StringArray::from_iter_values(self.words.all()));
        let ts = order.iter().map(|&row| self.ts[row as usize]);
        let component = order.iter().map(|&row| self.component[row as usize].0);
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(TimestampMicrosecondArray::from_iter_values(ts).with_timezone("UTC")),
            Arc::new(DictionaryArray::try_new(Int32Array::from_iter_values(component), words.clone())?),
        ];
        arrays.extend(self.optional.gather(&order, &words)?);
        self.ts.clear();
        self.component.clear();
        self.optional.clear();
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
        let samples = self.words.find(SAMPLES).map(|code| ranks[code.0 as usize]);
        let mut order = Vec::with_capacity(self.rows());
        for (rank, mut rows) in by_rank.into_iter().enumerate() {
            if Some(rank) != samples && !rows.is_sorted_by_key(ts) {
                rows.sort_by_key(ts);
            }
            order.append(&mut rows);
        }
        order
    }
}
