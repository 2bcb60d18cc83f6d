//! The verdict over load levels as a whole, and its edges.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::judge::verdicts::{CapacityBound, Load, NextLevelKind, TargetOutcome};

/// A run of a closed-loop service, 500 ms of thinking, without failures, with 3 % of error inside.
pub fn point(users: u32, ok_per_s: f64, p95_ms: f64) -> LoadPoint {
    let mean_ms = (f64::from(users) / ok_per_s * 1000.0 - 500.0).max(1.0);
    let missing = |reason: &'static str| Measured::undefined(reason);
    LoadPoint {
        run_id: format!("load_{users}"),
        users: Measured::Value(users),
        target_rate_per_s: missing("the metadata names no target rate"),
        load_model: Some("closed".to_owned()),
        ok_per_s: Measured::Value(ok_per_s),
        offered_per_s: Measured::Value(ok_per_s),
        finished_per_s: Measured::Value(ok_per_s),
        duration_s: Measured::Value(240.0),
        in_flight: Measured::Value(ok_per_s * mean_ms / 1000.0),
        mean_ms: Measured::Value(mean_ms),
        p95_ms: Measured::Value(p95_ms),
        success_rate: Measured::Value(0.99),
        measured_think_time_ms: Measured::Value(500.0),
        configured_think_time_ms: missing("the metadata names no think time"),
        memory_growth_mb: Measured::Value(2.0 + 0.1 * f64::from(users)),
        memory_growth_mb_per_100_users: Measured::Value(200.0 / f64::from(users) + 10.0),
        throughput_log_error: Measured::Value(0.02),
        p95_log_error: Measured::Value(0.03),
        success_effective: Measured::Value(2_000.0),
    }
}

/// Throughput by the Universal Scalability Law over what is in flight, times that rise with it.
pub fn ladder(users: &[u32]) -> Vec<LoadPoint> {
    users
        .iter()
        .map(|&users| {
            let in_flight = f64::from(users) * 0.4;
            let rate =
                5.0 * in_flight / (1.0 + 0.02 * (in_flight - 1.0) + 4e-4 * in_flight * (in_flight - 1.0));
            let noise = 1.0 + 0.01 * f64::from(users % 7) - 0.03;
            let mut point = point(users, rate * noise, 300.0 * (f64::from(users) / 60.0).exp());
            point.in_flight = Measured::Value(in_flight);
            point.success_rate = Measured::Value((1.0 - f64::from(users) / 5_000.0).min(0.995));
            point
        })
        .collect()
}

pub fn judged(points: &[LoadPoint]) -> Scalability {
    judge_scalability(points, &Config::defaults())
}

/// Six digits: the last ones of exponentials differ between mathematical libraries.
fn rounded(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            json!(format!("{:.5e}", number.as_f64().unwrap()).parse::<f64>().unwrap())
        }
        Value::Array(values) => values.into_iter().map(rounded).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, rounded(value))).collect(),
        other => other,
    }
}

#[test]
fn a_ladder_of_load_is_judged_as_a_whole() {
    let mut points = ladder(&[10, 25, 50, 75, 100, 150, 200]);
    let mut again = points[2].clone();
    again.run_id = "load_50_b".to_owned();
    again.ok_per_s = again.ok_per_s.map(|rate| rate * 1.02);
    again.p95_ms = again.p95_ms.map(|ms| ms * 0.97);
    points.push(again);
    let mut without = point(1, 1.0, 1.0);
    without.run_id = "adhoc".to_owned();
    without.users = Measured::undefined("the metadata names no number of users");
    points.push(without);
    let mut found = judged(&points);
    let ids: Vec<&str> = found.points.iter().map(|point| point.run_id.as_str()).collect();
    assert_eq!(ids.join(" "), "load_10 load_25 load_50 load_50_b load_75 load_100 load_150 load_200 adhoc");
    // Everything but what came in.
    found.points.clear();
    insta::assert_json_snapshot!(rounded(serde_json::to_value(found).unwrap()));
}

#[test]
fn the_capacity_lies_between_the_levels_and_the_sentence_says_so() {
    // 300·exp(u/60) passes 2000 ms at 113.8 users, success 95 % at 250.
    let found = judged(&ladder(&[10, 25, 50, 75, 100, 150, 200]));
    let capacity = found.capacity.value().unwrap();
    assert_eq!((capacity.bound, capacity.load), (CapacityBound::Between, Load(113.0)));
    assert_eq!((capacity.last_that_holds, capacity.first_that_fails), (Some(Load(100.0)), Some(Load(150.0))));
    assert!(*capacity.low.value().unwrap() < Load(113.0) && *capacity.high.value().unwrap() > Load(114.0));
    assert_eq!(capacity.limited_by, ["p95"]);
    assert!(
        found
            .capacity_sentence
            .starts_with("At P95 < 2,000 ms and success > 95.00 % this build carries 113 users (")
    );
}

