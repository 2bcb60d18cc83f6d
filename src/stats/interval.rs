//! A closed interval of doubles, as the methods beside it return for a quantity that they estimate.

use serde::Serialize;

/// From `low` to `high`, both included, in the unit of the quantity that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

impl Interval {
    /// The interval between two ends; the smaller one becomes `low`.
    pub fn new(low: f64, high: f64) -> Self {
        if low <= high { Self { low, high } } else { Self { low: high, high: low } }
    }

    /// `centre ± half_width`.
    pub fn around(centre: f64, half_width: f64) -> Self {
        Self::new(centre - half_width, centre + half_width)
    }

    /// Does `value` lie inside or on an end?
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Half the distance between the ends.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// The interval on another scale; `f` must be monotone, a falling one exchanges the ends.
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self::new(f(self.low), f(self.high))
    }
}

/// The probability below the upper end of a two-sided interval; `None` unless 0 < `confidence` < 1.
pub fn two_sided(confidence: f64) -> Option<f64> {
    (confidence > 0.0 && confidence < 1.0).then_some(0.5 + confidence / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_belong_to_the_interval() {
        let interval = Interval::around(1.0, 0.5);
        assert_eq!(interval, Interval { low: 0.5, high: 1.5 });
        assert!(interval.contains(0.5) && interval.contains(1.5) && !interval.contains(1.6));
        assert!(!interval.contains(f64::NAN));
        assert_eq!(interval.half_width(), 0.5);
    }

    #[test]
    fn a_falling_scale_exchanges_the_ends() {
        let interval = Interval::new(1.0, 2.0);
        assert_eq!(interval.map(|value| -value), Interval { low: -2.0, high: -1.0 });
        assert_eq!(interval.map(|value| value * 10.0), Interval { low: 10.0, high: 20.0 });
    }
}
