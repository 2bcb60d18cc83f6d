//! Parts of small runs.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::any_order::event;
use super::*;
use crate::run::DeclaredTotals;
use crate::summary::WindowName;

fn span(start_ms: i64, end_ms: i64) -> WindowSpan {
    WindowSpan { name: WindowName::Chosen, start_us: start_ms * 1000, end_us: end_ms * 1000 }
}

impl Run {
    /// The part from `start_ms` to `end_ms`.
    pub fn part(&self, start_ms: i64, end_ms: i64) -> RunSummary {
        self.part_in(&[&self.events], start_ms, end_ms)
    }

    fn part_in(&self, parts: &[&[Event]], start_ms: i64, end_ms: i64) -> RunSummary {
        let lexicon = Lexicon::default();
        let all = fold(parts, &lexicon, || Measurer::new(&lexicon));
        let identity =
            Identity { run_id: "test", metadata: &self.metadata, metadata_origin: MetadataOrigin::None };
        let recording = all.finish(identity, load_report(self.events.len() as u64), &Config::defaults());
        let prepared = recording.prepare();
        prepared.measure(&span(start_ms, end_ms)).1
    }
}

#[test]
fn a_request_belongs_to_the_part_in_which_it_starts() {
    let run = Run::of(vec![
        call("request", 0, 1500.0, "ok"),
        call("request", 1000, 500.0, "ok"),
        call("request", 1900, 900.0, "timeout"),
        call("request", 2000, 100.0, "ok"),
        call("request", 4000, 100.0, "ok"),
    ]);
    let part = run.part(1000, 2000);
    assert_eq!(
        (part.window.name, part.window.duration_s.clone()),
        (WindowName::Chosen, Measured::Value(1.0))
    );
    assert_eq!((part.window.start_us, part.window.end_us), (1_000_000, 2_000_000));
    assert_eq!(part.requests.counts.finished, 2);
    assert_eq!(part.requests.success_rate, Measured::Value(0.5));
    assert_eq!(part.throughput.mean_per_s, Measured::Value(2.0));
    // In flight in it: 0.5 s of the first, all of the second, 0.1 s of the third.
    assert_eq!(part.requests.mean_in_flight, Measured::Value(1.1));
    assert_eq!(part.requests.all.max_ms, Measured::Value(900.0));
    assert_eq!(part.errors.len(), 1);
    // Two ended in it, one of which started before it.
    assert_eq!(part.throughput.recent_per_s, Measured::Value(2.0));
}

#[test]
fn a_part_keeps_the_ticks_of_the_whole_that_lie_in_it() {
    let run = Run::of(vec![
        call("request", 900, 200.0, "ok"),
        call("request", 1200, 50.0, "ok"),
        call("lightrag", 1200, 5.0, "ok"),
        call("request", 1950, 500.0, "ok"),
        sample("threads", 999, 1.0, "a"),
        sample("threads", 1000, 2.0, "a"),
        sample("threads", 2000, 3.0, "a"),
    ]);
    let series = run.part(1000, 2000).series;
    let seconds: Vec<(i64, u64)> =
        series.request_seconds.iter().map(|second| (second.start_us, second.ok)).collect();
    assert_eq!(seconds, [(1_000_000, 2)], "what ended in the second, wherever it started");
    let ticks: Vec<(u32, u64, usize)> = ticks_of(&series)
        .map(|(calls, tick)| (calls.resolution_ms, calls.number(&tick), calls.component))
        .collect();
    // Ticks count from the run's first, in which a sample of 999 ms fell; components are the part's: lightrag, request.
    assert_eq!(ticks, [(100, 3, 0), (100, 2, 1), (100, 3, 1), (1000, 1, 0), (1000, 1, 1)]);
    assert_eq!(series.samples.iter().map(|sample| sample.value).collect::<Vec<_>>(), [2.0]);
}

