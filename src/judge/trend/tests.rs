//! Series with a known trend.

use proptest::prelude::*;

use super::*;
use crate::config::TrendSettings;
use crate::metrics::Better;
use crate::summary::{SecondOfRequests, fixture};

/// Repeatable noise within ±1: a small congruential generator.
fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 30) - 1.0
    }
}

fn series(y: Vec<f64>) -> MetricSeries {
    let x_s = (0..y.len()).map(|at| at as f64).collect();
    MetricSeries { x_s, weights: vec![1.0; y.len()], y, sampling_variance: 0.0, bin_s: 1.0, is_rate: false }
}

fn word_of(y: Vec<f64>, better: Better) -> Option<TrendWord> {
    verdict::judge(&series(y), better, &Config::defaults().trend).value().map(|(word, _)| *word)
}

#[test]
fn a_drift_is_degrading_or_improving_by_the_good_direction() {
    let drift = |change: f64| -> Vec<f64> {
        let mut noise = noise(7);
        (0..300).map(|at| 100.0 * (1.0 + change * f64::from(at) / 300.0) + 5.0 * noise()).collect()
    };
    assert_eq!(word_of(drift(0.3), Better::Lower), Some(TrendWord::Degrading));
    assert_eq!(word_of(drift(0.3), Better::Higher), Some(TrendWord::Improving));
    assert_eq!(word_of(drift(-0.3), Better::Lower), Some(TrendWord::Improving));
    assert_eq!(word_of(drift(0.3), Better::Neither), Some(TrendWord::Rising));
    assert_eq!(word_of(drift(-0.3), Better::Neither), Some(TrendWord::Falling));
    // Too small to matter.
    assert_eq!(word_of(drift(0.01), Better::Lower), Some(TrendWord::Stable));
}

#[test]
fn noise_is_stable_or_volatile_by_its_size() {
    let around = |size: f64| -> Vec<f64> {
        let mut noise = noise(11);
        (0..300).map(|_| 100.0 + size * noise()).collect()
    };
    assert_eq!(word_of(around(5.0), Better::Lower), Some(TrendWord::Stable));
    assert_eq!(word_of(around(90.0), Better::Lower), Some(TrendWord::Volatile));
}

#[test]
fn a_series_that_does_not_vary_is_stable_and_a_short_one_has_no_trend() {
    assert_eq!(word_of(vec![4.0; 50], Better::Higher), Some(TrendWord::Stable));
    assert_eq!(word_of(vec![0.0; 50], Better::Higher), Some(TrendWord::Stable));
    assert_eq!(
        word_of((0..10).map(|at| f64::from(2 + at)).collect(), Better::Higher),
        Some(TrendWord::Improving)
    );
    let short = verdict::judge(&series(vec![1.0; 9]), Better::Neither, &Config::defaults().trend);
    assert_eq!(short.reason(), Some("points: 9, at least 10 needed"));
}

/// A summary whose requests take `time_ms` in each second, `per_second` of them.
fn summary(seconds: usize, per_second: usize, time_ms: impl Fn(usize) -> f64) -> RunSummary {
    let mut summary = fixture::run_summary();
    summary.window.start_us = fixture::START_US;
    summary.window.end_us = fixture::START_US + seconds as i64 * 1_000_000;
    summary.series.request_seconds = (0..seconds)
        .map(|second| {
            let durations_ms: std::sync::Arc<[f64]> =
                (0..per_second).map(|call| time_ms(second) * (1.0 + call as f64 / 100.0)).collect();
            SecondOfRequests {
                start_us: fixture::START_US + second as i64 * 1_000_000,
                count: per_second as u64,
                ok: per_second as u64,
                failed: 0,
                ok_durations_ms: durations_ms.clone(),
                durations_ms,
            }
        })
        .collect();
    summary
}

#[test]
fn every_series_of_the_reference_has_a_trend_or_a_reason() {
    let run = summary(120, 40, |second| 100.0 + second as f64);
    let trends = judge_trends(&run, &Config::defaults());
    let names: Vec<&str> = trends.iter().map(|trend| trend.metric.as_str()).collect();
    assert_eq!(
        names[..7],
        [
            "success_rate",
            "response_time",
            "p95_response_time",
            "throughput",
            "cache_hit_rate",
            "memory_usage",
            "cpu_usage"
        ]
    );
    let of = |name: &str| trends.iter().find(|trend| trend.metric == name).unwrap();
    assert_eq!(of("response_time").direction.value(), Some(&TrendWord::Degrading));
    // 40 a second, 200 for a P95: bins of 5 s.
    assert_eq!(of("p95_response_time").evidence.value().unwrap().bin_s, 5.0);
    assert_eq!(of("throughput").direction.value(), Some(&TrendWord::Stable));
    assert_eq!(of("response_time").recent_values.len(), 10);
    assert!(of("memory_usage").direction.reason().is_some());
    assert_eq!(performance_trend(&trends), Measured::Value(TrendWord::Degrading));
}

