//! Parses the command line, calls a command, turns its result into an exit code.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::process;

use anyhow::Context as _;
use clap::Parser;
use cmo_metrics::cli::baseline::BaselineSubcommand;
use cmo_metrics::cli::config::ConfigSubcommand;
use cmo_metrics::cli::history::HistorySubcommand;
use cmo_metrics::cli::{Cli, Command};
use cmo_metrics::commands;
use cmo_metrics::commands::session::Session;
use cmo_metrics::exit_code::ExitCode;
use cmo_metrics::record::RECORDER_FAILED;

fn main() -> process::ExitCode {
    keep_freed_memory();
    let cli = parse();
    let result = dispatch(&cli);
    commands::let_interruption_end();
    match result {
        Ok(code) => process::ExitCode::from(code),
        Err(error) if is_broken_pipe(&error) => process::ExitCode::from(ExitCode::Clean.code()),
        Err(error) => {
            commands::say_error(&format!("{error:#}"), None);
            process::ExitCode::from(ExitCode::Unexpected.code())
        }
    }
}

/// What clap says of wrong arguments repeats them: where they would steer the terminal, it is said without colours and them.
fn parse() -> Cli {
    let is_steering = |argument: OsString| argument.to_string_lossy().chars().any(char::is_control);
    Cli::try_parse().unwrap_or_else(|error| {
        if !error.use_stderr() || !std::env::args_os().any(is_steering) {
            error.exit();
        }
        error.render().to_string().lines().for_each(commands::say_printable);
        process::exit(error.exit_code())
    })
}

/// Has the allocator keep what is freed for the next batch of rows, instead of giving it back and fetching it anew: page
/// faults took a quarter of the time of reading.
///
/// The allocator of glibc learns from what is freed how large blocks may be that it keeps, up to 32 MB; others are not
/// impressed.
fn keep_freed_memory() {
    const LARGEST_LEARNED_BYTES: usize = 31 << 20;
    drop(std::hint::black_box(Vec::<u8>::with_capacity(LARGEST_LEARNED_BYTES)));
}

fn dispatch(cli: &Cli) -> anyhow::Result<u8> {
    let session = match Session::new(&cli.common) {
        Ok(session) => session,
        Err(error) => {
            commands::say_error(&error.to_string(), None);
            return Ok(failed_before_start(&cli.command));
        }
    };
    if let Some(jobs) = cli.common.jobs {
        start_threads(jobs)?;
    }
    let mut out = anstream::stdout().lock();
    let code = match &cli.command {
        Command::Analyze(args) => commands::analyze::run(args, &session, &mut out)?,
        Command::Compare(args) => commands::compare::run(args, &session, &mut out)?,
        Command::Check(args) => commands::check::run(args, &session, &mut out)?,
        Command::Simulate(args) => commands::simulate::run(args, &session)?,
        Command::Baseline(baseline) => match &baseline.command {
            BaselineSubcommand::Save(args) => commands::baseline::save::run(args, &session),
            BaselineSubcommand::Add(args) => commands::baseline::add::run(args, &session),
            BaselineSubcommand::List(args) => commands::baseline::list::run(args, &session, &mut out)?,
            BaselineSubcommand::Show(args) => commands::baseline::show::run(args, &session, &mut out)?,
            BaselineSubcommand::Remove(args) => commands::baseline::remove::run(args, &session),
        },
        Command::History(history) => match &history.command {
            HistorySubcommand::Show(args) => commands::history::show::run(args, &session, &mut out)?,
            HistorySubcommand::Ack(args) => commands::history::ack::run(args, &session),
        },
        Command::Config(config) => match &config.command {
            ConfigSubcommand::Show(args) => commands::config::run(args, &session, &mut out)?,
        },
        Command::Schema(args) => commands::schema::run(args, &mut out)?,
        Command::Record(args) => return Ok(commands::record::run(args, &session)),
    };
    Ok(code.code())
}

/// All work in parallel is done by these threads. Without a wish they start with the first work: one for each core, or
/// as many as `RAYON_NUM_THREADS` says.
fn start_threads(jobs: u16) -> anyhow::Result<()> {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(jobs.into());
    threads.build_global().with_context(|| format!("cannot start {jobs} threads: give fewer with --jobs"))
}

/// `record` keeps the codes of the command that it runs apart from its own.
fn failed_before_start(command: &Command) -> u8 {
    match command {
        Command::Record(_) => RECORDER_FAILED,
        _ => ExitCode::Usage.code(),
    }
}

/// Whoever reads our output may stop reading (`| head`): that is no error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
    })
}
