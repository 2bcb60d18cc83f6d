//! Answers the rows from pools of simulated runs: each kind is simulated once, and its runs are combined many times.

use std::collections::BTreeMap;

use cmo_metrics::baseline::RunRecord;
use cmo_metrics::config::Config;
use cmo_metrics::judge::{ChangeWord, MetricChange, Regression, TrendWord, judge_trends};
use rayon::prelude::*;

use crate::play::{Setup, UNCHANGED, draw, judge, on_day, slower};
use crate::rows::{Answer, Asked, BASELINES, Row};

/// How much is simulated and compared.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Healthy runs of a kind, and faulty ones.
    pub runs: usize,
    pub faulty: usize,
    /// Comparisons of a row, and histories of nights.
    pub comparisons: usize,
    pub histories: usize,
}

const P95: &str = "request/ok_p95_ms";
const NIGHTS: usize = 30;
/// Requests per second of the four loads of a night, on one service that 40 keep busy at 70 %.
const NIGHTLY: [f64; 4] = [10.0, 20.0, 30.0, 40.0];

pub struct Answers {
    effort: Effort,
    config: Config,
    pools: BTreeMap<String, Vec<RunRecord>>,
    words: BTreeMap<String, Vec<BTreeMap<String, TrendWord>>>,
}

impl Answers {
    pub fn new(effort: Effort) -> Self {
        let config = Config::defaults();
        Self { effort, config, pools: BTreeMap::new(), words: BTreeMap::new() }
    }

    pub fn to(&mut self, row: &Row) -> Answer {
        match row.asked {
            Asked::Exit { code, setup, factor, baseline } => {
                self.count(setup, 1 + baseline, |runs, config| {
                    exit(&[slower(runs[0], factor)], &runs[1..], config) == code
                })
            }
            Asked::RiseOfExit3 { setup } => self.rise(setup),
            Asked::Announced { setup, baseline } => self.count(setup, 2 + baseline, |runs, config| {
                let announced = announced(runs[0], &runs[2..], config);
                exit(&[slower(runs[1], 1.0 + announced)], &runs[2..], config) == 99
            }),
            Asked::Itself { code, setup } => self.itself(code, setup),
            Asked::Fault { setup, first, baseline } => self.fault(setup, first, baseline),
            Asked::RedNights { baseline } => self.red_nights(baseline),
            Asked::FoundByNight { factor, night } => self.found_by_night(factor, night),
            Asked::Trend { setup, metric, words } => self.trend(setup, metric, words),
        }
    }

    /// The healthy runs of a kind; faulty ones have other seeds.
    fn pool(&mut self, setup: Setup) -> Vec<RunRecord> {
        let is_faulty = setup.scenario != UNCHANGED.scenario
            || setup.lost_share != UNCHANGED.lost_share
            || setup.response_factor != UNCHANGED.response_factor;
        let (count, seed) = if is_faulty { (self.effort.faulty, 500_000) } else { (self.effort.runs, 1_000) };
        let config = &self.config;
        self.pools.entry(format!("{setup:?}")).or_insert_with(|| setup.runs(count, seed, config)).clone()
    }

    /// How often something is true of so many runs of a kind.
    fn count(
        &mut self,
        setup: Setup,
        runs: usize,
        is_true: impl Fn(&[&RunRecord], &Config) -> bool + Sync,
    ) -> Answer {
        let (pool, comparisons) = (self.pool(setup), self.effort.comparisons);
        let config = &self.config;
        let drawn = |seed: u64| draw(seed, runs, pool.len()).into_iter().map(|index| &pool[index]).collect();
        let is_found = |seed: &u64| {
            let runs: Vec<&RunRecord> = drawn(*seed);
            is_true(&runs, config)
        };
        let found = (0..comparisons as u64).into_par_iter().filter(is_found).count() as u64;
        Answer { found, of: comparisons as u64, runs: pool.len() }
    }

    fn rise(&mut self, setup: Setup) -> Answer {
        let most = BASELINES.iter().max().copied().unwrap_or(0);
        // The first runs of the same draws: what is compared differs in nothing else.
        let open = BASELINES.map(|baseline| {
            self.count(setup, 1 + most, |runs, config| {
                exit(&[runs[0].clone()], &runs[1..=baseline], config) == 3
            })
        });
        let rises = open.windows(2).map(|pair| pair[1].found.saturating_sub(pair[0].found));
        Answer { found: rises.max().unwrap_or(0), ..open[0] }
    }

    fn itself(&mut self, code: u8, setup: Setup) -> Answer {
        let pool = self.pool(setup);
        let is_found = |run: &&RunRecord| {
            // Under another name: the formula has to say it.
            let twin = RunRecord { run_id: "twin".to_owned(), ..(*run).clone() };
            exit(&[(*run).clone()], &[&twin], &self.config) == code
        };
        let found = pool.par_iter().filter(is_found).count() as u64;
        Answer { found, of: pool.len() as u64, runs: pool.len() }
    }

    fn fault(&mut self, setup: Setup, first: &[&str], baseline: usize) -> Answer {
        let faulty = self.pool(setup);
        let healthy =
            self.pool(Setup { seconds: setup.seconds, utilisation: setup.utilisation, ..UNCHANGED });
        let is_found = |(index, run): &(usize, &RunRecord)| {
            let drawn = draw(*index as u64, baseline, healthy.len());
            let baseline: Vec<RunRecord> = drawn.into_iter().map(|index| healthy[index].clone()).collect();
            let gate = judge(&[(*run).clone()], &baseline, &self.config).gate;
            let names = |reason: &String| first.iter().any(|metric| reason.contains(metric));
            match gate.code.code() {
                99 => true,
                3 => gate.reasons.first().is_some_and(names),
                _ => false,
            }
        };
        let found = faulty.par_iter().enumerate().filter(is_found).count() as u64;
        Answer { found, of: faulty.len() as u64, runs: faulty.len() }
    }

