//! `record`: runs a command and records it into a run file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use super::session::Session;
use crate::record::{Plan, RecordError, Recorded, file_and_id, record};

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

/// Records; returns the exit code for the shell. Says on stderr what was recorded unless `quiet`; errors and
/// faults are said always.
pub fn run(args: &RecordArgs, session: &Session) -> u8 {
    match plan(args).and_then(|plan| record(&plan, &session.layers.config.record)) {
        Ok(recorded) => {
            report(&recorded, session.verbosity.is_quiet());
            recorded.exit_code()
        }
        Err(error) => {
            super::say(&format!("cmo-metrics record: {error}"));
            error.exit_code()
        }
    }
}

fn plan(args: &RecordArgs) -> Result<Plan, RecordError> {
    let test_name = args.name.clone().unwrap_or_else(|| default_name(args));
    let (out, run_id) = file_and_id(&test_name, args.out.as_deref())?;
    Ok(Plan {
        command: args.command.clone(),
        out,
        replace: args.force,
        run_id,
        test_name,
        scenario: args.scenario.clone(),
        users: args.users,
        load_model: args.load_model.clone(),
        think_time_ms: args.think_time_ms,
        tags: args.tags.iter().cloned().collect(),
        events: args.events.clone(),
    })
}

/// `pytest-20260131T120000`: the program and the time (UTC).
fn default_name(args: &RecordArgs) -> String {
    let program = args.command.first().map(Path::new).and_then(Path::file_name).unwrap_or_default();
    let now = jiff::Timestamp::now();
    format!("{}-{}", program.to_string_lossy(), now.strftime("%Y%m%dT%H%M%S"))
}

fn report(recorded: &Recorded, quiet: bool) {
    let statistics = &recorded.statistics;
    let intake = &statistics.intake;
    if !quiet {
        super::say(&format!(
            "cmo-metrics record: {}: {} rows ({} events, {} samples of {} processes, {} missed)",
            recorded.path.display(),
            recorded.rows,
            intake.events,
            statistics.samples,
            statistics.processes,
            statistics.missed_ticks
        ));
    }
    if let Some(first) = &intake.first_malformed {
        super::say(&format!(
            "cmo-metrics record: {} malformed lines; the first is line {} of {}: {}: {:?}",
            intake.malformed, first.line, first.source, first.error, first.text
        ));
    }
    for fault in &statistics.faults {
        super::say(&format!("cmo-metrics record: {fault}"));
    }
    if statistics.leftovers.terminated > 0 {
        super::say(&format!(
            "cmo-metrics record: {} processes outlived the command and got SIGTERM, {} are still there",
            statistics.leftovers.terminated, statistics.leftovers.remaining
        ));
    }
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
