//! The slopes between all pairs of points, asked for by rank: all are computed, only those near the ranks are kept.

/// Up to this many pairs are all kept: looking for where the ranks lie would take longer.
const FEW_PAIRS: usize = 20_000;
/// About this many pairs, evenly over all, are looked at to find where the ranks lie.
const LOOKED_AT: usize = 8_192;
/// How far a rank among those looked at may be off, in standard deviations of a random choice. A miss costs time only.
const DEVIATIONS: f64 = 4.0;

/// The slopes between all points of different x.
pub struct PairwiseSlopes<'a> {
    x: &'a [f64],
    y: &'a [f64],
    count: usize,
    /// Each x is above the one before, and no difference leaves the range of a double: every slope is a number.
    is_plain: bool,
}

impl<'a> PairwiseSlopes<'a> {
    /// `None` where the lengths differ, a value is not finite, or no two x differ.
    pub fn new(x: &'a [f64], y: &'a [f64]) -> Option<Self> {
        if x.len() != y.len() || !x.iter().chain(y).all(|value| value.is_finite()) {
            return None;
        }
        let is_plain = x.is_sorted_by(|a, b| a < b) && range(x).is_finite() && range(y).is_finite();
        let mut slopes = Self { x, y, count: x.len() * x.len().saturating_sub(1) / 2, is_plain };
        if !is_plain {
            slopes.count = slopes.all().len();
        }
        (slopes.count > 0).then_some(slopes)
    }

    /// How many there are; never 0.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The slopes of these ranks, which ascend, are counted from 0 and below [`Self::count`].
    pub fn of_ranks<const N: usize>(&self, ranks: [usize; N]) -> [f64; N] {
        debug_assert!(ranks.is_sorted() && ranks[N - 1] < self.count);
        if self.is_plain && self.count > FEW_PAIRS {
            let (first, last) = (ranks[0], ranks[N - 1]);
            let are_among = |below: usize, count: usize| below <= first && last < below + count;
            let (low, high) = self.bounds(first, last);
            if low.to_bits() == high.to_bits() {
                let (below, equal) = self.equal(low);
                if are_among(below, equal) {
                    return [low; N];
                }
            }
            let (below, mut near) = self.within(low, high);
            if are_among(below, near.len()) {
                return select(&mut near, ranks.map(|rank| rank - below));
            }
        }
        select(&mut self.all(), ranks)
    }

    fn all(&self) -> Vec<f64> {
        let (x, y) = (self.x, self.y);
        let mut slopes = Vec::with_capacity(self.count);
        for (i, (x_i, y_i)) in x.iter().zip(y).enumerate() {
            for (x_j, y_j) in x[i + 1..].iter().zip(&y[i + 1..]) {
                if x_j != x_i {
                    slopes.push((y_j - y_i) / (x_j - x_i));
                }
            }
        }
        slopes
    }

    /// Between which slopes the ranks from `first` to `last` lie, most likely.
    fn bounds(&self, first: usize, last: usize) -> (f64, f64) {
        let mut some = self.some();
        let indices = some.len() as f64;
        let index = |rank: usize| rank as f64 / self.count as f64 * indices;
        let reach = |index: f64| DEVIATIONS * (index * (1.0 - index / indices)).max(1.0).sqrt();
        let (low, high) = (index(first) - reach(index(first)), index(last) + reach(index(last)));
        let mut slope = |index: f64| *some.select_nth_unstable_by(index as usize, f64::total_cmp).1;
        (
            if low >= 0.0 { slope(low) } else { f64::NEG_INFINITY },
            if high < indices - 1.0 { slope(high.ceil()) } else { f64::INFINITY },
        )
    }

