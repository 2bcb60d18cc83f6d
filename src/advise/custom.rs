//! Targets of the user's own that were missed.

use super::Facts;
use super::finding::{Cause, Finding};
use super::missed::Missed;
use crate::config::Config;
use crate::metrics::MetricKey;
use crate::units::Unit;

/// One finding for each missed target of `[custom_targets]`.
pub fn custom_target_missed(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let missed = facts.targets.iter().filter(|target| config.custom_targets.contains_key(&target.name));
    missed.filter_map(Missed::of).map(|missed| finding(&missed, config)).collect()
}

fn finding(missed: &Missed<'_>, config: &Config) -> Finding {
    let name = &missed.verdict.name;
    let part = MetricKey::parse(name).map_or_else(|_| name.clone(), |key| key.subject());
    let direction = missed.verdict.direction.word();
    let evidence = format!(
        "Target: {direction} {}, measured: {}.",
        missed.unit.print(missed.verdict.limit),
        missed.unit.print(missed.actual),
    );
    let action = match missed.unit {
        Unit::Milliseconds => {
            format!("Look at the slow calls of `{part}`: what they wait for, how many run at once.")
        }
        Unit::Ratio => format!("Look at the failures of `{part}` by category and mend the most frequent."),
        _ => format!("Look at how `{part}` moves over the run in the time series."),
    };
    missed.finding(name, Cause::Target, &format!("`{name}`"), config).because([evidence]).act(action)
}
