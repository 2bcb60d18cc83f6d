//! `baseline list`: all baselines, also those that cannot be used.

use std::io::Write;

use anyhow::Context as _;

use crate::cli::baseline::{ListArgs, PrintFormat};
use crate::commands::session::Session;
use crate::commands::{print, say_printable};
use crate::exit_code::ExitCode;
use crate::report::baselines;

/// Writes the list to `out`; what is wrong with those that cannot be used is said on stderr.
///
/// # Errors
/// When `out` cannot be written.
pub fn run(args: &ListArgs, session: &Session, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let store = super::store(&args.store);
    let entries = match store.list() {
        Ok(entries) => entries,
        Err(error) => return Ok(super::refuse(&error)),
    };
    let now = &session.provenance.generated_at;
    let text = match args.format {
        PrintFormat::Text => baselines::list(&entries, now, session.paper),
        PrintFormat::Json => baselines::list_json(&entries, now),
    };
    print(out, &text).context("cannot print the list")?;
    if entries.is_empty() && !session.verbosity.is_quiet() {
        say_printable(&format!(
            "No baselines in {}; save one with `cmo-metrics baseline save RUN --name NAME`",
            store.folder().display()
        ));
    }
    for baseline in entries.iter().filter_map(|entry| entry.baseline.as_ref().ok()) {
        super::warn_if_old(baseline, session);
    }
    let faults = entries.iter().filter_map(|entry| entry.baseline.as_ref().err());
    Ok(faults.map(super::refuse_listed).max().unwrap_or(ExitCode::Clean))
}
