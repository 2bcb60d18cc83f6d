//! A column that most logs do not have: it takes no room until the first value comes.

use std::ops::Range;

use polars_core::utils::arrow::types::NativeType;

use super::room::ToCome;
use super::rows::Numbers;

/// Values of some calls; `none` stands for those that have none.
#[derive(Debug)]
pub struct Sparse<T> {
    values: Vec<T>,
    none: T,
}

impl<T: Copy + PartialEq> Sparse<T> {
    pub fn new(none: T) -> Self {
        Self { values: Vec::new(), none }
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The values as others, all taken out.
    pub fn take_as<V>(&mut self, none: V, value: impl Fn(T) -> V) -> Sparse<V> {
        let values = std::mem::take(&mut self.values);
        Sparse { values: values.into_iter().map(value).collect(), none }
    }

    /// Calls up to the last that was stored.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Changes what is stored for a call.
    pub fn set(&mut self, call: usize, value: T) {
        self.values[call] = value;
    }

    pub fn clear(&mut self) {
        self.values.clear();
    }

    /// Makes room for `more` values and those to come, where there are any.
    pub fn make_room(&mut self, more: usize, to_come: ToCome) {
        if !self.values.is_empty() {
            to_come.make_room(&mut self.values, more);
        }
    }

    /// Adds the value of the call that comes behind `before` others.
    #[inline]
    pub fn push(&mut self, before: usize, value: Option<T>) {
        if self.values.is_empty() {
            let Some(value) = value else { return };
            self.values.resize(before, self.none);
            self.values.push(value);
        } else {
            self.values.push(value.unwrap_or(self.none));
        }
    }

    /// Adds the values in `rows` of a column behind those of `before` calls.
    pub fn extend<S: NativeType>(
        &mut self,
        before: usize,
        column: Numbers<'_, S>,
        rows: Range<usize>,
        value: impl Fn(S) -> T,
    ) {
        if !column.has_any(rows.clone()) {
            if !self.values.is_empty() {
                self.values.resize(before + rows.len(), self.none);
            }
            return;
        }
        self.values.resize(before, self.none);
        match column.all_of(rows.clone()) {
            Some(all) => self.values.extend(all.iter().map(|&found| value(found))),
            None => self.values.extend(column.part(rows).map(|found| found.map_or(self.none, &value))),
        }
    }

    /// Takes the values of `more` calls out of `other`, behind `before` others.
    pub fn append(&mut self, other: &mut Self, before: usize, more: usize) {
        if self.values.is_empty() && other.values.is_empty() {
            return;
        }
        self.values.resize(before, self.none);
        other.values.resize(more, self.none);
        self.values.append(&mut other.values);
    }

    /// What is stored for a call; `none` counts as a value, and is told apart by the caller.
    #[inline]
    pub fn get(&self, call: usize) -> Option<T> {
        self.values.get(call).copied()
    }

    /// The value of a call that has one.
    #[inline]
    pub fn some(&self, call: usize) -> Option<T> {
        self.get(call).filter(|&value| value != self.none)
    }

    pub fn reorder(&mut self, range: &Range<usize>, order: &[usize]) {
        if !self.values.is_empty() {
            reorder(&mut self.values, range, order);
        }
    }
}

/// Puts the values at `order` into the indices `range`.
pub fn reorder<T: Copy>(values: &mut [T], range: &Range<usize>, order: &[usize]) {
    let moved: Vec<T> = order.iter().map(|&from| values[from]).collect();
    values[range.clone()].copy_from_slice(&moved);
}
