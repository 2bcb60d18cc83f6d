//! Each rule speaks just beyond its limit, and is silent just inside it and where its number is undefined.

use super::*;
use crate::summary::{ErrorCategory, ModeShare, SlowTimeSpent, TimeExcess, TimeShare, TimeSpent};

/// [`super::check`] for changes of the summary alone.
fn check(rule: &str, subject: &str, beyond: impl Fn(&mut RunSummary), silent: &[&dyn Fn(&mut RunSummary)]) {
    let beyond = |case: &mut Case| beyond(&mut case.summary);
    super::check(rule, subject, beyond, &[]);
    for change in silent {
        super::check(rule, subject, beyond, &[&|case: &mut Case| change(&mut case.summary)]);
    }
}

#[test]
fn success_of_the_requests() {
    let rate = |rate: f64| move |run: &mut RunSummary| run.requests.success_rate = Measured::Value(rate);
    let none = |run: &mut RunSummary| run.requests.success_rate = Measured::undefined("no outcomes");
    let few = |run: &mut RunSummary| {
        rate(0.92)(run);
        (run.requests.totals.ok, run.requests.totals.failed) = (Measured::Value(92), Measured::Value(8));
    };
    check("success_rate_below_target", "request", rate(0.95), &[&rate(0.951), &none, &few]);
}

#[test]
fn success_of_a_stress_run_is_judged_by_its_own_target() {
    let stress = |rate: f64| {
        move |run: &mut RunSummary| {
            run.identity.metadata.scenario = Some("stress".into());
            run.requests.success_rate = Measured::Value(rate);
        }
    };
    check("success_rate_below_target", "request", stress(0.89), &[&stress(0.91)]);
}

#[test]
fn what_few_requests_prove_is_said_at_its_severity_and_not_that_one_should_measure_longer() {
    for requests in [3, 20, 199] {
        let outage = Case::quiet(|run| {
            run.requests.success_rate = Measured::Value(0.0);
            (run.requests.totals.ok, run.requests.totals.failed) =
                (Measured::Value(0), Measured::Value(requests));
            run.requests.totals.requests = requests;
        });
        let said = outage.says("success_rate_below_target", "request").unwrap();
        assert_eq!(said.severity, Severity::Critical, "{requests}");
        assert_eq!(outage.says("measure_longer", "recording"), None, "{requests}");
    }
    let slow = Case::quiet(|run| run.requests.all = fixture::distribution(&[9000.0; 20]));
    assert_eq!(slow.says("p95_above_target", "request").unwrap().severity, Severity::Critical);
    // One slow request of twenty is what a P95 allows.
    let mut times = vec![100.0; 19];
    times.push(9000.0);
    let calm = Case::quiet(|run| run.requests.all = fixture::distribution(&times));
    assert_eq!(calm.says("p95_above_target", "request"), None);
}

#[test]
fn p95_of_the_requests() {
    let all = |ms: f64, n: usize| {
        move |run: &mut RunSummary| run.requests.all = fixture::distribution(&vec![ms; n])
    };
    check(
        "p95_above_target",
        "request",
        all(2000.0, 412),
        &[&all(1999.0, 412), &all(9000.0, 2), &all(0.0, 0)],
    );
}

#[test]
fn a_tail_from_one_component_is_named_only_where_the_p95_is_too_high() {
    let tail = |share: f64, p95_ms: f64| {
        move |run: &mut RunSummary| {
            run.requests.all = fixture::distribution(&vec![p95_ms; 412]);
            let excess = |component: &str, share: f64| TimeExcess {
                component: component.into(),
                excess_ms: 1000.0 * share,
                share,
            };
            let shares = vec![TimeShare { component: "lightrag".into(), total_ms: 60_000.0, share: 1.0 }];
            run.slow_time_spent = Measured::Value(SlowTimeSpent {
                above_ms: p95_ms,
                slow: TimeSpent { requests: 20, left_out: Default::default(), total_ms: 60_000.0, shares },
                excess: vec![excess("lightrag", share), excess("unattributed", 1.0 - share)],
            });
        }
    };
    let none = |run: &mut RunSummary| run.requests.all = fixture::distribution(&[3000.0; 412]);
    check("tail_from_one_component", "request", tail(0.6, 3000.0), &[&tail(0.6, 900.0), &none]);
    let said = Case::quiet(tail(0.6, 3000.0)).says("tail_from_one_component", "request").unwrap();
    // 60 000 ms / 20 requests = 3 000 ms, less 600 ms.
    assert!(said.expected_effect.value().unwrap().contains("from 3,000 ms to 2,400 ms"), "{said:?}");
    assert!(Case::quiet(tail(0.6, 3000.0)).says("p95_above_target", "request").is_none(), "said twice");
}

#[test]
fn failures_of_lightrag() {
    let rate = |rate: f64| {
        move |run: &mut RunSummary| fixture::lightrag_calls(run).success_rate = Measured::Value(rate)
    };
    check(
        "lightrag_success_below_target",
        "lightrag",
        rate(0.95),
        &[&rate(0.951), &fixture::without_lightrag],
    );
}

#[test]
fn the_runs_own_target_counts_and_no_second_number() {
    let rate = |run: &mut RunSummary| {
        fixture::lightrag_calls(run).success_rate = Measured::Value(0.93);
        run.identity.metadata.targets.insert("lightrag_success_rate".into(), 0.92.into());
    };
    assert_eq!(Case::quiet(rate).recommend(), []);
}