#[test]
fn beyond_the_levels_nothing_is_extrapolated() {
    let found = judged(&ladder(&[10, 25, 50, 75]));
    let capacity = found.capacity.value().unwrap();
    assert_eq!(
        (capacity.bound, capacity.load, capacity.first_that_fails),
        (CapacityBound::AtLeast, Load(75.0), None)
    );
    assert!(
        capacity.high.reason().is_some()
            && found.capacity_sentence.contains("at least 75 users, the most that were tested")
    );
    let next = found.next_level.value().unwrap();
    assert_eq!((next.load, next.kind), (Load(113.0), NextLevelKind::Extend));
    let found = judged(&ladder(&[150, 200]));
    let capacity = found.capacity.value().unwrap();
    assert_eq!(
        (capacity.bound, capacity.load, capacity.last_that_holds),
        (CapacityBound::FewerThan, Load(150.0), None)
    );
    assert!(capacity.low.reason().is_some() && found.capacity_sentence.contains("fewer than 150 users"));
    let next = found.next_level.value().unwrap();
    assert_eq!((next.load, next.kind), (Load(75.0), NextLevelKind::Lower));
}

#[test]
fn a_level_that_holds_again_is_said_and_does_not_raise_the_capacity() {
    let mut points = ladder(&[10, 25, 50, 75, 100]);
    points[2].p95_ms = Measured::Value(3_000.0);
    let found = judged(&points);
    let capacity = found.capacity.value().unwrap();
    assert!(!capacity.is_monotone && (Load(25.0)..Load(50.0)).contains(&capacity.load));
    assert!(
        found.capacity_sentence.contains("not monotone: 75 users, 100 users hold again"),
        "{}",
        found.capacity_sentence
    );
}

#[test]
fn success_may_be_what_limits() {
    let mut points = ladder(&[10, 25, 50, 75]);
    points[3].success_rate = Measured::Value(0.5);
    let found = judged(&points);
    let capacity = found.capacity.value().unwrap();
    assert_eq!(capacity.limited_by, ["success"]);
    // From 0.99 at 50 to 0.5 at 75, 0.95 is passed after 4/49 of the way.
    assert_eq!(capacity.load, Load(52.0));
}

#[test]
fn a_bracket_is_bisected_until_it_is_narrow_and_then_a_doubtful_level_is_repeated() {
    let found = judged(&ladder(&[50, 100, 150, 200]));
    let next = found.next_level.value().unwrap();
    assert_eq!((next.load, next.kind), (Load(113.0), NextLevelKind::Bisect));
    let found = judged(&ladder(&[50, 110, 116, 200]));
    let next = found.next_level.value().unwrap();
    assert_eq!((next.load, next.kind), (Load(110.0), NextLevelKind::Repeat));
}

#[test]
fn the_law_and_its_peak_are_found_where_the_levels_tell() {
    let found = judged(&ladder(&[10, 25, 50, 75, 100, 150, 200]));
    assert_eq!(found.models.value().unwrap().chosen.value().unwrap(), "usl");
    // √((1 − 0.02)/4e-4) = 49.5 in flight, 124 users.
    let peak = found.peak.value().unwrap();
    assert!(
        peak.interval.value().unwrap().contains(49.5) && (110.0..140.0).contains(peak.load.value().unwrap())
    );
    assert!(found.levels.iter().all(|level| level.relative_residual.value().unwrap().abs() < 0.05));
    let few = judged(&ladder(&[10, 50, 100, 150, 200]));
    assert_eq!(few.peak.reason(), Some("load levels: 5, at least 6 needed to quote a peak"));
}

#[test]
fn levels_that_grow_linearly_have_neither_knee_nor_peak() {
    let points: Vec<LoadPoint> = [10, 20, 30, 40, 60, 80, 100]
        .map(|users| {
            let mut point = point(users, f64::from(users), 300.0);
            point.in_flight = Measured::Value(f64::from(users) * 0.5);
            point
        })
        .to_vec();
    let found = judged(&points);
    assert_eq!(found.models.value().unwrap().chosen.value().unwrap(), "linear");
    assert!(found.knee.reason().is_some() && found.peak.reason().is_some());
    assert_eq!(found.linear_scaling.outcome, TargetOutcome::Pass);
    assert!(
        found.scaling_sentence.starts_with("Throughput grows linearly up to the 50.0 requests in flight")
    );
}

