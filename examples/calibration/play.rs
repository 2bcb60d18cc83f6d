//! One simulated run, measured as `analyze` does, ready to be compared.

use std::path::PathBuf;

use cmo_metrics::baseline::{Baseline, RunRecord, SCHEMA_VERSION};
use cmo_metrics::config::Config;
use cmo_metrics::judge::{ComparisonOptions, Regression, Severity, WindowChoice, compare_with_baseline};
use cmo_metrics::library::{measure, open};
use cmo_metrics::simulate::{Length, Parameters, Plan, Scenario, simulate};
use cmo_metrics::summary::RunSummary;

/// What differs between two runs of one build.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum RunFactor {
    None,
    /// On the service times of LightRAG, even within ±3 %; the number of slots stays.
    Service,
    /// On all response times, even within ±3 %.
    Response,
}

impl RunFactor {
    pub(crate) fn word(self) -> &'static str {
        match self {
            RunFactor::None => "none",
            RunFactor::Service => "service ±3 %",
            RunFactor::Response => "response ±3 %",
        }
    }
}

/// A kind of run; `seed` makes one of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) utilisation: f64,
    pub(crate) rate_per_s: f64,
    pub(crate) seconds: f64,
    pub(crate) factor: RunFactor,
    /// The effect to be found.
    pub(crate) response_factor: f64,
    pub(crate) lost_share: f64,
}

impl Setup {
    /// Users of every run: enough that queueing, not their number, limits what is in flight.
    const USERS: u32 = 100;

    fn parameters(&self, seed: u64) -> Parameters {
        // A third of LightRAG's slots are what the rate needs: size them once, so that a slower machine is busier.
        let busy = self.rate_per_s * 0.368 * 0.288;
        let slots = (busy / self.utilisation).ceil().max(1.0);
        let exact = self.utilisation * slots / busy;
        let (service, response) = match self.factor {
            RunFactor::None => (1.0, 1.0),
            RunFactor::Service => (factor_of(seed), 1.0),
            RunFactor::Response => (1.0, factor_of(seed)),
        };
        Parameters {
            users: Self::USERS,
            length: Length::Seconds(self.seconds),
            rate_per_s: Some(self.rate_per_s),
            seed,
            run_id: format!("run_{seed}"),
            slots: Some(slots as u32),
            service_factor: service * exact,
            response_factor: response * self.response_factor,
            lost_share: self.lost_share,
            ..Parameters::new(Scenario::Healthy)
        }
    }

    /// Simulates and measures the run of `seed`.
    pub(crate) fn play(&self, seed: u64, config: &Config) -> RunRecord {
        let (summary, is_trusted) = measured(self.parameters(seed), config);
        RunRecord::of(&summary, is_trusted, config)
    }
}

/// The judged window of a simulated run, and whether it can be trusted.
pub(crate) fn measured(parameters: Parameters, config: &Config) -> (RunSummary, bool) {
    let memory = PathBuf::from("/dev/shm");
    let root = if memory.is_dir() { memory } else { std::env::temp_dir() };
    let folder = tempfile::tempdir_in(root).unwrap();
    let path = folder.path().join(format!("{}.parquet", parameters.run_id));
    simulate(&Plan::new(parameters).unwrap(), &path).unwrap();
    let run = open(&path, config).unwrap();
    let windows = measure(&run, &WindowChoice::default(), config).unwrap();
    (windows.judged, windows.steadiness.is_trusted)
}

/// Even within 0.97..1.03, by the seed.
fn factor_of(seed: u64) -> f64 {
    0.97 + 0.06 * uniform(seed ^ 0x5eed)
}

/// Even within 0..1: SplitMix64.
pub(crate) fn uniform(seed: u64) -> f64 {
    let mut z = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 * (-53f64).exp2()
}

/// `current` against a baseline of `runs`, with the default settings.
pub(crate) fn compare(
    current: &RunRecord,
    runs: Vec<RunRecord>,
    fail_on: Severity,
    config: &Config,
) -> Regression {
    let baseline = Baseline {
        schema_version: SCHEMA_VERSION,
        name: "calibration".to_owned(),
        saved_at: "2026-01-01T00:00:00Z".to_owned(),
        tool: "calibration".to_owned(),
        runs,
    };
    let options = ComparisonOptions { fail_on, ..ComparisonOptions::default() };
    compare_with_baseline(current, &baseline, &options, &config.regression)
}
