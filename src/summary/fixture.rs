//! A hand-built summary of a small run, for the tests of what comes after measuring.

use std::collections::BTreeMap;

use super::*;
use crate::contract::{BreakerRule, MetadataOrigin, RunMetadata};
use crate::stats::quantile::{has_enough_beyond, type7_sorted, without_fastest};

/// 2025-03-01 12:00:00 UTC.
pub(crate) const START_US: i64 = 1_740_830_400_000_000;

/// A run of 20 s and 412 requests (400 ok, 8 timeouts, 4 API errors) with every component but tier L3.
pub(crate) fn run_summary() -> RunSummary {
    RunSummary {
        identity: identity(),
        window: Window {
            name: WindowName::Whole,
            start_us: START_US,
            end_us: START_US + 20_000_000,
            duration_s: Measured::Value(20.0),
            duration_is_declared: false,
        },
        requests: requests(),
        throughput: Throughput {
            mean_per_s: Measured::Value(20.6),
            ok_per_s: Measured::Value(20.0),
            failed_per_s: Measured::Value(0.6),
            peak_per_s: Measured::Value(31.0),
            recent_per_s: Measured::Value(19.5),
            offered_per_s: Measured::Value(20.6),
            target_per_s: Measured::undefined("closed-loop run"),
        },
        goodput: Measured::Value(Goodput {
            limit_ms: Measured::Value(2000.0),
            ttft_limit_ms: Measured::undefined("no target limits it"),
            tpot_limit_ms: Measured::undefined("no target limits it"),
            good: 400,
            sent: 412,
            share: Measured::Value(400.0 / 412.0),
            per_s: Measured::Value(20.0),
        }),
        error_causes: error_causes(),
        errors: errors(),
        resources: resources(),
        lightrag: Measured::Value(lightrag()),
        cache: Measured::Value(cache()),
        breaker: Measured::Value(breaker()),
        fallback: Measured::Value(fallback()),
        components: components(),
        metrics: metrics(),
        retries: vec![Retries {
            component: "lightrag".into(),
            calls: 110,
            retried: 2,
            share: 2.0 / 110.0,
            highest_attempt: 2,
        }],
        time_spent: Measured::Value(time_spent()),
        slow_time_spent: Measured::undefined("fewer than 2 slow requests"),
        slowest: vec![slowest()],
        phases: vec![Phase { at_us: START_US, name: "steady".into() }],
        data_quality: data_quality(),
        comparable: Vec::new(),
        series: series(),
    }
}

/// How [`run_summary`] went.
pub(crate) fn timeline() -> RunTimeline {
    let RunSummary { window, phases, identity, components, series, .. } = run_summary();
    let requests = components.iter().position(|component| component.component == "request");
    let load = LoadSeconds::empty(window.start_us, window.end_us);
    RunTimeline { window, phases, load_model: identity.metadata.load_model, requests, load, series }
}

/// The finished calls of which some failed.
pub(crate) fn finished(ok_ms: &[f64], failed_ms: &[f64]) -> Distribution {
    let all = [ok_ms, failed_ms].concat();
    let mut sorted = all.clone();
    sorted.sort_by(f64::total_cmp);
    let weighed = distribution(without_fastest(&sorted, failed_ms.len()));
    let why = if ok_ms.is_empty() { "all of these calls failed" } else { "fewer than 2 samples" };
    let quantiles = weighed
        .quantiles
        .into_iter()
        .map(|quantile| Quantile { value_ms: Measured::or(quantile.value_ms.number(), why), ..quantile });
    Distribution { quantiles: quantiles.collect(), ..distribution(&all) }
}

pub(crate) fn distribution(durations_ms: &[f64]) -> Distribution {
    distribution_at(durations_ms, &crate::config::Config::defaults().measure.quantiles)
}

