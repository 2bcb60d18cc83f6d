//! What is seen only across runs: which metric moves with which, and whose share of the time grows with load.

mod numbers;
mod pairs;
mod shares;

pub use numbers::RunNumbers;

use super::verdicts::AcrossRuns;
use crate::config::Config;

/// Relates the numbers of runs, one value per run and metric. Order does not matter.
///
/// The caller groups the runs: where scenarios are mixed, what differs between scenarios is what moves together.
pub fn relate_runs(runs: &[RunNumbers], config: &Config) -> AcrossRuns {
    let settings = &config.across_runs;
    let mut runs: Vec<&RunNumbers> = runs.iter().collect();
    runs.sort_by(|a, b| a.run_id.cmp(&b.run_id));
    let (pairs, pairs_left_out) = pairs::relate(&runs, settings);
    let shares = shares::over_load(&runs, settings);
    AcrossRuns {
        runs: runs.len() as u64,
        pairs_sentence: pairs::sentence(&pairs, runs.len()),
        shares_sentence: shares::sentence(&shares),
        pairs,
        pairs_left_out,
        shares,
    }
}

#[cfg(test)]
mod tests;
