//! `compare`: runs against a baseline, side by side: open → analyze → print. The gate of a job over many runs.

use std::io::Write;

use anyhow::Context as _;
use clap::ValueHint;

use super::DATA_DIR;
use super::against::{BaselineArgs, asked};
use super::pipeline::{analyze_run, conclude, judge_runs, open_runs};
use super::session::Session;
use super::window::WindowArgs;
use crate::exit_code::ExitCode;
use crate::report::{self, Format};

/// Judge many runs against a baseline, each against its own group.
///
/// Prints a table of all runs and why the gate does not pass for one of them. A run that cannot be read is reported,
/// the others are judged, and the exit code is 3; a failed gate is 99.
#[derive(Debug, Clone, clap::Args)]
#[command(
    mut_arg("baseline", |argument| argument.required(true)),
    after_help = "Examples:\n  cmo-metrics compare data --baseline production\n  cmo-metrics compare 'data/load_*' \
                        --baseline production --fail-on high --format markdown > gate.md"
)]
pub struct CompareArgs {
    /// Run files, folders, globs, or ids of runs in data/
    #[arg(default_value = DATA_DIR, value_name = "RUNS", value_hint = ValueHint::AnyPath)]
    pub runs: Vec<String>,
    #[command(flatten)]
    pub window: WindowArgs,
    #[command(flatten)]
    pub against: BaselineArgs,
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// End with 0 whatever was found; errors of usage still count
    #[arg(long)]
    pub exit_zero: bool,
}

/// Judges the runs and prints how they compare.
///
/// # Errors
/// When that cannot be printed. A run that fails is part of the result, not an error.
pub fn run(args: &CompareArgs, session: &Session, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let (choice, against) = match asked(&args.window, &args.against) {
        Ok(asked) => asked,
        Err(code) => return Ok(code),
    };
    let (runs, failures) = open_runs(&args.runs, session);
    let (analyses, failures) = judge_runs(runs, failures, session, |run| {
        let mut analysis = analyze_run(run, &choice, &against, session)?;
        analysis.drop_series();
        Ok(analysis)
    });
    let printed = report::comparison(args.format, &analyses, &failures, &session.provenance);
    if !(session.verbosity.is_quiet() && args.format == Format::Text) {
        super::print(out, &printed).context("cannot print the comparison")?;
    }
    Ok(conclude(&analyses, &failures, &against, args.exit_zero))
}