pub(crate) fn distribution_at(durations_ms: &[f64], quantiles: &[f64]) -> Distribution {
    let mut sorted = durations_ms.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as u64;
    let quantile = |q: f64| Quantile {
        quantile: q,
        value_ms: Measured::or(type7_sorted(&sorted, q).filter(|_| n >= 2), "fewer than 2 samples"),
        low_sample: !has_enough_beyond(n, q, 10),
    };
    Distribution {
        n,
        mean_ms: Measured::ratio(sorted.iter().sum(), n as f64, "no samples"),
        min_ms: Measured::or(sorted.first().copied(), "no samples"),
        max_ms: Measured::or(sorted.last().copied(), "no samples"),
        quantiles: quantiles.iter().copied().map(quantile).collect(),
    }
}

fn ok_durations() -> Vec<f64> {
    (0..400).map(|i| 200.0 + 2.0 * f64::from(i)).collect()
}

fn identity() -> RunIdentity {
    RunIdentity {
        run_id: "fixture".into(),
        metadata: RunMetadata {
            run_id: Some("fixture".into()),
            test_name: Some("A small run".into()),
            users: Some(25),
            ..RunMetadata::default()
        },
        metadata_origin: MetadataOrigin::Footer,
    }
}

fn counts(ok: u64, failures: &[(&str, u64)]) -> OutcomeCounts {
    let failed = failures.iter().map(|(_, count)| count).sum();
    let words = [("ok", ok)].into_iter().chain(failures.iter().copied()).filter(|(_, count)| *count > 0);
    OutcomeCounts {
        finished: ok + failed,
        ok,
        failed,
        by_outcome: words.map(|(word, count)| (word.to_owned(), count)).collect(),
        ..OutcomeCounts::default()
    }
}

fn requests() -> RequestSummary {
    let ok = ok_durations();
    let failed: Vec<f64> = [vec![5000.0; 8], vec![50.0; 4]].concat();
    RequestSummary {
        counts: OutcomeCounts { unfinished: 1, ..counts(400, &[("api_error", 4), ("timeout", 8)]) },
        totals: Totals {
            requests: 412,
            ok: Measured::Value(400),
            failed: Measured::Value(12),
            declared: false,
        },
        success_rate: Measured::Value(400.0 / 412.0),
        all: distribution(&[ok.clone(), failed.clone()].concat()),
        ok: distribution(&ok),
        failed: distribution(&failed),
        from_sending: Measured::undefined("no request was sent later than it was meant to be"),
        answered_by: BTreeMap::from([("cache_l1".into(), 300), ("lightrag".into(), 100)]),
        distinct_users: Measured::Value(25),
        think_time_ms: Measured::Value(612.5),
        mean_in_flight: Measured::Value(12.25),
        cost_usd: Measured::Value(2.31),
    }
}

fn errors() -> Vec<ErrorCategory> {
    let category = |category: &str, count: u64, duration_ms: f64, example: Option<&str>| ErrorCategory {
        component: "request".into(),
        category: category.into(),
        count,
        share: count as f64 / 412.0,
        first_us: START_US + 1_000_000,
        last_us: START_US + 9_000_000,
        example: example.map(str::to_owned),
        peak_per_s: 3,
        durations: distribution(&vec![duration_ms; count as usize]),
        durations_are_lower_bounds: category == "timeout",
    };
    vec![category("timeout", 8, 5000.0, Some("no answer within 5 s")), category("api_error", 4, 50.0, None)]
}

fn error_causes() -> Vec<ErrorCause> {
    let cause = |category: &str, count: u64, operation: Option<&str>, detail: Option<&str>| ErrorCause {
        component: "request".into(),
        category: category.into(),
        operation: operation.map(str::to_owned),
        detail: detail.map(str::to_owned),
        count,
        share: count as f64 / 412.0,
        first_us: START_US + 1_000_000,
        last_us: START_US + 9_000_000,
        durations_are_lower_bounds: category == "timeout",
    };
    vec![cause("timeout", 8, Some("hybrid"), Some("no answer within 5 s")), cause("api_error", 4, None, None)]
}

