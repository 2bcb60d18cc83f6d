//! The grade of a run: which row of the scale its success rate and its P95 reach.

use super::{Grade, NextGrade};
use crate::config::{FAIL, GradeSettings};
use crate::summary::{Distribution, Measured, RequestSummary};

/// The quantile that the scale looks at.
pub const GRADE_QUANTILE: f64 = 0.95;

/// The P95 that decides: the slower of the two, so that requests that fail fast cannot flatter a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecidingP95 {
    pub p95_ms: f64,
    /// `all` or `ok`.
    pub over: &'static str,
}

/// The grade of a run from its success rate (0..1) and its P95 (ms); undefined when one of them is.
pub fn grade_run(requests: &RequestSummary, settings: &GradeSettings) -> Measured<Grade> {
    requests.success_rate.clone().and_then(|success_rate| {
        p95_over_all(&requests.all).map(|all_ms| {
            let p95 = deciding_p95(all_ms, requests.ok.value_ms(GRADE_QUANTILE));
            let samples = if p95.over == "ok" { requests.ok.n } else { requests.all.n };
            grade(success_rate, p95, samples, settings)
        })
    })
}

/// `healthy` or `needs_attention`, by the grade.
pub fn system_health(grade: &Measured<Grade>, settings: &GradeSettings) -> Measured<String> {
    grade.as_ref().map(|grade| {
        let is_healthy = settings.healthy.contains(&grade.grade);
        if is_healthy { "healthy" } else { "needs_attention" }.to_owned()
    })
}

fn p95_over_all(all: &Distribution) -> Measured<f64> {
    match all.quantile(GRADE_QUANTILE) {
        Some(quantile) => quantile.value_ms.clone(),
        None => Measured::undefined("the P95 of the requests was not measured"),
    }
}

/// The slower of the P95 over all finished requests and, where there is one, over the successful ones.
pub fn deciding_p95(all_ms: f64, ok_ms: Option<f64>) -> DecidingP95 {
    match ok_ms {
        Some(ok_ms) if ok_ms > all_ms => DecidingP95 { p95_ms: ok_ms, over: "ok" },
        _ => DecidingP95 { p95_ms: all_ms, over: "all" },
    }
}

/// Index of the best row of the scale of which both conditions hold; none is F.
pub fn best_row(success_rate: f64, p95_ms: f64, settings: &GradeSettings) -> Option<usize> {
    settings.scale.iter().position(|step| success_rate > step.success_above && p95_ms < step.p95_below_ms)
}

/// The word of a row, F for none.
pub fn grade_word(row: Option<usize>, settings: &GradeSettings) -> &str {
    row.map_or(FAIL, |row| settings.scale[row].grade.as_str())
}

fn grade(success_rate: f64, p95: DecidingP95, samples: u64, settings: &GradeSettings) -> Grade {
    let row = best_row(success_rate, p95.p95_ms, settings);
    Grade {
        grade: grade_word(row, settings).to_owned(),
        score: row.map_or(settings.fail_score, |row| settings.scale[row].score),
        success_rate,
        p95_ms: p95.p95_ms,
        p95_over: p95.over.to_owned(),
        low_sample: samples < settings.min_requests,
        next_better: next_better(row, success_rate, p95.p95_ms, settings),
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

    fn requests(success_rate: f64, all: &[f64], ok: &[f64]) -> RequestSummary {
        let mut requests = fixture::run_summary().requests;
        requests.success_rate = Measured::Value(success_rate);
        requests.all = fixture::distribution(all);
        requests.ok = fixture::distribution(ok);
        requests
    }

    #[test]
    fn the_slower_p95_decides_so_that_failing_fast_does_not_help() {
        let ok = vec![1200.0; 60];
        let mut all = ok.clone();
        all.extend(vec![1.0; 2000]);
        let grade = grade_run(&requests(0.96, &all, &ok), &settings());
        let grade = grade.value().unwrap();
        assert_eq!((grade.grade.as_str(), grade.p95_over.as_str(), grade.p95_ms), ("B", "ok", 1200.0));
        assert!(grade.low_sample, "60 successful requests are fewer than 200");
    }

    #[test]
    fn the_next_better_grade_lists_only_what_is_missing() {
        let next = |success_rate, p95_ms: f64| {
            let durations = vec![p95_ms; 300];
            grade_run(&requests(success_rate, &durations, &durations), &settings())
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
        let mut without_rate = requests(0.9, &[1.0; 300], &[1.0; 300]);
        without_rate.success_rate = Measured::undefined("no column outcome");
        assert_eq!(grade_run(&without_rate, &settings()).reason(), Some("no column outcome"));
        let without_p95 = requests(0.9, &[], &[]);
        assert!(grade_run(&without_p95, &settings()).reason().is_some());
        assert_eq!(system_health(&Measured::undefined("x"), &settings()).reason(), Some("x"));
    }

    #[test]
    fn only_a_plus_a_and_b_are_healthy() {
        for (p95_ms, wanted) in [(1.0, "healthy"), (1200.0, "healthy"), (1600.0, "needs_attention")] {
            let durations = vec![p95_ms; 300];
            let grade = grade_run(&requests(1.0, &durations, &durations), &settings());
            assert_eq!(system_health(&grade, &settings()).value().unwrap(), wanted);
        }
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
            let all: Vec<f64> = ok.iter().chain(&failed).copied().collect();
            let score = |rate, all: &[f64]| grade_run(&requests(rate, all, &ok), &settings).value().unwrap().score;
            prop_assert!(score(ok.len() as f64 / total, &all) <= score(1.0, &ok));
        }
    }
}
