//! The grade while the run went on: each second judged over a trailing bin of enough requests.

use std::ops::Range;

use super::grade::{GRADE_QUANTILE, best_row, grade_word};
use super::{GradeAt, GradeOverTime, TimeInGrade};
use crate::config::{FAIL, GradeSettings};
use crate::stats::quantile::{type7_sorted, without_fastest};
use crate::summary::{Measured, SecondOfRequests};

const US_PER_S: i64 = 1_000_000;
/// Up to one new value for so many old ones, each is put in its place; more are merged.
const FEW: usize = 8;

/// The grade of each second in which requests ended, over the shortest stretch of seconds up to and with it
/// that holds `min_requests_per_bin` durations. Undefined when the whole run holds fewer, or no outcomes.
pub fn grade_over_time(seconds: &[SecondOfRequests], settings: &GradeSettings) -> Measured<GradeOverTime> {
    let durations: usize = seconds.iter().map(|second| second.durations_ms.len()).sum();
    let (Some(first), Some(last)) = (seconds.first(), seconds.last()) else {
        return Measured::undefined("no finished requests");
    };
    if seconds.iter().all(|second| second.ok + second.failed == 0) {
        return Measured::undefined("no request has an outcome");
    }
    if (durations as u64) < settings.min_requests_per_bin {
        return Measured::undefined(format!(
            "fewer than {} requests with a duration",
            settings.min_requests_per_bin
        ));
    }
    let per_second = grade_seconds(seconds, settings);
    let length_s = ((last.start_us - first.start_us) / US_PER_S + 1) as f64;
    Measured::Value(GradeOverTime {
        time_in_grade: time_in_grade(&per_second, settings),
        undecided_s: (seconds.len() - per_second.len()) as f64,
        idle_s: length_s - seconds.len() as f64,
        per_second,
    })
}

fn grade_seconds(seconds: &[SecondOfRequests], settings: &GradeSettings) -> Vec<GradeAt> {
    let mut graded = Vec::with_capacity(seconds.len());
    let mut bin = Bin::of(seconds);
    for (index, second) in seconds.iter().enumerate() {
        bin.extend();
        // The bin sheds its oldest second as long as the rest is enough.
        while bin.seconds.start < index && bin.without_oldest() >= settings.min_requests_per_bin {
            bin.shed();
        }
        let requests = bin.durations.count;
        if requests < settings.min_requests_per_bin {
            continue;
        }
        let start_us = seconds[bin.seconds.start].start_us;
        if let Some(grade) = bin.grade(settings) {
            let bin_s = ((second.start_us - start_us) / US_PER_S + 1) as u64;
            graded.push(GradeAt { at_us: second.start_us, grade: grade.to_owned(), requests, bin_s });
        }
    }
    graded
}

/// A stretch of seconds that moves on.
struct Bin<'a> {
    all_seconds: &'a [SecondOfRequests],
    seconds: Range<usize>,
    ok: u64,
    failed: u64,
    durations: Durations,
}

impl<'a> Bin<'a> {
    /// An empty one at the beginning.
    fn of(all_seconds: &'a [SecondOfRequests]) -> Self {
        Self { all_seconds, seconds: 0..0, ok: 0, failed: 0, durations: Durations::default() }
    }

    /// Takes the next second.
    fn extend(&mut self) {
        let second = &self.all_seconds[self.seconds.end];
        self.seconds.end += 1;
        self.ok += second.ok;
        self.failed += second.failed;
        self.durations.count += second.durations_ms.len() as u64;
        self.durations.failed += second.timed_failures();
    }

    /// How many durations its other seconds have.
    fn without_oldest(&self) -> u64 {
        self.durations.count - self.all_seconds[self.seconds.start].durations_ms.len() as u64
    }

    /// Lets go of the oldest second.
    fn shed(&mut self) {
        let second = &self.all_seconds[self.seconds.start];
        self.seconds.start += 1;
        self.ok -= second.ok;
        self.failed -= second.failed;
        self.durations.count -= second.durations_ms.len() as u64;
        self.durations.failed -= second.timed_failures();
    }

