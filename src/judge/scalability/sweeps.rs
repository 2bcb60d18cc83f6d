//! Levels of offered rates, overload, laws that do not fit, and intervals that hold what they are about.

use proptest::prelude::*;

use super::tests::{judged, ladder, point};
use super::*;
use crate::judge::verdicts::{CapacityBound, Load, TargetOutcome};
use crate::units::number;

/// A run of an open loop for 120 s: what was offered, completed and in flight on average.
fn offered(rate: f64, finished: f64, in_flight: f64, p95_ms: f64) -> LoadPoint {
    LoadPoint {
        run_id: format!("rate_{rate}"),
        users: Measured::undefined("the metadata names no number of users"),
        target_rate_per_s: Measured::Value(rate),
        load_model: Some("open".to_owned()),
        offered_per_s: Measured::Value(rate),
        ok_per_s: Measured::Value(finished),
        finished_per_s: Measured::Value(finished),
        duration_s: Measured::Value(120.0),
        in_flight: Measured::Value(in_flight),
        mean_ms: Measured::Value(in_flight / finished * 1000.0),
        ..point(1, finished, p95_ms)
    }
}

/// One server of so many a second, at these rates: a queue below it, and a heap beyond it that grows for 120 s.
fn server(per_s: f64, rates: &[f64]) -> Vec<LoadPoint> {
    let of = |rate: &f64| {
        let busy = rate / per_s;
        if busy < 1.0 {
            let in_flight = busy + busy * busy / (2.0 * (1.0 - busy));
            offered(*rate, *rate, in_flight, 3000.0 * in_flight / rate)
        } else {
            offered(*rate, per_s, (rate - per_s) * 60.0, 100_000.0 * (1.0 - 1.0 / busy))
        }
    };
    rates.iter().map(of).collect()
}

#[test]
fn rates_are_the_levels_of_an_open_loop_and_a_full_server_is_found_and_not_called_linear() {
    let found = judged(&server(5.0, &[3.0, 4.0, 6.0, 8.0, 10.0, 15.0]));
    assert_eq!(found.axis, LoadAxis::OfferedPerS);
    let loads: Vec<f64> = found.levels.iter().map(|level| level.load.0).collect();
    assert_eq!(loads, [3.0, 4.0, 6.0, 8.0, 10.0, 15.0]);
    let overloaded: Vec<bool> =
        found.levels.iter().map(|level| *level.is_overloaded.value().unwrap()).collect();
    assert_eq!(overloaded, [false, false, true, true, true, true]);
    let saturation = found.saturation.value().unwrap();
    assert_eq!((saturation.last_that_follows, saturation.first_overloaded), (Some(Load(4.0)), Load(6.0)));
    let interval = saturation.interval.value().unwrap();
    assert!(interval.low < 5.0 && 5.0 < interval.high && (saturation.ceiling_per_s - 5.0).abs() < 1e-9);
    assert!(found.models.value().is_none_or(|models| models.best != "linear"), "{:?}", found.models);
    assert!(!found.scaling_sentence.contains("linear"), "{}", found.scaling_sentence);
    assert!(
        found.scaling_sentence.starts_with(
            "Completions follow the offered rate up to 4.00 /s: the service does 5.00 /s (4.83\u{2013}5.18), and what is \
             offered beyond piles up (overloaded: 6.00, 8.00, 10.0, 15.0 /s)"
        ),
        "{}",
        found.scaling_sentence
    );
    let capacity = found.capacity.value().unwrap();
    assert_eq!((capacity.last_that_holds, capacity.first_that_fails), (Some(Load(4.0)), Some(Load(6.0))));
    assert!(capacity.limited_by.contains(&"overload".to_owned()), "{:?}", capacity.limited_by);
    assert!((Load(4.0)..Load(6.0)).contains(&capacity.load), "{capacity:?}");
    assert_eq!(found.linear_scaling.outcome, TargetOutcome::CannotTell);
}

