//! Pairs with a known change: what is found, beside what was announced.

use cmo_metrics::baseline::RunRecord;
use cmo_metrics::config::Config;
use cmo_metrics::judge::Severity;
use rayon::prelude::*;

use crate::aa::{UNCHANGED, pairs, runs};
use crate::play::{RunFactor, Setup, compare};
use crate::tally::Tally;

const P95: &str = "request/ok_p95_ms";
const SUCCESS: &str = "request/success_rate";

pub(crate) fn print(count: usize) {
    let config = Config::defaults();
    println!("{count} pairs a row; runs of {} s at {} requests/s\n", UNCHANGED.seconds, UNCHANGED.rate_per_s);
    println!(
        "| utilisation | run factor | change | regressed | exit 99 | exit 3 | exit 0 | announced before |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for utilisation in [0.5, 0.7, 0.85] {
        for factor in [RunFactor::None, RunFactor::Response] {
            let setup = Setup { utilisation, factor, ..UNCHANGED };
            let baselines = runs(setup, count, 1_000, &config);
            let announced = pairs(&baselines, Severity::Medium, &config);
            let (p95, success) = (announced.announced(P95).unwrap(), announced.announced(SUCCESS).unwrap());
            for change in [0.05, 0.1, 0.2, 0.5] {
                let tally =
                    changed(|_| Setup { response_factor: 1.0 + change, ..setup }, &baselines, &config);
                row(setup, &format!("P95 {:+.0} %", change * 100.0), P95, p95, &tally);
            }
            for times in [1.0, 2.0] {
                let own = own_sizes(&baselines, P95, &config);
                let with = |pair: usize| Setup { response_factor: 1.0 + times * own[pair], ..setup };
                row(
                    setup,
                    &format!("P95 {times} × announced"),
                    P95,
                    p95,
                    &changed(with, &baselines, &config),
                );
            }
            for change in [0.01, 0.03, 0.05] {
                let tally = changed(|_| Setup { lost_share: change, ..setup }, &baselines, &config);
                row(setup, &format!("success −{:.0} points", change * 100.0), SUCCESS, success, &tally);
            }
            for times in [1.0, 2.0] {
                let own = own_sizes(&baselines, SUCCESS, &config);
                let with = |pair: usize| Setup { lost_share: -times * own[pair], ..setup };
                let tally = changed(with, &baselines, &config);
                row(setup, &format!("success {times} × announced"), SUCCESS, success, &tally);
            }
        }
    }
}

/// What the pair of each baseline with the one before it announces for a metric.
fn own_sizes(baselines: &[RunRecord], metric: &str, config: &Config) -> Vec<f64> {
    let of_pair = |index: usize| {
        let before = baselines[(index + baselines.len() - 1) % baselines.len()].clone();
        let mut tally = Tally::default();
        tally.add(&compare(&baselines[index], vec![before], Severity::Medium, config));
        tally.announced(metric).unwrap()
    };
    (0..baselines.len()).map(of_pair).collect()
}

/// A new run for each of the baselines, compared with it.
fn changed(setup: impl Fn(usize) -> Setup + Sync, baselines: &[RunRecord], config: &Config) -> Tally {
    let changed: Vec<RunRecord> = (0..baselines.len() as u64)
        .into_par_iter()
        .map(|index| setup(index as usize).play(500_000 + index, config))
        .collect();
    let mut tally = Tally::default();
    for (current, baseline) in changed.iter().zip(baselines) {
        tally.add(&compare(current, vec![baseline.clone()], Severity::Medium, config));
    }
    tally
}

fn row(setup: Setup, change: &str, metric: &str, announced: f64, tally: &Tally) {
    println!(
        "| {:.0} % | {} | {change} | {} | {} | {} | {} | {:+.1} |",
        setup.utilisation * 100.0,
        setup.factor.word(),
        tally.regressed(metric),
        tally.exit(99),
        tally.exit(3),
        tally.exit(0),
        announced * 100.0,
    );
}
