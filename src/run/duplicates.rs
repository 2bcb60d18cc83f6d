//! Finds rows that are equal in every column, over all row groups and parts of a run.
//!
//! A row is remembered as a 64-bit hash, in a set that holds rows of one stretch of time only: equal rows have
//! equal times. Rows whose time no other row group covers are remembered just as long as their own row group is
//! read; only the rest is remembered to the end.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, PoisonError};

/// Sets that rows are spread over by their time: so that threads seldom wait for each other, and so that rows of
/// different times hardly ever meet.
const SHARDS: usize = 4096;

/// Hash of a row → position in the run of the first row that has it.
type Seen = HashMap<u64, u64, BuildHasherDefault<AsItIs>>;

/// The hashes are well mixed already.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// First and last time of a row group, µs since 1970; all of time when it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub first_us: i64,
    pub last_us: i64,
}

impl Span {
    pub const UNKNOWN: Span = Span { first_us: i64::MIN, last_us: i64::MAX };
}

/// The rows of a run that were seen so far, where several row groups may hold them.
#[derive(Debug)]
pub struct SharedRows {
    /// Stretches that more than one row group covers: sorted, apart from each other.
    stretches: Vec<Span>,
    shards: Vec<Mutex<Seen>>,
}

impl SharedRows {
    pub fn new(spans: &[Span]) -> Self {
        SharedRows {
            stretches: covered_twice(spans),
            shards: (0..SHARDS).map(|_| Mutex::new(Seen::default())).collect(),
        }
    }

    fn covers(&self, ts: i64) -> bool {
        !self.stretches.is_empty() && self.around(ts).is_shared
    }

    /// The stretch of time about `ts` that is shared as a whole, or not at all.
    fn around(&self, ts: i64) -> Around {
        let after = self.stretches.partition_point(|stretch| stretch.first_us <= ts);
        let next = self.stretches.get(after).map_or(i64::MAX, |next| next.first_us - 1);
        match after.checked_sub(1).map(|before| self.stretches[before]) {
            Some(Span { first_us, last_us }) if last_us >= ts => {
                Around { span: Span { first_us, last_us }, is_shared: true }
            }
            // Behind the end of the stretch before it, which is not the end of time.
            Some(Span { last_us, .. }) => {
                Around { span: Span { first_us: last_us + 1, last_us: next }, is_shared: false }
            }
            None => Around { span: Span { first_us: i64::MIN, last_us: next }, is_shared: false },
        }
    }

    fn insert(&self, ts: i64, hash: u64, position: u64) -> Option<u64> {
        let shard = (mix(ts as u64, 0) % SHARDS as u64) as usize;
        let mut seen = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        insert(&mut seen, hash, position)
    }
}

/// A stretch of time in which all rows may be in other row groups, or none.
#[derive(Debug, Clone, Copy)]
struct Around {
    span: Span,
    is_shared: bool,
}

/// The rows of one row group that were seen so far.
#[derive(Debug)]
pub struct GroupRows<'a> {
    shared: &'a SharedRows,
    own: Seen,
}

impl<'a> GroupRows<'a> {
    pub fn new(shared: &'a SharedRows) -> Self {
        GroupRows { shared, own: Seen::default() }
    }

    /// Whether other row groups may hold rows of a time; times are asked for in nearly their order.
    pub fn are_shared(&self) -> impl FnMut(i64) -> bool {
        let mut around = self.shared.around(i64::MIN);
        move |ts| {
            if !(around.span.first_us..=around.span.last_us).contains(&ts) {
                around = self.shared.around(ts);
            }
            around.is_shared
        }
    }

    /// Remembers a row, which may be remembered already. When an equal one was seen before: the later position of the two.
    pub fn insert(&mut self, ts: i64, hash: u64, position: u64) -> Option<u64> {
        if self.shared.covers(ts) {
            self.shared.insert(ts, hash, position)
        } else {
            insert(&mut self.own, hash, position)
        }
    }
}

/// The set keeps the smallest position, so that the smallest of all answers does not depend on the order of
/// arrival: it is the second place of some row, whoever came first.
fn insert(seen: &mut Seen, hash: u64, position: u64) -> Option<u64> {
    match seen.entry(hash) {
        std::collections::hash_map::Entry::Vacant(free) => {
            free.insert(position);
            None
        }
        std::collections::hash_map::Entry::Occupied(mut taken) => {
            let before = *taken.get();
            taken.insert(before.min(position));
            (before != position).then(|| before.max(position))
        }
    }
}

