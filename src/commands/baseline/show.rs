//! `baseline show`: where a baseline comes from and what it holds.

use std::io::Write;

use anyhow::Context as _;

use crate::cli::baseline::{PrintFormat, ShowArgs};
use crate::commands::print;
use crate::commands::session::Session;
use crate::exit_code::ExitCode;
use crate::report::baselines;

/// Writes the baseline to `out`.
///
/// # Errors
/// When `out` cannot be written.
pub fn run(args: &ShowArgs, session: &Session, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let loaded = super::store(&args.store).load(&args.name);
    let shown = loaded.and_then(|baseline| match args.format {
        PrintFormat::Text => Ok(baselines::show(&baseline, &session.layers.config.regression, session.paper)),
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
