//! Runs with a known course: which word each metric gets.

use std::collections::BTreeMap;

use cmo_metrics::config::Config;
use cmo_metrics::judge::{TrendWord, judge_trends};
use cmo_metrics::simulate::{Length, Parameters, Scenario};
use cmo_metrics::summary::{RunSummary, SecondOfRequests};
use rayon::prelude::*;

use crate::play::{measured, uniform};
use crate::tally::share;

const METRICS: [&str; 4] = ["response_time", "p95_response_time", "throughput", "success_rate"];
const WORDS: [TrendWord; 5] = [
    TrendWord::Improving,
    TrendWord::Degrading,
    TrendWord::Stable,
    TrendWord::Volatile,
    TrendWord::Inconclusive,
];

pub(crate) fn print(count: usize) {
    println!("{count} runs a row; simulated runs of 300 s at 40 requests/s, noise of 300 s\n");
    println!("| truth | metric | improving | degrading | stable | volatile | inconclusive |");
    println!("|---|---|---|---|---|---|---|");
    let config = Config::defaults();
    for (truth, scenario, effect) in [
        ("healthy", Scenario::Healthy, None),
        ("drift +30 %", Scenario::Drift, Some(0.3)),
        ("drift −20 %", Scenario::Drift, Some(-0.2)),
        ("step ×1.5 at half", Scenario::Step, Some(1.5)),
        ("step ×0.7 at half", Scenario::Step, Some(0.7)),
    ] {
        let runs: Vec<RunSummary> = (0..count as u64)
            .into_par_iter()
            .map(|seed| simulated(scenario, effect, seed, &config))
            .collect();
        rows(truth, &runs, &config);
    }
    let pattern = simulated(Scenario::Healthy, None, 1, &config);
    for memory in [0.0, 0.6, 0.8, 0.9] {
        let runs: Vec<RunSummary> = (0..count as u64).map(|seed| noise(&pattern, memory, seed)).collect();
        rows(&format!("noise only, AR(1) φ {memory}, 10 %"), &runs, &config);
    }
}

fn simulated(scenario: Scenario, effect: Option<f64>, seed: u64, config: &Config) -> RunSummary {
    let parameters = Parameters {
        users: 100,
        length: Length::Seconds(300.0),
        rate_per_s: Some(40.0),
        seed,
        effect,
        ..Parameters::new(scenario)
    };
    measured(parameters, config).0
}

/// A run of which nothing moves but the times of its seconds, by noise with a memory.
fn noise(pattern: &RunSummary, memory: f64, seed: u64) -> RunSummary {
    let mut run = pattern.clone();
    let start_us = run.window.start_us.div_euclid(1_000_000) * 1_000_000;
    run.window.end_us = start_us + 300_000_000;
    run.window.start_us = start_us;
    let mut level = 0.0;
    let scale = (1.0 - memory * memory).sqrt();
    run.series.request_seconds = (0..320u64)
        .map(|second| {
            let draw = |of: u64| uniform(seed * 10_000_000 + second * 1_000 + of);
            // The sum of twelve even draws is nearly normal.
            let normal: f64 = (0..12).map(draw).sum::<f64>() - 6.0;
            level = memory * level + scale * normal;
            let durations_ms: Vec<f64> =
                (0..40u64).map(|call| 200.0 * (1.0 + 0.1 * level) * (0.5 + draw(100 + call))).collect();
            SecondOfRequests {
                start_us: start_us + (second as i64 - 20) * 1_000_000,
                ok_durations_ms: durations_ms.clone().into(),
                durations_ms: durations_ms.into(),
                count: 40,
                ok: 40,
                failed: 0,
            }
        })
        .collect();
    run
}

fn rows(truth: &str, runs: &[RunSummary], config: &Config) {
    let mut counts: BTreeMap<&str, Vec<u64>> =
        METRICS.iter().map(|metric| (*metric, vec![0; WORDS.len()])).collect();
    for run in runs {
        for trend in judge_trends(run, config) {
            let (Some(counts), Some(word)) = (counts.get_mut(trend.metric.as_str()), trend.direction.value())
            else {
                continue;
            };
            let index = WORDS.iter().position(|known| known == word);
            counts[index.expect("the reference's metrics have a good direction")] += 1;
        }
    }
    for metric in METRICS {
        let of = runs.len() as u64;
        let shares: Vec<String> = counts[metric].iter().map(|&count| share(count, of)).collect();
        println!("| {truth} | {metric} | {} |", shares.join(" | "));
    }
}
