//! Baselines of many runs, of which nothing is known but one value each: as a history of nightly runs is.

use cmo_metrics::baseline::RunRecord;
use cmo_metrics::config::Config;
use cmo_metrics::judge::{ChangeWord, Severity};
use cmo_metrics::summary::{ComparableMetric, Measured};

use crate::play::{Setup, compare, uniform};
use crate::tally::share;
use cmo_metrics::units::Unit;

pub(crate) fn print(count: usize) {
    let config = Config::defaults();
    let pattern = Setup { seconds: 30.0, ..crate::aa::UNCHANGED }.play(1, &config);
    println!("{count} comparisons a cell; one value a run, log-normal around 1,000 ms\n");
    println!(
        "| spread from run to run | baseline runs | alarms without a change | +10 % found | +20 % found |"
    );
    println!("|---|---|---|---|---|");
    for spread in [0.01, 0.02, 0.03, 0.05] {
        for k in [5, 7, 10, 20] {
            let found = |change: f64| {
                let alarms =
                    (0..count as u64).filter(|&seed| is_found(&pattern, seed, k, spread, change, &config));
                share(alarms.count() as u64, count as u64)
            };
            println!("| {:.0} % | {k} | {} | {} | {} |", spread * 100.0, found(0.0), found(0.1), found(0.2));
        }
    }
}

fn is_found(pattern: &RunRecord, seed: u64, k: usize, spread: f64, change: f64, config: &Config) -> bool {
    let run = |index: usize, factor: f64| {
        let value_ms = 1_000.0 * factor * (spread * normal(seed * 1_000 + index as u64)).exp();
        RunRecord {
            run_id: format!("run_{index}"),
            metrics: vec![ComparableMetric {
                component: "request".to_owned(),
                name: "ok_p95_ms".to_owned(),
                unit: Unit::Milliseconds,
                value: Measured::Value(value_ms),
                samples: 100,
                spread: Measured::undefined("one value a run"),
            }],
            ..pattern.clone()
        }
    };
    let baseline = (0..k).map(|index| run(index, 1.0)).collect();
    let regression = compare(&run(k, 1.0 + change), baseline, Severity::Medium, config);
    let comparison = regression.comparison.value().unwrap();
    comparison.changes[0].word.value() == Some(&ChangeWord::Regressed)
}

/// Standard normal by the seed (Box and Muller).
fn normal(seed: u64) -> f64 {
    let (a, b) = (uniform(2 * seed).max(f64::MIN_POSITIVE), uniform(2 * seed + 1));
    (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}
