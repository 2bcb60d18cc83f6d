//! Runs small enough to check by hand, through the whole fold.

use polars_core::prelude::*;

use super::*;
use crate::run::{Batch, Event, Lexicon, LoadReport, MetadataOrigin, RunMetadata};
use crate::summary::{CallTick, CallTicks, Measured, RunSummary, Series, WindowName};

mod causes;
mod load;
mod model_calls;
mod part;
mod processes;
mod slow_requests;

/// A run of a few events with its metadata.
struct Run {
    events: Vec<Event>,
    metadata: RunMetadata,
}

impl Run {
    fn of(events: Vec<Event>) -> Self {
        Self { events, metadata: RunMetadata::default() }
    }

    fn measure(&self) -> RunSummary {
        self.measure_in(&[&self.events])
    }

    /// Measures the events in the given batches, each by its own measurer, merged backwards.
    fn measure_in(&self, parts: &[&[Event]]) -> RunSummary {
        let lexicon = Lexicon::default();
        let all = fold(parts, &lexicon, || Measurer::new(&lexicon));
        let identity =
            Identity { run_id: "test", metadata: &self.metadata, metadata_origin: MetadataOrigin::None };
        let recording = all.finish(identity, load_report(self.events.len() as u64), &Config::defaults());
        let prepared = recording.prepare();
        let timeline = prepared.timeline();
        let (start_us, end_us) = (timeline.window.start_us, timeline.window.end_us);
        prepared.measure(&WindowSpan { name: WindowName::Whole, start_us, end_us }).1
    }

    /// The numbers of a window, found or chosen.
    fn measure_window(&self, name: WindowName, start_ms: i64, end_ms: i64) -> RunSummary {
        let lexicon = Lexicon::default();
        let all = fold(&[&self.events], &lexicon, || Measurer::new(&lexicon));
        let identity =
            Identity { run_id: "test", metadata: &self.metadata, metadata_origin: MetadataOrigin::None };
        let recording = all.finish(identity, load_report(self.events.len() as u64), &Config::defaults());
        let span = WindowSpan { name, start_us: start_ms * 1000, end_us: end_ms * 1000 };
        recording.prepare().measure(&span).1
    }
}

fn fold<'a>(parts: &[&[Event]], lexicon: &Lexicon, start: impl Fn() -> Measurer<'a>) -> Measurer<'a> {
    let mut all = start();
    for part in parts.iter().rev() {
        let mut measurer = start();
        measurer.update(&batch(part, lexicon));
        all.merge(&mut measurer);
    }
    all
}

fn load_report(rows: u64) -> LoadReport {
    LoadReport { rows_total: rows, rows_used: rows, ..LoadReport::default() }
}

fn batch(events: &[Event], lexicon: &Lexicon) -> Batch {
    fn column<T, P>(name: &str, events: &[Event], of: impl Fn(&Event) -> Option<T>) -> Column
    where
        P: PolarsNumericType<Native = T>,
        ChunkedArray<P>: IntoSeries,
    {
        let values: ChunkedArray<P> = events.iter().map(of).collect();
        values.with_name(name.into()).into_series().into()
    }
    let code = |word: &Option<String>| word.as_ref().map(|word| lexicon.code(word));
    let detail: StringChunked = events.iter().map(|event| event.detail.clone()).collect();
    let columns = vec![
        column::<_, Int64Type>("ts", events, |event| Some(event.ts)),
        column::<_, UInt32Type>("component", events, |event| Some(lexicon.code(&event.component))),
        column::<_, UInt32Type>("operation", events, |event| code(&event.operation)),
        column::<_, UInt32Type>("outcome", events, |event| code(&event.outcome)),
        column::<_, UInt32Type>("instance", events, |event| code(&event.instance)),
        column::<_, UInt32Type>("answered_by", events, |event| code(&event.answered_by)),
        column::<_, UInt32Type>("attempt", events, |event| event.attempt.map(u32::from)),
        column::<_, Float64Type>("duration_ms", events, |event| event.duration_ms),
        column::<_, Float64Type>("value", events, |event| event.value),
        column::<_, Float64Type>("cost_usd", events, |event| event.cost_usd),
        column::<_, Float64Type>("quality", events, |event| event.quality),
        column::<_, UInt64Type>("request_id", events, |event| event.request_id),
        column::<_, UInt64Type>("key", events, |event| event.key),
        column::<_, UInt32Type>("user_id", events, |event| event.user_id),
        column::<_, UInt32Type>("tokens_in", events, |event| event.tokens_in),
        column::<_, UInt32Type>("tokens_out", events, |event| event.tokens_out),
        column::<_, Float64Type>("ttft_ms", events, |event| event.ttft_ms),
        column::<_, Int64Type>("scheduled_ts", events, |event| event.scheduled_ts),
        detail.with_name("detail".into()).into_series().into(),
    ];
    Batch { frame: DataFrame::new(events.len(), columns).unwrap() }
}