/// The stretches of time that at least two of `spans` cover.
fn covered_twice(spans: &[Span]) -> Vec<Span> {
    // An end at t sorts behind a start at t: both spans hold t.
    let mut edges: Vec<(i64, bool)> =
        spans.iter().flat_map(|span| [(span.first_us, false), (span.last_us, true)]).collect();
    edges.sort_unstable();
    let (mut depth, mut start, mut stretches) = (0u32, 0, Vec::<Span>::new());
    for (at, is_end) in edges {
        if is_end {
            if depth == 2 {
                stretches.push(Span { first_us: start, last_us: at });
            }
            depth = depth.saturating_sub(1);
        } else {
            depth += 1;
            if depth == 2 {
                start = at;
            }
        }
    }
    stretches
}

/// Mixes `value` into `hash`: one to one for each `hash`, every bit depends on every bit.
pub fn mix(hash: u64, value: u64) -> u64 {
    let mut mixed = (hash.rotate_left(29) ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^= mixed >> 32;
    mixed = mixed.wrapping_mul(0xd6e8_feb8_6659_fd93);
    mixed ^ (mixed >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(first_us: i64, last_us: i64) -> Span {
        Span { first_us, last_us }
    }

    #[test]
    fn only_what_two_row_groups_cover_is_shared() {
        assert_eq!(covered_twice(&[span(0, 9), span(10, 19), span(20, 29)]), []);
        assert_eq!(covered_twice(&[span(0, 10), span(10, 19)]), [span(10, 10)]);
        assert_eq!(covered_twice(&[span(0, 12), span(10, 22), span(20, 29)]), [span(10, 12), span(20, 22)]);
        assert_eq!(covered_twice(&[span(0, 30), span(5, 20), span(10, 40)]), [span(5, 30)]);
        assert_eq!(covered_twice(&[Span::UNKNOWN, span(5, 20)]), [span(5, 20)]);
        assert_eq!(covered_twice(&[Span::UNKNOWN, Span::UNKNOWN]), [Span::UNKNOWN]);
    }

    #[test]
    fn times_are_shared_as_the_stretches_say_in_whatever_order_they_are_asked_for() {
        let shared = SharedRows::new(&[span(0, 12), span(10, 22), span(20, 29), span(40, 41)]);
        let rows = GroupRows::new(&shared);
        let mut are_shared = rows.are_shared();
        for ts in (-2..45).chain((-2..45).rev()).chain([i64::MAX, i64::MIN, 11]) {
            let is_shared = (10..=12).contains(&ts) || (20..=22).contains(&ts);
            assert_eq!((are_shared(ts), shared.covers(ts)), (is_shared, is_shared), "{ts}");
        }
        let everywhere = SharedRows::new(&[Span::UNKNOWN, Span::UNKNOWN]);
        assert!(everywhere.covers(i64::MIN) && everywhere.covers(0) && everywhere.covers(i64::MAX));
        assert!(GroupRows::new(&everywhere).are_shared()(i64::MAX));
    }

    #[test]
    fn the_first_repeat_is_found_whatever_the_order_of_arrival() {
        for order in [[3, 5, 8], [3, 8, 5], [5, 3, 8], [5, 8, 3], [8, 3, 5], [8, 5, 3]] {
            let shared = SharedRows::new(&[span(0, 9), span(0, 9)]);
            let mut group = GroupRows::new(&shared);
            let repeats: Vec<u64> =
                order.iter().filter_map(|&position| group.insert(4, 77, position)).collect();
            assert_eq!((repeats.len(), repeats.iter().min()), (2, Some(&5)), "{order:?}");
        }
    }

    #[test]
    fn a_row_group_shares_what_others_cover_and_keeps_the_rest() {
        let shared = SharedRows::new(&[span(0, 10), span(5, 20)]);
        let (mut first, mut second) = (GroupRows::new(&shared), GroupRows::new(&shared));
        assert_eq!(first.insert(7, 1, 0), None);
        assert_eq!(second.insert(7, 1, 9), Some(9));
        assert_eq!(first.insert(2, 2, 1), None);
        assert_eq!(first.insert(2, 2, 3), Some(3));
        assert_eq!(first.own.len(), 1);
    }
}
