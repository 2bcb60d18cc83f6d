//! Simulated runs, measured as `analyze` does, ready to be compared: many at once, each simulated once.

use std::path::PathBuf;

use cmo_metrics::baseline::{Baseline, RunRecord, SCHEMA_VERSION};
use cmo_metrics::config::Config;
use cmo_metrics::judge::{ComparisonOptions, Regression, WindowChoice, compare_together};
use cmo_metrics::library::{measure, open};
use cmo_metrics::simulate::{Length, Parameters, Plan, Scenario, simulate};
use cmo_metrics::summary::{Measured, RunSummary, Spread};
use cmo_metrics::units::Unit;
use rayon::prelude::*;

/// A kind of run; a seed makes one of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setup {
    pub utilisation: f64,
    pub rate_per_s: f64,
    pub seconds: f64,
    /// Whether the run says by itself which part of it is steady.
    pub has_phases: bool,
    pub scenario: Scenario,
    pub effect: Option<f64>,
    pub fault_at_s: Option<f64>,
    pub lost_share: f64,
    pub response_factor: f64,
    /// What a machine that is a little slower does: all of it, or LightRAG, which is then busier.
    pub slower_machine: SlowerMachine,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SlowerMachine {
    InAll,
    InLightrag,
}

/// Nothing to be found.
pub const UNCHANGED: Setup = Setup {
    utilisation: 0.7,
    rate_per_s: 40.0,
    seconds: 240.0,
    has_phases: true,
    scenario: Scenario::Healthy,
    effect: None,
    fault_at_s: None,
    lost_share: 0.0,
    response_factor: 1.0,
    slower_machine: SlowerMachine::InLightrag,
};

impl Setup {
    /// Users of every run: enough that queueing, not their number, limits what is in flight.
    const USERS: u32 = 100;
    /// A machine is up to so much faster or slower than another, by the seed.
    const RUN_FACTOR: f64 = 0.03;

    pub fn parameters(&self, seed: u64) -> Parameters {
        // LightRAG's slots are sized once for the rate, so that a slower machine is busier.
        let busy = self.rate_per_s * 0.368 * 0.288;
        let slots = (busy / self.utilisation).ceil().max(1.0);
        let run_factor = 1.0 + Self::RUN_FACTOR * (2.0 * uniform(seed ^ 0x5eed) - 1.0);
        let (of_service, of_all) = match self.slower_machine {
            SlowerMachine::InLightrag => (run_factor, 1.0),
            SlowerMachine::InAll => (1.0, run_factor),
        };
        Parameters {
            users: Self::USERS,
            length: Length::Seconds(self.seconds),
            rate_per_s: Some(self.rate_per_s),
            seed,
            run_id: format!("run_{seed}"),
            slots: Some(slots as u32),
            service_factor: of_service * self.utilisation * slots / busy,
            has_phases: self.has_phases,
            effect: self.effect,
            fault_at_s: self.fault_at_s,
            lost_share: self.lost_share,
            response_factor: of_all * self.response_factor,
            ..Parameters::new(self.scenario)
        }
    }

    /// The judged window of the run of `seed`, and whether it can be trusted.
    pub fn measured(&self, seed: u64, config: &Config) -> (RunSummary, bool) {
        let memory = PathBuf::from("/dev/shm");
        let root = if memory.is_dir() { memory } else { std::env::temp_dir() };
        let folder = tempfile::tempdir_in(root).unwrap();
        let path = folder.path().join("run.parquet");
        simulate(&Plan::new(self.parameters(seed)).unwrap(), &path).unwrap();
        let run = open(&path, config).unwrap();
        let windows = measure(&run, &WindowChoice::default(), config).unwrap();
        (windows.judged, windows.steadiness.is_trusted)
    }

    /// So many runs, with what the gate looks at.
    pub fn runs(&self, count: usize, first_seed: u64, config: &Config) -> Vec<RunRecord> {
        let is_gate = |key: &str| config.regression.rule(key).is_some_and(|(_, rule)| rule.gate);
        let run = |index: u64| {
            let (summary, is_trusted) = self.measured(first_seed + index, config);
            let mut record = RunRecord::of(&summary, is_trusted, config);
            record.metrics.retain(|metric| is_gate(&metric.key()));
            record
        };
        (0..count as u64).into_par_iter().map(run).collect()
    }
}

/// The same run, had every request taken so many times as long.
pub fn slower(run: &RunRecord, factor: f64) -> RunRecord {
    let mut slower = run.clone();
    let times = slower.metrics.iter_mut().filter(|metric| metric.unit == Unit::Milliseconds);
    for metric in times {
        metric.value = metric
            .value
            .number()
            .map_or_else(|| metric.value.clone(), |value| Measured::Value(factor * value));
        if let Measured::Value(Spread::Batches { values }) = &mut metric.spread {
            values.iter_mut().for_each(|value| *value *= factor);
        }
    }
    slower
}

/// The same run, recorded on the day of this number.
pub fn on_day(run: &RunRecord, day: usize) -> RunRecord {
    RunRecord { started_at: Some(format!("day {day:04}").replace(' ', "-")), ..run.clone() }
}

/// What the gate says of runs that are judged together, the first of them the last, with the default settings.
pub fn judge(judged: &[RunRecord], baseline: &[RunRecord], config: &Config) -> Regression {
    let baseline = Baseline {
        schema_version: SCHEMA_VERSION,
        name: "calibration".to_owned(),
        saved_at: "2026-01-01T00:00:00Z".to_owned(),
        tool: "calibration".to_owned(),
        runs: baseline.to_vec(),
    };
    let repeats: Vec<&RunRecord> = judged[1..].iter().collect();
    compare_together(&judged[0], &repeats, &baseline, &ComparisonOptions::default(), &config.regression)
}

/// So many different numbers below `of`, by the seed.
pub fn draw(seed: u64, count: usize, of: usize) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..of).collect();
    for index in 0..count {
        let other = index + (uniform(seed.wrapping_mul(1_000) + index as u64) * (of - index) as f64) as usize;
        numbers.swap(index, other);
    }
    numbers.truncate(count);
    numbers
}

/// Even within 0..1: SplitMix64.
pub fn uniform(seed: u64) -> f64 {
    let mut z = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 * (-53f64).exp2()
}
