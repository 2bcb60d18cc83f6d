//! What each scenario does on purpose, measured by hand and compared with its truth.

use super::*;

/// Requests that the first cache answered: no queue touches them, so they show a stretch as it is.
fn quick_ms(run: &Run, from_s: f64, to_s: f64) -> f64 {
    let within = |request: &&Event| (from_s..to_s).contains(&run.at_s(request));
    let quick = run.rows("request").filter(|request| is(&request.answered_by, "cache_l1"));
    mean(quick.filter(within).map(|request| request.duration_ms.unwrap()))
}

fn long(scenario: Scenario) -> Parameters {
    Parameters { length: Length::Seconds(600.0), ..parameters(scenario) }
}

#[test]
fn drift_stretches_response_times_by_its_percentage_over_the_run() {
    let run = Run::of(Parameters { effect: Some(0.5), ..long(Scenario::Drift) });
    assert_eq!(run.effect()["percent_per_run"], 50.0);
    let ratio = quick_ms(&run, 450.0, 600.0) / quick_ms(&run, 0.0, 150.0);
    let expected = (1.0 + 0.5 * 0.875) / (1.0 + 0.5 * 0.125);
    assert!((ratio / expected - 1.0).abs() < 0.03, "{ratio} instead of {expected}");
}

#[test]
fn a_step_multiplies_response_times_from_its_moment_on() {
    let run = Run::of(long(Scenario::Step));
    let at_s = run.effect()["at_s"].as_f64().unwrap();
    let ratio = quick_ms(&run, at_s, 600.0) / quick_ms(&run, 0.0, at_s);
    let factor = run.effect()["factor"].as_f64().unwrap();
    assert!((ratio / factor - 1.0).abs() < 0.03, "{ratio} instead of {factor}");
}

#[test]
fn an_error_burst_fails_at_its_rate_in_its_time_with_its_category() {
    let run = Run::of(Parameters { users: 400, ..long(Scenario::ErrorBurst) });
    let burst = &run.effect()["bursts"][0];
    let (from_us, to_us) = (burst["from_us"].as_i64().unwrap(), burst["to_us"].as_i64().unwrap());
    let (inside, outside): (Vec<&Event>, Vec<&Event>) =
        run.rows("lightrag").partition(|call| (from_us..to_us).contains(&call.ts));
    let failed: Vec<_> = inside.iter().filter(|call| has_failed(call)).collect();
    let rate = share(failed.len(), inside.len());
    assert!(inside.len() > 300, "{}", inside.len());
    assert!((rate - burst["lightrag_rate"].as_f64().unwrap()).abs() < 0.08, "{rate}");
    assert!(failed.iter().all(|call| is(&call.outcome, burst["category"].as_str().unwrap())));
    assert!(share(outside.iter().filter(|call| has_failed(call)).count(), outside.len()) < 0.015);
    // The errors reach the users, and the breaker stays closed.
    let failed_requests: Vec<_> = run.rows("request").filter(|request| has_failed(request)).collect();
    let in_burst = failed_requests.iter().filter(|request| (from_us..to_us).contains(&request.ts)).count();
    assert!(
        in_burst > 30 && share(in_burst, failed_requests.len()) > 0.7,
        "{in_burst} of {}",
        failed_requests.len()
    );
    assert_eq!(run.rows("circuit_breaker").filter(|row| is(&row.operation, "closed->open")).count(), 0);
}

