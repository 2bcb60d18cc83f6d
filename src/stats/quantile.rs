//! Sample quantiles: Hyndman–Fan type 7, the one of NumPy, pandas and R.
//!
//! R. J. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996).
//! With n sorted values x₀ … xₙ₋₁ and h = (n − 1)·q, the quantile is x⌊h⌋ + (h − ⌊h⌋)·(x⌊h⌋₊₁ − x⌊h⌋).

use std::cmp::Ordering;

/// The type-7 quantile `q` (0..1) of ascending values; `None` without values or with `q` outside 0..1.
pub fn type7_sorted(sorted: &[f64], q: f64) -> Option<f64> {
    let (low, fraction) = position(sorted.len(), q)?;
    let high = (low + 1).min(sorted.len() - 1);
    Some(interpolate(sorted[low], sorted[high], fraction))
}

/// The type-7 quantiles `qs` (ascending, each 0..1) of finite values in any order, which it reorders.
///
/// Selects instead of sorting: each quantile partitions only what lies above the one before it.
/// `None` without values or with a `q` outside 0..1.
pub fn type7_select(values: &mut [f64], qs: &[f64]) -> Option<Vec<f64>> {
    debug_assert!(qs.is_sorted());
    let has_sign = values.iter().any(|value| value.is_sign_negative());
    let mut settled = 0;
    let next = |&q: &f64| {
        if has_sign {
            select_next(values, q, &mut settled, f64::total_cmp)
        } else {
            // Which is quicker.
            select_next(values, q, &mut settled, compare_bits)
        }
    };
    qs.iter().map(next).collect()
}

/// Ascending durations of finished calls without as many of the fastest as failed: what verdicts about response time look at.
///
/// Its quantile q is the time that as many finished calls exceed as are 1 − q of the successful ones. Without failures that
/// is type 7 over all; it is never below the quantile of the successful, and a further failure never lowers it, however
/// fast it was. Nothing is left where nothing succeeded.
pub fn without_fastest(sorted: &[f64], failed: usize) -> &[f64] {
    &sorted[failed.min(sorted.len())..]
}

/// As [`without_fastest`], of values in any order, which it reorders.
pub fn select_without_fastest(values: &mut [f64], failed: usize) -> &mut [f64] {
    if (1..values.len()).contains(&failed) {
        values.select_nth_unstable_by(failed, f64::total_cmp);
    }
    let failed = failed.min(values.len());
    &mut values[failed..]
}

/// As [`type7_select`], of values without a sign.
pub fn type7_select_unsigned<const N: usize>(values: &mut [f64], qs: [f64; N]) -> Option<[f64; N]> {
    debug_assert!(qs.is_sorted() && values.iter().all(|value| value.is_sign_positive()));
    let mut settled = 0;
    let mut quantiles = qs;
    for q in &mut quantiles {
        *q = select_next(values, *q, &mut settled, compare_bits)?;
    }
    Some(quantiles)
}

/// The order of values without a sign.
#[inline]
fn compare_bits(a: &f64, b: &f64) -> Ordering {
    a.to_bits().cmp(&b.to_bits())
}

/// The quantile `q`, which is not below that before it. Values below `settled` are in their final place relative to the
/// rest.
#[inline]
fn select_next(
    values: &mut [f64],
    q: f64,
    settled: &mut usize,
    compare: impl Fn(&f64, &f64) -> Ordering + Copy,
) -> Option<f64> {
    let (low, fraction) = position(values.len(), q)?;
    let start = (*settled).min(low);
    values[start..].select_nth_unstable_by(low - start, compare);
    *settled = low;
    let low_value = values[low];
    if fraction == 0.0 {
        return Some(low_value);
    }
    let next = values[low + 1..].iter().copied().min_by(compare).unwrap_or(low_value);
    Some(interpolate(low_value, next, fraction))
}

/// All values of several ascending slices together, less those of others, which are among them; nothing is merged.
///
/// A value's rank in the union is the sum of its ranks in the slices, so that each order statistic is found by bisection.
#[derive(Debug, Clone, Default)]
pub struct SortedUnion<'a> {
    slices: Vec<&'a [f64]>,
    removed: Vec<&'a [f64]>,
}

impl<'a> SortedUnion<'a> {
    /// Adds the values of an ascending slice, but for `removed`: ascending, each of them once among the values.
    pub fn add(&mut self, sorted: &'a [f64], removed: &'a [f64]) {
        if !sorted.is_empty() {
            self.slices.push(sorted);
        }
        if !removed.is_empty() {
            self.removed.push(removed);
        }
    }

