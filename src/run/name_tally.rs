//! How many rows have each name, up to a number of names.

use rustc_hash::FxHashMap;

use super::names::Ranking;

/// Names of a column that are counted, those of each component apart: of more, all are one. A bound of the memory that
/// counting takes, no measure of anything.
const MOST_COUNTED: usize = 500_000;

#[derive(Debug)]
pub struct Tally<K> {
    pub rows: FxHashMap<K, u64>,
    pub is_full: bool,
}

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self { rows: FxHashMap::default(), is_full: false }
    }
}

impl<K: Copy + Eq + std::hash::Hash> Tally<K> {
    pub fn add(&mut self, name: K, rows: u64) {
        if self.is_full {
            return;
        }
        *self.rows.entry(name).or_default() += rows;
        if self.rows.len() > MOST_COUNTED {
            *self = Self { is_full: true, ..Self::default() };
        }
    }
}

impl Tally<u64> {
    /// None is kept of more names than are counted.
    pub fn ranking(self, most: usize) -> Ranking {
        if self.is_full { Ranking::default() } else { Ranking::of(self.rows.into_iter().collect(), most) }
    }
}
