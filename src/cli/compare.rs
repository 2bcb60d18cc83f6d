//! `compare` on the command line.

use std::path::PathBuf;

use clap::ValueHint;

use super::judge::{JudgeArgs, REFERENCE};
use crate::comparison::GroupKey;

/// Put runs side by side: ranking, regressions, scalability, degradation.
///
/// Writes a folder with comparison.json, comparison.md and the Parquet tables of all runs together, and prints the
/// verdict and one table. A run that cannot be read is quarantined, the others are judged, and the exit code is 3; a
/// failed gate is 99.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  cmo-metrics compare data --baseline production --out reports/nightly\n  \
                  cmo-metrics compare data --against load_50 --fail-on high\n  \
                  cmo-metrics compare 'data/load_*' --group-by tag:build --format markdown > gate.md\n  \
                  cmo-metrics compare data/load_50* --save-best-as production"
)]
pub struct CompareArgs {
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// Compare with this run, a path or an id, instead of a baseline
    #[arg(long, value_name = "RUN", group = REFERENCE, value_hint = ValueHint::AnyPath, help_heading = "Baseline and gate")]
    pub against: Option<String>,
    /// Compare like with like: runs of one load model that share `scenario`, `users` or `tag:KEY`
    #[arg(long, value_name = "KEY", default_value = "scenario")]
    pub group_by: GroupKey,
    /// Save the best run of each group as this baseline; one that was not judged clean, has too few requests or is not
    /// steady is named and left out
    #[arg(long, value_name = "NAME")]
    pub save_best_as: Option<String>,
    /// Replace a baseline of that name; the old one is kept under history/
    #[arg(long, requires = "save_best_as")]
    pub replace: bool,
    /// Save a best run of too few requests, of grade F or that is not steady, too
    #[arg(long, requires = "save_best_as")]
    pub allow_untrusted: bool,
    /// Keep nothing of these runs in the history beside the baselines [default: history.enabled, true]
    #[arg(long)]
    pub no_history: bool,
    /// Folder of this comparison; the one before is replaced
    #[arg(long, value_name = "DIR", default_value = "reports/comparison", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,
}
