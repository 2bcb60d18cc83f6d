//! Where the time of the slow requests went, checked by hand and by its laws.

use proptest::prelude::*;

use super::*;
use crate::summary::SlowTimeSpent;

/// A request with one LightRAG call and one look-up; the rest of its time belongs to nothing.
fn trace(id: u64, lightrag_ms: f64, cache_ms: f64, rest_ms: f64) -> [Event; 3] {
    let start_ms = id as i64 * 20_000;
    let whole_ms = lightrag_ms + cache_ms + rest_ms;
    [
        request_id(id, call("request", start_ms, whole_ms, "ok")),
        request_id(id, call("cache_l1", start_ms, cache_ms, "miss")),
        request_id(
            id,
            Event {
                ts: start_ms * 1000 + (cache_ms * 1000.0) as i64,
                ..call("lightrag", 0, lightrag_ms, "ok")
            },
        ),
    ]
}

fn excess_of<'a>(slow: &'a SlowTimeSpent, component: &str) -> &'a crate::summary::TimeExcess {
    slow.excess.iter().find(|excess| excess.component == component).unwrap()
}

#[test]
fn the_component_that_takes_longer_in_slow_requests_explains_them() {
    // 190 requests of 100 + 10 + 5 ms and 10 of 1100 + 20 + 5 ms: P95 lies between, 1010 ms more in the slow ones.
    let events = (0..200).flat_map(|id| match id % 20 {
        0 => trace(id, 1100.0, 20.0, 5.0),
        _ => trace(id, 100.0, 10.0, 5.0),
    });
    let summary = Run::of(events.collect()).measure();
    let slow = summary.slow_time_spent.value().unwrap();
    // numpy.quantile([115]*190 + [1125]*10, .95) = 115 + 0.05 * 1010
    assert!((slow.above_ms - 165.5).abs() < 1e-9);
    assert_eq!((slow.slow.requests, slow.slow.total_ms), (10, 11_250.0));
    assert!((slow.slow.shares[0].share - 1100.0 / 1125.0).abs() < 1e-15);
    let names: Vec<&str> = slow.excess.iter().map(|excess| excess.component.as_str()).collect();
    assert_eq!(names, ["lightrag", "cache_l1", "unattributed"]);
    assert_eq!(slow.excess.iter().map(|excess| excess.excess_ms).collect::<Vec<_>>(), [1000.0, 10.0, 0.0]);
    assert_eq!(excess_of(slow, "lightrag").share, 1000.0 / 1010.0);
}

#[test]
fn few_slow_requests_explain_nothing() {
    let events = (0..180).flat_map(|id| trace(id, 100.0 + id as f64, 10.0, 5.0));
    let summary = Run::of(events.collect()).measure();
    let reason = summary.slow_time_spent.reason();
    assert_eq!(reason, Some("9 requests slower than the P95, at least 10 needed"));
    let alike = (0..300).flat_map(|id| trace(id, 100.0, 10.0, 5.0));
    let summary = Run::of(alike.collect()).measure();
    assert!(summary.slow_time_spent.reason().unwrap().starts_with("0 requests slower"));
}

#[test]
fn slow_requests_that_cannot_be_split_are_named() {
    let without_id = |ms: f64| call("request", 0, ms, "ok");
    let events = (0..300).flat_map(|id| trace(id, id as f64, 1.0, 1.0));
    let events = events.chain([without_id(5.0), without_id(9_000.0)]);
    let summary = Run::of(events.collect()).measure();
    let left_out = |spent: &crate::summary::TimeSpent| spent.left_out.clone();
    assert_eq!(left_out(summary.time_spent.value().unwrap()), [("without request_id".to_owned(), 2)].into());
    let slow = summary.slow_time_spent.value().unwrap();
    assert_eq!(left_out(&slow.slow), [("without request_id".to_owned(), 1)].into());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn the_excesses_add_up_to_the_difference_of_the_means(
        (times, order) in prop::collection::vec((0u32..5_000, 0u32..50, 0u32..200), 220..260)
            .prop_flat_map(|times| {
                let order: Vec<usize> = (0..times.len()).collect();
                (Just(times), Just(order).prop_shuffle())
            }),
        cut in 0usize..600,
    ) {
        let traces: Vec<[Event; 3]> = times
            .iter()
            .zip(0u64..)
            .map(|(&(lightrag, cache, rest), id)| trace(id, f64::from(lightrag), f64::from(cache), f64::from(rest)))
            .collect();
        let summary = Run::of(traces.concat()).measure();
        let durations: Vec<f64> = traces.iter().map(|events| events[0].duration_ms.unwrap()).collect();
        let Measured::Value(slow) = &summary.slow_time_spent else {
            // Ties at the P95 may leave too few beyond it.
            prop_assert!(summary.slow_time_spent.reason().unwrap().contains("slower than the P95"));
            return Ok(());
        };
        let (above, below): (Vec<f64>, Vec<f64>) = durations.iter().partition(|&&ms| ms > slow.above_ms);
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let whole = mean(&above) - mean(&below);
        let sum: f64 = slow.excess.iter().map(|excess| excess.excess_ms).sum();
        prop_assert!((sum - whole).abs() < 1e-9 * whole, "{sum} is not {whole}");
        prop_assert!((slow.excess.iter().map(|excess| excess.share).sum::<f64>() - 1.0).abs() < 1e-12);
        prop_assert!((slow.slow.shares.iter().map(|share| share.share).sum::<f64>() - 1.0).abs() < 1e-12);
        prop_assert_eq!(slow.slow.requests as usize, above.len());
        let shuffled = Run::of(order.iter().flat_map(|&at| traces[at].clone()).collect());
        let (left, right) = shuffled.events.split_at(cut);
        let other = shuffled.measure_in(&[left, right]);
        prop_assert_eq!(serde_json::to_string(&summary).unwrap(), serde_json::to_string(&other).unwrap());
    }
}
