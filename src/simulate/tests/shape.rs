//! What all runs have in common: they look like recordings of the CMO and their parts fit together.

use std::collections::HashMap;
use std::path::Path;

use super::super::corpus::{self, Corpus};
use super::*;
use crate::config::Config;
use crate::run::{Integrity, RunFile, locate, verify};

#[test]
fn the_reader_takes_every_scenario_without_a_fault_or_a_note() {
    for scenario in Scenario::ALL {
        let run = Run::of(Parameters { length: Length::Seconds(30.0), ..parameters(scenario) });
        assert_eq!(verify(&run.path).unwrap(), Integrity::Verified);
        let argument = run.path.to_str().unwrap().to_owned();
        let source = locate(&[argument], Path::new("data")).remove(0).unwrap();
        let file = RunFile::open(&source, &Config::defaults().run).unwrap();
        assert_eq!(file.run_id(), scenario.name());
        let count = |rows: &mut usize, batch: &crate::run::Batch| *rows += batch.frame.height();
        let (rows, report) = file.fold(|_| 0, count, |rows, more| *rows += std::mem::take(more)).unwrap();
        assert_eq!(rows, run.events.len(), "{scenario}");
        assert_eq!((report.faults, report.notes, report.clock_steps), (vec![], vec![], 0), "{scenario}");
    }
}

#[test]
fn a_healthy_run_succeeds_and_meets_the_shares_of_its_truth() {
    let run = Run::of(Parameters { length: Length::Seconds(600.0), ..parameters(Scenario::Healthy) });
    let truth = &run.metadata.other[TRUTH_KEY];
    let requests: Vec<_> = run.rows("request").collect();
    let succeeded = requests.iter().filter(|request| is(&request.outcome, "ok")).count();
    assert!(share(succeeded, requests.len()) > 0.99);
    assert_eq!(truth["requests"], requests.len());
    assert_eq!(truth["succeeded_requests"], succeeded);
    let asked = share(run.rows("lightrag").count(), requests.len());
    assert!((asked - truth["lightrag"]["expected_share_of_requests"].as_f64().unwrap()).abs() < 0.02);
    for (tier, rate) in [("cache_l1", 0.86), ("cache_l2", 0.80), ("cache_l3", 0.75)] {
        assert_eq!(truth["cache"]["hit_rates"][tier.as_bytes()[7] as usize - usize::from(b'1')], rate);
        let gets: Vec<_> = run.rows(tier).filter(|event| is(&event.operation, "get")).collect();
        let hit_rate = share(gets.iter().filter(|get| is(&get.outcome, "hit")).count(), gets.len());
        let deviation = (rate * (1.0 - rate) / gets.len() as f64).sqrt();
        assert!((hit_rate - rate).abs() < 4.0 * deviation, "{tier} {hit_rate}");
    }
}

#[test]
fn the_parts_of_a_request_lie_inside_it_and_do_not_overlap() {
    for scenario in [Scenario::Healthy, Scenario::Drift, Scenario::BreakerFlapping, Scenario::OpenLoop] {
        let run = Run::of(parameters(scenario));
        let requests: HashMap<u64, &Event> =
            run.rows("request").map(|event| (event.request_id.unwrap(), event)).collect();
        assert_eq!(requests.len(), run.rows("request").count(), "ids are unique");
        let mut parts: HashMap<u64, Vec<&Event>> = HashMap::new();
        let is_part = |event: &&Event| event.request_id.is_some() && event.component != "request";
        run.events
            .iter()
            .filter(is_part)
            .for_each(|part| parts.entry(part.request_id.unwrap()).or_default().push(part));
        assert!(parts.len() > 1000);
        for (id, mut parts) in parts {
            let request = requests[&id];
            parts.sort_by_key(|part| part.ts);
            for part in &parts {
                assert!(request.ts <= part.ts && end_us(part) <= end_us(request), "{part:?} of {request:?}");
                assert_eq!(part.user_id, request.user_id);
            }
            // The breaker's row spans the call that it guards; the others follow each other.
            parts.retain(|part| part.component != "circuit_breaker");
            assert!(parts.windows(2).all(|pair| end_us(pair[0]) <= pair[1].ts), "{parts:?}");
        }
    }
}

