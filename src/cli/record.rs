//! `record` on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Starts a command, samples its process tree every 100 ms, takes its events in, writes the run file.
///
/// The command finds the path of a Unix socket in CMO_METRICS_SOCKET and sends events as JSON Lines: one object
/// per line, keys = columns of the run file. A process names itself with
/// {"role":"service","instance":"my-service","pid":1234}; roles are service, load_generator, model, other.
/// {"meta":{…}} is merged into the run's metadata.
///
/// The command's exit code is passed on (128 + N when signal N ended it); 125: the recorder itself failed,
/// 126: the command cannot be started, 127: it was not found. Processes that the command leaves behind get
/// SIGTERM after a grace (setting record.leftover_grace_s). A second Ctrl-C kills the whole process tree; the file is still written.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    cmo-metrics record --name load_50 --users 50 --tag build=1.4 -- pytest tests/load\n  \
    cmo-metrics record --name nightly --events events.jsonl --out data/nightly_1.parquet -- ./run-test.sh")]
pub struct RecordArgs {
    /// Name of the test [default: the command's name and the time]
    #[arg(long)]
    pub name: Option<String>,
    /// Configured number of virtual users
    #[arg(long)]
    pub users: Option<u32>,
    /// A tag of the run; may repeat
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = parse_tag)]
    pub tags: Vec<(String, String)>,
    /// Scenario, such as `sustained` or `stress`
    #[arg(long)]
    pub scenario: Option<String>,
    /// How load is made
    #[arg(long, value_parser = ["closed", "open"])]
    pub load_model: Option<String>,
    /// Configured think time of the users, ms
    #[arg(long, value_name = "MS", value_parser = parse_think_time)]
    pub think_time_ms: Option<f64>,
    /// File of JSON Lines to take in when the command has ended; may repeat
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub events: Vec<PathBuf>,
    /// The run file; its name is the run's id [default: data/<name>.parquet]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Replace the run file if it exists
    #[arg(long)]
    pub force: bool,
    /// The command with its arguments
    #[arg(last = true, required = true, value_name = "CMD", value_hint = ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
}

fn parse_tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("a tag has the form KEY=VALUE".to_owned()),
    }
}

fn parse_think_time(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(ms) if ms.is_finite() && ms >= 0.0 => Ok(ms),
        _ => Err("a think time is a number of milliseconds, 0 or more".to_owned()),
    }
}
