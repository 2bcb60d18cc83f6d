//! `baseline` on the command line.

use std::path::PathBuf;

use clap::{Subcommand, ValueHint};

use super::judge::WindowArgs;

#[derive(Debug, clap::Args)]
pub struct BaselineCommand {
    #[command(subcommand)]
    pub command: BaselineSubcommand,
}

#[derive(Debug, Subcommand)]
pub enum BaselineSubcommand {
    Save(SaveArgs),
    Add(AddArgs),
    List(ListArgs),
    Show(ShowArgs),
    Remove(RemoveArgs),
}

/// Where the baselines are.
#[derive(Debug, Clone, clap::Args)]
pub struct StoreArgs {
    /// Folder of the baselines
    #[arg(long, value_name = "DIR", default_value = "baselines", value_hint = ValueHint::DirPath)]
    pub baselines: PathBuf,
}

/// What is printed of baselines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum PrintFormat {
    Text,
    Json,
}

/// Measure runs and save them under a name, for later runs to be compared with
///
/// Runs of grade F, without a grade, of too few requests or that are not steady are named and left out.
///
/// One baseline may hold several runs of one load, so that the noise between runs can be measured, and several loads:
/// a run is compared with those of its own scenario, users, load model and rate.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Exit codes: 0 saved, 2 the name is taken or not valid, 3 a run cannot be used or was left out.\n\nExamples:\n  \
                        cmo-metrics baseline save data/load_50.parquet --name production\n  \
                        cmo-metrics baseline save 'data/load_*' --name ladder --replace"
)]
pub struct SaveArgs {
    #[command(flatten)]
    pub runs: RunsToTake,
    /// Replace a baseline of this name; the old one is kept under history/
    #[arg(long)]
    pub replace: bool,
}

/// The runs that go into a baseline
#[derive(Debug, Clone, clap::Args)]
pub struct RunsToTake {
    /// Run files, folders, globs, or ids of runs in data/
    #[arg(required = true, value_name = "RUN", value_hint = ValueHint::AnyPath)]
    pub runs: Vec<String>,
    /// Name of the baseline: letters, digits, `.`, `_` and `-`
    #[arg(long)]
    pub name: String,
    /// Take runs whose recording is incomplete, too
    #[arg(long)]
    pub allow_incomplete: bool,
    /// Take runs of grade F, without a grade, of too few requests or that are not steady, too
    #[arg(long)]
    pub allow_untrusted: bool,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub window: WindowArgs,
}

/// Measure runs and add them to a baseline, whose other runs need not be there any more
///
/// The baseline before is kept under history/. Add nights that you looked at: one that rolls over nights by itself takes a
/// regression that grows for normal.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Exit codes: 0 added, 2 it holds one of the runs, 3 there is no such baseline, or a run cannot be used or was left out.\n\nExample:\n  \
                        cmo-metrics baseline add data/load_50.parquet --name production"
)]
pub struct AddArgs {
    #[command(flatten)]
    pub runs: RunsToTake,
}

/// List the baselines
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Exit codes: 0 all can be used, 3 one cannot.\n\nExamples:\n  \
                        cmo-metrics baseline list\n  cmo-metrics baseline list --format json")]
pub struct ListArgs {
    /// A table, or a list of objects
    #[arg(long, value_enum, default_value_t = PrintFormat::Text)]
    pub format: PrintFormat,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// Show where a baseline comes from and what it holds
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Exit codes: 0 shown, 3 there is none of this name, or it cannot be used.\n\nExamples:\n  \
                        cmo-metrics baseline show production\n  \
                        cmo-metrics baseline show production --format json | jq '.runs[].run_id'"
)]
pub struct ShowArgs {
    /// Name of the baseline
    pub name: String,
    /// The metrics of the gate by group, or all that the file holds
    #[arg(long, value_enum, default_value_t = PrintFormat::Text)]
    pub format: PrintFormat,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// Move a baseline into the history, where it is kept
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Exit codes: 0 removed, 3 there is none of this name.\n\nExample:\n  \
                        cmo-metrics baseline remove production")]
pub struct RemoveArgs {
    /// Name of the baseline
    pub name: String,
    #[command(flatten)]
    pub store: StoreArgs,
}