#[test]
fn a_breaker_enters_the_part_in_the_state_it_had_before() {
    let breaker = |at_ms: i64, name: &str, value: f64| Event {
        value: Some(value),
        ..operation(name, Event { ts: at_ms * 1000, component: "circuit_breaker".into(), ..Event::default() })
    };
    let run = Run::of(vec![
        call("request", 0, 10_000.0, "ok"),
        breaker(0, "state", 0.0),
        call("circuit_breaker", 500, 100.0, "timeout"),
        call("circuit_breaker", 900, 0.0, "ok"),
        breaker(1000, "closed->open", 0.5),
        call("circuit_breaker", 1500, 0.0, "blocked"),
        call("circuit_breaker", 2500, 0.0, "blocked"),
        breaker(3000, "open->half_open", 0.0),
        call("circuit_breaker", 3000, 10.0, "ok"),
        breaker(3500, "half_open->closed", 0.0),
        breaker(9000, "closed->open", 0.5),
    ]);
    let instance = |from_ms, to_ms| run.part(from_ms, to_ms).breaker.value().unwrap().breakers[0].clone();
    let late = instance(2000, 4000);
    let seconds = |closed: f64, half_open: f64, open: f64| {
        BTreeMap::from([
            ("closed".to_owned(), closed),
            ("half_open".into(), half_open),
            ("open".into(), open),
        ])
    };
    assert_eq!(late.time_in_state_s, Measured::Value(seconds(0.5, 0.5, 1.0)));
    assert_eq!((late.requests, late.blocked, late.openings.len(), late.closings.len()), (2, 1, 0, 1));
    assert_eq!(late.transitions["closed->open"], 0);
    // The calls on which the opening rests ended before the part began.
    let opening = instance(1000, 2000);
    assert_eq!(opening.openings[0].measured_failure_rate, Measured::Value(0.5));
    assert_eq!((opening.requests, opening.availability_percent.clone()), (1, Measured::Value(0.0)));
    // Nothing happens, and still the state is known.
    let quiet = instance(5000, 6000);
    assert_eq!((quiet.requests, quiet.time_in_state_s.clone()), (0, Measured::Value(seconds(1.0, 0.0, 0.0))));
    assert_eq!(quiet.availability_percent.reason(), Some("no call to the breaker with an outcome"));
}

#[test]
fn a_request_at_the_edge_keeps_all_of_its_chain() {
    let run = Run::of(vec![
        request_id(1, call("request", 0, 100.0, "ok")),
        request_id(2, call("request", 900, 1000.0, "ok")),
        request_id(2, call("lightrag", 1100, 800.0, "ok")),
    ]);
    let part = run.part(500, 1000);
    assert_eq!(part.slowest[0].chain.len(), 1);
    let spent = part.time_spent.value().unwrap();
    assert_eq!((spent.shares[0].component.as_str(), spent.shares[0].share), ("lightrag", 0.8));
    // Yet the call itself belongs to the time in which it starts.
    assert!(part.lightrag.value().is_none() && part.components.len() == 1);
}

#[test]
fn memory_and_cpu_are_the_parts_own() {
    let run = Run::of(vec![
        call("request", 0, 4000.0, "ok"),
        sample("memory_rss_mb", 0, 100.0, "a"),
        sample("memory_rss_mb", 1000, 200.0, "a"),
        sample("memory_rss_mb", 2000, 210.0, "a"),
        sample("memory_rss_mb", 4000, 500.0, "a"),
    ]);
    let part = run.part(1000, 2000);
    let memory = part.resources.memory.value().unwrap();
    assert_eq!((memory.first_mb, memory.last_mb, memory.change_mb), (200.0, 210.0, 10.0));
    assert_eq!(part.series.service_memory_mb, [(1_000_000, 200.0), (2_000_000, 210.0)]);
    assert_eq!(run.measure().series.service_memory_mb.len(), 4);
    // The table of samples holds what was sampled in it: [1 s, 2 s).
    assert_eq!((part.metrics[0].n, part.metrics[0].mean), (1, 200.0));
}

#[test]
fn declared_totals_say_nothing_about_a_part() {
    let mut run = Run::of(vec![
        call("request", 0, 100.0, "ok"),
        call("request", 1000, 100.0, "ok"),
        call("request", 1500, 100.0, "timeout"),
    ]);
    let declare =
        |requests| DeclaredTotals { requests: Some(requests), duration_s: Some(60.0), ..Default::default() };
    run.metadata.totals = Some(declare(900));
    let sampled = run.part(1000, 2000);
    assert!(!sampled.requests.totals.declared && !sampled.window.duration_is_declared);
    assert_eq!((sampled.requests.totals.requests, sampled.requests.success_rate), (2, Measured::Value(0.5)));
    for rate in [
        &sampled.throughput.mean_per_s,
        &sampled.throughput.peak_per_s,
        &sampled.throughput.recent_per_s,
        &sampled.throughput.offered_per_s,
        &sampled.requests.mean_in_flight,
        &sampled.components[0].calls.throughput_per_s,
    ] {
        assert_eq!(
            rate.reason(),
            Some("the events are a sample of the totals that are declared for the whole run")
        );
    }
    assert!(sampled.data_quality.load_notes.iter().any(|note| note.contains("declared totals")));
    assert!(sampled.identity.metadata.totals.is_some(), "the report shows what was declared");
    // All requests are events: then the events give the rates.
    run.metadata.totals = Some(declare(3));
    assert_eq!(run.part(1000, 2000).throughput.mean_per_s, Measured::Value(2.0));
}

