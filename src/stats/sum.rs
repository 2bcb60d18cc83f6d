//! Sums of doubles that are the same in whatever order the values come.

/// Bits of a double's significand that are stored.
const STORED_BITS: u32 = 52;

/// An exact sum of finite doubles: one integer per binary exponent, so that adding and merging commute.
///
/// Bin `e` counts in units of 2^(e − 1075), the weight of the last significand bit of a double with the biased
/// exponent `e`. A bin is an `i128`: 2^74 additions fit.
#[derive(Debug, Clone, Default)]
pub struct ExactSum {
    /// Exponent of the first bin.
    first: usize,
    /// From the smallest exponent seen to the largest: values of one kind are close to each other.
    bins: Vec<i128>,
}

impl ExactSum {
    /// Adds a finite value; others are a bug of the caller and are ignored.
    #[inline]
    pub fn add(&mut self, value: f64) {
        debug_assert!(value.is_finite());
        let (bin, significand) = split(value);
        if significand != 0 {
            *self.bin(usize::from(bin)) += i128::from(significand);
        }
    }

    /// Adds what `other` has summed up.
    pub fn merge(&mut self, other: &ExactSum) {
        for (index, &significand) in other.bins.iter().enumerate() {
            *self.bin(other.first + index) += significand;
        }
    }

    /// Takes away what `other` has summed up.
    pub fn subtract(&mut self, other: &ExactSum) {
        for (index, &significand) in other.bins.iter().enumerate() {
            *self.bin(other.first + index) -= significand;
        }
    }

    #[inline]
    fn bin(&mut self, exponent: usize) -> &mut i128 {
        let index = exponent.wrapping_sub(self.first);
        if index < self.bins.len() { &mut self.bins[index] } else { self.new_bin(exponent) }
    }

    #[cold]
    fn new_bin(&mut self, exponent: usize) -> &mut i128 {
        if self.bins.is_empty() {
            self.first = exponent;
        }
        if exponent < self.first {
            let more = self.first - exponent;
            self.bins.splice(0..0, std::iter::repeat_n(0, more));
            self.first = exponent;
        }
        let index = exponent - self.first;
        if index >= self.bins.len() {
            self.bins.resize(index + 1, 0);
        }
        &mut self.bins[index]
    }

    /// The sum, rounded to a double (within one unit in the last place).
    pub fn value(&self) -> f64 {
        round(self.first, &self.bins)
    }
}

/// The exact sum of finite `values`, rounded to a double, in whatever order they come.
pub fn exact_sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sum = ExactSum::default();
    values.into_iter().for_each(|value| sum.add(value));
    sum.value()
}

/// Neumaier's compensated sum: quick for a few values, but its last bit depends on their order.
///
/// A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54 (1974).
pub fn compensated_sum(values: &[f64]) -> f64 {
    compensated(values.iter().copied())
}

fn compensated(values: impl Iterator<Item = f64>) -> f64 {
    let mut sum = CompensatedSum::default();
    values.for_each(|value| sum.add(value));
    sum.value()
}

/// [`compensated_sum`] in the making.
#[derive(Debug, Clone, Copy, Default)]
pub struct CompensatedSum {
    sum: f64,
    lost: f64,
}

impl CompensatedSum {
    #[inline]
    pub fn add(&mut self, value: f64) {
        let total = self.sum + value;
        let (large, small) =
            if self.sum.abs() >= value.abs() { (self.sum, value) } else { (value, self.sum) };
        self.lost += (large - total) + small;
        self.sum = total;
    }

    /// The sum.
    pub fn value(self) -> f64 {
        // An overflow leaves no meaningful remainder.
        if self.lost.is_finite() { self.sum + self.lost } else { self.sum }
    }
}

/// A sum of values without a sign in two parts: a plain sum, and what its roundings lost.
///
/// What one rounding loses is a double, and a multiple of the last digit of the smallest value. As long as the values
/// do not lie so far apart that adding up the losses needs to be rounded too, the two parts together are exact: then the
/// order does not matter.
#[derive(Debug, Clone, Copy, Default)]
pub struct SplitSum {
    sum: f64,
    lost: f64,
    /// How often anything was added.
    n: u64,
}

impl SplitSum {
    pub fn of(values: &[f64]) -> Self {
        let mut split = Self::default();
        values.iter().for_each(|&value| split.add(value));
        split
    }

    #[inline]
    fn add(&mut self, value: f64) {
        // D. E. Knuth, "The Art of Computer Programming", vol. 2, 4.2.2, theorem B: no branch, unlike Neumaier's.
        let total = self.sum + value;
        let of_value = total - self.sum;
        self.lost += (self.sum - (total - of_value)) + (value - of_value);
        self.sum = total;
        self.n += 1;
    }