/// A call that started at `start_ms` and took `duration_ms`.
fn call(component: &str, start_ms: i64, duration_ms: f64, outcome: &str) -> Event {
    Event {
        ts: start_ms * 1000,
        component: component.into(),
        outcome: Some(outcome.into()),
        duration_ms: Some(duration_ms),
        ..Event::default()
    }
}

fn operation(operation: &str, event: Event) -> Event {
    Event { operation: Some(operation.into()), ..event }
}

fn request_id(id: u64, event: Event) -> Event {
    Event { request_id: Some(id), ..event }
}

fn sample(metric: &str, at_ms: i64, value: f64, instance: &str) -> Event {
    Event {
        ts: at_ms * 1000,
        component: "process".into(),
        operation: Some(metric.into()),
        value: Some(value),
        instance: Some(instance.into()),
        ..Event::default()
    }
}

#[test]
fn one_failed_of_four_requests_is_three_quarters_success() {
    let run = Run::of(vec![
        call("request", 0, 100.0, "ok"),
        call("request", 100, 200.0, "ok"),
        call("request", 200, 300.0, "timeout"),
        call("request", 600, 400.0, "ok"),
        Event { ts: 700_000, component: "request".into(), ..Event::default() },
    ]);
    let summary = run.measure();
    assert_eq!(summary.requests.counts.finished, 4);
    assert_eq!(summary.requests.counts.unfinished, 1);
    assert_eq!(summary.requests.success_rate, Measured::Value(0.75));
    assert_eq!(summary.window.duration_s, Measured::Value(1.0));
    assert_eq!(summary.throughput.mean_per_s, Measured::Value(4.0));
    // Five starts in 0.7 s of sending.
    assert_eq!(summary.throughput.offered_per_s, Measured::Value(4.0 / 0.7));
    // One failed, so that one of the fastest is left out: 200, 300 and 400 ms.
    assert_eq!(summary.requests.all.value_ms(0.5), Some(300.0));
    assert_eq!(summary.requests.ok.n, 3);
    assert_eq!(summary.requests.failed.value_ms(0.5), None, "one sample has no percentile");
    assert!(summary.requests.all.quantile(0.95).unwrap().low_sample);
    assert_eq!(summary.errors.len(), 1);
    assert!(summary.errors[0].durations_are_lower_bounds);
    assert_eq!((summary.errors[0].count, summary.errors[0].share), (1, 0.25));
}

#[test]
fn a_run_without_outcomes_has_times_but_no_success_rate() {
    let without = |mut event: Event| {
        event.outcome = None;
        event
    };
    let run = Run::of(vec![without(call("request", 0, 1.0, "ok")), without(call("request", 5, 3.0, "ok"))]);
    let summary = run.measure();
    assert_eq!(summary.requests.counts.finished, 2);
    assert_eq!(summary.requests.all.value_ms(0.5), Some(2.0));
    assert_eq!(summary.requests.success_rate.reason(), Some("the calls carry no outcome"));
}

#[test]
fn a_run_without_requests_says_so_instead_of_zero() {
    let summary =
        Run::of(vec![sample("cpu_percent", 0, 10.0, "a"), sample("cpu_percent", 100, 20.0, "a")]).measure();
    assert_eq!(summary.requests.success_rate.reason(), Some("the run has no requests"));
    assert!(summary.throughput.mean_per_s.value().is_none());
    assert!(summary.lightrag.value().is_none());
    assert!(summary.cache.value().is_none());
    assert!(summary.breaker.value().is_none());
    assert_eq!(summary.resources.cpu.value().unwrap().mean_percent, 15.0);
}

