//! Series against plain sums over all calls.

use proptest::prelude::*;

use super::*;
use crate::measure::calls::{CallKind, CallLog, NewCall, end_or_start_us};
use crate::run::Lexicon;
use crate::stats::quantile::type7_sorted;
use crate::stats::sum::compensated_sum;
use crate::summary::{CallTick, MaybeMs};

/// Start, duration and kind of a call.
type PlainCall = (i64, Option<f64>, usize);

/// Kinds of calls of a cache tier by operation and outcome.
const KINDS: [(&str, Option<&str>); 6] = [
    ("put", Some("ok")),
    ("get", Some("timeout")),
    ("get", Some("miss")),
    ("get", Some("hit")),
    ("put", None),
    ("get", None),
];
const PUT: usize = 0;
const FAILED: usize = 1;
const MISS: usize = 2;
const HIT: usize = 3;
const UNFINISHED: usize = 5;

fn log(calls: &[PlainCall], lexicon: &Lexicon) -> CallLog {
    let mut log = CallLog::default();
    for &(start_us, duration_ms, kind) in calls {
        let (operation, outcome) =
            (lexicon.code(KINDS[kind].0), KINDS[kind].1.map(|word| lexicon.code(word)));
        let kind = CallKind::new(Some(operation), outcome, kind == UNFINISHED, (false, false));
        let kind = log.index_of(kind);
        log.push(NewCall { start_us, duration_ms, kind, request_id: None, key: None });
    }
    log.sort(&Words::of(lexicon));
    log
}

fn made(calls: &[PlainCall], most_calls: usize, calls_per_stretch: usize) -> Timeline {
    let lexicon = Lexicon::default();
    let (log, tier) = (log(calls, &lexicon), lexicon.code("cache_l1"));
    let fates = Fate::of_kinds(tier, &log.all(), &Words::of(&lexicon));
    let pieces = piece::cut(0, &log.all(), most_calls, &fates);
    let seconds = pieces.into_iter().map(|piece| (0, seconds_of(piece, calls_per_stretch, true)));
    put_together(seconds.collect(), 0)
}

fn sorted(durations_ms: impl Iterator<Item = Option<f64>>) -> Vec<f64> {
    let mut durations_ms: Vec<f64> = durations_ms.flatten().collect();
    durations_ms.sort_by(f64::total_cmp);
    durations_ms
}

/// The area under the calls in flight up to an instant.
fn area(calls: &[PlainCall], until_us: i64) -> i128 {
    let up_to = |at_us: i64| i128::from(until_us.saturating_sub(at_us).max(0));
    calls.iter().map(|call| up_to(call.0) - up_to(end_us(call))).sum()
}

fn end_us(&(start_us, duration_ms, _): &PlainCall) -> i64 {
    end_or_start_us(start_us, duration_ms.unwrap_or(f64::NAN))
}