#[test]
fn a_level_that_is_overloaded_is_not_carried_however_fast_its_answers_were() {
    let mut points = server(50.0, &[10.0, 20.0, 30.0, 40.0]);
    points.push(offered(60.0, 50.0, 300.0, 900.0));
    let found = judged(&points);
    let capacity = found.capacity.value().unwrap();
    assert_eq!((capacity.load, capacity.limited_by.as_slice()), (Load(40.0), &["overload".to_owned()][..]));
    assert!(capacity.high.value().is_some_and(|high| *high <= Load(60.0)), "{capacity:?}");
}

#[test]
fn where_no_rate_is_too_high_nothing_is_said_to_be_full() {
    let found = judged(&server(100.0, &[10.0, 20.0, 30.0, 40.0]));
    assert_eq!(
        found.saturation.reason(),
        Some("completions follow the offered rate up to 40.0 /s, the highest that was tested")
    );
    assert_eq!(found.capacity.value().unwrap().bound, CapacityBound::AtLeast);
    assert!(found.capacity_sentence.contains("at least 40.0 /s"), "{}", found.capacity_sentence);
}

#[test]
fn a_few_requests_more_in_flight_at_the_end_are_no_overload() {
    // 3 % of 600 are 18 requests: with 25 in flight their number wanders by as many.
    let calm = offered(5.0, 4.85, 25.0, 900.0);
    assert_eq!(calm.is_overloaded(&Config::defaults().scalability), Measured::Value(false));
    let closed = point(50, 70.0, 300.0);
    assert!(closed.is_overloaded(&Config::defaults().scalability).reason().is_some());
}

#[test]
fn a_load_generator_that_sent_less_than_its_target_is_judged_by_what_it_sent() {
    let mut short = offered(20.0, 12.0, 3.0, 300.0);
    short.offered_per_s = Measured::Value(12.0);
    let found = judged(&[offered(5.0, 5.0, 1.0, 300.0), short, offered(20.0, 20.0, 5.0, 300.0)]);
    let loads: Vec<f64> = found.levels.iter().map(|level| level.load.0).collect();
    assert_eq!(loads, [5.0, 12.0, 20.0]);
}

#[test]
fn one_rate_alone_leaves_the_users_as_levels() {
    let mut points = vec![offered(5.0, 5.0, 1.0, 300.0); 2];
    points.iter_mut().zip([10, 20]).for_each(|(point, users)| point.users = Measured::Value(users));
    assert_eq!(judged(&points).axis, LoadAxis::Users);
}

#[test]
fn a_level_far_off_the_best_law_leaves_no_law_and_says_so() {
    let mut points = ladder(&[10, 25, 50, 75, 100, 150, 200]);
    points[4].ok_per_s = points[4].ok_per_s.clone().map(|rate| rate * 0.6);
    let found = judged(&points);
    let models = found.models.value().unwrap();
    let reason = models.chosen.reason().unwrap();
    assert!(
        reason.starts_with("poor fit: the best, ") && reason.contains("at load_100, limit ±20.00 %"),
        "{reason}"
    );
    assert!(found.knee.reason().is_some_and(|knee| knee.starts_with("poor fit")));
    assert!(found.peak.reason().is_some_and(|peak| peak.starts_with("poor fit")));
    assert!(
        found.scaling_sentence.starts_with("No law describes the throughput (poor fit"),
        "{}",
        found.scaling_sentence
    );
}

#[test]
fn points_without_noise_have_no_interval_and_a_reason() {
    let mut points = ladder(&[10, 25, 50, 75, 100, 150, 200]);
    for point in &mut points {
        let in_flight = point.in_flight.number().unwrap();
        let exact = 5.0 * in_flight / (1.0 + 0.02 * (in_flight - 1.0) + 4e-4 * in_flight * (in_flight - 1.0));
        point.ok_per_s = Measured::Value(exact);
    }
    let found = judged(&points);
    let usl = &found.models.value().unwrap().fits[2];
    assert_eq!(usl.alpha_interval.reason(), Some("the points lie on the law: no noise to estimate"));
    // The peak is beyond doubt, and how far off it is unknown.
    assert!(found.peak.value().unwrap().interval.reason().is_some());
    assert_eq!(found.memory_scaling.interval.reason(), Some("the runs lie on a line: no noise to estimate"));
}

