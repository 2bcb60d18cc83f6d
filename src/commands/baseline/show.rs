//! `baseline show`: where a baseline comes from and what it holds.

use std::io::Write;

use anyhow::Context as _;

use super::{PrintFormat, StoreArgs};
use crate::commands::print;
use crate::commands::session::Session;
use crate::exit_code::ExitCode;
use crate::report::baselines;

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

/// Writes the baseline to `out`.
///
/// # Errors
/// When `out` cannot be written.
pub fn run(args: &ShowArgs, session: &Session, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let loaded = args.store.store().load(&args.name);
    let shown = loaded.and_then(|baseline| match args.format {
        PrintFormat::Text => Ok(baselines::show(&baseline, &session.layers.config.regression)),
        PrintFormat::Json => baseline.to_text(),
    });
    match shown {
        Ok(text) => {
            print(out, &text).context("cannot print the baseline")?;
            Ok(ExitCode::Clean)
        }
        Err(error) => Ok(super::refuse(&error)),
    }
}