    fn grade<'s>(&mut self, settings: &'s GradeSettings) -> Option<&'s str> {
        let success_rate = Measured::ratio(self.ok as f64, (self.ok + self.failed) as f64, "").number()?;
        // Where nothing succeeded there is no P95, and none is needed.
        let p95_ms = self.durations.p95_ms(self.all_seconds, &self.seconds).unwrap_or(f64::INFINITY);
        Some(grade_word(best_row(success_rate, p95_ms, settings), settings))
    }
}

/// The durations of a bin. They are put in order only where it is asked for: then those of the seconds that came join
/// those that stayed.
#[derive(Default)]
struct Durations {
    /// How many the bin has.
    count: u64,
    /// Of these, those of failures.
    failed: usize,
    /// The seconds whose durations are in order, ascending, and these.
    ordered: Range<usize>,
    values: Vec<f64>,
}

impl Durations {
    fn p95_ms(&mut self, all_seconds: &[SecondOfRequests], seconds: &Range<usize>) -> Option<f64> {
        let p95_ms = |sorted: &[f64]| type7_sorted(without_fastest(sorted, self.failed), GRADE_QUANTILE);
        if seconds.len() == 1 {
            return p95_ms(&all_seconds[seconds.start].durations_ms);
        }
        let ordered = self.ordered.clone();
        if ordered.end <= seconds.start {
            self.values.clear();
        } else {
            let gone = &all_seconds[ordered.start..seconds.start];
            gone.iter().for_each(|second| remove(&mut self.values, &second.durations_ms));
        }
        let came = all_seconds[ordered.end.max(seconds.start)..seconds.end].iter();
        came.for_each(|second| insert(&mut self.values, &second.durations_ms));
        self.ordered = seconds.clone();
        p95_ms(&self.values)
    }
}

/// Puts ascending values in among ascending ones.
fn insert(values: &mut Vec<f64>, new: &[f64]) {
    let mut end = values.len();
    values.extend_from_slice(new);
    if end < FEW * new.len() {
        // The stable sort merges two ascending runs.
        return values.sort_by(f64::total_cmp);
    }
    // From behind: what is above each new one makes room for it and those below it.
    for (below, new) in new.iter().enumerate().rev() {
        let index = values[..end].partition_point(|value| value.total_cmp(new).is_le());
        values.copy_within(index..end, index + below + 1);
        values[index + below] = *new;
        end = index;
    }
}

/// Takes ascending values out of ascending ones that hold them all.
fn remove(values: &mut Vec<f64>, gone: &[f64]) {
    let mut gone = gone.iter().map(|value| value.to_bits()).peekable();
    values.retain(|value| gone.next_if_eq(&value.to_bits()).is_none());
}

