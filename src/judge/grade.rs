//! The grade of a run: which row of the scale its success rate and its P95 reach.

use super::{Grade, NextGrade};
use crate::config::{FAIL, GradeSettings};
use crate::summary::{Measured, RequestSummary};

/// The quantile that the scale looks at.
pub const GRADE_QUANTILE: f64 = 0.95;

/// The grade of a run from its success rate (0..1) and its P95 (ms); undefined when one of them is. Where too many fail
/// for any row of the scale it is F, with or without a P95.
pub fn grade_run(requests: &RequestSummary, settings: &GradeSettings) -> Measured<Grade> {
    requests.success_rate.clone().and_then(|success_rate| {
        let p95_ms = requests.all.measured_ms(GRADE_QUANTILE);
        let samples = requests.all.n;
        if best_row(success_rate, 0.0, settings).is_none() {
            return Measured::Value(grade(success_rate, p95_ms, samples, settings));
        }
        p95_ms.map(|p95_ms| grade(success_rate, Measured::Value(p95_ms), samples, settings))
    })
}

/// Index of the best row of the scale of which both conditions hold; none is F.
pub fn best_row(success_rate: f64, p95_ms: f64, settings: &GradeSettings) -> Option<usize> {
    settings.scale.iter().position(|step| success_rate > step.success_above && p95_ms < step.p95_below_ms)
}

/// The word of a row, F for none.
pub fn grade_word(row: Option<usize>, settings: &GradeSettings) -> &str {
    row.map_or(FAIL, |row| settings.scale[row].grade.as_str())
}

fn grade(success_rate: f64, p95_ms: Measured<f64>, samples: u64, settings: &GradeSettings) -> Grade {
    let known_ms = p95_ms.number().unwrap_or(f64::INFINITY);
    let row = best_row(success_rate, known_ms, settings);
    Grade {
        grade: grade_word(row, settings).to_owned(),
        score: row.map_or(settings.fail_score, |row| settings.scale[row].score),
        success_rate,
        p95_ms,
        low_sample: samples < settings.min_requests,
        next_better: next_better(row, success_rate, known_ms, settings),
    }
}

fn next_better(
    row: Option<usize>,
    success_rate: f64,
    p95_ms: f64,
    settings: &GradeSettings,
) -> Option<NextGrade> {
    let step = settings.scale.get(row.unwrap_or(settings.scale.len()).checked_sub(1)?)?;
    Some(NextGrade {
        grade: step.grade.clone(),
        success_above: (success_rate <= step.success_above).then_some(step.success_above),
        p95_below_ms: (p95_ms >= step.p95_below_ms).then_some(step.p95_below_ms),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::Config;
    use crate::summary::fixture;

    fn settings() -> GradeSettings {
        Config::defaults().grade
    }

    fn word(success_rate: f64, p95_ms: f64) -> String {
        let settings = settings();
        grade_word(best_row(success_rate, p95_ms, &settings), &settings).to_owned()
    }

    #[test]
    fn both_conditions_of_a_row_must_hold_and_limits_are_exclusive() {
        for (success_rate, p95_ms, wanted) in [
            (0.991, 499.9, "A+"),
            (0.99, 499.9, "A"),
            (0.991, 500.0, "A"),
            (1.0, 0.0, "A+"),
            (0.951, 999.9, "A"),
            (0.95, 999.9, "B"),
            (0.96, 1200.0, "B"),
            (0.90, 1.0, "C"),
            (0.86, 2499.0, "C"),
            (0.86, 2500.0, "D"),
            (0.76, 3999.0, "D"),
            (0.76, 4000.0, "F"),
            (0.75, 1.0, "F"),
            (0.0, 1.0, "F"),
        ] {
            assert_eq!(word(success_rate, p95_ms), wanted, "{success_rate} {p95_ms}");
        }
    }

    /// Requests of which the successful ones took `ok`, the others `failed`.
    fn requests(success_rate: f64, failed: &[f64], ok: &[f64]) -> RequestSummary {
        let mut requests = fixture::run_summary().requests;
        requests.success_rate = Measured::Value(success_rate);
        requests.all = fixture::finished(ok, failed);
        requests.ok = fixture::distribution(ok);
        requests
    }

    #[test]
    fn requests_that_fail_fast_weigh_on_the_slow_side() {
        let grade = grade_run(&requests(0.96, &vec![1.0; 2000], &vec![1200.0; 60]), &settings());
        let grade = grade.value().unwrap();
        assert_eq!((grade.grade.as_str(), grade.p95_ms.number()), ("B", Some(1200.0)));
    }

    #[test]
    fn where_too_many_fail_the_grade_is_f_with_or_without_a_p95() {
        let grade = grade_run(&requests(0.0, &vec![5.0; 500], &[]), &settings());
        let grade = grade.value().unwrap();
        assert_eq!((grade.grade.as_str(), grade.score), ("F", 0));
        assert_eq!(grade.p95_ms.reason(), Some("all of these calls failed"));
        assert_eq!(grade.next_better.as_ref().unwrap().success_above, Some(0.75));
    }

    #[test]
    fn the_next_better_grade_lists_only_what_is_missing() {
        let next = |success_rate, p95_ms: f64| {
            let durations = vec![p95_ms; 300];
            grade_run(&requests(success_rate, &[], &durations), &settings())
                .value()
                .unwrap()
                .next_better
                .clone()
        };
        let wanted = |grade: &str, success_above, p95_below_ms| {
            Some(NextGrade { grade: grade.into(), success_above, p95_below_ms })
        };
        assert_eq!(next(0.97, 1200.0), wanted("A", None, Some(1000.0)));
        assert_eq!(next(0.93, 300.0), wanted("A", Some(0.95), None));
        assert_eq!(next(0.5, 9000.0), wanted("D", Some(0.75), Some(4000.0)));
        assert_eq!(next(0.999, 100.0), None);
    }

    #[test]
    fn no_success_rate_or_no_p95_is_no_grade_with_the_reason() {
        let mut without_rate = requests(0.9, &[], &[1.0; 300]);
        without_rate.success_rate = Measured::undefined("no column outcome");
        assert_eq!(grade_run(&without_rate, &settings()).reason(), Some("no column outcome"));
        let without_p95 = requests(0.9, &[], &[]);
        assert!(grade_run(&without_p95, &settings()).reason().is_some());
    }

    proptest! {
        #[test]
        fn more_errors_or_slower_answers_never_raise_the_grade(
            success_rate in 0.0..=1.0f64, less in 0.0..=1.0f64, p95_ms in 0.0..6000.0f64, slower_ms in 0.0..6000.0f64,
        ) {
            let settings = settings();
            let rank = |success_rate, p95_ms| best_row(success_rate, p95_ms, &settings).unwrap_or(settings.scale.len());
            let before = rank(success_rate, p95_ms);
            prop_assert!(rank(success_rate * less, p95_ms) >= before);
            prop_assert!(rank(success_rate, p95_ms + slower_ms) >= before);
        }

        #[test]
        fn failed_requests_never_lift_a_run_above_the_grade_of_its_successes(
            ok in prop::collection::vec(0.0..5000.0f64, 2..60),
            failed in prop::collection::vec(0.0..5000.0f64, 0..60),
        ) {
            let settings = settings();
            let total = (ok.len() + failed.len()) as f64;
            let score = |rate, failed: &[f64]| grade_run(&requests(rate, failed, &ok), &settings).value().unwrap().score;
            prop_assert!(score(ok.len() as f64 / total, &failed) <= score(1.0, &[]));
        }
    }
}