    /// Some of the slopes, evenly over all pairs.
    fn some(&self) -> Vec<f64> {
        // Equal steps would fall in with rhythms of the values, and see few of the points.
        let mut state = 0u64;
        let longest = (2 * self.count / LOOKED_AT).max(2) as u64;
        let mut step = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            1 + ((state >> 33) % longest) as usize
        };
        let mut slopes = Vec::with_capacity(2 * LOOKED_AT);
        let mut skipped = 0;
        for (i, (x_i, y_i)) in self.x.iter().zip(self.y).enumerate() {
            let mut j = i + 1 + skipped;
            while let (Some(x_j), Some(y_j)) = (self.x.get(j), self.y.get(j)) {
                slopes.push((y_j - y_i) / (x_j - x_i));
                j += step();
            }
            skipped = j - self.x.len();
        }
        slopes
    }

    /// How many slopes are below this one, and how many are the same: many, where the values are few.
    fn equal(&self, slope: f64) -> (usize, usize) {
        let (mut below, mut equal) = (0u64, 0u64);
        for (i, (x_i, y_i)) in self.x.iter().zip(self.y).enumerate() {
            for (x_j, y_j) in self.x[i + 1..].iter().zip(&self.y[i + 1..]) {
                let other = (y_j - y_i) / (x_j - x_i);
                below += u64::from(other.total_cmp(&slope).is_lt());
                equal += u64::from(other.to_bits() == slope.to_bits());
            }
        }
        (below as usize, equal as usize)
    }

    /// The slopes within [low, high], with how many are below. None of all may be NaN.
    fn within(&self, low: f64, high: f64) -> (usize, Vec<f64>) {
        let mut of_point = vec![0.0; self.x.len()];
        let (mut below, mut kept, mut near) = (0, 0, Vec::new());
        for (i, (x_i, y_i)) in self.x.iter().zip(self.y).enumerate() {
            let slopes = &mut of_point[i + 1..];
            for (slope, (x_j, y_j)) in slopes.iter_mut().zip(self.x[i + 1..].iter().zip(&self.y[i + 1..])) {
                *slope = (y_j - y_i) / (x_j - x_i);
            }
            if near.len() < kept + slopes.len() {
                near.resize(2 * kept + slopes.len(), 0.0);
            }
            // Each is written, and only those within are counted: no processor can guess which these are.
            for &slope in &*slopes {
                near[kept] = slope;
                kept += usize::from((low <= slope) & (slope <= high));
                below += usize::from(slope < low);
            }
        }
        near.truncate(kept);
        (below, near)
    }
}

/// The values of these ranks, which ascend and are counted from 0.
pub fn select<const N: usize>(values: &mut [f64], ranks: [usize; N]) -> [f64; N] {
    let mut settled = 0;
    ranks.map(|rank| {
        // What is below the rank before is below this one, too.
        let value = *values[settled..].select_nth_unstable_by(rank - settled, f64::total_cmp).1;
        settled = rank;
        value
    })
}

fn range(values: &[f64]) -> f64 {
    let ends = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| (value.min(low), value.max(high)));
    ends.1 - ends.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By sorting all of them.
    fn sorted(x: &[f64], y: &[f64]) -> Vec<f64> {
        let pairs = (0..x.len()).flat_map(|i| (i + 1..x.len()).map(move |j| (i, j)));
        let mut slopes: Vec<f64> =
            pairs.filter(|&(i, j)| x[i] != x[j]).map(|(i, j)| (y[j] - y[i]) / (x[j] - x[i])).collect();
        slopes.sort_by(f64::total_cmp);
        slopes
    }

    fn assert_ranks(x: &[f64], y: &[f64], at: [f64; 3]) {
        let slopes = PairwiseSlopes::new(x, y).unwrap();
        let sorted = sorted(x, y);
        assert_eq!(slopes.count(), sorted.len());
        let ranks = at.map(|at| (at * (sorted.len() - 1) as f64) as usize);
        let bits = |slopes: [f64; 3]| slopes.map(f64::to_bits);
        assert_eq!(bits(slopes.of_ranks(ranks)), bits(ranks.map(|rank| sorted[rank])));
    }

    fn grid(n: usize, step: f64) -> Vec<f64> {
        (0..n).map(|index| index as f64 * step).collect()
    }

    #[test]
    fn ties_rhythms_and_zeros_of_both_signs_are_no_trap() {
        let x = grid(300, 0.1);
        let of = |y: fn(usize) -> f64| (0..300).map(y).collect::<Vec<f64>>();
        for y in [
            of(|_| 1.0),
            of(|index| (index % 5) as f64),
            of(|index| if index == 150 { 0.5 } else { 1.0 }),
            of(|index| if index % 2 == 0 { 0.0 } else { -5e-324 }),
            of(|index| (index as f64).powi(9)),
            of(|index| if index < 150 { f64::MAX } else { -f64::MAX }),
        ] {
            assert_ranks(&x, &y, [0.0, 0.5, 1.0]);
            assert_ranks(&x, &y, [0.45, 0.5, 0.5]);
        }
    }

    #[test]
    fn points_out_of_order_and_of_one_x_are_taken_as_they_are() {
        let x: Vec<f64> = (0..250).map(|index| f64::from(index * 7 % 50)).collect();
        assert_ranks(&x, &grid(250, 1.0), [0.1, 0.5, 0.9]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn ranks_are_those_of_all_slopes_sorted(
            y in prop::collection::vec(prop_oneof![-1e3f64..1e3, (0u8..4).prop_map(f64::from)], 205..420),
            step in 0.1f64..9.0, trend in -5f64..5.0, at in prop::array::uniform3(0f64..=1.0),
        ) {
            let x = grid(y.len(), step);
            let y: Vec<f64> = x.iter().zip(&y).map(|(x, y)| trend * x + y).collect();
            let mut at = at;
            at.sort_by(f64::total_cmp);
            assert_ranks(&x, &y, at);
            assert_ranks(&x, &y, [0.48, 0.5, 0.52]);
        }
    }
}
