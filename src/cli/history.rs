//! `history` on the command line.

use std::path::PathBuf;

use clap::Subcommand;

use super::baseline::StoreArgs;
use super::judge::format_parser;
use crate::report::Format;

#[derive(Debug, clap::Args)]
pub struct HistoryCommand {
    #[command(subcommand)]
    pub command: HistorySubcommand,
}

#[derive(Debug, Subcommand)]
pub enum HistorySubcommand {
    Show(ShowArgs),
    Ack(AckArgs),
}

/// Show the nights that were judged, and what changed for good, since when and by which commit
///
/// A change is told where the mean of the nights moved for good: E-divisive means with a t-test, as in Apache Otava. It is a
/// report; the gate is `compare --baseline`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Exit codes: 0 shown, whatever changed; 3 nights cannot be read.\n\nExamples:\n  \
                        cmo-metrics history show\n  \
                        cmo-metrics history show --metric request/ok_p95_ms --users 50 --last 60\n  \
                        cmo-metrics history show --format markdown > nights.md\n  \
                        cmo-metrics history show --last 90 --html nights.html")]
pub struct ShowArgs {
    /// This metric alone, night by night [default: the metrics of the gate]
    #[arg(long, value_name = "KEY")]
    pub metric: Option<String>,
    /// This level of load alone
    #[arg(long, value_name = "N")]
    pub users: Option<u32>,
    /// Show so many last nights of each level; changes are looked for in all
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    pub last: u32,
    /// What is printed
    #[arg(long, value_parser = format_parser(), default_value = "text")]
    pub format: Format,
    /// Write a page with a chart of each metric, too
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// Mute a change that is known and meant: it is told as acknowledged, with the reason, until a date
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Exit codes: 0 kept, 2 there is no such change, 3 nights cannot be read.\n\nExample:\n  \
                        cmo-metrics history ack request/ok_p95_ms --users 50 --night 2026-11-15 --reason 'larger model, agreed'"
)]
pub struct AckArgs {
    /// The metric, as `history show` names it
    #[arg(value_name = "METRIC")]
    pub metric: String,
    /// At this level of load alone
    #[arg(long, value_name = "N")]
    pub users: Option<u32>,
    /// The night since which it changed, as `history show` names it
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub night: jiff::civil::Date,
    /// Why it is fine
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// The last day on which it is muted [default: history.acknowledged_days from now, 90]
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub until: Option<jiff::civil::Date>,
    #[command(flatten)]
    pub store: StoreArgs,
}

fn parse_date(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse().map_err(|_| "write a day such as 2026-11-15".to_owned())
}