#[test]
fn the_flapping_breaker_opens_when_the_truth_says_and_for_the_rate_that_its_calls_show() {
    let run = Run::of(parameters(Scenario::BreakerFlapping));
    let openings = run.effect()["openings"].as_array().unwrap();
    let is_opening = |row: &&Event| row.operation.as_deref().is_some_and(|name| name.ends_with("->open"));
    let rows: Vec<_> = run.rows("circuit_breaker").filter(is_opening).collect();
    assert!(rows.len() >= 6, "{}", rows.len());
    assert_eq!(rows.len(), openings.len());
    for (row, opening) in rows.iter().zip(openings) {
        assert_eq!(opening["at_us"], row.ts);
        assert!((opening["failure_rate"].as_f64().unwrap() - row.value.unwrap()).abs() < 1e-12);
        assert_eq!(opening["transition"].as_str(), row.operation.as_deref());
    }
    let settings = &run.metadata.breakers["lightrag"];
    let window_us = (settings.window.as_ref().unwrap().as_f64().unwrap() * 1e6) as i64;
    let changes: Vec<_> = run.rows("circuit_breaker").filter(|row| row.detail.is_some()).collect();
    for opening in rows.iter().filter(|row| is(&row.operation, "closed->open")) {
        let before = changes.iter().map(|change| change.ts).filter(|ts| *ts < opening.ts).max();
        let from_us = (opening.ts - window_us).max(before.unwrap_or(i64::MIN));
        let is_seen = |call: &&Event| {
            is(&call.operation, "call")
                && !is(&call.outcome, "blocked")
                && (from_us + 1..=opening.ts).contains(&end_us(call))
        };
        let seen: Vec<_> = run.rows("circuit_breaker").filter(is_seen).collect();
        let rate = share(seen.iter().filter(|call| has_failed(call)).count(), seen.len());
        assert!(rate > settings.open_above.unwrap());
        // Answers to calls from before the last change end in this window too, but do not count for the breaker.
        assert!((rate - opening.value.unwrap()).abs() < 0.15, "{rate} instead of {:?}", opening.value);
    }
}

#[test]
fn the_breaker_blocks_only_while_it_is_open_or_probing() {
    let run = Run::of(parameters(Scenario::BreakerFlapping));
    let mut states: Vec<_> = run.rows("circuit_breaker").filter(|row| is(&row.operation, "state")).collect();
    states.sort_by_key(|row| row.ts);
    assert_eq!(states[0].value, Some(0.0));
    let state_at = |ts| states.iter().rev().find(|row| row.ts <= ts).unwrap().value.unwrap();
    let blocked: Vec<_> = run.rows("circuit_breaker").filter(|row| is(&row.outcome, "blocked")).collect();
    assert!(blocked.len() > 50);
    assert!(blocked.iter().all(|call| state_at(call.ts) > 0.0 && call.cost_usd.is_some()));
}

#[test]
fn saturation_stops_at_its_capacity_and_the_knee_lies_where_it_says() {
    let run = Run::of(Parameters { users: 100, ..long(Scenario::Saturation) });
    let finished = |from_s: f64, to_s: f64| {
        let (from_us, to_us) = (run.start_us + (from_s * 1e6) as i64, run.start_us + (to_s * 1e6) as i64);
        let ends: Vec<_> = run.rows("request").filter(|r| (from_us..to_us).contains(&end_us(r))).collect();
        (ends.len() as f64 / (to_s - from_s), mean(ends.iter().map(|r| r.duration_ms.unwrap())))
    };
    let capacity = run.effect()["capacity_per_s"].as_f64().unwrap();
    assert_eq!(run.effect()["knee_users"], 50.0);
    let (quarter_per_s, quarter_ms) = finished(70.0, 120.0);
    let (full_per_s, full_ms) = finished(550.0, 600.0);
    assert!((full_per_s / capacity - 1.0).abs() < 0.1, "{full_per_s} of {capacity}");
    assert!(
        (quarter_per_s / (capacity * 0.4) - 1.0).abs() < 0.15,
        "20 of 50 users: {quarter_per_s} of {capacity}"
    );
    assert!(full_ms > 5.0 * quarter_ms, "{full_ms} against {quarter_ms}");
    let (_, queued) =
        *run.samples("queued_requests", "service").iter().rfind(|(at_s, _)| *at_s < 595.0).unwrap();
    assert!(queued > 10.0, "{queued}");
}