#[test]
fn time_belongs_to_the_call_that_started_last() {
    let run = Run::of(vec![
        request_id(1, call("request", 0, 100.0, "ok")),
        // 10..90 outer, 20..50 inner, 40..60 overlapping: 40..60 is its own.
        request_id(1, call("circuit_breaker", 10, 80.0, "ok")),
        request_id(1, call("lightrag", 20, 30.0, "ok")),
        request_id(1, call("perplexity", 40, 20.0, "ok")),
        // Reaches beyond the request: only what lies inside counts.
        request_id(1, call("cache_fallback", 95, 50.0, "ok")),
        // Another request's call.
        request_id(2, call("lightrag", 0, 100.0, "ok")),
    ]);
    let summary = run.measure();
    let spent = summary.time_spent.value().unwrap();
    let share = |component: &str| {
        spent.shares.iter().find(|share| share.component == component).map(|share| share.total_ms)
    };
    assert_eq!(share("circuit_breaker"), Some(40.0));
    assert_eq!(share("lightrag"), Some(20.0));
    assert_eq!(share("perplexity"), Some(20.0));
    assert_eq!(share("cache_fallback"), Some(5.0));
    assert_eq!(share("unattributed"), Some(15.0));
    assert_eq!(spent.total_ms, 100.0);
    assert!((spent.shares.iter().map(|share| share.share).sum::<f64>() - 1.0).abs() < 1e-12);
    assert_eq!(summary.slowest[0].chain.len(), 4);
}

#[test]
fn a_lookup_counts_once_however_many_tiers_it_asks() {
    let get = |tier: &str, id: u64, outcome: &str| {
        request_id(id, Event { key: Some(id), ..operation("get", call(tier, id as i64, 1.0, outcome)) })
    };
    let run = Run::of(vec![
        get("cache_l1", 1, "miss"),
        get("cache_l2", 1, "hit"),
        get("cache_l1", 2, "hit"),
        get("cache_l1", 3, "miss"),
        get("cache_l2", 3, "miss"),
        operation("evict", Event { component: "cache_l1".into(), ts: 9, ..Event::default() }),
        operation("promote_from_l2", call("cache_l1", 9, 0.5, "ok")),
        operation("pressure", Event { component: "cache_l1".into(), value: Some(0.9), ..Event::default() }),
    ]);
    let summary = run.measure();
    let cache = summary.cache.value().unwrap();
    assert_eq!(cache.lookups, 3);
    assert_eq!(cache.lookup_hit_rate, Measured::Value(2.0 / 3.0));
    assert_eq!(cache.tier_weighted_hit_rate, Measured::Value(2.0 / 5.0));
    assert_eq!(cache.promotions_l2_to_l1, 1);
    let l1 = &cache.tiers[0];
    assert_eq!((l1.hits, l1.misses, l1.evictions, l1.peak_fill.clone()), (1, 2, 1, Measured::Value(0.9)));
    assert_eq!(
        (l1.sequential_accesses.clone(), l1.random_accesses.clone()),
        (Measured::Value(2), Measured::Value(0))
    );
    // (1.0·1/3 + 0.7·1/2) / 1.7; the tier without look-ups takes its weight with it.
    assert!((cache.effectiveness.number().unwrap() - (1.0 / 3.0 + 0.35) / 1.7).abs() < 1e-15);
    assert_eq!(summary.components[0].calls.counts.unfinished, 0, "evictions have no outcome to wait for");
}

#[test]
fn a_breaker_opens_recovers_once_and_fails_once() {
    let marker = |name: &str, at_ms: i64, value: f64| {
        operation(
            name,
            Event {
                ts: at_ms * 1000,
                component: "circuit_breaker".into(),
                value: Some(value),
                ..Event::default()
            },
        )
    };
    let run = Run::of(vec![
        marker("state", 0, 0.0),
        call("circuit_breaker", 100, 10.0, "ok"),
        call("circuit_breaker", 200, 20.0, "timeout"),
        marker("closed->open", 1000, 0.5),
        Event { cost_usd: Some(0.02), ..call("circuit_breaker", 1500, 0.0, "blocked") },
        marker("open->half_open", 2000, 0.5),
        marker("half_open->open", 2500, 1.0),
        marker("open->half_open", 3000, 1.0),
        call("circuit_breaker", 3100, 30.0, "ok"),
        marker("half_open->closed", 3500, 0.0),
        call("circuit_breaker", 3900, 100.0, "ok"),
    ]);
    let summary = run.measure();
    let breaker = summary.breaker.value().unwrap();
    assert_eq!((breaker.requests, breaker.blocked), (5, 1));
    assert_eq!(breaker.availability_percent, Measured::Value(80.0));
    assert_eq!(breaker.recovery_success_rate, Measured::Value(0.5));
    assert_eq!(breaker.cost_blocked_usd, Measured::Value(0.02));
    let only = &breaker.breakers[0];
    assert_eq!(only.openings[0].measured_failure_rate, Measured::Value(0.5));
    assert_eq!(only.closings[0].measured_failure_rate, Measured::Value(0.0), "only since it was half open");
    let seconds = only.time_in_state_s.value().unwrap();
    assert_eq!((seconds["closed"], seconds["open"], seconds["half_open"]), (1.5, 1.5, 1.0));
    assert_eq!(only.transitions["open->half_open"], 2);
}