#[test]
fn littles_law_finds_a_load_generator_that_was_the_limit() {
    let check = |change: &dyn Fn(&mut LoadPoint)| {
        let mut point = point(50, 70.0, 300.0);
        change(&mut point);
        judged(&[point]).littles_law.remove(0)
    };
    let fine = check(&|_| ());
    assert_eq!(fine.generator_was_the_limit, Measured::Value(false));
    assert!((fine.expected_users.value().unwrap() - 50.0).abs() < 1e-9);
    let few_users = check(&|point| point.users = Measured::Value(100));
    assert_eq!(few_users.generator_was_the_limit, Measured::Value(true));
    // Gaps of 500 ms where 100 ms were configured: the generator came late.
    let late = check(&|point| point.configured_think_time_ms = Measured::Value(100.0));
    assert_eq!(late.generator_was_the_limit, Measured::Value(true));
    assert!(late.because.contains("are not those that were configured"), "{}", late.because);
    let open = check(&|point| point.load_model = Some("open".to_owned()));
    assert!(open.because.contains("open-loop"), "{}", open.because);
    let unknown = check(&|point| point.measured_think_time_ms = Measured::undefined("no column user_id"));
    assert!(
        unknown
            .generator_was_the_limit
            .reason()
            .unwrap()
            .starts_with("think time unknown: no column user_id")
    );
    let configured = check(&|point| {
        point.measured_think_time_ms = Measured::undefined("no column user_id");
        point.configured_think_time_ms = Measured::Value(500.0);
    });
    assert_eq!(configured.think_time_from, Measured::Value("run metadata".to_owned()));
    assert_eq!(configured.generator_was_the_limit, Measured::Value(false));
}

#[test]
fn linear_scaling_fails_only_beyond_tolerance_and_noise() {
    let outcome = |rates: &[(u32, f64)]| {
        let points: Vec<LoadPoint> = rates.iter().map(|(users, rate)| point(*users, *rate, 300.0)).collect();
        judged(&points).linear_scaling
    };
    assert_eq!(outcome(&[(10, 10.0), (50, 49.0), (100, 92.0)]).outcome, TargetOutcome::Pass);
    assert_eq!(outcome(&[(10, 10.0), (50, 49.0), (100, 60.0)]).outcome, TargetOutcome::Fail);
    // 12 % short, with an interval of ±10 %.
    assert_eq!(outcome(&[(10, 10.0), (50, 49.0), (100, 88.0)]).outcome, TargetOutcome::CannotTell);
    let few = outcome(&[(10, 10.0), (100, 99.0)]);
    assert_eq!(
        (few.outcome, few.because.as_str()),
        (TargetOutcome::CannotTell, "levels up to 100 users: 2, at least 3 needed")
    );
    let short = outcome(&[(10, 10.0), (50, 49.0), (80, 79.0)]);
    assert_eq!(short.because, "no level of 100 users or more was tested");
}

#[test]
fn memory_is_judged_by_its_slope_over_the_users_and_alone_with_few_levels() {
    let found = judged(&ladder(&[10, 50, 100, 200])).memory_scaling;
    assert_eq!(found.outcome, TargetOutcome::Pass);
    assert!((found.slope_mb_per_100_users.value().unwrap() - 10.0).abs() < 1e-9);
    let mut points = ladder(&[10, 50, 100, 200]);
    points.iter_mut().for_each(|point| {
        point.memory_growth_mb = point.users.clone().map(|users| f64::from(users) * 0.8);
    });
    assert_eq!(judged(&points).memory_scaling.outcome, TargetOutcome::Fail);
    let few = judged(&ladder(&[5, 10])).memory_scaling;
    // 200/5 + 10 = 50 MB per 100 users: not below 50.
    assert_eq!(few.outcome, TargetOutcome::Fail);
    assert!(few.slope_mb_per_100_users.reason().is_some());
}

#[test]
fn the_correlation_carries_the_word_of_the_seed_and_says_how_sure_it_is() {
    let found = judged(&ladder(&[10, 25, 50, 75]));
    let correlation = found.correlation.value().unwrap();
    assert_eq!((correlation.rating.as_str(), correlation.n), ("Excellent", 4));
    // Fisher's interval of four runs says little, however near to 1 their coefficient is.
    assert_eq!(correlation.rating_from, Measured::Value("Fair".to_owned()));
    let two = judged(&ladder(&[10, 25]));
    assert_eq!(
        two.correlation.value().unwrap().pearson_interval.reason(),
        Some("runs: 2, at least 4 needed")
    );
    assert!(judged(&ladder(&[10])).correlation.reason().is_some());
}

#[test]
fn nothing_and_little_are_judged_without_a_number_out_of_nothing() {
    for points in [Vec::new(), ladder(&[10]), ladder(&[10, 25]), ladder(&[10, 25, 50])] {
        let found = judged(&points);
        assert!(
            found.models.reason().is_some() && found.knee.reason().is_some() && found.peak.reason().is_some()
        );
        assert!(found.scaling_sentence.contains("is unknown: load levels"), "{}", found.scaling_sentence);
        assert_eq!(found.capacity.value().is_some(), !points.is_empty());
        assert!(!serde_json::to_string(&found).unwrap().contains("NaN"));
    }
    assert_eq!(
        judged(&[]).capacity_sentence,
        "How many users this build carries at P95 < 2,000 ms and success > 95.00 % is unknown: no run names its users."
    );
}