    /// Adds what `other` has summed up.
    pub fn merge(&mut self, other: &SplitSum) {
        self.add(other.sum);
        self.lost += other.lost;
        self.n += other.n;
    }

    /// What [`compensated_sum`] yields of the same values in whatever order; `None` where the order might show.
    /// No value but 0 may be less than `least`, which is NaN where all are 0.
    pub fn in_any_order(&self, least: f64) -> Option<f64> {
        /// Losses are below 2^(E − 53), with the exponent E of the sum, and multiples of 2^(e − 52), with that of the least
        /// value: n of them add up exactly as long as E + log₂ n ≤ e + 54. Some are left for safety.
        const MOST_DIGITS_APART: u64 = 50;
        let exponent = |value: f64| value.to_bits() >> STORED_BITS & 0x7ff;
        let digits_of_n = u64::from(u64::BITS - self.n.leading_zeros());
        let is_exact = exponent(self.sum) + digits_of_n <= exponent(least) + MOST_DIGITS_APART;
        (is_exact && self.sum.is_finite()).then_some(self.sum + self.lost)
    }
}

/// Values that are summed up plainly before they are added to a compensated sum.
const SHORT: usize = 8;

/// Σ aᵢ·bᵢ over the pairs of two slices, as far as the shorter one reaches: short plain sums, put together by
/// Neumaier's, which is as quick as a plain sum and keeps nearly all of its digits.
pub fn sum_of_products(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = CompensatedSum::default();
    add_products(&mut sum, a, b);
    sum.value()
}

fn add_products(sum: &mut CompensatedSum, a: &[f64], b: &[f64]) {
    let parts = a.chunks(SHORT).zip(b.chunks(SHORT));
    parts.for_each(|(a, b)| sum.add(a.iter().zip(b).map(|(a, b)| a * b).sum()));
}

/// How many lags [`sums_at_lags`] takes together: as many as a processor has room for.
pub const LAGS: usize = 4;

/// [`sum_of_products`] of the values with themselves from `lag` on, from `lag` + 1 on and so forth, to the last bit.
/// The sums are independent of one another, so that the processor does not wait for any. The lags are at most n.
pub fn sums_at_lags(values: &[f64], lag: usize) -> [f64; LAGS] {
    let mut sums = [CompensatedSum::default(); LAGS];
    let shifted = &values[lag..];
    // As many short sums as all of the lags have.
    let whole = shifted.len().saturating_sub(LAGS - 1) / SHORT * SHORT;
    for (start, values) in (0..whole).step_by(SHORT).zip(values.chunks_exact(SHORT)) {
        let shifted = &shifted[start..start + SHORT + LAGS - 1];
        let mut short = [0.0; LAGS];
        for (index, value) in values.iter().enumerate() {
            for (sum, shifted) in short.iter_mut().zip(&shifted[index..index + LAGS]) {
                *sum += value * shifted;
            }
        }
        sums.iter_mut().zip(short).for_each(|(sum, short)| sum.add(short));
    }
    for (more, sum) in sums.iter_mut().enumerate() {
        add_products(sum, &values[whole..], shifted.get(whole + more..).unwrap_or_default());
    }
    sums.map(CompensatedSum::value)
}

/// The exact mean, or `None` without values.
pub fn exact_mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| exact_sum(values.iter().copied()) / values.len() as f64)
}

/// Biased exponent and signed significand: `value = significand · 2^(exponent − 1075)`.
fn split(value: f64) -> (u16, i64) {
    let bits = value.to_bits();
    let exponent = ((bits >> STORED_BITS) & 0x7ff) as u16;
    let stored = (bits & ((1 << STORED_BITS) - 1)) as i64;
    // Subnormals have no hidden bit and weigh as much as exponent 1.
    let (bin, magnitude) = if exponent == 0 { (1, stored) } else { (exponent, stored | 1 << STORED_BITS) };
    (bin, if value.is_sign_negative() { -magnitude } else { magnitude })
}

/// Carries every bin into the next, so that each holds one binary digit, and adds the digits up from below.
/// `bins` begin with the exponent `first`; those below are empty.
fn round(first: usize, bins: &[i128]) -> f64 {
    let mut sum = 0.0;
    let mut carry = 0i128;
    let mut bin = first;
    let mut add = |total: i128| {
        if total & 1 != 0 {
            sum += weight(bin);
        }
        bin += 1;
        total >> 1
    };
    for significand in bins {
        carry = add(significand + carry);
    }
    if carry < 0 {
        // A negative total: the digits of its opposite are shorter than its two's complement.
        return -round(first, &bins.iter().map(|bin| -bin).collect::<Vec<_>>());
    }
    while carry > 0 {
        carry = add(carry);
    }
    sum
}