fn resources() -> Resources {
    Resources {
        memory: Measured::Value(Memory {
            samples: 200,
            first_mb: 310.0,
            last_mb: 333.5,
            mean_mb: 320.25,
            peak_mb: 335.0,
            growth_mb: Measured::Value(23.5),
            change_mb: 23.5,
            growth_mb_per_min: Measured::Value(70.5),
            growth_mb_per_100_users: Measured::Value(94.0),
            growth_kb_per_operation: Measured::Value(57.03883495145631),
        }),
        cpu: Measured::Value(Cpu {
            samples: 200,
            mean_percent: 61.0,
            peak_percent: 143.0,
            mean_share_of_machine: Measured::Value(0.305),
        }),
        load_generator_cpu_percent: Measured::undefined("no instance has the role load_generator"),
        throughput_per_growth_mb: Measured::Value(0.8765957446808511),
        throughput_per_cpu_percent: Measured::Value(0.3377049180327869),
        service_instances: vec!["worker-1".into(), "worker-2".into()],
    }
}

fn model_calls(ok: u64, failures: &[(&str, u64)], durations_ms: &[f64]) -> ComponentCalls {
    let counts = counts(ok, failures);
    ComponentCalls {
        success_rate: Measured::ratio(ok as f64, counts.finished as f64, "no outcomes"),
        all: distribution(durations_ms),
        total_tokens_in: Measured::Value(89_320),
        total_tokens_out: Measured::Value(22_330),
        total_cost_usd: Measured::Value(2.2),
        cost_per_query_usd: Measured::Value(0.02),
        cost_per_success_usd: Measured::Value(0.022),
        mean_queue_ms: Measured::Value(35.0),
        model: Measured::Value(Box::new(ModelCalls {
            ttft: Measured::Value(distribution(&durations_ms.iter().map(|ms| ms / 2.0).collect::<Vec<_>>())),
            tpot: Measured::undefined("no successful call has tokens_out"),
            tokens_in: Measured::Value(distribution(&vec![812.0; durations_ms.len()]).into()),
            tokens_out: Measured::Value(distribution(&vec![203.0; durations_ms.len()]).into()),
        })),
        ..calls(counts, &[], &[])
    }
}

fn lightrag() -> Lightrag {
    let durations: Vec<f64> = (0..110).map(|i| 300.0 + 5.0 * f64::from(i)).collect();
    let mode = |mode: &str, share: f64, from: usize, to: usize| ModeShare {
        mode: mode.into(),
        share: Measured::Value(share),
        calls: model_calls((to - from) as u64, &[], &durations[from..to]),
    };
    Lightrag {
        overall: model_calls(102, &[("api_error", 2), ("timeout", 6)], &durations),
        by_mode: vec![mode("hybrid", 0.7, 0, 77), mode("naive", 0.3, 77, 110)],
        errors: [("api_error", 2), ("cost_limit", 0), ("parsing_error", 0), ("timeout", 6)]
            .map(|(word, count)| (word.to_owned(), count))
            .into(),
    }
}

fn cache() -> Cache {
    let tier = |tier: &str, hits: u64, misses: u64, duration_ms: f64| CacheTier {
        tier: tier.into(),
        hits,
        misses,
        hit_rate: Measured::ratio(hits as f64, (hits + misses) as f64, "no look-ups"),
        failed: 0,
        puts: misses,
        evictions: 3,
        promotions_in: 9,
        pressure_events: 1,
        peak_fill: Measured::Value(0.93),
        response_times: distribution(&vec![duration_ms; (hits + misses) as usize]),
        sequential_accesses: Measured::Value(12),
        random_accesses: Measured::Value(hits + misses - 12),
        hot_keys: vec![HotKey { key: 7, count: 31 }],
        distinct_keys: Measured::Value(44),
    };
    Cache {
        tiers: vec![tier("l1", 328, 72, 0.25), tier("l2", 36, 36, 2.5)],
        tier_weighted_hit_rate: Measured::Value(364.0 / 472.0),
        lookup_hit_rate: Measured::Value(0.91),
        lookups: 400,
        lookups_by: CountedBy::RequestId,
        tier_lookups_without_id: 0,
        effectiveness: Measured::Value(0.6882),
        promotions_l3_to_l2: 0,
        promotions_l2_to_l1: 36,
    }
}

