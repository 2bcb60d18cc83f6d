//! `analyze` on the command line.

use std::path::PathBuf;

use clap::ValueHint;

use super::judge::JudgeArgs;

/// Measure and judge runs, each on its own.
///
/// Writes reports/<run id>/ for each run (report.json, timeseries.csv and Parquet tables) and prints a summary.
/// A run that cannot be read is reported, the others are analysed, and the exit code is 3.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  cmo-metrics analyze\n  cmo-metrics analyze data/load_50.parquet --full --out /tmp/reports\n  \
                        cmo-metrics analyze 'data/load_*' --format markdown > nightly.md"
)]
pub struct AnalyzeArgs {
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// Print all that report.md says of a run, instead of the 45 lines that matter most
    #[arg(long)]
    pub full: bool,
    /// Root of the reports; each run gets its own folder in it
    #[arg(long, value_name = "DIR", default_value = "reports", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,
}
