//! The wall clock, the deadlines of the samples, and CPU clocks.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

/// Now, µs since 1970.
pub fn now_us() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// CPU time of the calling thread, ms.
pub fn thread_cpu_ms() -> f64 {
    ms_of(ClockId::ThreadCPUTime)
}

/// CPU time of the whole recorder, ms.
pub fn process_cpu_ms() -> f64 {
    ms_of(ClockId::ProcessCPUTime)
}

/// Time since the machine started, s: the clock of a process's start in `/proc`.
pub fn uptime_s() -> f64 {
    ms_of(ClockId::Boottime) / 1000.0
}

fn ms_of(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 * 1000.0 + time.tv_nsec as f64 / 1e6
}

/// Deadlines at a fixed distance on the monotonic clock: they don't drift, and those that were missed are
/// skipped, not made up for.
#[derive(Debug)]
pub struct Deadlines {
    next: Instant,
    interval: Duration,
}

impl Deadlines {
    /// The first deadline lies in the middle of the next tick of the wall clock (`wall_us` is now): a sample
    /// that comes a little early or late stays in its tick.
    pub fn starting_at(now: Instant, wall_us: i64, interval: Duration) -> Self {
        let interval_us = i64::try_from(interval.as_micros()).unwrap_or(i64::MAX).max(2);
        let wait_us = interval_us - wall_us.rem_euclid(interval_us) + interval_us / 2;
        Self { next: now + Duration::from_micros(wait_us.unsigned_abs()), interval }
    }

    pub fn next(&self) -> Instant {
        self.next
    }

    /// Moves on to the first deadline after `now`, when a sample ended; returns how many were missed. The
    /// deadline of that sample itself is none of them.
    pub fn pass(&mut self, now: Instant) -> u64 {
        let mut passed = 0;
        while self.next <= now {
            self.next += self.interval;
            passed += 1_u64;
        }
        passed.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(100);

    #[test]
    fn the_first_deadline_is_the_middle_of_the_next_tick() {
        let now = Instant::now();
        for (wall_us, wait_ms) in [(1_000_000, 150), (1_030_000, 120), (1_099_000, 51)] {
            let deadlines = Deadlines::starting_at(now, wall_us, INTERVAL);
            assert_eq!(deadlines.next() - now, Duration::from_millis(wait_ms));
        }
    }

    #[test]
    fn deadlines_do_not_drift_when_samples_are_late() {
        let start = Instant::now();
        let mut deadlines = Deadlines::starting_at(start, 0, INTERVAL);
        let first = deadlines.next();
        for _ in 0..50 {
            let late = deadlines.next() + Duration::from_millis(40);
            assert_eq!(deadlines.pass(late), 0);
        }
        assert_eq!(deadlines.next() - first, INTERVAL * 50);
    }

    #[test]
    fn missed_deadlines_are_counted_and_skipped() {
        let start = Instant::now();
        let mut deadlines = Deadlines::starting_at(start, 0, INTERVAL);
        let first = deadlines.next();
        assert_eq!(deadlines.pass(first + Duration::from_millis(350)), 3);
        assert_eq!(deadlines.next() - first, INTERVAL * 4);
        assert_eq!(deadlines.pass(first + Duration::from_millis(401)), 0);
    }
}
