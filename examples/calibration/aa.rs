//! Pairs of runs without any change: every `regressed` is a false alarm.

use cmo_metrics::baseline::RunRecord;
use cmo_metrics::config::Config;
use cmo_metrics::judge::Severity;
use rayon::prelude::*;

use crate::play::{RunFactor, Setup, compare};
use crate::tally::{Tally, share};

const GATE: [&str; 5] = [
    "request/ok_p95_ms",
    "request/success_rate",
    "lightrag/success_rate",
    "request/ok_per_s",
    "resources/memory_growth_mb",
];

/// Nothing to be found.
pub(crate) const UNCHANGED: Setup = Setup {
    utilisation: 0.7,
    rate_per_s: 40.0,
    seconds: 240.0,
    factor: RunFactor::None,
    response_factor: 1.0,
    lost_share: 0.0,
};

/// `count` runs of one kind.
pub(crate) fn runs(setup: Setup, count: usize, first_seed: u64, config: &Config) -> Vec<RunRecord> {
    (0..count as u64).into_par_iter().map(|index| setup.play(first_seed + index, config)).collect()
}

/// Each run against the one before it (the first against the last): as many pairs as runs, each run in two of them.
pub(crate) fn pairs(runs: &[RunRecord], fail_on: Severity, config: &Config) -> Tally {
    let mut tally = Tally::default();
    for (index, current) in runs.iter().enumerate() {
        let before = runs[(index + runs.len() - 1) % runs.len()].clone();
        tally.add(&compare(current, vec![before], fail_on, config));
    }
    tally
}

/// Each run against a baseline of the `k` before it.
fn against(runs: &[RunRecord], k: usize, config: &Config) -> Tally {
    let mut tally = Tally::default();
    for index in k..runs.len() {
        tally.add(&compare(&runs[index], runs[index - k..index].to_vec(), Severity::Medium, config));
    }
    tally
}

pub(crate) fn print(count: usize) {
    let config = Config::defaults();
    let setups: Vec<Setup> = [0.5, 0.7, 0.85]
        .into_iter()
        .flat_map(|utilisation| {
            [RunFactor::None, RunFactor::Service].map(|factor| Setup { utilisation, factor, ..UNCHANGED })
        })
        .collect();
    println!("{count} pairs a row; runs of {} s at {} requests/s\n", UNCHANGED.seconds, UNCHANGED.rate_per_s);
    println!(
        "| utilisation | run factor | baseline | exit 99 | exit 3 | exit 0 | any regressed | P95 | success | \
         LightRAG success | throughput | memory | most often regressed | most often suspected | keeps the gate open |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for setup in setups {
        let played = runs(setup, count, 1_000, &config);
        print_row(setup, "1 run", &pairs(&played, Severity::Medium, &config));
        print_row(setup, "1 run, `--fail-on low`", &pairs(&played, Severity::Low, &config));
        for k in [3, 5, 10].into_iter().filter(|k| k + 10 < count) {
            print_row(setup, &format!("{k} runs"), &against(&played, k, &config));
        }
    }
}

fn print_row(setup: Setup, baseline: &str, tally: &Tally) {
    let gate: Vec<String> = GATE.iter().map(|metric| tally.regressed(metric)).collect();
    println!(
        "| {:.0} % | {} | {baseline} | {} | {} | {} | {} | {} | {} | {} | {} |",
        setup.utilisation * 100.0,
        setup.factor.word(),
        tally.exit(99),
        tally.exit(3),
        tally.exit(0),
        share(tally.any_regressed, tally.comparisons),
        gate.join(" | "),
        tally.most(&tally.regressed, 2),
        tally.most(&tally.suspected, 2),
        tally.most(&tally.open, 3),
    );
}

/// How long must runs be for the gate to pass what has not changed?
pub(crate) fn print_lengths(count: usize) {
    let config = Config::defaults();
    println!(
        "| utilisation | requests/s | length | exit 99 | exit 3 | exit 0 | P95 announced | keeps the gate open |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for utilisation in [0.5, 0.7, 0.85] {
        for (rate_per_s, seconds) in
            [(10.0, 120.0), (10.0, 600.0), (40.0, 120.0), (40.0, 600.0), (40.0, 1800.0)]
        {
            let factor = RunFactor::Response;
            let setup = Setup { utilisation, rate_per_s, seconds, factor, ..UNCHANGED };
            let tally = pairs(&runs(setup, count, 1_000, &config), Severity::Medium, &config);
            let announced = tally
                .announced(GATE[0])
                .map_or_else(|| "–".to_owned(), |smallest| format!("{:+.1} %", smallest * 100.0));
            println!(
                "| {:.0} % | {rate_per_s} | {} min | {} | {} | {} | {announced} | {} |",
                utilisation * 100.0,
                seconds / 60.0,
                tally.exit(99),
                tally.exit(3),
                tally.exit(0),
                tally.most(&tally.open, 3),
            );
        }
    }
}
