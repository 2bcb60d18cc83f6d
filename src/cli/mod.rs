//! The command line: types only. One file a command, and what several share.

pub mod analyze;
pub mod baseline;
pub mod check;
pub mod compare;
pub mod config;
pub mod history;
pub mod judge;
pub mod record;
pub mod schema;
pub mod simulate;
mod words;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueHint};

const EXIT_CODES: &str = "Exit codes:
  0   judged and clean
  1   unexpected error
  2   wrong usage or configuration
  3   could not judge: a run or baseline is missing, unreadable or not comparable,
      or the data do not exclude what the gate asks
  99  the gate failed: a regression, or a missed target
  130, 143  interrupted (SIGINT, SIGTERM): what was finished stays, nothing half is left
  `record` passes the command's own code on; its own failures are 125.

Examples:
  cmo-metrics analyze                           every run in data/, into reports/
  cmo-metrics analyze data/load_50.parquet      one run
  cmo-metrics baseline save load_50 --name main  what later runs are compared with
  cmo-metrics compare data --baseline main      all runs side by side, and the gate
  cmo-metrics history show                      the nights so far, and what changed since when
  cmo-metrics check data                        are these valid run files?
  cmo-metrics record --name load_50 --users 50 -- pytest tests/load
  cmo-metrics simulate saturation --out data/saturation.parquet
  cmo-metrics baseline save data/load_50.parquet --name production
  cmo-metrics config show                       the settings, each with its origin";

/// Analysis of recorded load-test runs of the Clinical Metabolomics Oracle
#[derive(Debug, Parser)]
#[command(name = "cmo-metrics", version, after_help = EXIT_CODES, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

/// More threads than the largest machines have cores are a slip of the finger.
const MOST_JOBS: i64 = 1024;

/// Flags that every command takes.
#[derive(Debug, Clone, clap::Args)]
pub struct Common {
    /// Settings file [default: the nearest cmo-metrics.toml upwards]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Say nothing but errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print text in ASCII alone: no blocks, dashes or other marks
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Threads that work [default: one for each core]
    #[arg(long, short, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MOST_JOBS))]
    pub jobs: Option<u16>,
    /// Say what was read and decided, and how long each stage took
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Measure and judge runs, each on its own
    Analyze(analyze::AnalyzeArgs),
    /// Put runs side by side: ranking, regressions, scalability; the gate of a nightly job
    Compare(compare::CompareArgs),
    /// Say whether runs are valid, what is wrong, where, and how to mend it
    Check(check::CheckArgs),
    /// Run a command and record it into a run file
    Record(record::RecordArgs),
    /// Save, list, show and remove baselines: what later runs are compared with
    Baseline(baseline::BaselineCommand),
    /// The nights that were judged: show them with what changed, acknowledge a change
    History(history::HistoryCommand),
    /// Make seeded runs with known truth
    Simulate(simulate::SimulateArgs),
    /// The settings
    Config(config::ConfigCommand),
    /// Print the JSON Schema of an output
    Schema(schema::SchemaArgs),
}