/// 2^(bin − 1075), also where that is subnormal.
fn weight(bin: usize) -> f64 {
    // In two factors: neither leaves the range of a double where the product does not.
    let exponent = bin as i32 - 1075;
    2f64.powi(exponent / 2) * 2f64.powi(exponent - exponent / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_terms_survive_large_ones_that_cancel() {
        assert_eq!(exact_sum([1e300, 1.0, -1e300]), 1.0);
        assert_eq!(exact_sum([0.1; 10]), 1.0);
        assert_eq!(exact_sum([-1.5, 0.25]), -1.25);
        assert_eq!(exact_sum([]), 0.0);
        assert_eq!(exact_sum([5e-324, 5e-324]), 1e-323);
    }

    #[test]
    fn the_largest_double_comes_back_unchanged() {
        assert_eq!(exact_sum([f64::MAX]), f64::MAX);
        assert_eq!(exact_sum([f64::MAX, f64::MAX, -f64::MAX]), f64::MAX);
    }

    #[test]
    fn a_split_sum_is_given_only_where_no_order_shows() {
        let sum = |values: &[f64], least| SplitSum::of(values).in_any_order(least);
        assert_eq!(sum(&[], f64::NAN), Some(0.0));
        assert_eq!(sum(&[0.0, 0.0], f64::NAN), Some(0.0));
        assert_eq!(sum(&[0.1; 10], 0.1), Some(1.0));
        assert_eq!(sum(&[1e30, 1e-30], 1e-30), None);
        assert_eq!(sum(&[f64::MAX, f64::MAX], f64::MAX), None);
        assert_eq!(sum(&[5e-324, 5e-324], 5e-324), Some(1e-323));
    }

    proptest! {
        #[test]
        fn a_split_sum_is_the_compensated_sum_of_the_sorted_values(
            values in prop::collection::vec((1f64..2.0, -30i32..30), 1..200),
            spread in 0i32..30,
            cut in 0usize..200,
        ) {
            // Durations with more or less of a spread, zeros among them.
            let values: Vec<f64> = values
                .into_iter()
                .map(|(digits, exponent)| if exponent == 0 { 0.0 } else { digits * 2f64.powi(exponent % (spread + 1)) })
                .collect();
            let least = values.iter().copied().filter(|&value| value > 0.0).fold(f64::NAN, f64::min);
            let (left, right) = values.split_at(cut.min(values.len()));
            let mut split = SplitSum::of(left);
            split.merge(&SplitSum::of(right));
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let in_any_order = split.in_any_order(least);
            if spread < 15 {
                prop_assert!(in_any_order.is_some());
            }
            if let Some(sum) = in_any_order {
                prop_assert_eq!(sum.to_bits(), compensated_sum(&sorted).to_bits());
                prop_assert_eq!(sum.to_bits(), compensated_sum(&values).to_bits());
            }
        }

        #[test]
        fn order_and_grouping_do_not_matter(values in prop::collection::vec(-1e12f64..1e12, 0..200), cut in 0usize..200) {
            let mut backwards = values.clone();
            backwards.reverse();
            let cut = cut.min(values.len());
            let mut left = ExactSum::default();
            let mut right = ExactSum::default();
            values[..cut].iter().for_each(|&value| left.add(value));
            values[cut..].iter().for_each(|&value| right.add(value));
            right.merge(&left);
            prop_assert_eq!(exact_sum(values.iter().copied()).to_bits(), exact_sum(backwards).to_bits());
            prop_assert_eq!(exact_sum(values.iter().copied()).to_bits(), right.value().to_bits());
        }

        #[test]
        fn lags_together_sum_to_what_each_alone_does(values in prop::collection::vec(-1e3f64..1e3, 1..90), lag in 0usize..90) {
            let lag = lag.min(values.len());
            let each = |more: usize| sum_of_products(&values, values.get(lag + more..).unwrap_or_default());
            let expected: Vec<u64> = (0..LAGS).map(|more| each(more).to_bits()).collect();
            prop_assert_eq!(sums_at_lags(&values, lag).map(f64::to_bits).to_vec(), expected);
        }

        #[test]
        fn integers_sum_exactly(values in prop::collection::vec(-1_000_000i64..1_000_000, 0..200)) {
            let sum = exact_sum(values.iter().map(|&value| value as f64));
            prop_assert_eq!(sum, values.iter().sum::<i64>() as f64);
        }
    }
}