#[test]
fn without_noise_the_capacity_has_no_interval_and_says_why() {
    let mut points = ladder(&[10, 25, 50, 75, 100, 150, 200]);
    points
        .iter_mut()
        .for_each(|point| point.p95_log_error = Measured::undefined("too few requests for batches"));
    let found = judged(&points);
    let capacity = found.capacity.value().unwrap();
    assert!(capacity.low.reason().is_some() && capacity.high.reason().is_some());
    assert!(
        found.capacity_sentence.contains("113 users (no interval: not every level has an uncertainty"),
        "{}",
        found.capacity_sentence
    );
}

#[test]
fn a_capacity_at_its_last_level_lies_inside_its_interval() {
    // The P95 jumps beyond 100 users: those hold for certain, and 100 are what is carried.
    let mut points = ladder(&[25, 50, 100, 200]);
    for (point, p95_ms) in points.iter_mut().zip([300.0, 310.0, 1_990.0, 90_000.0]) {
        (point.p95_ms, point.p95_log_error) = (Measured::Value(p95_ms), Measured::Value(1e-4));
    }
    let capacity = judged(&points).capacity;
    let capacity = capacity.value().unwrap();
    let (low, high) = (capacity.low.value().unwrap(), capacity.high.value().unwrap());
    assert!(*low < capacity.load && capacity.load < *high, "{capacity:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_interval_of_a_law_and_of_a_capacity_holds_its_estimate_inside(
        errors in prop::collection::vec(-0.1f64..0.1, 8..=8), alpha in 0.005f64..0.2, beta in 1e-5f64..2e-3,
        p95_ms in 50f64..1_900.0, growth in 5f64..80.0
    ) {
        let users = [2u32, 5, 10, 20, 40, 80, 120, 160];
        let points: Vec<LoadPoint> = users.iter().zip(&errors).map(|(users, error)| {
            let n = f64::from(*users) * 0.5;
            let rate = 4.0 * n / (1.0 + alpha * (n - 1.0) + beta * n * (n - 1.0)) * (1.0 + error);
            let mut point = point(*users, rate, p95_ms * (f64::from(*users) / growth).exp());
            point.in_flight = Measured::Value(n);
            point
        }).collect();
        let found = judged(&points);
        if let Some(models) = found.models.value() {
            for fit in &models.fits {
                let gamma = Measured::Value(fit.gamma_per_s);
                for (value, interval) in
                    [(&gamma, &fit.gamma_interval), (&fit.alpha, &fit.alpha_interval), (&fit.beta, &fit.beta_interval)]
                {
                    let (Some(value), Some(interval)) = (value.number(), interval.value()) else { continue };
                    // At a bound there is nothing beyond it.
                    let is_at_bound = value == 0.0 || (value - 1.0).abs() < 1e-12;
                    prop_assert!(is_at_bound || (interval.low < value && value < interval.high), "{fit:?}");
                }
            }
        }
        if let Some(capacity) = found.capacity.value().filter(|found| found.bound == CapacityBound::Between) {
            prop_assert!(capacity.low.value().is_none_or(|low| *low < capacity.load), "{capacity:?}");
            prop_assert!(capacity.high.value().is_none_or(|high| *high > capacity.load), "{capacity:?}");
        }
    }

    #[test]
    fn a_full_server_is_never_called_linear(
        per_s in 0.5f64..500.0, below in prop::collection::vec(0.1f64..0.95, 1..4), beyond in prop::collection::vec(1.1f64..4.0, 1..4)
    ) {
        let rates: Vec<f64> = below.iter().chain(&beyond).map(|share| share * per_s).collect();
        let points = server(per_s, &rates);
        let found = judged(&points);
        if found.axis == LoadAxis::OfferedPerS && found.saturation.value().is_some() {
            prop_assert!(!found.scaling_sentence.to_lowercase().contains("grows linear"), "{}", found.scaling_sentence);
            let ceiling = found.saturation.value().unwrap().ceiling_per_s;
            prop_assert!((ceiling / per_s - 1.0).abs() < 1e-6, "{}", number(ceiling));
        }
    }
}
