//! Durations in ascending order with their exact sum: quantiles of any union of them without sorting again.

use crate::stats::quantile::type7_of_union;
use crate::stats::sum::ExactSum;

/// Durations of calls that have something in common, ms, ascending.
#[derive(Debug, Default)]
pub(super) struct Durations {
    sorted: Vec<f64>,
    sum: ExactSum,
}

impl Durations {
    /// Of finite durations in any order.
    pub(super) fn of(mut durations_ms: Vec<f64>) -> Self {
        sort(&mut durations_ms);
        let mut sum = ExactSum::default();
        durations_ms.iter().for_each(|&duration_ms| sum.add(duration_ms));
        Self { sorted: durations_ms, sum }
    }

    /// These without `others`, each of which is among them.
    pub(super) fn without(&self, others: &Durations) -> Self {
        if others.sorted.is_empty() {
            return Self { sorted: self.sorted.clone(), sum: self.sum.clone() };
        }
        let mut sorted = Vec::with_capacity(self.sorted.len().saturating_sub(others.sorted.len()));
        let mut from = 0;
        for &other in &others.sorted {
            let place = from + self.sorted[from..].partition_point(|value| value.total_cmp(&other).is_lt());
            sorted.extend_from_slice(&self.sorted[from..place]);
            from = (place + 1).min(self.sorted.len());
        }
        sorted.extend_from_slice(&self.sorted[from..]);
        let mut sum = self.sum.clone();
        sum.subtract(&others.sum);
        Self { sorted, sum }
    }
}

/// The union of several durations.
pub(super) struct Union<'a> {
    parts: Vec<&'a Durations>,
}

impl<'a> Union<'a> {
    pub(super) fn of(parts: impl IntoIterator<Item = &'a Durations>) -> Self {
        Self { parts: parts.into_iter().filter(|part| !part.sorted.is_empty()).collect() }
    }

    pub(super) fn len(&self) -> usize {
        self.parts.iter().map(|part| part.sorted.len()).sum()
    }

    pub(super) fn mean_ms(&self) -> Option<f64> {
        let mut parts = self.parts.iter();
        let mut sum = parts.next()?.sum.clone();
        parts.for_each(|part| sum.merge(&part.sum));
        Some(sum.value() / self.len() as f64)
    }

    pub(super) fn min_ms(&self) -> Option<f64> {
        self.parts.iter().filter_map(|part| part.sorted.first()).copied().min_by(f64::total_cmp)
    }

    pub(super) fn max_ms(&self) -> Option<f64> {
        self.parts.iter().filter_map(|part| part.sorted.last()).copied().max_by(f64::total_cmp)
    }

    /// The type-7 quantile `q`; `None` without durations.
    pub(super) fn quantile_ms(&self, q: f64) -> Option<f64> {
        let sorted: Vec<&[f64]> = self.parts.iter().map(|part| part.sorted.as_slice()).collect();
        type7_of_union(&sorted, q)
    }
}

/// Sorts finite values. Those without a sign, which durations are, sort by their bits, which is quicker.
pub(super) fn sort(values: &mut [f64]) {
    if values.iter().any(|value| value.is_sign_negative()) {
        values.sort_unstable_by(f64::total_cmp);
    } else {
        values.sort_unstable_by_key(|value| value.to_bits());
    }
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
            let left = all.without(&Durations::of(gone));
            let expected = Durations::of(kept);
            prop_assert_eq!(&left.sorted, &expected.sorted);
            let (left, expected) = (Union::of([&left]), Union::of([&expected]));
            prop_assert_eq!(left.mean_ms(), expected.mean_ms());
        }
    }
}