#[test]
fn few_requests_are_pooled_into_wider_bins() {
    let run = summary(600, 1, |_| 100.0);
    let trends = judge_trends(&run, &Config::defaults());
    let success = trends[0].evidence.value().unwrap();
    assert_eq!((success.bin_s, success.points), (30.0, 20));
    assert!(trends[2].direction.reason().unwrap().contains("at least 10 needed"));
}

#[test]
fn what_chance_explains_of_few_calls_is_not_volatile() {
    // One in ten takes thirty times as long: means of 40 calls spread by a third, though nothing ever changes.
    let mut noise = noise(5);
    let mut run = summary(300, 40, |_| 0.0);
    for second in &mut run.series.request_seconds {
        let mut durations_ms: Vec<f64> = (0..40).map(|_| if noise() > 0.8 { 300.0 } else { 10.0 }).collect();
        durations_ms.sort_by(f64::total_cmp);
        second.durations_ms = durations_ms.into();
        second.ok_durations_ms = second.durations_ms.clone();
    }
    let narrow =
        Config { trend: TrendSettings { bin_s: 1, ..Config::defaults().trend }, ..Config::defaults() };
    let trend = &judge_trends(&run, &narrow)[1];
    let evidence = trend.evidence.value().unwrap();
    assert!(evidence.coefficient_of_variation.number().unwrap() > 0.3, "{evidence:?}");
    assert!(evidence.variation_beyond_counting.number().unwrap() < 0.15, "{evidence:?}");
    assert_ne!(trend.direction.value(), Some(&TrendWord::Volatile));
    // Times of the service that swing every 20 s are.
    let swings = summary(300, 40, |second| if second / 10 % 2 == 0 { 100.0 } else { 300.0 });
    assert_eq!(judge_trends(&swings, &Config::defaults())[1].direction.value(), Some(&TrendWord::Volatile));
}

#[test]
fn a_throughput_that_falls_to_nothing_is_degrading_though_0_has_no_logarithm() {
    let mut run = summary(300, 40, |_| 100.0);
    run.series.request_seconds.truncate(200);
    let trends = judge_trends(&run, &Config::defaults());
    let throughput = trends.iter().find(|trend| trend.metric == "throughput").unwrap();
    assert_eq!(throughput.direction.value(), Some(&TrendWord::Degrading), "{throughput:?}");
}

#[test]
fn a_share_changes_in_points_by_the_calls_that_it_is_of() {
    let mut run = summary(300, 40, |_| 100.0);
    for (index, second) in run.series.request_seconds.iter_mut().enumerate() {
        second.failed = if index % 4 == 0 { (index / 50) as u64 } else { 0 };
        second.ok = 40 - second.failed;
    }
    let trend = &judge_trends(&run, &Config::defaults())[0];
    let evidence = trend.evidence.value().unwrap();
    // 0 of 40 to 5 of 40 in one second of four.
    assert!((evidence.change.number().unwrap() + 5.0 / 40.0 / 4.0).abs() < 0.01, "{evidence:?}");
    assert_eq!((evidence.change_scale, evidence.margin), (crate::units::Scale::Points, 0.01));
    assert_eq!(trend.direction.value(), Some(&TrendWord::Degrading));
    // Few calls of which all fail, at the end, weigh little.
    let mut run = summary(300, 40, |_| 100.0);
    for second in run.series.request_seconds.iter_mut().skip(295) {
        (second.ok, second.failed, second.count) = (0, 1, 1);
    }
    let evidence = judge_trends(&run, &Config::defaults())[0].evidence.value().unwrap().clone();
    assert!(evidence.change.number().unwrap().abs() < 0.01, "{evidence:?}");
}

proptest! {
    #[test]
    fn a_series_turned_round_never_moves_the_same_way(slope in -0.5f64..0.5, seed in 0u64..1_000) {
        let mut noise = noise(seed);
        let y: Vec<f64> = (0..60).map(|at| 100.0 * (1.0 + slope * f64::from(at) / 60.0) + 3.0 * noise()).collect();
        let backwards: Vec<f64> = y.iter().rev().copied().collect();
        let (one, other) = (word_of(y, Better::Higher).unwrap(), word_of(backwards, Better::Higher).unwrap());
        let moves = |word| matches!(word, TrendWord::Improving | TrendWord::Degrading);
        prop_assert!(!(moves(one) && moves(other)) || one != other, "{one:?} {other:?}");
        if slope.abs() > 0.2 {
            prop_assert_eq!(one, if slope > 0.0 { TrendWord::Improving } else { TrendWord::Degrading });
        }
    }
}
