//! What a baseline may hold: numbers that can have been measured, each once.

use std::collections::HashSet;

use super::{Baseline, Conditions, RunRecord};
use crate::run::RunId;
use crate::summary::{ComparableMetric, LostUsers, Measured, Spread};
use crate::units::Unit;

/// Sums of weights do not end exactly at 1.
const ROUNDING: f64 = 1e-9;

/// The first thing in the baseline that cannot be meant.
pub fn find_nonsense(baseline: &Baseline) -> Option<String> {
    check_baseline(baseline).err()
}

type Checked = Result<(), String>;

fn check_baseline(baseline: &Baseline) -> Checked {
    demand(super::is_name(&baseline.name), || format!("the name `{}`", baseline.name.escape_debug()))?;
    let is_time = baseline.saved_at.parse::<jiff::Timestamp>().is_ok();
    demand(is_time, || format!("saved_at `{}`", baseline.saved_at.escape_debug()))?;
    demand(!baseline.runs.is_empty(), || "no runs".to_owned())?;
    let mut ids = HashSet::new();
    for run in &baseline.runs {
        let name = || format!("run `{}`", run.run_id.escape_debug());
        demand(RunId::new(&run.run_id).is_some(), || format!("{} has no valid id", name()))?;
        demand(ids.insert(&run.run_id), || format!("{} twice", name()))?;
        check_run(run).map_err(|reason| format!("{}: {reason}", name()))?;
    }
    Ok(())
}

fn check_run(run: &RunRecord) -> Checked {
    check_conditions(&run.conditions)?;
    let is_length = run.window_s.is_none_or(|length| length.is_finite() && length >= 0.0);
    demand(is_length, || "a window of negative length".to_owned())?;
    let mut keys = HashSet::new();
    for metric in &run.metrics {
        let key = metric.key();
        demand(!metric.component.is_empty() && !metric.name.is_empty(), || {
            "a metric without a name".to_owned()
        })?;
        demand(keys.insert((&metric.component, &metric.name)), || format!("{key} twice"))?;
        check_metric(metric).map_err(|reason| format!("{key}: {reason}"))?;
    }
    Ok(())
}

fn check_conditions(conditions: &Conditions) -> Checked {
    let rate = conditions.target_rate_per_s.unwrap_or(0.0);
    demand(rate.is_finite() && rate >= 0.0, || format!("a rate of {rate} per second"))
}

fn check_metric(metric: &ComparableMetric) -> Checked {
    if let Some(&value) = metric.value.value() {
        check_number(value, metric.unit)?;
    }
    if let Some(LostUsers { lost, of }) = metric.lost_users {
        demand(of > 0 && lost <= of, || format!("{lost} of {of} users"))?;
    }
    let pause = metric.longest_pause.unwrap_or(0.0);
    demand((0.0..=1.0).contains(&pause), || format!("a pause of {pause} of the window"))?;
    match &metric.spread {
        Measured::Undefined(_) => Ok(()),
        Measured::Value(Spread::Batches { values }) => {
            demand(!values.is_empty(), || "no batches".to_owned())?;
            values.iter().try_for_each(|&value| check_number(value, metric.unit))
        }
        Measured::Value(Spread::Share { hits, of, effective }) => {
            demand(*of > 0 && hits <= of, || format!("{hits} of {of} calls"))?;
            let is_worth = effective.is_finite() && *effective > 0.0 && *effective <= *of as f64;
            demand(is_worth, || format!("{of} calls with an effective number of {effective}"))
        }
        Measured::Value(Spread::Estimate { standard_error, degrees_of_freedom }) => {
            let is_error = standard_error.is_finite() && *standard_error >= 0.0;
            demand(is_error, || format!("a standard error of {standard_error}"))?;
            let is_freedom = degrees_of_freedom.is_finite() && *degrees_of_freedom > 0.0;
            demand(is_freedom, || format!("{degrees_of_freedom} degrees of freedom"))
        }
    }
}

/// Can a number of this unit have been measured?
fn check_number(value: f64, unit: Unit) -> Checked {
    let is_possible = value.is_finite()
        && match unit {
            Unit::Ratio => (0.0..=1.0 + ROUNDING).contains(&value),
            Unit::Milliseconds
            | Unit::Seconds
            | Unit::PerSecond
            | Unit::Usd
            | Unit::Count
            | Unit::Percent => value >= 0.0,
            // Memory may shrink, and of other units nothing is known.
            _ => true,
        };
    demand(is_possible, || format!("{value} {}", unit.word()))
}

fn demand(holds: bool, otherwise: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(otherwise()) }
}
