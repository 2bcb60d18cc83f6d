//! The load against plain sums over all requests.

use proptest::prelude::*;

use super::*;
use crate::measure::calls::{CallLog, NewCall};
use crate::run::Lexicon;
use crate::stats::quantile::{type7_sorted, without_fastest};
use crate::summary::{LoadSecond, Measured, WindowName};

/// Start in µs, duration in ms and index of the outcome.
type Plain = (i64, Option<f64>, usize);

const OUTCOMES: [Option<&str>; 4] = [Some("ok"), Some("timeout"), None, None];
const OK: usize = 0;
const FAILED: usize = 1;
const UNKNOWN: usize = 2;
const MISSING: usize = 3;

fn log(requests: &[Plain], lexicon: &Lexicon) -> CallLog {
    let mut log = CallLog::default();
    for &(start_us, duration_ms, outcome) in requests {
        let code = OUTCOMES[outcome].map(|word| lexicon.code(word));
        let kind = CallKind::new(None, code, outcome == MISSING, (false, false));
        // Long due, as it stands once the load has ended.
        let kind = if outcome == MISSING { kind.unanswered(lexicon.code("unanswered")) } else { kind };
        let kind = log.index_of(kind);
        let duration_ms = duration_ms.filter(|_| outcome != MISSING);
        log.push(NewCall { start_us, duration_ms, kind, request_id: None, key: None });
    }
    log.sort(&Words::of(lexicon));
    log
}

fn window(start_us: i64, end_us: i64) -> Window {
    let duration_s = Measured::Value((end_us - start_us) as f64 / 1e6);
    Window { name: WindowName::Whole, start_us, end_us, duration_s, duration_is_declared: false }
}

fn seconds_of(requests: &[Plain], end_us: i64) -> LoadSeconds {
    let lexicon = Lexicon::default();
    let log = log(requests, &lexicon);
    seconds(Some(&log.all()), &window(0, end_us), &Words::of(&lexicon))
}

fn parts_of(requests: &[Plain], edges_us: &[i64]) -> Vec<PartOfLoad> {
    let lexicon = Lexicon::default();
    let log = log(requests, &lexicon);
    parts(Some(&log.all()), edges_us, &Words::of(&lexicon))
}

fn end_us(&(start_us, duration_ms, _): &Plain) -> i64 {
    end_or_start_us(start_us, duration_ms.unwrap_or(f64::NAN))
}

#[test]
fn a_request_starts_ends_and_is_in_flight_where_it_is() {
    let load = seconds_of(
        &[(500_000, Some(2_000.0), OK), (1_200_000, Some(100.0), FAILED), (1_500_000, None, OK)],
        4_000_000,
    );
    let of = |of: fn(&LoadSecond) -> u32| load.steps.iter().map(of).collect::<Vec<_>>();
    assert_eq!(of(|step| step.starts), [1, 2, 0, 0]);
    assert_eq!((of(|step| step.ok), of(|step| step.not_ok)), (vec![1, 1, 0, 0], vec![0, 1, 0, 0]));
    assert_eq!((of(|step| step.timed_ok), of(|step| step.ends)), (vec![1, 0, 0, 0], vec![0, 2, 1, 0]));
    let in_flight: Vec<f64> = load.steps.iter().map(|step| step.in_flight).collect();
    assert_eq!(in_flight, [0.5, 1.1, 0.5, 0.0]);
    assert_eq!(load.steps[0].ln_ok_ms, 2_000f64.ln());
}

#[test]
fn what_is_never_answered_is_not_ok_and_in_flight_no_longer_than_the_longest_answer_took() {
    let load = seconds_of(&[(0, Some(1_500.0), OK), (2_000_000, None, MISSING)], 6_000_000);
    let in_flight: Vec<f64> = load.steps.iter().map(|step| step.in_flight).collect();
    assert_eq!(in_flight, [1.0, 0.5, 1.0, 0.5, 0.0, 0.0]);
    // It is given up when the longest answer would have come.
    assert_eq!(
        (load.steps[2].not_ok, load.steps.iter().map(|step| step.ends).collect::<Vec<_>>()),
        (1, vec![0, 1, 0, 1, 0, 0])
    );
    let load = seconds_of(&[(1_000_000, None, MISSING)], 3_000_000);
    assert_eq!(load.steps.iter().map(|step| step.in_flight).collect::<Vec<_>>(), [0.0, 1.0, 1.0]);
}

