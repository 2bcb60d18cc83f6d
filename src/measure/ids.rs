//! A column of ids in half the room where all of them have the same upper half, as counters do.

use std::ops::Range;

use super::room::ToCome;
use super::rows::Numbers;
use super::sparse::Sparse;

/// Ids of some calls. Which calls have one, is told apart by the caller.
#[derive(Debug)]
pub struct Ids {
    /// The upper half of all ids in `narrow`.
    upper: u64,
    narrow: Sparse<u32>,
    /// All ids, once they differ in their upper halves; then `narrow` is empty.
    wide: Option<Sparse<u64>>,
}

const LOWER_BITS: u32 = u32::BITS;

impl Default for Ids {
    fn default() -> Self {
        Self { upper: 0, narrow: Sparse::new(0), wide: None }
    }
}

impl Ids {
    pub fn clear(&mut self) {
        self.narrow.clear();
        self.wide = None;
    }

    pub fn make_room(&mut self, more: usize, to_come: ToCome) {
        match &mut self.wide {
            Some(wide) => wide.make_room(more, to_come),
            None => self.narrow.make_room(more, to_come),
        }
    }

    /// Adds the id of the call that comes behind `before` others.
    #[inline]
    pub fn push(&mut self, before: usize, id: Option<u64>) {
        if let Some(id) = id {
            self.admit(id >> LOWER_BITS, true);
        }
        match &mut self.wide {
            Some(wide) => wide.push(before, id),
            None => self.narrow.push(before, id.map(|id| id as u32)),
        }
    }

    /// Adds the ids in `rows` of a column behind those of `before` calls.
    pub fn extend(&mut self, before: usize, column: Numbers<'_, u64>, rows: Range<usize>) {
        let mut ids = column.part(rows.clone()).flatten();
        if let Some(first) = ids.next() {
            let differing = ids.fold(0, |differing, id| differing | (id ^ first));
            self.admit(first >> LOWER_BITS, differing >> LOWER_BITS == 0);
        }
        match &mut self.wide {
            Some(wide) => wide.extend(before, column, rows, |id| id),
            None => self.narrow.extend(before, column, rows, |id| id as u32),
        }
    }

    /// Takes the ids of `more` calls out of `other`, behind those of `before` calls.
    pub fn append(&mut self, other: &mut Self, before: usize, more: usize) {
        if other.wide.is_none() && !other.narrow.is_empty() {
            self.admit(other.upper, true);
        }
        match (&mut self.wide, &mut other.wide) {
            (None, None) => self.narrow.append(&mut other.narrow, before, more),
            _ => self.widen().append(other.widen(), before, more),
        }
    }

    /// What is stored for a call; that of a call without an id means nothing.
    #[inline]
    pub fn get(&self, call: usize) -> Option<u64> {
        match &self.wide {
            Some(wide) => wide.get(call),
            None => self.narrow.get(call).map(|lower| self.upper << LOWER_BITS | u64::from(lower)),
        }
    }

    pub fn reorder(&mut self, range: &Range<usize>, order: &[usize]) {
        match &mut self.wide {
            Some(wide) => wide.reorder(range, order),
            None => self.narrow.reorder(range, order),
        }
    }

    /// Prepares for ids with this upper half, or with several where they do not share one.
    fn admit(&mut self, upper: u64, is_shared: bool) {
        if self.wide.is_some() {
            return;
        }
        if self.narrow.is_empty() {
            self.upper = upper;
        }
        if !is_shared || upper != self.upper {
            self.widen();
        }
    }

    fn widen(&mut self) -> &mut Sparse<u64> {
        let Self { upper, narrow, wide } = self;
        let upper = *upper << LOWER_BITS;
        wide.get_or_insert_with(|| narrow.take_as(0, |lower| upper | u64::from(lower)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id() -> impl Strategy<Value = Option<u64>> {
        let upper = prop::sample::select(vec![0u64, 0, 0, 0, 7 << 32, u64::MAX << 32]);
        prop_oneof![3 => (upper, 0u64..1 << 32).prop_map(|(upper, lower)| Some(upper | lower)), 1 => Just(None)]
    }

    proptest! {
        #[test]
        fn they_are_what_was_put_in(
            parts in prop::collection::vec(prop::collection::vec(id(), 0..12), 1..5), spread in any::<bool>(),
        ) {
            let narrowed = |id: u64| if spread { id } else { id & 0xffff_ffff };
            let parts: Vec<Vec<Option<u64>>> =
                parts.into_iter().map(|part| part.into_iter().map(|id| id.map(narrowed)).collect()).collect();
            let (mut all, mut before, mut other) = (Ids::default(), 0, Ids::default());
            for part in &parts {
                part.iter().enumerate().for_each(|(index, &id)| other.push(index, id));
                all.append(&mut other, before, part.len());
                before += part.len();
            }
            let order: Vec<usize> = (0..before).rev().collect();
            all.reorder(&(0..before), &order);
            for (index, id) in parts.concat().into_iter().rev().enumerate() {
                if let Some(id) = id {
                    prop_assert_eq!(all.get(index), Some(id));
                }
            }
            if !spread {
                prop_assert!(all.wide.is_none());
            }
        }
    }
}
