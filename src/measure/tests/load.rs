//! What was sent: the end of the load, requests that were never answered, when they were meant to be sent.

use proptest::prelude::*;

use super::*;
use crate::summary::OutcomeCounts;

fn waiting(start_ms: i64) -> Event {
    Event { outcome: None, duration_ms: None, ..call("request", start_ms, 0.0, "ok") }
}

fn of_user(user_id: u32, event: Event) -> Event {
    Event { user_id: Some(user_id), ..event }
}

fn declared(events: Vec<Event>, ended_at: &str) -> Run {
    let ended_at = Some(ended_at.to_owned());
    Run { events, metadata: RunMetadata { ended_at, ..RunMetadata::default() } }
}

fn outcomes(run: &Run) -> (u64, u64, u64) {
    let OutcomeCounts { failed, unanswered, unfinished, .. } = run.measure().requests.counts;
    (failed, unanswered, unfinished)
}

#[test]
fn a_request_that_waits_longer_than_any_answer_took_has_failed() {
    let mut events = vec![call("request", 0, 500.0, "ok"), call("request", 9_000, 1000.0, "ok")];
    events.extend([waiting(8_900), waiting(9_500)]);
    let run = Run::of(events);
    assert_eq!(outcomes(&run), (1, 1, 1), "one waits for 1.1 s, one for 0.5 s");
    let summary = run.measure();
    assert_eq!(summary.requests.success_rate, Measured::Value(2.0 / 3.0));
    let error = &summary.errors[0];
    assert_eq!((error.category.as_str(), error.count, error.share), ("unanswered", 1, 1.0 / 3.0));
    assert_eq!(summary.requests.totals.requests, 2, "it never finished");
}

#[test]
fn where_nobody_was_answered_all_have_failed() {
    let run = declared(vec![waiting(0), waiting(900)], "1970-01-01T00:00:01Z");
    assert_eq!(outcomes(&run), (2, 2, 0));
    assert_eq!(run.measure().requests.success_rate, Measured::Value(0.0));
}

#[test]
fn in_a_closed_loop_a_user_who_asked_again_has_given_up() {
    let mut events = vec![call("request", 0, 5000.0, "ok")];
    events.extend([of_user(1, waiting(4000)), of_user(1, waiting(4500)), of_user(2, waiting(4500))]);
    let mut run = Run::of(events);
    assert_eq!(outcomes(&run), (0, 0, 3), "nobody waits longer than the one who was answered");
    run.metadata.load_model = Some("closed".to_owned());
    assert_eq!(outcomes(&run), (1, 1, 2));
}

#[test]
fn users_of_a_closed_loop_that_wait_for_what_is_long_due_never_came_back() {
    let answered = |user: u32| of_user(user, call("request", i64::from(user), 500.0, "ok"));
    let mut events: Vec<Event> = (1..=4).map(answered).collect();
    // One gave up and asked again, one asked just before the end; the others wait.
    events.extend([of_user(1, waiting(2_000)), of_user(1, waiting(9_900)), of_user(2, waiting(9_900))]);
    events.extend([of_user(3, waiting(2_000)), of_user(4, waiting(2_000))]);
    let mut run = declared(events, "1970-01-01T00:00:10Z");
    let lost = |run: &Run| {
        let comparable = run.measure().comparable;
        let throughput = comparable.iter().find(|metric| metric.name == "ok_per_s").unwrap();
        throughput.lost_users.map(|users| (users.lost, users.of))
    };
    assert_eq!(lost(&run), None, "of an open loop nobody waits");
    run.metadata.load_model = Some("closed".to_owned());
    assert_eq!(lost(&run), Some((2, 4)));
    run.metadata.users = Some(3);
    assert_eq!(lost(&run), Some((2, 3)), "sessions with ids of their own are no more users than declared");
    run.events.retain(|event| event.duration_ms.is_some());
    assert_eq!(lost(&run), None);
}

