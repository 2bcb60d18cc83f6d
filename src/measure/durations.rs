//! Durations in ascending order with their exact sum: quantiles of any union of them without sorting again.

use std::sync::Arc;

use crate::stats::quantile::SortedUnion;
use crate::stats::sum::ExactSum;

/// Durations of calls that have something in common, ms.
#[derive(Debug, Default)]
pub struct Durations {
    /// Ascending; shared by the whole run and its part.
    sorted: Arc<Vec<f64>>,
    /// Of `sorted`, those that do not count, ascending.
    removed: Vec<f64>,
    sum: ExactSum,
}

impl Durations {
    /// Of finite durations in any order.
    pub fn of(mut durations_ms: Vec<f64>) -> Self {
        sort(&mut durations_ms);
        let mut sum = ExactSum::default();
        durations_ms.iter().for_each(|&duration_ms| sum.add(duration_ms));
        Self { sorted: Arc::new(durations_ms), removed: Vec::new(), sum }
    }

    /// These, of a whole run, without others in any order, each of which is among them.
    pub fn without(&self, others: Vec<f64>) -> Self {
        debug_assert!(self.removed.is_empty());
        let others = Self::of(others);
        let mut sum = self.sum.clone();
        sum.subtract(&others.sum);
        Self { sorted: self.sorted.clone(), removed: Arc::unwrap_or_clone(others.sorted), sum }
    }

    pub fn len(&self) -> usize {
        self.sorted.len().saturating_sub(self.removed.len())
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The union of several durations.
pub struct Union<'a> {
    values: SortedUnion<'a>,
    sum: ExactSum,
}

impl<'a> Union<'a> {
    pub fn of(parts: impl IntoIterator<Item = &'a Durations>) -> Self {
        let mut union = Self { values: SortedUnion::default(), sum: ExactSum::default() };
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            union.values.add(&part.sorted, &part.removed);
            union.sum.merge(&part.sum);
        }
        union
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn mean_ms(&self) -> Option<f64> {
        let n = self.len();
        (n > 0).then(|| self.sum.value() / n as f64)
    }

    pub fn min_ms(&self) -> Option<f64> {
        self.values.at(0)
    }

    pub fn max_ms(&self) -> Option<f64> {
        self.values.at(self.len().checked_sub(1)?)
    }

    /// The type-7 quantile `q` without as many of the fastest as `failed`; `None` where none is left.
    pub fn quantile_ms(&self, failed: usize, q: f64) -> Option<f64> {
        self.values.type7_without_fastest(failed, q)
    }
}

/// Sorts finite values. Those without a sign, which durations are, sort by their bits, which is quicker.
pub fn sort(values: &mut [f64]) {
    if values.iter().any(|value| value.is_sign_negative()) {
        values.sort_unstable_by(f64::total_cmp);
    } else {
        sort_unsigned(values);
    }
}

/// Sorts values without a sign, which are in the order of their bits.
pub fn sort_unsigned(values: &mut [f64]) {
    values.sort_unstable_by_key(|value| value.to_bits());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_union_without_a_part_is_what_is_left(
            kept in prop::collection::vec(0f64..100.0, 0..60),
            gone in prop::collection::vec(0f64..100.0, 0..60),
        ) {
            let all = Durations::of([kept.clone(), gone.clone()].concat());
            let left = all.without(gone);
            let expected = Durations::of(kept);
            let (left, expected) = (Union::of([&left]), Union::of([&expected]));
            let numbers = |union: &Union<'_>| {
                let quantiles = [0.0, 0.5, 0.95, 1.0].map(|q| union.quantile_ms(0, q));
                (union.len(), union.mean_ms(), union.min_ms(), union.max_ms(), quantiles)
            };
            prop_assert_eq!(numbers(&left), numbers(&expected));
        }
    }
}