    pub fn len(&self) -> usize {
        let len = |slices: &[&[f64]]| slices.iter().map(|slice| slice.len()).sum::<usize>();
        len(&self.slices).saturating_sub(len(&self.removed))
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The type-7 quantile `q` (0..1); `None` without values or with `q` outside 0..1.
    pub fn type7(&self, q: f64) -> Option<f64> {
        self.type7_without_fastest(0, q)
    }

    /// The same of the values [`without_fastest`].
    pub fn type7_without_fastest(&self, failed: usize, q: f64) -> Option<f64> {
        if let ([sorted], []) = (self.slices.as_slice(), self.removed.as_slice()) {
            return type7_sorted(without_fastest(sorted, failed), q);
        }
        let (low, fraction) = position(self.len().saturating_sub(failed), q)?;
        let low = failed + low;
        let low_value = self.at(low)?;
        if fraction == 0.0 {
            return Some(low_value);
        }
        Some(interpolate(low_value, self.behind(low_value, low), fraction))
    }

    /// The value at index `rank`, counted from 0.
    pub fn at(&self, rank: usize) -> Option<f64> {
        // The one is the smallest with more than `rank` values up to it: it is no removed one, since the number of those left
        // grows there. In each slice, what lies below the first index is too small, and from the second one on large enough.
        let mut open: Vec<(usize, usize)> = self.slices.iter().map(|slice| (0, slice.len())).collect();
        loop {
            let widest = open.iter().zip(&self.slices).max_by_key(|((low, high), _)| high - low)?;
            let (&(low, high), slice) = widest;
            if low == high {
                break;
            }
            let value = slice[low + (high - low) / 2];
            let is_enough = self.up_to(value) > rank;
            for ((low, high), slice) in open.iter_mut().zip(&self.slices) {
                let index = |is_before: fn(Ordering) -> bool| {
                    slice[*low..*high].partition_point(|other| is_before(other.total_cmp(&value)))
                };
                if is_enough {
                    *high = *low + index(Ordering::is_lt);
                } else {
                    *low += index(Ordering::is_le);
                }
            }
        }
        let found = open.iter().zip(&self.slices).filter_map(|(&(_, high), slice)| slice.get(high).copied());
        found.min_by(f64::total_cmp)
    }

    /// The value behind `rank`, where `value` stands; that itself where it is the last one.
    fn behind(&self, value: f64, rank: usize) -> f64 {
        if self.up_to(value) > rank + 1 {
            return value;
        }
        if !self.removed.is_empty() {
            return self.at(rank + 1).unwrap_or(value);
        }
        let greater = |slice: &&[f64]| {
            slice.get(slice.partition_point(|other| other.total_cmp(&value).is_le())).copied()
        };
        self.slices.iter().filter_map(greater).min_by(f64::total_cmp).unwrap_or(value)
    }

    fn up_to(&self, value: f64) -> usize {
        let count = |slices: &[&[f64]]| -> usize {
            slices.iter().map(|slice| slice.partition_point(|other| other.total_cmp(&value).is_le())).sum()
        };
        count(&self.slices).saturating_sub(count(&self.removed))
    }
}

/// Index below the quantile's position among `n` values, and how far beyond it the position is (0..1).
fn position(n: usize, q: f64) -> Option<(usize, f64)> {
    if n == 0 || !(0.0..=1.0).contains(&q) {
        return None;
    }
    let index = (n - 1) as f64 * q;
    let low = (index.floor() as usize).min(n - 1);
    Some((low, index - low as f64))
}

/// From `low` towards `high`; from whichever end is nearer, so that the result stays between them.
fn interpolate(low: f64, high: f64, fraction: f64) -> f64 {
    let step = high - low;
    if fraction < 0.5 { low + step * fraction } else { high - step * (1.0 - fraction) }
}

/// Are there at least `min_beyond` of `n` samples on the far side of quantile `q`?
pub fn has_enough_beyond(n: u64, q: f64, min_beyond: u64) -> bool {
    // 1 − 0.95 is a little more than 0.05 as a double: a relative slack keeps 200 samples enough for P95.
    const ROUNDING: f64 = 1e-9;
    n as f64 * q.min(1.0 - q) >= min_beyond as f64 * (1.0 - ROUNDING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantiles_interpolate_as_numpy_does() {
        // numpy.quantile([1, 2, 3, 4], [0, .25, .5, .95, 1])
        let sorted = [1.0, 2.0, 3.0, 4.0];
        for (q, expected) in [(0.0, 1.0), (0.25, 1.75), (0.5, 2.5), (0.95, 3.85), (1.0, 4.0)] {
            assert!((type7_sorted(&sorted, q).unwrap() - expected).abs() < 1e-15);
        }
    }

    #[test]
    fn nothing_has_no_quantile() {
        assert_eq!(type7_sorted(&[], 0.5), None);
        assert_eq!(type7_select(&mut [], &[0.5]), None);
        assert_eq!(type7_sorted(&[1.0], 1.5), None);
        assert_eq!(type7_sorted(&[7.0], 0.99), Some(7.0));
    }

    #[test]
    fn p95_needs_two_hundred_samples_and_p999_ten_thousand() {
        for (q, n) in [(0.5, 20), (0.95, 200), (0.99, 1_000), (0.995, 2_000), (0.999, 10_000), (0.25, 40)] {
            assert!(has_enough_beyond(n, q, 10), "{n} samples are enough for {q}");
            assert!(!has_enough_beyond(n - 1, q, 10), "{} samples are too few for {q}", n - 1);
        }
    }

    proptest! {
        #[test]
        fn failures_never_lower_a_quantile_of_the_finished(
            ok in prop::collection::vec(0f64..1e4, 1..80), failed in prop::collection::vec(0f64..1e4, 0..80),
            more in 0f64..1e4, q in 0.0f64..=1.0,
        ) {
            let of = |ok: &[f64], failed: &[f64]| {
                let mut all = [ok, failed].concat();
                let selected = type7_select(select_without_fastest(&mut all.clone(), failed.len()), &[q]);
                all.sort_unstable_by(f64::total_cmp);
                let found = type7_sorted(without_fastest(&all, failed.len()), q);
                assert_eq!(selected.map(|found| found[0]), found);
                found
            };
            let found = of(&ok, &failed);
            prop_assert!(found >= of(&ok, &[]), "never below the quantile of the successful");
            prop_assert!(of(&ok, &[&failed[..], &[more]].concat()) >= found, "one failure more");
            let (last, others) = ok.split_last().unwrap();
            let turned = of(others, &[&failed[..], &[*last]].concat());
            prop_assert!(others.is_empty() == turned.is_none());
            prop_assert!(turned.is_none_or(|turned| turned >= found.unwrap() * (1.0 - 1e-12)), "a success that fails");
            // facts: from the slowest down to position (ok - 1)(1 - q).
            let mut slowest_first = [&ok[..], &failed[..]].concat();
            slowest_first.sort_unstable_by(|a, b| b.total_cmp(a));
            let position = (ok.len() - 1) as f64 * (1.0 - q);
            let (low, rest) = (position.floor() as usize, position.fract());
            let next = slowest_first[(low + 1).min(slowest_first.len() - 1)];
            let expected = slowest_first[low] + rest * (next - slowest_first[low]);
            prop_assert!((found.unwrap() - expected).abs() <= 1e-9 * expected.max(1.0));
        }

        #[test]
        fn a_union_has_the_quantiles_of_all_its_values_but_those_removed(
            slices in prop::collection::vec(prop::collection::vec(((0u8..40).prop_map(f64::from), 0u8..4), 0..50), 1..6),
            removes in 0u8..4, q in 0.0f64..=1.0,
        ) {
            let sorted = |values: &[(f64, u8)], keep: &dyn Fn(u8) -> bool| {
                let kept = values.iter().filter(|(_, mark)| keep(*mark)).map(|&(value, _)| value);
                let mut kept: Vec<f64> = kept.collect();
                kept.sort_unstable_by(f64::total_cmp);
                kept
            };
            // From nothing to three of four.
            let is_removed = |mark: u8| mark < removes;
            let whole: Vec<Vec<f64>> = slices.iter().map(|slice| sorted(slice, &|_| true)).collect();
            let gone: Vec<Vec<f64>> = slices.iter().map(|slice| sorted(slice, &is_removed)).collect();
            let left = sorted(&slices.concat(), &|mark| !is_removed(mark));
            let mut union = SortedUnion::default();
            whole.iter().zip(&gone).for_each(|(sorted, removed)| union.add(sorted, removed));
            prop_assert_eq!(union.len(), left.len());
            prop_assert_eq!(union.type7(q), type7_sorted(&left, q));
            let failed = left.len() / 3;
            let expected = type7_sorted(without_fastest(&left, failed), q);
            prop_assert_eq!(union.type7_without_fastest(failed, q), expected);
            let at = |rank: usize| (union.at(rank), left.get(rank).copied());
            for (found, expected) in [0, left.len() / 2, left.len().saturating_sub(1), left.len()].map(at) {
                prop_assert_eq!(found, expected);
            }
        }

        #[test]
        fn selecting_gives_what_sorting_gives(
            values in prop::collection::vec(0f64..1e6, 1..300), shift in prop::sample::select(vec![0.0, 3e5]),
        ) {
            let mut values: Vec<f64> = values.into_iter().map(|value| value - shift).collect();
            let qs = [0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0];
            let mut sorted = values.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            let expected: Vec<f64> = qs.iter().map(|&q| type7_sorted(&sorted, q).unwrap()).collect();
            prop_assert_eq!(&type7_select(&mut values.clone(), &qs).unwrap(), &expected);
            if shift == 0.0 {
                prop_assert_eq!(type7_select_unsigned(&mut values, qs).unwrap().to_vec(), expected);
            }
        }
    }
}