#[test]
fn the_load_ends_as_declared_or_with_its_users_or_the_last_event_that_somebody_waits_for() {
    let answered = || vec![call("request", 0, 1000.0, "ok"), sample("cpu_percent", 4000, 1.0, "a")];
    let length = |run: &Run| run.measure().window.duration_s;
    assert_eq!(length(&Run::of(answered())), Measured::Value(1.0), "a recorder may run on");
    assert_eq!(length(&declared(answered(), "1970-01-01T00:00:03Z")), Measured::Value(3.0));
    assert_eq!(length(&declared(answered(), "1970-01-01T00:00:00.5Z")), Measured::Value(0.5));
    let users = [sample("active_users", 2000, 5.0, "a"), sample("active_users", 3000, 0.0, "a")];
    assert_eq!(length(&Run::of([answered(), users.to_vec()].concat())), Measured::Value(2.0));
    assert_eq!(length(&Run::of([answered(), vec![waiting(500)]].concat())), Measured::Value(4.0));
}

#[test]
fn the_drain_of_a_few_slow_answers_is_no_load_and_users_that_hang_are() {
    let steady = |duration_ms: f64| {
        let start = move |index: i64| call("request", index * 100, duration_ms, "ok");
        (0..100).map(start).collect::<Vec<_>>()
    };
    let mut events = steady(300.0);
    events[95].duration_ms = Some(60_000.0);
    let summary = Run::of(events).measure();
    // In flight at 9.9 s: two as usual, the slow one, and the last itself.
    assert_eq!(summary.window.duration_s, Measured::Value(10.1));
    assert_eq!(summary.requests.all.max_ms, Measured::Value(60_000.0), "it counts all the same");
    let mut events = steady(300.0);
    events.iter_mut().rev().take(20).for_each(|event| event.duration_ms = Some(60_000.0));
    let length_s = Run::of(events).measure().window.duration_s.number().unwrap();
    assert!(length_s > 60.0, "{length_s}");
}

#[test]
fn calls_of_a_component_that_are_never_answered_have_failed_like_requests() {
    let mut events: Vec<Event> = (0..10).map(|index| call("vdb", index * 100, 50.0, "ok")).collect();
    events.extend((0..5).map(|index| Event { component: "vdb".into(), ..waiting(index * 100) }));
    events.extend((0..3).map(|index| Event { component: "note".into(), ..waiting(index * 100) }));
    events.push(call("request", 0, 5_000.0, "ok"));
    let summary = Run::of(events).measure();
    let of = |name: &str| summary.components.iter().find(|found| found.component == name).unwrap();
    assert_eq!(of("vdb").calls.success_rate, Measured::Value(10.0 / 15.0));
    assert_eq!(of("note").calls.counts.unanswered, 0, "rows that never end are no calls that hang");
}

#[test]
fn a_request_that_was_blocked_or_missed_has_failed() {
    let events = vec![
        call("request", 0, 1.0, "blocked"),
        call("request", 0, 1.0, "miss"),
        call("request", 0, 1.0, "ok"),
        call("cache_l1", 0, 1.0, "miss"),
        call("circuit_breaker", 0, 1.0, "blocked"),
    ];
    let summary = Run::of(events).measure();
    assert_eq!(summary.requests.success_rate, Measured::Value(1.0 / 3.0));
    let failed: Vec<u64> = summary.components.iter().map(|found| found.calls.counts.failed).collect();
    assert_eq!(failed, [0, 0, 2], "cache and breaker did what they are for");
}

#[test]
fn who_waits_is_in_flight_until_the_load_ends() {
    let run = declared(vec![call("request", 0, 1000.0, "ok"), waiting(1000)], "1970-01-01T00:00:04Z");
    let summary = run.measure();
    assert_eq!(summary.requests.mean_in_flight, Measured::Value(1.0));
    assert_eq!(summary.throughput.mean_per_s, Measured::Value(0.25));
}

#[test]
fn a_duration_without_an_outcome_is_an_end_that_nobody_knows() {
    let unknown = Event { outcome: None, ..call("request", 0, 1000.0, "ok") };
    let summary = Run::of(vec![unknown, call("request", 0, 500.0, "ok")]).measure();
    assert_eq!((summary.requests.counts.finished, summary.requests.counts.unknown), (2, 1));
    assert_eq!(summary.requests.success_rate, Measured::Value(1.0));
    assert_eq!(summary.throughput.mean_per_s, Measured::Value(2.0));
    assert_eq!(summary.data_quality.left_out.share, 0.5);
}

