//! The seconds of the clock that a stretch of a run holds entirely.

pub const SECOND_US: i64 = 1_000_000;

/// Whole seconds, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WholeSeconds {
    /// Number of the first since 1970.
    pub first: i64,
    /// Never negative.
    pub count: i64,
}

impl WholeSeconds {
    /// Those within [from, until), µs since 1970; a part of a second at either end is left out.
    pub fn within(from_us: i64, until_us: i64) -> Self {
        let first = from_us.div_euclid(SECOND_US) + i64::from(from_us.rem_euclid(SECOND_US) > 0);
        Self { first, count: until_us.div_euclid(SECOND_US).saturating_sub(first).max(0) }
    }

    /// The index of the second in which an instant lies, where it is one of these.
    pub fn index(self, at_us: i64) -> Option<i64> {
        Some(at_us.div_euclid(SECOND_US) - self.first).filter(|index| (0..self.count).contains(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_seconds_at_the_ends_are_left_out() {
        let seconds = WholeSeconds::within(1_500_000, 4_200_000);
        assert_eq!(seconds, WholeSeconds { first: 2, count: 2 });
        assert_eq!(seconds.index(1_999_999), None);
        assert_eq!(seconds.index(2_000_000), Some(0));
        assert_eq!(seconds.index(3_999_999), Some(1));
        assert_eq!(seconds.index(4_000_000), None);
        assert_eq!(WholeSeconds::within(1_500_000, 1_600_000).count, 0);
        assert_eq!(WholeSeconds::within(-1_500_000, 0), WholeSeconds { first: -1, count: 1 });
    }
}