#[test]
fn a_chain_is_answered_by_whichever_level_succeeds() {
    let attempt = |id: u64, component: &str, outcome: &str, cost_usd: f64| {
        request_id(
            id,
            Event { cost_usd: Some(cost_usd), quality: Some(0.5), ..call(component, 0, 10.0, outcome) },
        )
    };
    let run = Run::of(vec![
        attempt(1, "lightrag", "ok", 0.1),
        attempt(2, "lightrag", "timeout", 0.1),
        attempt(2, "perplexity", "ok", 0.2),
        attempt(3, "perplexity", "api_error", 0.0),
        attempt(3, "cache_fallback", "api_error", 0.0),
    ]);
    let fallback = run.measure().fallback;
    let fallback = fallback.value().unwrap();
    assert_eq!((fallback.requests_entered, fallback.requests_answered.clone()), (3, Measured::Value(2)));
    assert_eq!(fallback.overall_success, Measured::Value(2.0 / 3.0));
    assert_eq!(fallback.activation_rate, Measured::Value(2.0 / 3.0));
    assert_eq!(fallback.cost_per_answer_usd, Measured::Value(0.2));
    assert!((fallback.cost_efficiency.number().unwrap() - 2.0 / 3.0 / 1.2).abs() < 1e-15);
}

#[test]
fn memory_is_the_services_alone_and_summed_over_its_instances() {
    let mut run = Run::of(vec![
        call("request", 0, 10.0, "ok"),
        sample("memory_rss_mb", 0, 100.0, "a"),
        sample("memory_rss_mb", 100, 110.0, "a"),
        sample("memory_rss_mb", 0, 50.0, "b"),
        sample("memory_rss_mb", 100, 60.0, "b"),
        sample("memory_rss_mb", 0, 1000.0, "locust"),
        sample("memory_rss_mb", 100, 9000.0, "locust"),
    ]);
    run.metadata.instances = [("a", "service"), ("b", "service"), ("locust", "load_generator")]
        .map(|(name, role)| (name.to_owned(), role.to_owned()))
        .into();
    run.metadata.users = Some(50);
    let resources = run.measure().resources;
    let memory = resources.memory.value().unwrap();
    assert_eq!((memory.first_mb, memory.last_mb, memory.change_mb), (150.0, 170.0, 20.0));
    let reason = Some("fewer than 10 windows of memory samples");
    assert_eq!(memory.growth_mb.reason(), reason, "two samples show no slope");
    assert_eq!(memory.growth_mb_per_100_users.reason(), reason);
    assert_eq!(resources.service_instances, ["a", "b"]);
}

#[test]
fn instances_sampled_one_after_the_other_do_not_grow() {
    let mut events = vec![call("request", 0, 2_900.0, "ok")];
    for tick in 0..30 {
        events.push(sample("memory_rss_mb", tick * 100, 100.0, "a"));
        events.push(sample("memory_rss_mb", tick * 100 + 30, 200.0, "b"));
    }
    let memory = Run::of(events).measure().resources.memory;
    let memory = memory.value().unwrap();
    assert_eq!((memory.first_mb, memory.last_mb, memory.mean_mb), (300.0, 300.0, 300.0));
}

#[test]
fn the_call_that_opens_a_breaker_counts_though_it_ends_a_moment_later() {
    let mut events: Vec<Event> = (0..9).map(|i| call("circuit_breaker", i * 100, 10.0, "ok")).collect();
    events.push(call("circuit_breaker", 900, 10.0, "timeout"));
    let opens = Event {
        ts: 909_900,
        component: "circuit_breaker".into(),
        operation: Some("closed->open".into()),
        value: Some(0.1),
        ..Event::default()
    };
    events.push(opens);
    let summary = Run::of(events).measure();
    let breaker = &summary.breaker.value().unwrap().breakers[0];
    assert_eq!(breaker.openings[0].measured_failure_rate, Measured::Value(0.1));
    // The transition names the state before it: closed from the first call on.
    assert_eq!(breaker.time_in_state_s.value().unwrap()["closed"], 0.9099);
}

