//! The load of a run: its requests second by second from where the first one started, and any part of it when asked.

const SECOND_US: i64 = 1_000_000;
/// Steps of a longer run are longer than a second. Not a judgement, but a bound on memory where one time stamp went
/// astray: no rule looks at more than a few hundred stretches of a run.
const MOST_STEPS: i64 = 200_000;

/// The requests of a run in steps of a second, counted from where the first one started, and not by the clock.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadSeconds {
    /// Where the first step begins, µs since 1970.
    pub start_us: i64,
    /// A second, in all but the longest runs.
    pub step_us: i64,
    /// All steps of the load, the last of which may be cut short by its end.
    pub steps: Vec<LoadSecond>,
}

/// What began and what ended in one step.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LoadSecond {
    pub starts: u32,
    /// Of those that started here.
    pub ok: u32,
    /// Of those that started here: failed, or never answered.
    pub not_ok: u32,
    /// Successful ones that started here and took a known time, and the sum of the logarithms of these, in ms.
    pub timed_ok: u32,
    pub ln_ok_ms: f64,
    /// Answers, wherever their requests started.
    pub ends: u32,
    /// Mean over time.
    pub in_flight: f64,
}

impl LoadSeconds {
    /// Steps without any request, for a load from `start_us` to `end_us`.
    pub fn empty(start_us: i64, end_us: i64) -> Self {
        let length_us = end_us.saturating_sub(start_us).max(1);
        let step_us = SECOND_US.max((length_us - 1) / MOST_STEPS + 1);
        let steps = (length_us - 1) / step_us + 1;
        Self { start_us, step_us, steps: vec![LoadSecond::default(); steps as usize] }
    }

    /// Where the step `index` begins, µs since 1970.
    pub fn begin_us(&self, index: usize) -> i64 {
        self.start_us.saturating_add(self.step_us.saturating_mul(index as i64))
    }

    /// The step in which an instant of the load lies; what lies outside of it counts to the first or the last.
    pub fn index(&self, at_us: i64) -> usize {
        let index = at_us.saturating_sub(self.start_us) / self.step_us;
        index.clamp(0, self.steps.len() as i64 - 1) as usize
    }

    /// The first step that begins at `at_us` or later.
    pub fn first_from(&self, at_us: i64) -> usize {
        let since_us = at_us.saturating_sub(self.start_us).max(0);
        let index = since_us / self.step_us + i64::from(since_us % self.step_us > 0);
        (index as usize).min(self.steps.len())
    }

    /// How many steps end at `at_us` or earlier.
    pub fn whole_until(&self, at_us: i64) -> usize {
        let index = at_us.saturating_sub(self.start_us).max(0) / self.step_us;
        (index as usize).min(self.steps.len())
    }
}

/// The requests that start in a part of the load.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PartOfLoad {
    pub starts: u64,
    pub ok: u64,
    /// Failed, or never answered.
    pub not_ok: u64,
    /// Mean time of the successful ones.
    pub mean_ok_ms: Option<f64>,
    /// Answered after a known time, however they ended.
    pub timed: u64,
    /// P95 of these without as many of the fastest as failed.
    pub p95_ms: Option<f64>,
    /// Successful answers in the part, wherever their requests started.
    pub ok_ends: u64,
}

/// Whoever has the requests of a run.
pub trait Parts {
    /// The parts of the load between each two neighbours of `edges_us`: ascending, µs since 1970.
    fn parts(&self, edges_us: &[i64]) -> Vec<PartOfLoad>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_count_from_the_start_of_the_load_and_not_by_the_clock() {
        let load = LoadSeconds::empty(1_500_000, 4_600_000);
        assert_eq!((load.step_us, load.steps.len()), (1_000_000, 4));
        assert_eq!(
            [0, 1_500_000, 2_499_999, 2_500_000, i64::MAX].map(|at_us| load.index(at_us)),
            [0, 0, 0, 1, 3]
        );
        assert_eq!([0, 1_500_001, 2_500_000].map(|at_us| load.first_from(at_us)), [0, 1, 1]);
        assert_eq!([0, 2_499_999, 2_500_000, i64::MAX].map(|at_us| load.whole_until(at_us)), [0, 0, 1, 4]);
        assert_eq!((load.begin_us(2), load.first_from(i64::MAX)), (3_500_000, 4));
        assert_eq!(LoadSeconds::empty(7, 7).steps.len(), 1);
    }

    #[test]
    fn a_time_gone_astray_makes_longer_steps_and_not_more_of_them() {
        let load = LoadSeconds::empty(0, i64::MAX);
        assert!(load.steps.len() <= MOST_STEPS as usize && load.step_us > SECOND_US, "{}", load.steps.len());
        assert_eq!(load.index(i64::MAX), load.steps.len() - 1);
    }
}
