//! A yes or no at a time, in one number.

/// Sorts by time, those of one instant with no before yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct TimedFlag(u64);

impl TimedFlag {
    /// At µs since 1970: times of a run lie in the years 2000 to 2100, which leaves more than the one bit.
    #[inline]
    pub fn new(at_us: i64, flag: bool) -> Self {
        Self((at_us.max(0) as u64) << 1 | u64::from(flag))
    }

    #[inline]
    pub fn at_us(self) -> u64 {
        self.0 >> 1
    }

    #[inline]
    pub fn flag(self) -> bool {
        self.0 & 1 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_comes_before_the_flag() {
        let flags = [(5, false), (5, true), (6, false)].map(|(at_us, flag)| TimedFlag::new(at_us, flag));
        assert!(flags.is_sorted());
        assert_eq!(flags.map(|flag| (flag.at_us(), flag.flag())), [(5, false), (5, true), (6, false)]);
    }
}