#[test]
fn an_outcome_that_is_not_known_is_neither_ok_nor_not() {
    let found = parts_of(&[(0, Some(10.0), UNKNOWN), (1, Some(30.0), UNKNOWN)], &[0, 1_000_000])[0];
    assert_eq!((found.starts, found.ok, found.not_ok, found.timed), (2, 0, 0, 2));
    assert_eq!((found.mean_ok_ms, found.p95_ms), (None, Some(29.0)));
}

#[test]
fn a_request_of_no_time_at_all_has_the_logarithm_of_the_least_time() {
    assert_eq!(seconds_of(&[(0, Some(0.0), OK)], 1_000_000).steps[0].ln_ok_ms, 0.001f64.ln());
}

#[test]
fn without_requests_there_are_steps_and_parts_and_nothing_in_them() {
    let words = Words::of(&Lexicon::default());
    let load = seconds(None, &window(0, 3_000_000), &words);
    assert!(load.steps.len() == 3 && load.steps.iter().all(|step| *step == LoadSecond::default()));
    assert_eq!(parts(None, &[0, 1, 2], &words), [PartOfLoad::default(); 2]);
    assert_eq!(parts_of(&[(0, Some(1.0), OK)], &[]), []);
}

proptest! {
    #[test]
    fn steps_and_parts_are_plain_sums(
        requests in prop::collection::vec(
            (0i64..9_000_000, prop::option::weighted(0.9, 0f64..3_000.0), 0usize..3), 1..60
        ),
        edges_us in prop::collection::vec(0i64..12_000_000, 2..6),
    ) {
        let load = seconds_of(&requests, 12_000_000);
        for (index, step) in load.steps.iter().enumerate() {
            let (from_us, until_us) = (load.begin_us(index), load.begin_us(index + 1));
            let holds = |at_us: i64| (from_us..until_us).contains(&at_us);
            let count = |is: &dyn Fn(&Plain) -> bool| requests.iter().filter(|request| is(request)).count() as u32;
            prop_assert_eq!(step.starts, count(&|request| holds(request.0)));
            prop_assert_eq!(step.ok, count(&|request| holds(request.0) && request.2 == OK));
            prop_assert_eq!(step.not_ok, count(&|request| holds(request.0) && request.2 == FAILED));
            prop_assert_eq!(step.ends, count(&|request| holds(end_us(request))));
            let overlap = |request: &Plain| (end_us(request).min(until_us) - request.0.max(from_us)).max(0);
            let area_us: i64 = requests.iter().map(overlap).sum();
            prop_assert_eq!(step.in_flight, area_us as f64 / 1e6);
        }
        let mut edges_us = edges_us;
        edges_us.sort_unstable();
        for (found, edges) in parts_of(&requests, &edges_us).iter().zip(edges_us.windows(2)) {
            let holds = |at_us: i64| (edges[0]..edges[1]).contains(&at_us);
            let inside: Vec<&Plain> = requests.iter().filter(|request| holds(request.0)).collect();
            let of = |outcome: usize| inside.iter().filter(|request| request.2 == outcome).count() as u64;
            prop_assert_eq!((found.starts, found.ok, found.not_ok), (inside.len() as u64, of(OK), of(FAILED)));
            let ok_ends = requests.iter().filter(|request| request.2 == OK && holds(end_us(request))).count();
            prop_assert_eq!(found.ok_ends, ok_ends as u64);
            let mut all: Vec<f64> = inside.iter().filter_map(|request| request.1).collect();
            all.sort_by(f64::total_cmp);
            let timed_ok = inside.iter().filter(|request| request.2 == OK && request.1.is_some()).count();
            let failed = if of(OK) + of(FAILED) > 0 { all.len() - timed_ok } else { 0 };
            prop_assert_eq!(found.p95_ms, type7_sorted(without_fastest(&all, failed), 0.95));
        }
    }
}