#[test]
fn what_is_told_of_the_recording_is_of_all_of_it() {
    let mut events = vec![call("request", 0, 10.0, "ok"), call("request", 60_000, 10.0, "ok")];
    events.extend((0..20).map(|tick| sample("cpu_percent", tick * 100, 1.0, "a")));
    events.push(operation("ramp_up", Event { component: "phase".into(), ..Event::default() }));
    let run = Run::of(events);
    let (whole, part) = (run.measure(), run.part(59_000, 60_500));
    assert_eq!(part.data_quality, whole.data_quality);
    assert_eq!((part.data_quality.gaps.len(), part.data_quality.rows_total), (1, 23));
    assert_eq!(part.phases, whole.phases);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn shuffled_and_split_events_give_the_same_part(
        (events, shuffled) in prop::collection::vec(event(), 1..60)
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
        cut in 0usize..60,
        (start_ms, length_ms) in (0i64..20_000, 1i64..20_000),
    ) {
        let end_ms = start_ms + length_ms;
        let one = Run::of(events).part(start_ms, end_ms);
        let run = Run::of(shuffled.clone());
        let (left, right) = shuffled.split_at(cut.min(shuffled.len()));
        let parts = run.part_in(&[left, right], start_ms, end_ms);
        prop_assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&parts).unwrap());
        prop_assert_eq!(one.series, parts.series);
    }

    #[test]
    fn the_model_calls_of_a_part_are_those_of_a_run_of_its_calls(
        events in prop::collection::vec(event(), 1..60),
        (start_ms, length_ms) in (0i64..20_000, 1i64..20_000),
    ) {
        let end_ms = start_ms + length_ms;
        let inside = |event: &Event| (start_ms * 1000..end_ms * 1000).contains(&event.ts);
        let of = |run: RunSummary| -> Vec<_> {
            let components = run.components.into_iter();
            components.map(|found| (found.component, found.calls.model)).filter(|(_, model)| model.value().is_some()).collect()
        };
        let alone = Run::of(events.iter().filter(|event| inside(event)).cloned().collect());
        prop_assert_eq!(of(Run::of(events.clone()).part(start_ms, end_ms)), of(alone.part(start_ms, end_ms)));
    }

    #[test]
    fn parts_side_by_side_count_what_the_whole_counts(
        events in prop::collection::vec(event(), 1..60),
        cut_ms in 1i64..20_000,
    ) {
        let run = Run::of(events);
        let whole = run.measure();
        let parts = [run.part(0, cut_ms), run.part(cut_ms, 20_000)];
        let sum = |of: &dyn Fn(&RunSummary) -> u64| parts.iter().map(of).sum::<u64>();
        prop_assert_eq!(sum(&|part| part.requests.counts.finished), whole.requests.counts.finished);
        prop_assert_eq!(sum(&|part| part.requests.counts.unfinished), whole.requests.counts.unfinished);
        let errors = |run: &RunSummary| run.errors.iter().map(|error| error.count).sum::<u64>();
        prop_assert_eq!(sum(&errors), errors(&whole));
        let samples = |run: &RunSummary| run.metrics.iter().map(|metric| metric.n).sum::<u64>();
        prop_assert_eq!(sum(&samples), samples(&whole));
        let breaker = |run: &RunSummary| run.breaker.value().map_or((0, 0, 0), |breaker| {
            let changes = breaker.breakers.iter().flat_map(|one| one.transitions.values()).sum::<u64>();
            (breaker.requests, breaker.blocked, changes)
        });
        prop_assert_eq!(sum(&|part| breaker(part).0), breaker(&whole).0);
        prop_assert_eq!(sum(&|part| breaker(part).1), breaker(&whole).1);
        prop_assert_eq!(sum(&|part| breaker(part).2), breaker(&whole).2);
    }
}