fn breaker() -> Breaker {
    let transitions =
        [("closed->open", 1), ("half_open->closed", 1), ("half_open->open", 0), ("open->half_open", 1)];
    let change = |at_s: i64, rate: f64, cause: &str| BreakerChange {
        at_us: START_US + at_s * 1_000_000,
        reported_failure_rate: Some(rate),
        measured_failure_rate: Measured::Value(rate),
        calls: 40,
        cause: Some(cause.into()),
    };
    Breaker {
        breakers: vec![BreakerInstance {
            name: "lightrag".into(),
            rule: BreakerRule::Rate,
            requests: 120,
            blocked: 10,
            availability_percent: Measured::Value(91.66666666666667),
            recovery_success_rate: Measured::Value(1.0),
            recoveries_succeeded: 1,
            recoveries_failed: 0,
            transitions: transitions.map(|(word, count)| (word.to_owned(), count)).into(),
            time_in_state_s: Measured::Value(
                [("closed", 17.0), ("half_open", 0.5), ("open", 2.5)]
                    .map(|(word, s)| (word.to_owned(), s))
                    .into(),
            ),
            cost_activations: 0,
            cost_blocked_usd: Measured::Value(0.2),
            openings: vec![change(5, 0.225, "failure_rate")],
            closings: vec![change(8, 0.0, "failure_rate")],
            mean_ms_before_opening: Measured::Value(1812.0),
            mean_ms_after_recovery: Measured::Value(640.0),
            states: states(),
        }],
        requests: 120,
        blocked: 10,
        availability_percent: Measured::Value(91.66666666666667),
        recovery_success_rate: Measured::Value(1.0),
        opened: 1,
        cost_activations: 0,
        cost_blocked_usd: Measured::Value(0.2),
    }
}

fn states() -> Vec<StateSpan> {
    let span = |from_ms: i64, to_ms: i64, state| StateSpan {
        from_us: START_US + from_ms * 1000,
        to_us: START_US + to_ms * 1000,
        state,
    };
    vec![
        span(0, 5_000, BreakerState::Closed),
        span(5_000, 7_500, BreakerState::Open),
        span(7_500, 8_000, BreakerState::HalfOpen),
        span(8_000, 20_000, BreakerState::Closed),
    ]
}

/// As many as `request_seconds` count, of three kinds.
fn ended_requests() -> EndedRequests {
    let kind = |outcome: &str, answered_by: &str| RequestKind {
        outcome: Some(outcome.into()),
        answered_by: Some(answered_by.into()),
        is_ok: outcome == "ok",
        is_failed: outcome != "ok",
    };
    let kinds = vec![kind("ok", "cache_l1"), kind("ok", "lightrag"), kind("timeout", "none")];
    let at_us = |index: i64| START_US + [0, 1_000_000, 3_000_000][(index / 150) as usize] + index * 1000;
    EndedRequests {
        kinds,
        end_us: (0..400).map(at_us).collect(),
        duration_ms: (0..400).map(|index| MaybeMs::of(200.0 + f64::from(index % 100) * 8.0)).collect(),
        kind: (0..400).map(|index| if index % 50 == 7 { 2 } else { u32::from(index % 3 == 0) }).collect(),
    }
}

fn fallback() -> Fallback {
    let level =
        |level: &str, attempts: u64, successes: u64, quality: Measured<f64>, change: Measured<f64>| {
            FallbackLevel {
                level: level.into(),
                attempts,
                successes,
                success_rate: Measured::ratio(successes as f64, attempts as f64, "no attempts"),
                response_times: distribution(&vec![420.0; attempts as usize]),
                total_cost_usd: Measured::Value(0.5),
                mean_quality: quality,
                quality_change: change,
            }
        };
    let none = || Measured::undefined("no attempts at this level");
    Fallback {
        levels: vec![
            level("lightrag", 110, 102, Measured::Value(0.9), Measured::undefined("first level")),
            level("perplexity", 8, 6, Measured::Value(0.7), Measured::Value(-0.2)),
            level("cache_fallback", 0, 0, none(), none()),
        ],
        requests_entered: 112,
        requests_answered: Measured::Value(108),
        overall_success: Measured::Value(108.0 / 112.0),
        counted_by: CountedBy::RequestId,
        attempts_without_id: 0,
        cost_per_answer_usd: Measured::Value(0.0214),
        cost_efficiency: Measured::Value(0.9440827966235693),
        activation_rate: Measured::Value(8.0 / 112.0),
    }
}

