//! What is seen only across runs: which metric moves with which, and whose share of the time grows with load.

mod numbers;

pub use numbers::RunNumbers;

use super::verdicts::AcrossRuns;
use crate::config::Config;
use crate::summary::Measured;

/// Relates the numbers of runs, one value per run and metric. Order does not matter.
///
/// Runs of several scenarios may be mixed, but then what differs between scenarios is what moves: the caller groups them.
pub fn relate_runs(runs: &[RunNumbers], config: &Config) -> AcrossRuns {
    let _ = config;
    AcrossRuns {
        runs: runs.len() as u64,
        pairs: Measured::undefined("not judged yet"),
        pairs_left_out: Vec::new(),
        shares: Measured::undefined("not judged yet"),
        pairs_sentence: String::new(),
        shares_sentence: String::new(),
    }
}
