//! `history`: the nights that were judged, and what changed over them.

use std::path::Path;

use crate::commands::session::Session;
use crate::commands::{say_error, say_warning};
use crate::exit_code::ExitCode;
use crate::history::{Acknowledgements, Found, History, HistoryError, JudgedRun, Level, Series};
use crate::report::history::Shown;
use crate::report::printable;

pub mod ack;
pub mod show;

/// All nights and what counts as acknowledged today; files that cannot be read are warned of.
fn read(baselines: &Path, session: &Session) -> Result<(Found, Acknowledgements), HistoryError> {
    let history = History::in_baselines(baselines);
    let found = history.read()?;
    for fault in &found.faults {
        say_warning(&format!("{fault} ({})", fault.remedy()));
    }
    Ok((found, history.acknowledgements()?.on(session.provenance.day())))
}

/// The levels with the series of the metrics that are asked for: one by its key, or those of the gate.
pub fn shown<'a>(
    runs: &'a [JudgedRun],
    acknowledgements: &Acknowledgements,
    metric: Option<&str>,
    users: Option<u32>,
    session: &Session,
) -> Vec<Shown<'a>> {
    let config = &session.layers.config;
    let levels = Level::all(runs).into_iter();
    levels
        .filter(|level| users.is_none() || level.conditions.users == users)
        .map(|level| {
            let rules = level.keys().into_iter().filter_map(|key| {
                let (_, rule) = config.regression.rule(&key)?;
                let is_asked = metric.map_or(rule.gate, |metric| key == metric);
                is_asked.then_some((key, rule))
            });
            let series = rules
                .filter_map(|(key, rule)| Series::of(&level, &key, rule, acknowledgements, &config.history))
                .collect();
            Shown { level, series }
        })
        .collect()
}

fn refuse(error: &HistoryError) -> ExitCode {
    say_error(&printable(&error.to_string()), Some(error.remedy()));
    match error {
        HistoryError::Unwritable { .. } | HistoryError::Unencodable { .. } => ExitCode::Unexpected,
        _ => ExitCode::CouldNotJudge,
    }
}