#[test]
fn calls_without_outcome_are_no_failures_and_no_successes() {
    let without = |component: &str| Event { outcome: None, ..request_id(1, call(component, 0, 10.0, "ok")) };
    let summary =
        Run::of(vec![without("request"), without("lightrag"), without("circuit_breaker")]).measure();
    let fallback = summary.fallback.value().unwrap();
    assert_eq!(fallback.overall_success.reason(), Some("the attempts carry no outcome"));
    assert!(fallback.requests_answered.value().is_none());
    assert!(summary.breaker.value().unwrap().availability_percent.value().is_none());
}

#[test]
fn what_an_unfinished_call_used_is_not_known() {
    let finished = Event { cost_usd: Some(0.001), ..request_id(1, call("lightrag", 0, 10.0, "ok")) };
    let unfinished = Event {
        outcome: None,
        duration_ms: None,
        cost_usd: Some(9.0),
        request_id: Some(2),
        ..finished.clone()
    };
    let summary =
        Run::of(vec![request_id(1, call("request", 0, 10.0, "ok")), finished, unfinished]).measure();
    assert_eq!(summary.lightrag.value().unwrap().overall.cost_per_query_usd, Measured::Value(0.001));
    assert_eq!(summary.fallback.value().unwrap().overall_success, Measured::Value(1.0));
    assert_eq!(summary.lightrag.value().unwrap().overall.counts.unfinished, 1);
}

#[test]
fn a_blocked_calls_cost_was_not_spent() {
    let blocked = Event { cost_usd: Some(0.5), ..call("circuit_breaker", 0, 0.0, "blocked") };
    let summary = Run::of(vec![blocked]).measure();
    assert!(summary.components[0].calls.total_cost_usd.value().is_none());
    assert_eq!(summary.breaker.value().unwrap().cost_blocked_usd, Measured::Value(0.5));
}

#[test]
fn without_ids_a_blocked_call_entered_the_chain_too() {
    let summary = Run::of(vec![
        call("lightrag", 0, 10.0, "ok"),
        call("circuit_breaker", 0, 0.0, "blocked"),
        call("perplexity", 0, 10.0, "timeout"),
    ])
    .measure();
    let fallback = summary.fallback.value().unwrap();
    assert_eq!(fallback.overall_success, Measured::Value(0.5));
    assert_eq!(fallback.activation_rate, Measured::Value(0.5));
}

#[test]
fn a_service_that_starts_up_before_the_load_has_not_grown() {
    let run = Run::of(vec![
        sample("memory_rss_mb", 0, 10.0, "a"),
        sample("memory_rss_mb", 900, 100.0, "a"),
        call("request", 1_000, 500.0, "ok"),
        sample("memory_rss_mb", 1_200, 130.0, "a"),
        sample("memory_rss_mb", 1_600, 120.0, "a"),
        sample("memory_rss_mb", 3_000, 5.0, "a"),
    ]);
    let memory = run.measure().resources.memory;
    let memory = memory.value().unwrap();
    assert_eq!((memory.samples, memory.first_mb, memory.last_mb, memory.peak_mb), (3, 100.0, 120.0, 130.0));
}

#[test]
fn declared_totals_give_the_rates_and_events_the_percentiles() {
    let mut run = Run::of(vec![call("request", 0, 10.0, "ok"), call("request", 5, 20.0, "ok")]);
    run.metadata.totals = Some(crate::run::DeclaredTotals {
        requests: Some(400),
        ok: Some(376),
        failed: Some(24),
        duration_s: Some(20.0),
        ..Default::default()
    });
    let summary = run.measure();
    assert_eq!(summary.requests.success_rate, Measured::Value(0.94));
    assert_eq!(summary.throughput.mean_per_s, Measured::Value(20.0));
    assert!(summary.requests.totals.declared && summary.window.duration_is_declared);
    assert_eq!(summary.requests.all.n, 2);
}

fn ticks_of(series: &Series) -> impl Iterator<Item = (&CallTicks, CallTick)> {
    series.calls.iter().flat_map(|calls| calls.ticks().map(move |tick| (calls, tick)))
}

#[test]
fn an_event_belongs_to_the_tick_in_which_it_ends() {
    let run = Run::of(vec![
        call("request", 1_000, 99.999, "ok"),
        call("request", 1_000, 100.0, "ok"),
        call("request", 1_050, 100.0, "timeout"),
    ]);
    let series = run.measure().series;
    let ticks: Vec<(u32, u64, u32, u32)> = ticks_of(&series)
        .map(|(calls, tick)| (calls.resolution_ms, calls.number(&tick), tick.count, tick.failed))
        .collect();
    assert_eq!(ticks, [(100, 0, 1, 0), (100, 1, 2, 1), (1000, 0, 3, 1)]);
    assert_eq!(series.calls[0].ticks().nth(1).unwrap().p50_ms.get(), Some(100.0));
    assert_eq!(*series.request_seconds[0].ok_durations_ms, [99.999, 100.0]);
}