#[test]
fn memory_grows_by_the_leak_and_by_nothing_else() {
    for (scenario, truth) in [(Scenario::Leak, 30.0), (Scenario::Healthy, 0.0)] {
        let run = Run::of(long(scenario));
        if scenario == Scenario::Leak {
            assert_eq!(run.effect()["mb_per_min"], truth);
        }
        let warm: Vec<_> =
            run.samples("memory_rss_mb", "service").into_iter().filter(|(at_s, _)| *at_s > 60.0).collect();
        let mb_per_min = slope(&warm) * 60.0;
        assert!((mb_per_min - truth).abs() < 0.3, "{scenario}: {mb_per_min}");
        assert!((slope(&run.samples("memory_rss_mb", "loadgen")) * 60.0).abs() < 0.3);
    }
}

#[test]
fn an_open_loop_keeps_its_rate_and_its_stall_shows_only_against_the_schedule() {
    let run = Run::of(Parameters { rate_per_s: Some(40.0), ..parameters(Scenario::OpenLoop) });
    let requests: Vec<_> = run.rows("request").collect();
    assert!((share(requests.len(), 120) / 40.0 - 1.0).abs() < 0.06, "{}", requests.len());
    let late_ms = |request: &Event| (request.ts - request.scheduled_ts.unwrap()) as f64 / 1000.0;
    assert!(requests.iter().all(|request| late_ms(request) >= 0.0));
    let delayed: Vec<_> = requests.iter().filter(|request| late_ms(request) > 0.0).collect();
    assert_eq!(run.effect()["delayed_requests"], delayed.len());
    let stall = &run.effect()["stall"];
    let (from_us, to_us) = (stall["from_us"].as_i64().unwrap(), stall["to_us"].as_i64().unwrap());
    assert!(requests.iter().all(|request| !(from_us..to_us).contains(&request.ts)));
    let missed = requests.iter().filter(|r| (from_us..to_us).contains(&r.scheduled_ts.unwrap())).count();
    assert!((missed as f64 / 80.0 - 1.0).abs() < 0.4, "2 s at 40/s: {missed}");
    let latest = requests.iter().map(|request| late_ms(request)).fold(0.0, f64::max);
    assert!((1_700.0..=2_200.0).contains(&latest), "{latest}");
    assert_eq!(run.metadata.target_rate_per_s, Some(40.0));
}

#[test]
fn slots_are_as_busy_as_asked_for_and_waiting_grows_with_it() {
    let measure = |utilisation| {
        let run = Run::of(Parameters { utilisation: Some(utilisation), ..long(Scenario::Healthy) });
        let slots = run.metadata.other[TRUTH_KEY]["lightrag"]["slots"].as_f64().unwrap();
        let is_steady = |call: &&Event| (60.0..540.0).contains(&run.at_s(call));
        let calls: Vec<_> = run.rows("lightrag").filter(is_steady).collect();
        let held_ms: f64 = calls.iter().map(|call| call.duration_ms.unwrap() - call.queue_ms.unwrap()).sum();
        (held_ms / 480_000.0 / slots, mean(calls.iter().map(|call| call.queue_ms.unwrap())))
    };
    let (half, nearly) = (measure(0.5), measure(0.85));
    assert!((half.0 - 0.5).abs() < 0.05, "{half:?}");
    assert!((nearly.0 - 0.85).abs() < 0.07, "{nearly:?}");
    assert!(nearly.1 > 4.0 * half.1, "{half:?} {nearly:?}");
}