#[test]
fn a_user_has_one_request_at_a_time_and_the_answer_comes_from_a_part_that_succeeded() {
    let run = Run::of(parameters(Scenario::BreakerFlapping));
    let mut by_user: HashMap<u32, Vec<&Event>> = HashMap::new();
    run.rows("request")
        .for_each(|request| by_user.entry(request.user_id.unwrap()).or_default().push(request));
    assert_eq!(by_user.len(), 50);
    for requests in by_user.values_mut() {
        requests.sort_by_key(|request| request.ts);
        assert!(requests.windows(2).all(|pair| end_us(pair[0]) <= pair[1].ts));
    }
    let succeeded: std::collections::HashSet<(u64, &str)> = run
        .events
        .iter()
        .filter(|event| is(&event.outcome, "ok") || is(&event.outcome, "hit"))
        .filter_map(|event| Some((event.request_id?, event.component.as_str())))
        .collect();
    for request in run.rows("request") {
        match &request.answered_by {
            Some(component) => {
                assert!(succeeded.contains(&(request.request_id.unwrap(), component.as_str())))
            }
            None => assert!(has_failed(request), "{request:?}"),
        }
    }
    for component in ["cache_l1", "cache_l3", "lightrag", "perplexity", "cache_fallback"] {
        assert!(run.rows("request").any(|request| is(&request.answered_by, component)), "{component}");
    }
}

#[test]
fn samples_come_every_100_ms_from_both_instances() {
    let run = Run::of(Parameters { length: Length::Seconds(10.0), ..parameters(Scenario::Healthy) });
    let kinds = [
        ("cpu_percent", "service"),
        ("memory_rss_mb", "service"),
        ("queued_requests", "service"),
        ("cpu_percent", "loadgen"),
        ("memory_rss_mb", "loadgen"),
        ("active_users", "loadgen"),
    ];
    for (operation, instance) in kinds {
        let samples = run.samples(operation, instance);
        assert!(samples.len() > 100);
        for (tick, (at_s, _)) in samples.iter().enumerate() {
            assert_eq!((at_s * 10.0) as usize, tick, "{operation} of {instance}");
        }
        assert!(run.metadata.instances.contains_key(instance));
    }
    let most = run.samples("active_users", "loadgen").into_iter().map(|(_, users)| users).fold(0.0, f64::max);
    assert_eq!(most, 50.0);
    let phases: Vec<_> = run.rows("phase").map(|phase| phase.operation.clone().unwrap()).collect();
    assert_eq!(phases, ["ramp_up", "steady", "ramp_down"]);
}

#[test]
fn a_corpus_holds_exactly_the_events_that_were_asked_for_whatever_runs_beside_it() {
    let [first, second] = [0, 1].map(|_| tempfile::tempdir().unwrap());
    let corpus = |folder: &TempDir, events_per_run| Corpus {
        folder: folder.path().to_owned(),
        runs: 3,
        events_per_run,
        seed: 9,
        started_at_us: crate::simulate::DEFAULT_START_US,
    };
    let plans = corpus(&first, 20_011).plans().unwrap();
    let written = corpus::write(&plans, |_| ()).unwrap();
    let users: Vec<_> = written.iter().map(|run| read_metadata(&run.path).users.unwrap()).collect();
    assert_eq!(users, [10, 105, 200]);
    for run in &written {
        let events = read_events(&run.path);
        assert_eq!((events.len(), run.rows), (20_011, 20_011));
        let requests = events.iter().filter(|event| event.component == "request").count();
        assert!(share(requests, events.len()) > 0.1, "requests, not only samples: {requests}");
    }
    let alone = corpus(&second, 20_011).plans().unwrap();
    for (path, plan) in alone.iter().rev() {
        simulate(plan, path).unwrap();
    }
    for ((one, _), (other, _)) in plans.iter().zip(&alone) {
        assert!(fs::read(one).unwrap() == fs::read(other).unwrap(), "{}", one.display());
    }
    assert!(corpus(&first, 9_999).plans().is_err());
}