fn calls(counts: OutcomeCounts, ok: &[f64], failed: &[f64]) -> ComponentCalls {
    ComponentCalls {
        success_rate: Measured::ratio(counts.ok as f64, (counts.ok + counts.failed) as f64, "no outcomes"),
        throughput_per_s: Measured::Value(counts.finished as f64 / 20.0),
        all: finished(ok, failed),
        ok: distribution(ok),
        failed: distribution(failed),
        by_category: BTreeMap::new(),
        total_cost_usd: Measured::undefined("no costs"),
        total_tokens_in: Measured::undefined("no tokens"),
        total_tokens_out: Measured::undefined("no tokens"),
        mean_queue_ms: Measured::undefined("no column queue_ms"),
        cost_per_query_usd: Measured::undefined("no costs"),
        cost_per_success_usd: Measured::undefined("no costs"),
        model: Measured::undefined("no successful call has ttft_ms or tokens"),
        counts,
    }
}

/// LightRAG's calls, as any component has them; [`RunSummary::lightrag`] tells what only a language model has.
pub(crate) fn lightrag_calls(run: &mut RunSummary) -> &mut ComponentCalls {
    &mut run.components[0].calls
}

/// A run that never called LightRAG.
pub(crate) fn without_lightrag(run: &mut RunSummary) {
    run.components.remove(0);
    run.lightrag = Measured::undefined("no events in this run");
    run.series.calls.clear();
}

fn components() -> Vec<Component> {
    let ok = ok_durations();
    let failed: Vec<f64> = [vec![5000.0; 8], vec![50.0; 4]].concat();
    let mut request = calls(counts(400, &[("api_error", 4), ("timeout", 8)]), &ok, &failed);
    request.by_category = [
        ("api_error".to_owned(), distribution(&[50.0; 4])),
        ("timeout".to_owned(), distribution(&[5000.0; 8])),
    ]
    .into();
    let vector_db = || calls(counts(40, &[]), &[20.0; 40], &[]);
    let Lightrag { overall, by_mode, .. } = lightrag();
    let modes = by_mode.into_iter();
    vec![
        Component {
            component: "lightrag".into(),
            calls: overall,
            operations: modes.map(|mode| Operation { operation: mode.mode, calls: mode.calls }).collect(),
        },
        Component { component: "request".into(), calls: request, operations: vec![] },
        Component {
            component: "vector_db".into(),
            calls: vector_db(),
            operations: vec![Operation { operation: "search".into(), calls: vector_db() }],
        },
    ]
}

fn metrics() -> Vec<SampledMetric> {
    let metric = |instance: &str, min: f64, mean: f64, max: f64| SampledMetric {
        component: "process".into(),
        metric: "threads".into(),
        instance: Some(instance.into()),
        role: Some("service".into()),
        n: 10,
        first: min,
        last: 9.0,
        min,
        mean,
        max,
        p50: Measured::Value(mean),
        p95: Measured::Value(max),
    };
    vec![metric("worker-1", 4.0, 9.0, 12.0), metric("worker-2", 3.0, 5.0, 6.0)]
}

fn time_spent() -> TimeSpent {
    let share = |component: &str, share: f64| TimeShare {
        component: component.into(),
        total_ms: share * 1_000_000.0,
        share,
    };
    TimeSpent {
        requests: 410,
        left_out: BTreeMap::from([("no request_id".into(), 2)]),
        total_ms: 1_000_000.0,
        shares: vec![share("lightrag", 0.5), share("unattributed", 0.375), share("cache_l1", 0.125)],
    }
}