#[test]
fn runs_without_numbers_give_reasons() {
    let mut points = ladder(&[10, 25, 50, 75, 100, 150]);
    for point in &mut points {
        point.ok_per_s = Measured::undefined("no requests");
        point.p95_ms = Measured::undefined("no P95 of the requests");
    }
    let found = judged(&points);
    assert_eq!(
        found.models.reason(),
        Some("load levels with concurrency and throughput: 0, at least 4 needed")
    );
    assert_eq!(found.capacity.reason(), Some("no P95 of the requests"));
    assert_eq!(found.linear_scaling.outcome, TargetOutcome::CannotTell);
    let zero: Vec<LoadPoint> = ladder(&[10, 25, 50, 75])
        .into_iter()
        .map(|mut point| {
            point.ok_per_s = Measured::Value(0.0);
            point.users = Measured::Value(0);
            point
        })
        .collect();
    assert_eq!(judged(&zero).left_out.len(), 4);
}

#[test]
fn constant_throughput_and_equal_levels_are_no_trouble() {
    let constant: Vec<LoadPoint> = [10, 20, 40, 80, 160, 320].map(|users| point(users, 20.0, 300.0)).to_vec();
    let found = judged(&constant);
    assert!(found.correlation.reason().is_some());
    assert_eq!(found.linear_scaling.outcome, TargetOutcome::Fail);
    let equal = vec![point(50, 70.0, 300.0); 6];
    let found = judged(&equal);
    assert_eq!((found.levels.len(), found.throughput_noise.value()), (1, Some(&0.0)));
}

#[test]
fn throughput_that_falls_from_the_first_level_on_has_no_knee() {
    // The more users, the less gets through: α is 1, β is not 0, and the law has no summit.
    let rows = [(7, 498.8, 7494.7), (183, 273.1, 1.0), (180, 209.9, 1.0), (184, 213.4, 1.0)];
    let points: Vec<LoadPoint> = rows
        .into_iter()
        .map(|(users, rate, p95_ms)| LoadPoint {
            success_rate: Measured::Value(0.0),
            ..point(users, rate, p95_ms)
        })
        .collect();
    let found = judged(&points);
    let fits = &found.models.value().unwrap().fits;
    assert_eq!((found.models.value().unwrap().best.as_str(), fits[2].alpha.value()), ("usl", Some(&1.0)));
    assert_eq!(found.knee.reason(), Some("throughput falls from the first level on: no knee"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_runs_are_judged_in_any_order_and_within_their_bounds(
        rows in prop::collection::vec((1u32..300, 0f64..500.0, 1f64..10_000.0, 0f64..=1.0), 0..8), turn in 0usize..8
    ) {
        let mut points: Vec<LoadPoint> = rows
            .iter()
            .enumerate()
            .map(|(index, (users, rate, p95_ms, success))| {
                let mut point = point(*users, rate.max(1e-3), *p95_ms);
                point.run_id = format!("run_{index}");
                point.ok_per_s = Measured::Value(*rate);
                point.success_rate = Measured::Value(*success);
                point
            })
            .collect();
        let found = judged(&points);
        if let Some(capacity) = found.capacity.value() {
            prop_assert!(capacity.low.value().is_none_or(|low| *low <= capacity.load));
            prop_assert!(capacity.high.value().is_none_or(|high| *high >= capacity.load));
            let least = capacity.last_that_holds.unwrap_or(Load(0.0));
            prop_assert!(capacity.load >= least);
        }
        prop_assert!(!serde_json::to_string(&found).unwrap().contains("null,null"));
        if !points.is_empty() {
            let turn = turn % points.len();
            points.rotate_left(turn);
        }
        prop_assert_eq!(judged(&points), found);
    }

    #[test]
    fn more_noise_never_narrows_the_capacity(error in 0f64..0.2, more in 0f64..0.2) {
        let found = |error: f64| {
            let mut points = ladder(&[10, 25, 50, 75, 100, 150, 200]);
            points.iter_mut().for_each(|point| point.p95_log_error = Measured::Value(error));
            let capacity = judged(&points).capacity;
            let capacity = capacity.value().unwrap();
            (
                capacity.low.value().copied().unwrap_or(Load(0.0)),
                capacity.high.value().copied().unwrap_or(Load(f64::INFINITY)),
            )
        };
        let (calm, noisy) = (found(error), found(error + more));
        prop_assert!(noisy.0 <= calm.0 && calm.1 <= noisy.1, "{:?} {:?}", calm, noisy);
    }
}