fn time_in_grade(graded: &[GradeAt], settings: &GradeSettings) -> Vec<TimeInGrade> {
    let words = settings.scale.iter().map(|step| step.grade.as_str()).chain([FAIL]);
    words
        .map(|word| TimeInGrade {
            grade: word.to_owned(),
            seconds: graded.iter().filter(|at| at.grade == word).count() as f64,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use proptest::prelude::*;

    fn second(at_s: i64, ok: usize, ok_ms: f64, failed: usize, failed_ms: f64) -> SecondOfRequests {
        let mut durations_ms = vec![ok_ms; ok];
        durations_ms.extend(vec![failed_ms; failed]);
        durations_ms.sort_by(f64::total_cmp);
        SecondOfRequests {
            start_us: at_s * US_PER_S,
            durations_ms: durations_ms.into(),
            ok_durations_ms: vec![ok_ms; ok].into(),
            count: (ok + failed) as u64,
            ok: ok as u64,
            failed: failed as u64,
        }
    }

    fn grades(over_time: &GradeOverTime) -> Vec<(i64, &str, u64, u64)> {
        over_time
            .per_second
            .iter()
            .map(|at| (at.at_us / US_PER_S, at.grade.as_str(), at.requests, at.bin_s))
            .collect()
    }

    #[test]
    fn a_second_with_enough_requests_is_judged_alone_and_a_thin_one_with_those_before_it() {
        let seconds = [
            second(10, 150, 100.0, 0, 0.0),
            second(11, 100, 100.0, 0, 0.0),
            second(12, 300, 1200.0, 0, 0.0),
            second(14, 100, 100.0, 0, 0.0),
            second(15, 100, 100.0, 0, 0.0),
        ];
        let over_time = grade_over_time(&seconds, &Config::defaults().grade);
        let over_time = over_time.value().unwrap();
        let wanted = [(11, "A+", 250, 2), (12, "B", 300, 1), (14, "B", 400, 3), (15, "A+", 200, 2)];
        assert_eq!(grades(over_time), wanted);
        assert_eq!((over_time.undecided_s, over_time.idle_s), (1.0, 1.0));
        let of = |word: &str| over_time.time_in_grade.iter().find(|time| time.grade == word).unwrap().seconds;
        assert_eq!((of("A+"), of("B"), of("F")), (2.0, 2.0, 0.0));
        let words: Vec<&str> = over_time.time_in_grade.iter().map(|time| time.grade.as_str()).collect();
        assert_eq!(words, ["A+", "A", "B", "C", "D", "F"]);
    }

    proptest! {
        #[test]
        fn a_bin_that_moves_on_has_the_grades_of_bins_sorted_anew(
            seconds in prop::collection::vec(prop::collection::vec((1u8..30, any::<bool>()), 0..40), 1..60),
            enough in 1u64..60,
        ) {
            let second = |(at_s, calls): (usize, &Vec<(u8, bool)>)| {
                let of = |ok: bool| {
                    let wanted = calls.iter().filter(|(_, is_ok)| *is_ok || !ok);
                    let mut durations: Vec<f64> = wanted.map(|(tenths, _)| f64::from(*tenths) * 100.0).collect();
                    durations.sort_by(f64::total_cmp);
                    durations
                };
                let (all, ok) = (of(false), of(true));
                SecondOfRequests {
                    start_us: at_s as i64 * US_PER_S,
                    count: all.len() as u64,
                    ok: ok.len() as u64,
                    failed: (all.len() - ok.len()) as u64,
                    durations_ms: all.into(),
                    ok_durations_ms: ok.into(),
                }
            };
            let seconds: Vec<SecondOfRequests> = seconds.iter().enumerate().map(second).collect();
            let settings = GradeSettings { min_requests_per_bin: enough, ..Config::defaults().grade };
            for found in grade_seconds(&seconds, &settings) {
                let last = (found.at_us / US_PER_S) as usize;
                let bin = &seconds[last + 1 - found.bin_s as usize..=last];
                let sorted = |durations: fn(&SecondOfRequests) -> &[f64]| {
                    let mut values: Vec<f64> = bin.iter().flat_map(durations).copied().collect();
                    values.sort_by(f64::total_cmp);
                    values
                };
                let (all, ok) = (sorted(|second| &second.durations_ms), sorted(|second| &second.ok_durations_ms));
                prop_assert_eq!(found.requests, all.len() as u64);
                let weighed = without_fastest(&all, all.len() - ok.len());
                let p95_ms = type7_sorted(weighed, GRADE_QUANTILE).unwrap_or(f64::INFINITY);
                let row = best_row(ok.len() as f64 / all.len() as f64, p95_ms, &settings);
                prop_assert_eq!(found.grade.as_str(), grade_word(row, &settings));
            }
        }
    }

    #[test]
    fn failures_of_the_bin_lower_its_grade() {
        let seconds = [second(0, 200, 10.0, 0, 0.0), second(1, 100, 10.0, 100, 1.0)];
        let over_time = grade_over_time(&seconds, &Config::defaults().grade);
        assert_eq!(grades(over_time.value().unwrap()), [(0, "A+", 200, 1), (1, "F", 200, 1)]);
    }

    #[test]
    fn too_few_requests_or_no_outcomes_give_no_grade_over_time() {
        let settings = Config::defaults().grade;
        assert_eq!(grade_over_time(&[], &settings).reason(), Some("no finished requests"));
        let few = [second(0, 199, 10.0, 0, 0.0)];
        assert!(grade_over_time(&few, &settings).reason().unwrap().contains("fewer than 200"));
        let mut unknown = second(0, 300, 10.0, 0, 0.0);
        (unknown.ok, unknown.ok_durations_ms) = (0, [].into());
        assert_eq!(grade_over_time(&[unknown], &settings).reason(), Some("no request has an outcome"));
    }
}