fn slowest() -> SlowRequest {
    SlowRequest {
        start_us: START_US + 1_500_000,
        duration_ms: 5000.0,
        request_id: Some(77),
        user_id: Some(3),
        operation: None,
        outcome: Some("timeout".into()),
        answered_by: None,
        chain: vec![ChainCall {
            component: "lightrag".into(),
            operation: Some("hybrid".into()),
            outcome: Some("timeout".into()),
            offset_ms: 1.5,
            duration_ms: Some(4998.0),
        }],
    }
}

fn data_quality() -> DataQuality {
    DataQuality {
        rows_total: 1203,
        rows_used: 1200,
        rows_left_out: vec![RowFault {
            reason: "negative_duration".into(),
            column: "duration_ms".into(),
            count: 3,
            first_file: "fixture.parquet".into(),
            first_row: 17,
        }],
        refused_lines: Measured::Value(0),
        missing_columns: vec!["scheduled_ts".into(), "ttft_ms".into()],
        extra_columns: vec!["shard".into()],
        load_notes: vec!["time stamps in ns, cut to µs".into()],
        integrity: "verified".into(),
        complete: Some(true),
        sampler: Measured::Value(SamplerQuality {
            interval_ms: 100.0,
            samples: 200,
            missed_ticks: 1,
            jitter_p50_ms: 0.5,
            jitter_max_ms: 98.0,
            clock_steps: 0,
        }),
        gaps: vec![Gap { start_us: START_US + 10_000_000, end_us: START_US + 16_000_000 }],
        silences: Vec::new(),
        load: Gap { start_us: START_US, end_us: START_US + 20_000_000 },
        overlapping_s: 0.0,
        left_out: LeftOut::default(),
        load_generator_saturated: Measured::undefined("no instance has the role load_generator"),
    }
}

/// A tick by its number in the run.
pub(crate) fn call_tick(resolution_ms: u32, number: i64) -> CallTick {
    CallTick {
        start_us: START_US + number * i64::from(resolution_ms) * 1000,
        count: 3,
        ok: 2,
        failed: 1,
        hits: 0,
        misses: 0,
        mean_ms: Some(12.5).into(),
        p50_ms: Some(10.0).into(),
        p95_ms: (number == 0).then_some(20.25).into(),
        max_ms: Some(21.0).into(),
        in_flight: 0.5,
    }
}

/// The ticks of a component in the run that begins with `START_US`.
pub(crate) fn call_ticks(resolution_ms: u32, component: usize, ticks: Vec<CallTick>) -> CallTicks {
    let width_us = i64::from(resolution_ms) * 1000;
    CallTicks::new(resolution_ms, component, START_US / width_us, [PackedTicks::of(width_us, ticks)])
}

fn series() -> Series {
    let second = |at_s: i64, ok: usize| SecondOfRequests {
        start_us: START_US + at_s * 1_000_000,
        durations_ms: vec![400.0; ok].into(),
        ok_durations_ms: vec![400.0; ok].into(),
        count: ok as u64,
        ok: ok as u64,
        failed: 0,
    };
    Series {
        calls: [(100, 1, vec![0, 3]), (100, 2, vec![0]), (1000, 1, vec![0]), (1000, 2, vec![0])]
            .map(|(resolution_ms, component, ticks)| {
                let tick = |number| call_tick(resolution_ms, number);
                call_ticks(resolution_ms, component, ticks.into_iter().map(tick).collect())
            })
            .into(),
        metrics: vec!["threads[worker-1]".into()],
        samples: SamplePoints::new(
            vec![SamplePoint { at_us: START_US + 100_000, value: 4.0, metric: 0 }],
            START_US / 100_000,
        ),
        request_seconds: vec![second(0, 150), second(1, 150), second(3, 100)],
        lookup_seconds: vec![SecondOfLookups { start_us: START_US, lookups: 400, hits: 364 }],
        service_memory_mb: vec![(START_US, 310.0), (START_US + 20_000_000, 333.5)],
        service_cpu_percent: vec![(START_US, 61.0), (START_US + 20_000_000, 61.0)],
        requests: std::sync::Arc::new(ended_requests()),
    }
}