#[test]
fn rates_count_ends_and_occupancy_what_is_in_flight_wherever_it_started() {
    // One request a second, each of which takes 10 s.
    let events: Vec<Event> = (0..40).map(|second| call("request", second * 1000, 10_000.0, "ok")).collect();
    let run = Run::of(events);
    let summary = run.measure_window(WindowName::Steady, 20_000, 30_000);
    assert_eq!(summary.throughput.mean_per_s, Measured::Value(1.1), "11 ends at 20, 21 … 30 s");
    assert_eq!(summary.requests.mean_in_flight, Measured::Value(10.0));
    assert_eq!(summary.throughput.offered_per_s, Measured::Value(1.0));
}

#[test]
fn all_that_was_sent_counts_unless_somebody_cut_it_out() {
    let mut events: Vec<Event> = (0..40).map(|call_| call("request", call_ * 100, 10.0, "ok")).collect();
    events[0].outcome = Some("timeout".to_owned());
    let run = Run::of(events);
    let judged = |name| run.measure_window(name, 1000, 3000);
    let found = judged(WindowName::Steady);
    assert_eq!(found.requests.success_rate, Measured::Value(39.0 / 40.0));
    assert_eq!((found.errors.len(), found.requests.all.n), (1, 20));
    let success = |summary: &RunSummary| {
        let metric = |metric: &&crate::summary::ComparableMetric| {
            (metric.component.as_str(), metric.name.as_str()) == ("request", "success_rate")
        };
        summary.comparable.iter().find(metric).map(|metric| (metric.value.clone(), metric.samples))
    };
    assert_eq!(success(&found), Some((Measured::Value(39.0 / 40.0), 40)));
    let chosen = judged(WindowName::Chosen);
    assert_eq!(chosen.requests.success_rate, Measured::Value(1.0));
    assert_eq!((chosen.errors.len(), success(&chosen)), (0, Some((Measured::Value(1.0), 20))));
}

#[test]
fn a_request_is_in_flight_from_its_sending_and_late_from_when_it_was_meant_to_be_sent() {
    let meant = |at_ms: i64, event: Event| Event { scheduled_ts: Some(at_ms * 1000), ..event };
    let events = vec![
        meant(0, call("request", 0, 1000.0, "ok")),
        meant(500, call("request", 1000, 1000.0, "ok")),
        meant(3000, call("request", 2900, 1000.0, "ok")),
    ];
    let summary = Run::of(events).measure();
    assert_eq!(summary.requests.all.max_ms, Measured::Value(1500.0));
    assert_eq!(summary.requests.from_sending.value().unwrap().max_ms, Measured::Value(1000.0));
    assert_eq!(summary.requests.mean_in_flight, Measured::Value(3.0 / 3.9));
}

#[test]
fn who_was_never_answered_failed_in_the_second_of_asking() {
    let run =
        declared(vec![call("request", 0, 10.0, "ok"), waiting(20), waiting(5500)], "1970-01-01T00:00:09Z");
    let seconds = run.measure().series.request_seconds;
    let found: Vec<_> = seconds.iter().map(|second| (second.start_us, second.ok, second.failed)).collect();
    assert_eq!(found, [(0, 1, 1), (5_000_000, 0, 1)]);
}

proptest! {
    /// What is missing is never good news: success falls with every answer that is taken away.
    #[test]
    fn an_answer_less_never_raises_success(
        calls in prop::collection::vec((0i64..60_000, 1f64..5_000.0, any::<bool>()), 2..60),
        lost in any::<prop::sample::Index>(),
        is_closed in any::<bool>(),
    ) {
        let event = |&(start_ms, duration_ms, is_ok): &(i64, f64, bool)| {
            let outcome = if is_ok { "ok" } else { "timeout" };
            of_user((start_ms % 5) as u32, call("request", start_ms, duration_ms, outcome))
        };
        let mut run = declared(calls.iter().map(event).collect(), "1970-01-01T00:02:00Z");
        run.metadata.load_model = is_closed.then(|| "closed".to_owned());
        let before = run.measure().requests.success_rate;
        let lost = lost.index(run.events.len());
        (run.events[lost].outcome, run.events[lost].duration_ms) = (None, None);
        let after = run.measure().requests;
        prop_assert_eq!(after.counts.unanswered, 1, "it waits for a minute or more");
        prop_assert!(after.success_rate.number() <= before.number(), "{:?} to {:?}", before, after.success_rate);
    }
}
