//! Series of yes and no: how many independent ones they are worth, as quick as counting bits.

use super::autocorrelation::{effective_size, geyer};
use super::moments::variance;

/// A series of flags, one bit each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    words: Vec<u64>,
    len: usize,
}

impl Flags {
    /// `len` flags, of which none is set.
    pub fn unset(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// Sets the flag at `index`; nothing happens where there is none.
    #[inline]
    pub fn set(&mut self, index: usize) {
        debug_assert!(index < self.len);
        if let Some(word) = self.words.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many are set.
    pub fn ones(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// As [`super::autocorrelation::effective_sample_size`] of the series of 1 and 0, in a sixty-fourth of the time.
    ///
    /// `None` below 4 values or for a constant series.
    pub fn effective_sample_size(&self) -> Option<f64> {
        let series = FlagSeries::of(self);
        if series.len < 4 || series.ones == 0 || series.ones == series.len {
            return None;
        }
        let by_geyer = geyer(series.len, series.most_lags(), |lag| series.autocorrelation(lag));
        Some(effective_size(series.len, [by_geyer, series.effective_size_by_batch_means()]))
    }
}

impl FromIterator<bool> for Flags {
    fn from_iter<I: IntoIterator<Item = bool>>(flags: I) -> Self {
        let (mut words, mut word, mut len) = (Vec::new(), 0, 0);
        for flag in flags {
            word |= u64::from(flag) << (len % 64);
            len += 1;
            if len % 64 == 0 {
                words.push(std::mem::take(&mut word));
            }
        }
        if len % 64 != 0 {
            words.push(word);
        }
        Self { words, len }
    }
}

/// Lags that one series is examined for are limited by the words of 64 flags that they compare.
const MOST_WORDS: usize = 50_000_000;

/// Flags with the number of ones before each word of them.
struct FlagSeries<'a> {
    words: &'a [u64],
    ones_before: Vec<usize>,
    ones: usize,
    len: usize,
}

impl<'a> FlagSeries<'a> {
    fn of(flags: &'a Flags) -> Self {
        let mut ones = 0;
        let ones_before = flags
            .words
            .iter()
            .map(|word| {
                let before = ones;
                ones += word.count_ones() as usize;
                before
            })
            .collect();
        Self { words: &flags.words, ones_before, ones, len: flags.len }
    }

    fn len(&self) -> usize {
        self.len
    }

    /// Ones among the first `index` flags.
    fn ones_before(&self, index: usize) -> usize {
        match self.words.get(index / 64) {
            Some(word) => {
                let before = word & ((1 << (index % 64)) - 1);
                self.ones_before[index / 64] + before.count_ones() as usize
            }
            None => self.ones,
        }
    }

    /// As [`super::autocorrelation::effective_sample_size_batch_means`], the means from counts of ones.
    fn effective_size_by_batch_means(&self) -> Option<f64> {
        let (size, n) = (self.len.isqrt(), self.len as f64);
        let ones = |batch: usize| self.ones_before((batch + 1) * size) - self.ones_before(batch * size);
        let means: Vec<f64> = (0..self.len / size).map(|batch| ones(batch) as f64 / size as f64).collect();
        let share = self.ones as f64 / n;
        let of_flags = share * (1.0 - share) * n / (n - 1.0);
        let of_means = size as f64 * variance(&means)?;
        let size = n * of_flags / of_means;
        (of_means > 0.0 && size.is_finite()).then_some(size)
    }

    fn most_lags(&self) -> usize {
        (MOST_WORDS / self.words.len()).min(self.len() - 1)
    }

    /// Σ (xᵢ − m)(xᵢ₊ₖ − m) / Σ (xᵢ − m)², from whole numbers: the products are coincidences of ones.
    fn autocorrelation(&self, lag: usize) -> f64 {
        let (n, kept) = (self.len() as f64, (self.len() - lag) as f64);
        let mean = self.ones as f64 / n;
        let (first, last) = (self.ones_before(self.len() - lag), self.ones - self.ones_before(lag));
        let products = self.coincidences(lag) as f64 - mean * (first + last) as f64 + kept * mean * mean;
        products / (n * mean * (1.0 - mean))
    }

    /// How many ones have another one `lag` flags behind.
    fn coincidences(&self, lag: usize) -> u32 {
        let (skip, shift) = (lag / 64, lag % 64);
        let behind = &self.words[skip..];
        let shifted = (0..behind.len()).map(|word| {
            let next = behind.get(word + 1).copied().unwrap_or(0);
            // A shift by 64 is none at all.
            if shift == 0 { behind[word] } else { behind[word] >> shift | next << (64 - shift) }
        });
        self.words.iter().zip(shifted).map(|(word, behind)| (word & behind).count_ones()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::super::autocorrelation::effective_sample_size;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn flags_that_do_not_vary_are_worth_nothing_known() {
        assert_eq!(Flags::from_iter([true; 50]).effective_sample_size(), None);
        assert_eq!(Flags::from_iter([true, false, true]).effective_sample_size(), None);
        assert_eq!(Flags::default().effective_sample_size(), None);
    }

    #[test]
    fn a_burst_of_failures_is_not_many_independent_ones() {
        let flags: Flags = (0..10_000).map(|index| !(4_000..4_500).contains(&index)).collect();
        assert!(flags.effective_sample_size().unwrap() < 100.0);
    }

    #[test]
    fn flags_are_the_same_collected_or_set() {
        for len in [0, 1, 63, 64, 65, 200] {
            let collected: Flags = (0..len).map(|index| index % 3 == 0).collect();
            let mut set = Flags::unset(len);
            (0..len).step_by(3).for_each(|index| set.set(index));
            assert_eq!((&collected.words, collected.len()), (&set.words, len));
            assert_eq!((set.ones(), set.is_empty()), (len.div_ceil(3), len == 0));
        }
    }

    proptest! {
        #[test]
        fn it_is_the_effective_size_of_the_series_of_ones_and_zeros(
            runs in prop::collection::vec((any::<bool>(), 1usize..40), 2..60),
        ) {
            let flags: Vec<bool> = runs.iter().flat_map(|&(flag, times)| vec![flag; times]).collect();
            let values: Vec<f64> = flags.iter().map(|&flag| f64::from(u8::from(flag))).collect();
            let found = flags.into_iter().collect::<Flags>().effective_sample_size();
            match (found, effective_sample_size(&values)) {
                (Some(one), Some(other)) => prop_assert!((one / other - 1.0).abs() < 1e-9, "{one} {other}"),
                (one, other) => prop_assert_eq!(one, other),
            }
        }
    }
}
