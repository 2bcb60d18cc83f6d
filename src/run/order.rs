//! In what order the rows of a row group come: where it is a good one, equal rows are neighbours.

use std::collections::HashSet;
use std::ops::Range;

/// Follows the rows of a row group.
#[derive(Debug)]
pub struct OrderCheck {
    /// Time never runs backwards.
    is_by_time: bool,
    /// The rows of each component come in one piece, in which time never runs backwards.
    is_clustered: bool,
    last: Option<(u32, i64)>,
    /// Components whose piece has ended.
    ended: HashSet<u32>,
}

impl Default for OrderCheck {
    fn default() -> Self {
        Self { is_by_time: true, is_clustered: true, last: None, ended: HashSet::new() }
    }
}

/// Where equal rows are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Rows of one component and one time are neighbours.
    Clustered,
    /// Rows of one time are neighbours.
    ByTime,
    /// Equal rows may be anywhere.
    None,
}

impl OrderCheck {
    /// Goes on with rows that come behind those seen so far.
    pub fn follow(&mut self, ts: &[i64], components: &[u32]) {
        let mut from = 0;
        for same in components.chunk_by(|a, b| a == b) {
            let until = (from + same.len()).min(ts.len());
            let (component, ts) = (same[0], &ts[from.min(until)..until]);
            from = until;
            let (Some(&first), Some(&last)) = (ts.first(), ts.last()) else { return };
            if let Some((before, before_ts)) = self.last.replace((component, last)) {
                self.is_by_time &= before_ts <= first;
                if before == component {
                    self.is_clustered &= before_ts <= first;
                } else {
                    self.ended.insert(before);
                    self.is_clustered &= !self.ended.contains(&component);
                }
            }
            if !ts.is_sorted() {
                (self.is_by_time, self.is_clustered) = (false, false);
            }
            if !self.is_by_time && !self.is_clustered {
                return;
            }
        }
    }

    pub fn order(&self) -> Order {
        match (self.is_clustered, self.is_by_time) {
            (true, _) => Order::Clustered,
            (false, true) => Order::ByTime,
            (false, false) => Order::None,
        }
    }
}

impl Order {
    /// The rows of a batch that may have an equal one: those that `is_shared` holds for, and those with a neighbour at
    /// the same place in the order. The neighbours of the first and the last row may be in other batches.
    pub fn candidates(
        self,
        ts: &[i64],
        components: &[u32],
        mut is_shared: impl FnMut(i64) -> bool,
    ) -> Vec<usize> {
        let rows: Range<usize> = 0..ts.len().min(components.len());
        let is_same = |a: usize, b: usize| {
            ts[a] == ts[b] && (self != Order::Clustered || components[a] == components[b])
        };
        let mut found = Vec::new();
        let mut is_tied = true;
        for row in rows.clone() {
            let ties_next = row + 1 == rows.end || is_same(row, row + 1);
            if is_tied || ties_next || self == Order::None || is_shared(ts[row]) {
                found.push(row);
            }
            is_tied = ties_next;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(rows: &[(u32, i64)]) -> Order {
        let (components, ts): (Vec<u32>, Vec<i64>) = rows.iter().copied().unzip();
        let mut check = OrderCheck::default();
        // In two batches: the order goes on from one to the next.
        check.follow(&ts[..1], &components[..1]);
        check.follow(&ts[1..], &components[1..]);
        check.order()
    }

    #[test]
    fn rows_are_clustered_or_by_time_or_neither() {
        assert_eq!(order(&[(1, 5), (1, 5), (1, 9), (2, 3), (2, 4)]), Order::Clustered);
        assert_eq!(order(&[(1, 5), (2, 5), (1, 5), (2, 7)]), Order::ByTime);
        assert_eq!(order(&[(1, 5), (2, 3), (1, 6)]), Order::None);
        assert_eq!(order(&[(1, 5), (1, 4)]), Order::None);
        assert_eq!(order(&[(1, 5), (1, 6)]), Order::Clustered);
    }

    #[test]
    fn only_neighbours_at_one_place_are_candidates() {
        let ts = [1, 2, 2, 3, 4, 4, 5];
        let components = [1, 1, 1, 1, 1, 2, 2];
        // First and last row, the two of time 2; time 4 is of two components.
        assert_eq!(Order::Clustered.candidates(&ts, &components, |_| false), [0, 1, 2, 6]);
        assert_eq!(Order::ByTime.candidates(&ts, &components, |_| false), [0, 1, 2, 4, 5, 6]);
        assert_eq!(Order::Clustered.candidates(&ts, &components, |ts| ts == 3), [0, 1, 2, 3, 6]);
        assert_eq!(Order::None.candidates(&ts, &components, |_| false).len(), 7);
    }
}
