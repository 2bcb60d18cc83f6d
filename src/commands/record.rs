//! `record`: runs a command and records it into a run file.

use std::path::Path;

use super::session::Session;
use crate::cli::record::RecordArgs;
use crate::record::{Plan, RecordError, Recorded, file_and_id, record};
use crate::run::{COLUMNS, describe_line_keys};

/// Records; returns the exit code for the shell. Says on stderr what was recorded unless `quiet`; errors and
/// faults are said always.
pub fn run(args: &RecordArgs, session: &Session) -> u8 {
    match plan(args).and_then(|plan| record(&plan, &session.layers.config.record)) {
        Ok(recorded) => {
            report(&recorded, session.verbosity.is_quiet());
            recorded.exit_code()
        }
        Err(error) => {
            super::say_printable(&format!("cmo-metrics record: {error}"));
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
        super::say_printable(&format!(
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
    let unknown = intake.unknown_keys.iter().map(|(key, lines)| (key.as_str(), lines));
    if let Some(keys) = describe_line_keys(COLUMNS, unknown) {
        super::say_printable(&format!("cmo-metrics record: {keys}"));
    }
    for fault in &statistics.faults {
        super::say_printable(&format!("cmo-metrics record: {fault}"));
    }
    if statistics.leftovers.terminated > 0 {
        super::say(&format!(
            "cmo-metrics record: {} processes outlived the command and got SIGTERM, {} are still there",
            statistics.leftovers.terminated, statistics.leftovers.remaining
        ));
    }
}