#[test]
fn mean_time_of_lightrag() {
    let mean = |ms: f64| {
        move |run: &mut RunSummary| {
            value(&mut run.lightrag).overall.all = fixture::distribution(&[ms; 110]);
        }
    };
    check("lightrag_slow", "lightrag", mean(1001.0), &[&mean(1000.0)]);
}

#[test]
fn calls_that_wait() {
    let queue = |queue_ms: Measured<f64>| {
        move |run: &mut RunSummary| {
            let calls = fixture::lightrag_calls(run);
            calls.all = fixture::distribution(&[1000.0; 200]);
            calls.mean_queue_ms = queue_ms.clone();
        }
    };
    let none = queue(Measured::undefined("no call has queue_ms"));
    check("calls_queue", "lightrag", queue(Measured::Value(251.0)), &[&queue(Measured::Value(250.0)), &none]);
    let said = Case::quiet(queue(Measured::Value(400.0))).says("calls_queue", "lightrag").unwrap();
    assert!(said.expected_effect.value().unwrap().contains("600 ms instead of 1,000 ms"), "{said:?}");
}

#[test]
fn retries() {
    let share = |share: f64, calls: u64| {
        move |run: &mut RunSummary| {
            let retried = (share * calls as f64) as u64;
            run.retries[0] = Retries { calls, retried, share, ..run.retries[0].clone() };
        }
    };
    let none = |run: &mut RunSummary| run.retries.clear();
    check("retry_storm", "lightrag", share(0.11, 1000), &[&share(0.10, 1000), &share(0.15, 99), &none]);
}

fn modes(run: &mut RunSummary, hybrid: f64, of: u64, hybrid_usd: f64, naive_usd: f64) {
    let lightrag = value(&mut run.lightrag);
    lightrag.overall.counts.finished = of;
    lightrag.overall.total_cost_usd = Measured::Value(hybrid_usd + naive_usd);
    let set = |mode: &mut ModeShare, share: f64, usd: f64| {
        mode.share = Measured::Value(share);
        mode.calls.counts.finished = (share * of as f64).round() as u64;
        mode.calls.total_cost_usd = Measured::Value(usd);
    };
    set(&mut lightrag.by_mode[0], hybrid, hybrid_usd);
    set(&mut lightrag.by_mode[1], 1.0 - hybrid, naive_usd);
}

#[test]
fn hybrid_mode_of_too_few_calls_and_by_more_than_chance() {
    let hybrid = |share: f64, of: u64| move |run: &mut RunSummary| modes(run, share, of, 1.0, 1.0);
    let none = |run: &mut RunSummary| value(&mut run.lightrag).by_mode.clear();
    // 2·√(0.65·0.35/1000) = 0.030 < 0.05; with 300 calls it is 0.055.
    let silent: [&dyn Fn(&mut RunSummary); 3] = [&hybrid(0.65, 300), &hybrid(0.70, 100_000), &none];
    check("lightrag_hybrid_share_low", "lightrag", hybrid(0.65, 1000), &silent);
    let said = Case::quiet(hybrid(0.65, 1000)).says("lightrag_hybrid_share_low", "lightrag").unwrap();
    assert!(said.text.starts_with("Hybrid mode usage (65.00 %) is low"), "{}", said.text);
}

#[test]
fn a_mode_that_costs_far_more_than_its_share() {
    let naive = |usd: f64| move |run: &mut RunSummary| modes(run, 0.8, 1000, 10.0 - usd, usd);
    let none = |run: &mut RunSummary| {
        naive(6.0)(run);
        value(&mut run.lightrag).overall.total_cost_usd = Measured::undefined("no costs");
    };
    check("lightrag_mode_costly", "lightrag", naive(5.0), &[&naive(4.9), &none]);
    let said = Case::quiet(naive(6.0)).says("lightrag_mode_costly", "lightrag").unwrap();
    // 200 calls at the others' 4/800 USD would cost 1 USD instead of 6.
    assert!(said.expected_effect.value().unwrap().contains("$5.00 of $10.00"), "{said:?}");
}

#[test]
fn failures_that_cluster() {
    let burst = |inside: u64, outside: u64| {
        move |run: &mut RunSummary| {
            run.window.duration_s = Measured::Value(60.0);
            let tick = |second: u64, failed: u64| crate::summary::CallTick {
                count: 10,
                ok: 10 - failed as u32,
                failed: failed as u32,
                ..fixture::call_tick(1000, second as i64)
            };
            let at = |second: u64| {
                if second == 30 { inside } else { outside * u64::from(second.is_multiple_of(10)) }
            };
            let ticks = (0..60).map(|second| tick(second, at(second))).collect();
            run.series.calls = vec![fixture::call_ticks(1000, 0, ticks)];
            run.errors.push(ErrorCategory { component: "lightrag".into(), ..run.errors[0].clone() });
        }
    };
    let spread = |run: &mut RunSummary| {
        burst(4, 4)(run);
    };
    let short = |run: &mut RunSummary| {
        burst(10, 2)(run);
        run.window.duration_s = Measured::Value(49.0);
    };
    let none = |run: &mut RunSummary| {
        burst(10, 2)(run);
        run.series.calls.clear();
    };
    // 10 of 20 failures in one stretch of ten seconds; 9 of 19 are too few failures.
    check("failures_cluster", "lightrag", burst(10, 2), &[&burst(9, 2), &spread, &short, &none]);
}