    fn red_nights(&mut self, baseline: usize) -> Answer {
        let pools = NIGHTLY.map(|rate_per_s| {
            let utilisation = UNCHANGED.utilisation * rate_per_s / UNCHANGED.rate_per_s;
            self.pool(Setup { rate_per_s, utilisation, seconds: 300.0, ..UNCHANGED })
        });
        let histories = self.effort.histories as u64;
        let red = |seed: u64| {
            let mut is_red = [false; NIGHTS];
            for (load, pool) in pools.iter().enumerate() {
                let history = History::draw(4 * seed + load as u64, pool, baseline, NIGHTS, 1.0);
                for (night, is_red) in is_red.iter_mut().enumerate() {
                    *is_red |= history.is_red(night, &self.config);
                }
            }
            is_red.iter().filter(|is_red| **is_red).count() as u64
        };
        let found = (0..histories).into_par_iter().map(red).sum();
        Answer { found, of: NIGHTS as u64 * histories, runs: pools[0].len() }
    }

    fn found_by_night(&mut self, factor: f64, night: usize) -> Answer {
        let (pool, histories) = (self.pool(UNCHANGED), self.effort.histories as u64);
        let is_found = |seed: &u64| {
            let history = History::draw(*seed, &pool, 10, night, factor);
            (0..night).any(|night| history.is_regressed(night, &self.config))
        };
        let found = (0..histories).into_par_iter().filter(is_found).count() as u64;
        Answer { found, of: histories, runs: pool.len() }
    }

    fn trend(&mut self, setup: Setup, metric: &str, words: &[TrendWord]) -> Answer {
        let (count, config) = (self.effort.runs as u64, &self.config);
        let of_run = |index: u64| {
            let (summary, _) = setup.measured(800_000 + index, config);
            let trends = judge_trends(&summary, config).into_iter();
            trends.filter_map(|trend| Some((trend.metric, *trend.direction.value()?))).collect()
        };
        let simulate = || (0..count).into_par_iter().map(of_run).collect();
        let found = self.words.entry(format!("{setup:?}")).or_insert_with(simulate).iter();
        let found = found.filter(|run| run.get(metric).is_some_and(|word| words.contains(word))).count();
        Answer { found: found as u64, of: count, runs: count as usize }
    }
}

fn exit(judged: &[RunRecord], baseline: &[&RunRecord], config: &Config) -> u8 {
    let baseline: Vec<RunRecord> = baseline.iter().map(|run| (*run).clone()).collect();
    judge(judged, &baseline, config).gate.code.code()
}

/// The change of P95 that a comparison says would be found.
fn announced(run: &RunRecord, baseline: &[&RunRecord], config: &Config) -> f64 {
    let baseline: Vec<RunRecord> = baseline.iter().map(|run| (*run).clone()).collect();
    let change = of_p95(judge(std::slice::from_ref(run), &baseline, config));
    change.smallest_detectable_change.number().expect("P95 is compared")
}

fn of_p95(regression: Regression) -> MetricChange {
    let comparison = regression.comparison.value().expect("runs of one kind are comparable");
    let is_p95 = |change: &&MetricChange| change.key() == P95;
    comparison.changes.iter().find(is_p95).expect("every run has a P95").clone()
}

/// A pinned baseline and the nights after it, one run each.
struct History {
    baseline: Vec<RunRecord>,
    /// Two before the change, then those after it.
    nights: Vec<RunRecord>,
}

impl History {
    fn draw(seed: u64, pool: &[RunRecord], baseline: usize, nights: usize, factor: f64) -> Self {
        let drawn = draw(seed, baseline + 2 + nights, pool.len());
        let run = |(day, index): (usize, usize)| {
            let factor = if day < baseline + 2 { 1.0 } else { factor };
            on_day(&slower(&pool[index], factor), day)
        };
        let mut runs: Vec<RunRecord> = drawn.into_iter().enumerate().map(run).collect();
        let nights = runs.split_off(baseline);
        Self { baseline: runs, nights }
    }

    /// What the gate says of a night by itself, and of it and the two before together, which can only prove.
    fn judged(&self, night: usize, config: &Config) -> [Regression; 2] {
        let last: Vec<RunRecord> = self.nights[night..=night + 2].iter().rev().cloned().collect();
        [&last[..1], &last[..]].map(|judged| judge(judged, &self.baseline, config))
    }

    fn is_red(&self, night: usize, config: &Config) -> bool {
        let [alone, together] = self.judged(night, config).map(|found| found.gate.code.code());
        alone != 0 || together == 99
    }

    /// Whether P95 is called regressed; of three nights while the last of them is worse by more than the margin, too.
    fn is_regressed(&self, night: usize, config: &Config) -> bool {
        let [alone, together] = self.judged(night, config).map(of_p95);
        let is = |change: &MetricChange| change.word.value() == Some(&ChangeWord::Regressed);
        is(&alone) || is(&together) && alone.change.number().is_some_and(|change| change > alone.margin)
    }
}
