//! Steps are found at their first value, spikes and noise are none, and what is small does not count.

use super::*;
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, Normal};

/// 3 %, and p as Otava has it by default.
const LIMITS: ChangeLimits = ChangeLimits { window: 50, p: 0.001, size: 0.03, scale: ChangeScale::Relative };

/// The changes of nights, with the limits of the settings.
fn changes(nights: &[f64]) -> Vec<usize> {
    indices(&hampel(nights, 7, 5.0), &ChangeLimits { p: 0.0005, ..LIMITS })
}

fn indices(values: &[f64], limits: &ChangeLimits) -> Vec<usize> {
    change_points(values, limits).iter().map(|point| point.index).collect()
}

/// Values about `level(night)` with a relative noise.
fn nights(count: usize, noise: f64, seed: u64, level: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let normal = Normal::new(1.0, noise).unwrap();
    (0..count).map(|night| level(night) * normal.sample(&mut random)).collect()
}

#[test]
fn a_step_is_found_at_its_first_value_with_the_means_of_both_sides() {
    let values = [1.02, 0.95, 0.99, 1.0, 1.12, 0.9, 0.5, 0.51, 0.48, 0.48, 0.55];
    let found = change_points(&values, &LIMITS);
    // scipy.stats.ttest_ind_from_stats with numpy.std
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].index, 6);
    assert!((found[0].before - 0.996_666_666_666_666_7).abs() < 1e-12);
    assert!((found[0].after - 0.504).abs() < 1e-12);
    assert!((found[0].p / 9.470_438_654_814_028e-8 - 1.0).abs() < 1e-9, "{}", found[0].p);
}

#[test]
fn what_changes_by_less_than_the_least_size_is_no_change() {
    let values: Vec<f64> =
        (0..40).map(|i| if i < 20 { 100.0 } else { 102.0 } + f64::from(i % 3) / 10.0).collect();
    assert_eq!(indices(&values, &LIMITS), [0usize; 0]);
    assert_eq!(indices(&values, &ChangeLimits { size: 0.01, ..LIMITS }), [20]);
    let absolute = ChangeLimits { size: 1.0, scale: ChangeScale::Absolute, ..LIMITS };
    assert_eq!(indices(&values, &absolute), [20]);
    assert_eq!(indices(&values, &ChangeLimits { size: 3.0, ..absolute }), [0usize; 0]);
}

#[test]
fn a_step_there_and_back_are_two_changes_also_beyond_one_window() {
    let level = |i: usize| if (60..110).contains(&i) { 120.0 } else { 100.0 };
    assert_eq!(indices(&nights(160, 0.02, 3, level), &LIMITS), [60, 110]);
}

#[test]
fn series_of_nothing_much_have_no_change() {
    for values in [&[][..], &[1.0], &[1.0, 2.0], &[5.0; 30], &[0.0; 30], &[1.0, f64::NAN, 3.0, 9.0, 9.0]] {
        assert_eq!(change_points(values, &LIMITS), [], "{values:?}");
    }
}

#[test]
fn thirty_nights_with_a_lasting_change_show_it_and_nothing_else() {
    let (mut exact, mut near, mut others) = (0, 0, 0);
    for seed in 0..100 {
        let values = nights(30, 0.03, seed, |night| if night < 15 { 100.0 } else { 110.0 });
        let found = changes(&values);
        exact += u32::from(found.contains(&15));
        near += u32::from(found.iter().any(|index| (14..=16).contains(index)));
        others += u32::from(found.iter().any(|index| !(13..=17).contains(index)));
    }
    assert!(exact >= 80 && near >= 95 && others <= 5, "{exact} {near} {others}");
}

#[test]
fn a_spike_of_one_or_two_nights_and_noise_are_no_change() {
    let mut alarms = 0;
    for seed in 0..100 {
        let mut values = nights(30, 0.03, seed, |_| 100.0);
        values[12] = 190.0;
        values[22] = 150.0;
        values[23] = 160.0;
        alarms += u32::from(!changes(&values).is_empty());
    }
    assert!(alarms <= 5, "{alarms} of 100");
}

#[test]
fn the_last_nights_are_a_change_when_they_are_more_than_half_of_those_about_them() {
    let with_last = |count: usize| {
        let mut values = nights(20, 0.02, 7, |_| 100.0);
        values.extend(nights(count, 0.02, 8, |_| 125.0));
        changes(&values)
    };
    assert_eq!((1..=4).map(with_last).collect::<Vec<_>>(), [vec![], vec![], vec![], vec![20]]);
}

#[test]
fn a_slow_drift_is_seen() {
    let found = changes(&nights(30, 0.02, 5, |night| 100.0 + night as f64));
    assert!(!found.is_empty());
}

#[test]
fn odd_values_are_put_right_and_steps_stay() {
    assert_eq!(hampel(&[1.0, 1.1, 9.0, 1.0, 1.1, 1.05], 5, 3.0)[2], 1.1);
    let step = [1.0, 1.1, 1.0, 1.1, 5.0, 5.1, 5.0, 5.2, 5.1];
    assert_eq!(hampel(&step, 5, 3.0), step);
    assert_eq!(hampel(&[], 5, 3.0), [0.0; 0]);
    assert_eq!(hampel(&[3.0], 5, 3.0), [3.0]);
}

proptest! {
    #[test]
    fn changes_do_not_depend_on_the_unit_and_a_step_is_among_them(
        seed in 0u64..1000, factor in 0.01f64..1000.0, size in 1.1f64..2.0
    ) {
        let values = nights(30, 0.02, seed, |night| if night < 14 { 1.0 } else { size });
        let found = indices(&values, &LIMITS);
        let scaled: Vec<f64> = values.iter().map(|value| value * factor).collect();
        prop_assert_eq!(&indices(&scaled, &LIMITS), &found);
        // One odd night beside the step may be taken for the first.
        prop_assert!(found.iter().any(|night| night.abs_diff(14) <= 1), "{:?}", found);
    }

    #[test]
    fn any_series_ends_and_its_changes_lie_inside(values in prop::collection::vec(-1e6f64..1e6, 0..80)) {
        let found = change_points(&hampel(&values, 7, 5.0), &LIMITS);
        let is_inside = |point: &ChangePoint| point.index > 0 && point.index < values.len();
        prop_assert!(found.iter().all(|point| is_inside(point) && (0.0..=1.0).contains(&point.p)));
        prop_assert!(found.windows(2).all(|pair| pair[0].index < pair[1].index));
    }
}

#[test]
fn of_many_small_steps_those_are_told_that_otava_tells() {
    // otava.analysis.compute_change_points(values, 50, 0.001, 0.03) of 1ceb153
    let steps = [103.0, 103.0, 101.0, 108.0, 115.0, 114.0, 112.0, 114.0, 117.0, 115.0, 123.0, 132.0];
    assert_eq!(indices(&steps, &LIMITS), [4]);
    let climb =
        [101.0, 99.0, 98.0, 107.0, 118.0, 117.0, 123.0, 126.0, 127.0, 124.0, 128.0, 122.0, 134.0, 135.0];
    assert_eq!(indices(&climb, &LIMITS), [0usize; 0]);
}
