//! Which stretches of nearly sorted values have to be sorted.

use std::ops::Range;

/// With more ascending pieces than this, all of it is sorted.
const MOST_PIECES: usize = 1_000;

/// Stretches apart from each other: when each is sorted by itself, all of `values` is. Row groups are mostly sorted, and
/// overlap a little.
pub fn unsorted(values: &[i64]) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    while let Some(next) = values[from..].windows(2).position(|pair| pair[0] > pair[1]) {
        pieces.push(from..from + next + 1);
        from += next + 1;
        if pieces.len() > MOST_PIECES {
            return std::iter::once(0..values.len()).collect();
        }
    }
    pieces.push(from..values.len());
    // The greatest value up to each piece, and the smallest from each on.
    let mut greatest: Vec<i64> = pieces.iter().map(|piece| last(values, piece)).collect();
    let mut smallest: Vec<i64> = pieces.iter().map(|piece| first(values, piece)).collect();
    for piece in 1..pieces.len() {
        greatest[piece] = greatest[piece].max(greatest[piece - 1]);
        let mirrored = pieces.len() - 1 - piece;
        smallest[mirrored] = smallest[mirrored].min(smallest[mirrored + 1]);
    }
    let mut stretches: Vec<Range<usize>> = Vec::new();
    for edge in 1..pieces.len() {
        let (left, right) = (greatest[edge - 1], smallest[edge]);
        if left <= right {
            continue;
        }
        // What is greater than the smallest behind the edge, and what is smaller than the greatest before it.
        let before = (0..edge).rev().take_while(|&piece| greatest[piece] > right).last().unwrap_or(edge - 1);
        let start = (before..edge).map(|piece| index(values, &pieces[piece], |value| value <= right));
        let behind = (edge..pieces.len()).take_while(|&piece| smallest[piece] < left).last().unwrap_or(edge);
        let end = (edge..=behind).map(|piece| index(values, &pieces[piece], |value| value < left));
        let stretch = start.min().unwrap_or(0)..end.max().unwrap_or(values.len());
        match stretches.last_mut() {
            Some(last) if last.end > stretch.start => {
                *last = last.start.min(stretch.start)..last.end.max(stretch.end);
            }
            _ => stretches.push(stretch),
        }
        while let [.., one, other] = stretches.as_slice()
            && one.end > other.start
        {
            let joined = one.start.min(other.start)..one.end.max(other.end);
            stretches.truncate(stretches.len() - 2);
            stretches.push(joined);
        }
    }
    stretches
}

fn first(values: &[i64], piece: &Range<usize>) -> i64 {
    values.get(piece.start).copied().unwrap_or(i64::MAX)
}

fn last(values: &[i64], piece: &Range<usize>) -> i64 {
    values[piece.clone()].last().copied().unwrap_or(i64::MIN)
}

/// Where in a piece `is_before` stops to hold; its end where it never does.
fn index(values: &[i64], piece: &Range<usize>, is_before: impl Fn(i64) -> bool) -> usize {
    piece.start + values[piece.clone()].partition_point(|&value| is_before(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_where_pieces_overlap_anything_is_sorted() {
        let stretches = |values: &[i64]| -> Vec<(usize, usize)> {
            unsorted(values).into_iter().map(|stretch| (stretch.start, stretch.end)).collect()
        };
        assert_eq!(stretches(&[]), []);
        assert_eq!(stretches(&[1, 2, 2, 3]), []);
        assert_eq!(stretches(&[1, 2, 5, 6, 4, 5, 7, 8]), [(2, 6)]);
        assert_eq!(stretches(&[1, 2, 9, 3, 4, 9, 5, 6, 10]), [(2, 8)]);
        assert_eq!(stretches(&[3, 2, 1]), [(0, 3)]);
    }

    proptest! {
        #[test]
        fn sorting_the_stretches_sorts_all(
            pieces in prop::collection::vec(prop::collection::vec(0i64..100, 1..12), 1..8),
        ) {
            let mut values: Vec<i64> = pieces
                .into_iter()
                .flat_map(|mut piece| {
                    piece.sort_unstable();
                    piece
                })
                .collect();
            let stretches = unsorted(&values);
            for pair in stretches.windows(2) {
                prop_assert!(pair[0].end <= pair[1].start);
            }
            for stretch in stretches {
                values[stretch].sort_unstable();
            }
            prop_assert!(values.is_sorted(), "{values:?}");
        }
    }
}
