//! The grade while the run went on: each second judged over a trailing bin of enough requests.

use super::grade::{GRADE_QUANTILE, best_row, deciding_p95, grade_word};
use super::{GradeAt, GradeOverTime, TimeInGrade};
use crate::config::{FAIL, GradeSettings};
use crate::stats::quantile::type7_sorted;
use crate::summary::{Measured, SecondOfRequests};

const US_PER_S: i64 = 1_000_000;

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
    let mut begin = 0;
    let mut requests = 0;
    let mut values = Vec::new();
    for (index, second) in seconds.iter().enumerate() {
        requests += second.durations_ms.len() as u64;
        // The bin sheds its oldest second as long as the rest is enough.
        while begin < index
            && requests - seconds[begin].durations_ms.len() as u64 >= settings.min_requests_per_bin
        {
            requests -= seconds[begin].durations_ms.len() as u64;
            begin += 1;
        }
        if requests < settings.min_requests_per_bin {
            continue;
        }
        let bin = &seconds[begin..=index];
        if let Some(grade) = grade_bin(bin, settings, &mut values) {
            let bin_s = ((second.start_us - bin[0].start_us) / US_PER_S + 1) as u64;
            graded.push(GradeAt { at_us: second.start_us, grade: grade.to_owned(), requests, bin_s });
        }
    }
    graded
}

fn grade_bin<'a>(
    bin: &[SecondOfRequests],
    settings: &'a GradeSettings,
    values: &mut Vec<f64>,
) -> Option<&'a str> {
    let ok: u64 = bin.iter().map(|second| second.ok).sum();
    let finished = ok + bin.iter().map(|second| second.failed).sum::<u64>();
    let success_rate = Measured::ratio(ok as f64, finished as f64, "").number()?;
    let all_ms = p95(bin, |second| &second.durations_ms, values)?;
    let ok_ms = p95(bin, |second| &second.ok_durations_ms, values);
    Some(grade_word(best_row(success_rate, deciding_p95(all_ms, ok_ms).p95_ms, settings), settings))
}

fn p95(
    bin: &[SecondOfRequests],
    durations: impl Fn(&SecondOfRequests) -> &[f64],
    values: &mut Vec<f64>,
) -> Option<f64> {
    if let [second] = bin {
        return type7_sorted(durations(second), GRADE_QUANTILE);
    }
    values.clear();
    for second in bin {
        values.extend_from_slice(durations(second));
    }
    // The seconds are ascending runs, which the stable sort merges.
    values.sort_by(f64::total_cmp);
    type7_sorted(values, GRADE_QUANTILE)
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