#[test]
fn latency_from_the_intended_start_shows_what_waiting_hid() {
    let late = |start_ms: i64, scheduled_ms: i64| Event {
        scheduled_ts: Some(scheduled_ms * 1000),
        ..call("request", start_ms, 10.0, "ok")
    };
    let summary = Run::of(vec![late(0, 0), late(500, 10)]).measure();
    assert_eq!(summary.requests.all.max_ms, Measured::Value(500.0));
    assert_eq!(summary.requests.from_sending.value().unwrap().max_ms, Measured::Value(10.0));
}

#[test]
fn an_absurd_duration_neither_panics_nor_fills_the_memory() {
    let summary = Run::of(vec![call("request", 0, 1e300, "ok"), call("request", 5, 1.0, "ok")]).measure();
    assert_eq!(summary.requests.counts.finished, 2);
    assert_eq!(ticks_of(&summary.series).count(), 4);
}

mod any_order {
    use super::*;
    use proptest::prelude::*;

    pub fn event() -> impl Strategy<Value = Event> {
        let component = prop::sample::select(vec![
            "request",
            "lightrag",
            "perplexity",
            "cache_l1",
            "cache_l2",
            "circuit_breaker",
            "process",
            "phase",
            "own",
        ]);
        let word = prop::sample::select(vec![
            "ok",
            "hit",
            "miss",
            "blocked",
            "timeout",
            "get",
            "hybrid",
            "state",
            "closed->open",
            "memory_rss_mb",
        ]);
        (
            (component, prop::option::of(word.clone()), prop::option::of(word)),
            (0i64..20_000, prop::option::of(0f64..3_000.0), prop::option::of(0f64..3.0)),
            (prop::option::of(0u64..6), prop::option::of(0u32..3), prop::option::of(0f64..1.0)),
        )
            .prop_map(
                |((component, operation, outcome), (ms, duration_ms, value), (id, user_id, cost_usd))| {
                    Event {
                        ts: ms * 1000,
                        component: component.into(),
                        operation: operation.map(Into::into),
                        outcome: outcome.map(Into::into),
                        duration_ms,
                        value,
                        request_id: id,
                        key: id,
                        user_id,
                        cost_usd,
                        ttft_ms: duration_ms.filter(|_| user_id.is_some()).map(|ms| ms / 3.0),
                        tokens_out: user_id.map(|id| id * 10),
                        detail: id.map(|id| format!("message {id}")),
                        ..Event::default()
                    }
                },
            )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn shuffled_and_split_events_give_the_same_summary(
            (events, shuffled) in prop::collection::vec(event(), 1..60)
                .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
            cut in 0usize..60,
        ) {
            let whole = Run::of(events).measure();
            let run = Run::of(shuffled.clone());
            let (left, right) = shuffled.split_at(cut.min(shuffled.len()));
            let parts = run.measure_in(&[left, right]);
            prop_assert_eq!(serde_json::to_string(&whole).unwrap(), serde_json::to_string(&parts).unwrap());
            prop_assert_eq!(whole.series, parts.series);
        }
    }
}

#[test]
fn retries_are_counted_among_the_calls_that_carry_their_attempt() {
    let attempt = |attempt: u8, outcome: &str| Event {
        attempt: Some(attempt),
        ..operation("hybrid", call("lightrag", 0, 10.0, outcome))
    };
    let unfinished = Event { outcome: None, duration_ms: None, ..attempt(9, "ok") };
    let run = Run::of(vec![
        attempt(1, "timeout"),
        attempt(2, "timeout"),
        operation("naive", attempt(3, "ok")),
        attempt(1, "ok"),
        call("lightrag", 5, 10.0, "ok"),
        call("perplexity", 5, 10.0, "ok"),
        unfinished,
    ]);
    let retries = run.measure().retries;
    assert_eq!(retries.len(), 1, "perplexity does not say: {retries:?}");
    let lightrag = (retries[0].calls, retries[0].retried, retries[0].share, retries[0].highest_attempt);
    assert_eq!(lightrag, (4, 2, 0.5, 3));
}