fn plain(calls: &[PlainCall], width_us: i64) -> (Vec<CallTick>, Vec<SecondOfRequests>) {
    let calls: Vec<PlainCall> = calls.iter().filter(|call| call.2 != UNFINISHED).copied().collect();
    let mut numbers: Vec<i64> = calls.iter().map(|call| end_us(call).div_euclid(width_us)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let tick = |number: i64| {
        let here: Vec<&PlainCall> =
            calls.iter().filter(|call| end_us(call).div_euclid(width_us) == number).collect();
        let of = |kind: usize| here.iter().filter(|call| call.2 == kind).count() as u32;
        let times_of =
            |is: fn(usize) -> bool| sorted(here.iter().filter(|call| is(call.2)).map(|call| call.1));
        let durations_ms = times_of(|_| true);
        let ok_durations_ms = times_of(|kind| matches!(kind, PUT | HIT));
        // As many of the fastest are left out as failed, however long these took.
        let left = &durations_ms[times_of(|kind| kind == FAILED).len()..];
        let mean_ms = compensated_sum(&durations_ms) / durations_ms.len() as f64;
        let start_us = number * width_us;
        let stop_us = start_us.saturating_add(width_us);
        let area = area(&calls, stop_us) - area(&calls, start_us);
        let tick = CallTick {
            start_us,
            count: here.len() as u32,
            ok: of(PUT) + of(HIT),
            failed: of(FAILED),
            hits: of(HIT),
            misses: of(MISS),
            mean_ms: (!durations_ms.is_empty()).then_some(mean_ms).into(),
            p50_ms: type7_sorted(left, 0.5).into(),
            p95_ms: type7_sorted(left, 0.95).into(),
            max_ms: durations_ms.last().copied().into(),
            in_flight: area as f64 / (stop_us - start_us) as f64,
        };
        let second = SecondOfRequests {
            start_us,
            durations_ms: durations_ms.into(),
            ok_durations_ms: ok_durations_ms.into(),
            count: here.len() as u64,
            ok: u64::from(of(PUT) + of(HIT)),
            failed: u64::from(of(FAILED)),
        };
        (tick, second)
    };
    numbers.into_iter().map(tick).unzip()
}

fn call() -> impl Strategy<Value = PlainCall> {
    let start_us = prop_oneof![
        20 => 0i64..5_000_000,
        2 => (0i64..50).prop_map(|tick| tick * 100_000),
        // Days, so that ticks lie far apart.
        1 => 0i64..500_000_000_000,
    ];
    let duration_ms = prop_oneof![
        20 => (0f64..300.0).prop_map(Some),
        3 => (0i32..4).prop_map(|ms| Some(f64::from(ms) * 100.0)),
        3 => Just(None),
        2 => (0f64..20_000.0).prop_map(Some),
        1 => prop_oneof![Just(Some(1e-300)), Just(Some(1e300)), Just(Some(1e9))],
    ];
    (start_us, duration_ms, prop_oneof![3 => Just(0), 1 => 0..KINDS.len()])
}

fn check(calls: &[PlainCall], most_calls: usize, calls_per_stretch: usize) -> Result<(), TestCaseError> {
    let made = made(calls, most_calls, calls_per_stretch);
    let (ticks, _) = plain(calls, 100_000);
    let (seconds, of_requests) = plain(calls, 1_000_000);
    let found: Vec<(u32, Vec<CallTick>)> =
        made.calls.iter().map(|calls| (calls.resolution_ms, calls.ticks().collect())).collect();
    let wanted: Vec<(u32, Vec<CallTick>)> =
        if ticks.is_empty() { Vec::new() } else { vec![(100, ticks), (1000, seconds)] };
    prop_assert_eq!(found, wanted);
    prop_assert_eq!(made.request_seconds, of_requests);
    Ok(())
}

proptest! {
    #[test]
    fn they_are_the_plain_sums_however_time_is_cut(
        calls in prop::collection::vec(call(), 1..120),
        most_calls in 1usize..60,
        calls_per_stretch in 1usize..60,
    ) {
        check(&calls, most_calls, calls_per_stretch)?;
    }

    #[test]
    fn so_they_are_with_many_calls_in_a_tick(
        calls in prop::collection::vec((0i64..300_000, (0f64..100.0).prop_map(Some), 0..KINDS.len()), 300..1_500),
        is_wide in any::<bool>(),
    ) {
        let mut calls = calls;
        if is_wide {
            // So far from the others that the order of the sums matters.
            calls[0].1 = Some(1e-280);
        }
        check(&calls, usize::MAX, 1_000)?;
    }
}

#[test]
fn a_call_counts_for_the_share_of_the_tick_in_which_it_ran() {
    let calls = [
        (0, Some(150.0), 0),
        (20_000, None, 0),
        (50_000, Some(50.0), 0),
        (110_000, None, 0),
        (250_000, Some(0.0), 0),
    ];
    let timeline = made(&calls, usize::MAX, CALLS_PER_STRETCH);
    let in_flight: Vec<f64> = timeline.calls[0].ticks().map(|tick| tick.in_flight).collect();
    // The third call ends at the edge, which belongs to the tick behind it.
    assert_eq!(in_flight, [1.5, 0.5, 0.0]);
    assert_eq!(timeline.calls[1].len(), 1);
}

#[test]
fn a_fast_failure_never_makes_a_tick_look_faster() {
    let timed = |calls: &[PlainCall]| {
        let tick = made(calls, usize::MAX, CALLS_PER_STRETCH).calls[0].ticks().next().unwrap();
        [tick.mean_ms, tick.p50_ms, tick.p95_ms, tick.max_ms].map(MaybeMs::get)
    };
    let (slow, fast_failure) = ((0, Some(40.0), PUT), (0, Some(1.0), FAILED));
    assert_eq!(timed(&[slow, (0, Some(60.0), PUT)]), [Some(50.0), Some(50.0), Some(59.0), Some(60.0)]);
    assert_eq!(timed(&[slow, fast_failure]), [Some(20.5), Some(40.0), Some(40.0), Some(40.0)]);
    // A failure without a duration takes none of the durations out.
    assert_eq!(timed(&[slow, (0, None, FAILED)]), [Some(40.0); 4]);
    assert_eq!(timed(&[fast_failure]), [Some(1.0), None, None, Some(1.0)], "nothing is left to tell of");
}

#[test]
fn only_look_ups_of_a_tier_hit_and_miss() {
    let lexicon = Lexicon::default();
    let calls: Vec<PlainCall> = (0..KINDS.len()).map(|kind| (0, Some(1.0), kind)).collect();
    let log = log(&calls, &lexicon);
    let components = ["cache_l1", "cache_l2", "own_cache"].map(|word| (lexicon.code(word), log.all()));
    let timeline = measure(&components, None, &Words::of(&lexicon), 0);
    let found = |calls: &CallTicks| calls.ticks().map(|tick| (tick.ok, tick.hits, tick.misses)).collect();
    let found: Vec<Vec<(u32, u32, u32)>> = timeline.calls.iter().take(3).map(found).collect();
    assert_eq!(found, [[(2, 1, 1)], [(2, 1, 1)], [(2, 0, 0)]]);
}
