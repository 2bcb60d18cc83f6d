//! How the requests went over a run in a few stretches, for a look at its shape.

use crate::stats::quantile::{select_without_fastest, type7_select};
use crate::summary::SecondOfRequests;

const US_PER_S: i64 = 1_000_000;
/// So many stretches show a shape; more are not seen on a line.
const MOST_STRETCHES: u64 = 80;
/// A stretch has about so many requests, or the run has fewer stretches …
const REQUESTS_EACH: u64 = 20;
/// … and of less than so many there is no P95.
const FEWEST: usize = 5;

/// Stretches of one length, one behind the other, from the first second in which a request ended to the last.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RequestsOverTime {
    pub stretch_s: u64,
    /// The P95 of the grade; none where too few ended.
    pub p95_ms: Vec<Option<f64>>,
    /// Finished requests.
    pub per_s: Vec<f64>,
}

/// Empty where the requests are too few to show anything.
pub fn requests_over_time(seconds: &[SecondOfRequests]) -> RequestsOverTime {
    let (Some(first), Some(last)) = (seconds.first(), seconds.last()) else { return Default::default() };
    let number = |second: &SecondOfRequests| {
        (second.start_us.saturating_sub(first.start_us) / US_PER_S).unsigned_abs()
    };
    let length_s = number(last) + 1;
    let finished: u64 = seconds.iter().map(|second| second.count).sum();
    let stretches = (finished / REQUESTS_EACH).clamp(1, MOST_STRETCHES);
    let stretch_s = length_s.div_ceil(stretches);
    if stretches == 1 || length_s <= stretch_s {
        return Default::default();
    }
    let mut found = RequestsOverTime { stretch_s, ..Default::default() };
    let mut rest = seconds;
    for start_s in (0..length_s).step_by(stretch_s as usize) {
        let here = rest.partition_point(|second| number(second) < start_s + stretch_s);
        let (stretch, others) = rest.split_at(here);
        rest = others;
        let is_s = stretch_s.min(length_s - start_s);
        let finished: u64 = stretch.iter().map(|second| second.count).sum();
        found.per_s.push(finished as f64 / is_s as f64);
        found.p95_ms.push(p95_ms(stretch));
    }
    found
}

fn p95_ms(stretch: &[SecondOfRequests]) -> Option<f64> {
    let mut durations: Vec<f64> =
        stretch.iter().flat_map(|second| second.durations_ms.iter().copied()).collect();
    let failed = stretch.iter().map(SecondOfRequests::timed_failures).sum();
    let weighed = select_without_fastest(&mut durations, failed);
    if weighed.len() < FEWEST {
        return None;
    }
    type7_select(weighed, &[super::grade::GRADE_QUANTILE])?.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(at_s: i64, ms: f64, ok: usize, failed: usize) -> SecondOfRequests {
        SecondOfRequests {
            start_us: at_s * US_PER_S,
            durations_ms: vec![ms; ok + failed].into(),
            ok_durations_ms: vec![ms; ok].into(),
            count: (ok + failed) as u64,
            ok: ok as u64,
            failed: failed as u64,
        }
    }

    #[test]
    fn each_stretch_has_its_own_p95_and_rate_and_an_idle_one_a_gap_and_no_requests() {
        let seconds: Vec<SecondOfRequests> = (0..400)
            .filter(|at_s| !(200..205).contains(at_s))
            .map(|at_s| second(1_000 + at_s, if at_s < 200 { 10.0 } else { 90.0 }, 10, 0))
            .collect();
        let found = requests_over_time(&seconds);
        assert_eq!((found.stretch_s, found.p95_ms.len(), found.per_s.len()), (5, 80, 80));
        assert_eq!((found.p95_ms[39], found.p95_ms[40], found.p95_ms[41]), (Some(10.0), None, Some(90.0)));
        assert_eq!((found.per_s[39], found.per_s[40]), (10.0, 0.0));
    }

    #[test]
    fn failures_weigh_as_they_do_for_the_grade() {
        let mut mixed = second(0, 10.0, 100, 0);
        // 95 answers in 1 ms … of which as many are left out as failed.
        mixed.durations_ms = (0..100).map(f64::from).collect();
        mixed.ok_durations_ms = (0..80).map(f64::from).collect();
        (mixed.ok, mixed.failed) = (80, 20);
        let found = requests_over_time(&[mixed, second(1, 5.0, 100, 0)]);
        assert_eq!(found.p95_ms.len(), 2);
        assert!(found.p95_ms[0].is_some_and(|ms| (ms - (20.0 + 0.95 * 79.0)).abs() < 1e-9), "{found:?}");
    }

    #[test]
    fn a_few_requests_show_no_shape() {
        assert_eq!(requests_over_time(&[]), RequestsOverTime::default());
        assert_eq!(
            requests_over_time(&[second(0, 1.0, 15, 0), second(9, 1.0, 15, 0)]),
            RequestsOverTime::default()
        );
        assert_eq!(requests_over_time(&[second(0, 1.0, 500, 0)]), RequestsOverTime::default());
    }
}
