//! Which of many entries are shown where there is no room for all.

use std::cmp::Reverse;

/// The indices of the `most` largest, ascending; of equal ones the first.
pub fn largest<K: Ord>(all: impl Iterator<Item = K>, most: usize) -> Vec<usize> {
    let mut indexed: Vec<(Reverse<K>, usize)> =
        all.enumerate().map(|(index, size)| (Reverse(size), index)).collect();
    indexed.sort_unstable();
    let mut indices: Vec<usize> = indexed.into_iter().take(most).map(|(_, index)| index).collect();
    indices.sort_unstable();
    indices
}