#[test]
fn response_times_of_one_second_tell_something_about_the_next() {
    let run = Run::of(Parameters { utilisation: Some(0.85), ..long(Scenario::Healthy) });
    let mut seconds = vec![Vec::new(); 600];
    run.rows("lightrag").for_each(|call| {
        if let Some(second) = seconds.get_mut(run.at_s(call) as usize) {
            second.push(call.duration_ms.unwrap());
        }
    });
    let series: Vec<f64> =
        seconds.iter().filter(|s| !s.is_empty()).map(|s| mean(s.iter().copied())).collect();
    let pairs: Vec<(f64, f64)> = series.windows(2).map(|pair| (pair[0], pair[1])).collect();
    assert!(slope(&pairs) > 0.2, "lag-one autocorrelation {}", slope(&pairs));
}

#[test]
fn a_closed_loop_thinks_so_that_its_rate_comes_out() {
    let run = Run::of(Parameters { rate_per_s: Some(30.0), ..long(Scenario::Healthy) });
    let steady = run.rows("request").filter(|request| (60.0..540.0).contains(&run.at_s(request))).count();
    assert!((share(steady, 480) / 30.0 - 1.0).abs() < 0.05, "{steady}");
}

#[test]
fn a_burst_of_lightrag_alone_is_caught_by_perplexity() {
    let fault_at_s = Some(200.0);
    let run = Run::of(Parameters { users: 400, fault_at_s, ..long(Scenario::LightragBurst) });
    let burst = &run.effect()["bursts"][0];
    assert_eq!((burst["from_s"].as_f64(), burst["to_s"].as_f64()), (Some(200.0), Some(210.0)));
    let failed = |component: &'static str| {
        let calls: Vec<_> =
            run.rows(component).filter(|call| (200.0..210.0).contains(&run.at_s(call))).collect();
        share(calls.iter().filter(|call| has_failed(call)).count(), calls.len())
    };
    assert!((failed("lightrag") - 0.6).abs() < 0.08, "{}", failed("lightrag"));
    assert!(failed("perplexity") < 0.1 && failed("request") < 0.03);
}

#[test]
fn a_hang_leaves_requests_unanswered_and_the_users_waiting_from_its_moment_on() {
    let fault_at_s = Some(80.0);
    let run = Run::of(Parameters { fault_at_s, ..parameters(Scenario::Hang) });
    assert_eq!(run.effect()["at_s"], 80.0);
    let unanswered: Vec<_> = run.rows("request").filter(|request| request.outcome.is_none()).collect();
    assert_eq!(unanswered.len(), 50, "each user waits for one");
    assert_eq!(run.effect()["unanswered_requests"], 50);
    assert!(unanswered.iter().all(|request| request.duration_ms.is_none() && run.at_s(request) > 79.0));
    let later = run.rows("request").filter(|request| run.at_s(request) > 110.0).count();
    assert_eq!(later, 0, "nobody is left to ask");
    assert_eq!(run.samples("active_users", "loadgen").last().unwrap().1, 50.0);
}

#[test]
fn a_faulty_run_has_the_scenario_of_its_healthy_twin_and_its_fault_in_the_truth() {
    for scenario in Scenario::ALL {
        let run = Run::of(Parameters { length: Length::Seconds(20.0), ..parameters(scenario) });
        let load = if matches!(scenario, Scenario::Saturation | Scenario::OpenLoop) {
            scenario.name()
        } else {
            "healthy"
        };
        assert_eq!(run.metadata.scenario.as_deref(), Some(load));
        assert_eq!(run.metadata.other[TRUTH_KEY]["scenario"], scenario.name());
    }
}

#[test]
fn without_phases_a_run_is_the_same_but_for_its_markers() {
    let short = Parameters { length: Length::Seconds(20.0), ..parameters(Scenario::Healthy) };
    let (with, without) = (Run::of(short.clone()), Run::of(Parameters { has_phases: false, ..short }));
    assert_eq!(without.rows("phase").count(), 0);
    let others = |run: &Run| run.events.iter().filter(|event| event.component != "phase").cloned().collect();
    let (with, without): (Vec<Event>, Vec<Event>) = (others(&with), others(&without));
    assert_eq!(with, without);
}
