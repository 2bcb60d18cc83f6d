//! `scalability.parquet`: what was measured and fitted at each level of load; `scalability_fits.parquet`: the laws.

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

use super::columns::Columns;
use crate::comparison::{Comparison, Group};
use crate::judge::{LoadAxis, LoadLevel, ScalingFit};
use crate::stats::interval::Interval;
use crate::summary::Measured;

/// One row a group and level.
pub fn levels(comparison: &Comparison) -> Result<RecordBatch, ArrowError> {
    let rows: Vec<(&Group, &LoadLevel)> = comparison
        .groups
        .iter()
        .flat_map(|group| group.scalability.levels.iter().map(move |level| (group, level)))
        .collect();
    let levels = || rows.iter().map(|(_, level)| *level);
    let number = |of: fn(&LoadLevel) -> &Measured<f64>| levels().map(move |level| of(level).number());
    let low = |of: fn(&LoadLevel) -> &Measured<Interval>| {
        levels().map(move |level| of(level).value().map(|found| found.low))
    };
    let high = |of: fn(&LoadLevel) -> &Measured<Interval>| {
        levels().map(move |level| of(level).value().map(|found| found.high))
    };
    let fitted = levels().map(|level| Some(level.ok_per_s.number()? - level.residual_per_s.number()?));
    let law = |group: &&Group| group.scalability.models.value().map(|models| models.best.clone());
    let is_law =
        |group: &&Group| group.scalability.models.value().map(|models| models.chosen.value().is_some());
    let laws: Vec<Option<String>> = rows.iter().map(|(group, _)| law(group)).collect();
    Columns::default()
        .text("group", rows.iter().map(|(group, _)| Some(group.name.as_str())))
        .text("axis", rows.iter().map(|(group, _)| Some(axis_word(group))))
        .number("load", levels().map(|level| Some(level.load.0)))
        .small_count("users", rows.iter().map(|(group, level)| level.load.users(group.scalability.axis)))
        .count("runs", levels().map(|level| Some(level.run_ids.len() as u64)))
        .number("in_flight", number(|level| &level.in_flight))
        .number("offered_per_s", number(|level| &level.offered_per_s))
        .number("finished_per_s", number(|level| &level.finished_per_s))
        .flag("is_overloaded", levels().map(|level| level.is_overloaded.value().copied()))
        .number("ok_per_s", number(|level| &level.ok_per_s))
        .number("throughput_spread", number(|level| &level.throughput_spread))
        .number("mean_ms", number(|level| &level.mean_ms))
        .number("p95_ms", number(|level| &level.p95_ms))
        .number("p95_low_ms", low(|level| &level.p95_interval_ms))
        .number("p95_high_ms", high(|level| &level.p95_interval_ms))
        .number("success_rate", number(|level| &level.success_rate))
        .number("success_low", low(|level| &level.success_interval))
        .number("success_high", high(|level| &level.success_interval))
        .number("memory_growth_mb", number(|level| &level.memory_growth_mb))
        .flag("holds", levels().map(|level| level.holds.value().copied()))
        .text("law", laws.iter().map(Option::as_deref))
        .flag("law_fits", rows.iter().map(|(group, _)| is_law(group)))
        .number("fitted_per_s", fitted)
        .number("residual_per_s", number(|level| &level.residual_per_s))
        .number("relative_residual", number(|level| &level.relative_residual))
        .into_rows()
}

fn axis_word(group: &Group) -> &'static str {
    match group.scalability.axis {
        LoadAxis::Users => "users",
        LoadAxis::OfferedPerS => "offered_per_s",
    }
}

/// One row a group and law.
pub fn fits(comparison: &Comparison) -> Result<RecordBatch, ArrowError> {
    let rows: Vec<(&Group, Option<&str>, &ScalingFit)> = comparison.groups.iter().flat_map(fits_of).collect();
    let fits = || rows.iter().map(|(_, _, fit)| *fit);
    let number = |of: fn(&ScalingFit) -> &Measured<f64>| fits().map(move |fit| of(fit).number());
    let low = |of: fn(&ScalingFit) -> &Measured<Interval>| {
        fits().map(move |fit| of(fit).value().map(|found| found.low))
    };
    let high = |of: fn(&ScalingFit) -> &Measured<Interval>| {
        fits().map(move |fit| of(fit).value().map(|found| found.high))
    };
    Columns::default()
        .text("group", rows.iter().map(|(group, _, _)| Some(group.name.as_str())))
        .text("law", fits().map(|fit| Some(fit.model.as_str())))
        .flag("is_chosen", rows.iter().map(|(_, chosen, fit)| Some(*chosen == Some(fit.model.as_str()))))
        .number("gamma_per_s", fits().map(|fit| Some(fit.gamma_per_s)))
        .number("gamma_low_per_s", low(|fit| &fit.gamma_interval))
        .number("gamma_high_per_s", high(|fit| &fit.gamma_interval))
        .number("alpha", number(|fit| &fit.alpha))
        .number("alpha_low", low(|fit| &fit.alpha_interval))
        .number("alpha_high", high(|fit| &fit.alpha_interval))
        .number("beta", number(|fit| &fit.beta))
        .number("beta_low", low(|fit| &fit.beta_interval))
        .number("beta_high", high(|fit| &fit.beta_interval))
        .number("aicc", number(|fit| &fit.aicc))
        .number("aicc_above_best", number(|fit| &fit.aicc_above_best))
        .number("residual_error_per_s", number(|fit| &fit.residual_error_per_s))
        .number("r_squared", number(|fit| &fit.r_squared))
        .into_rows()
}

fn fits_of(group: &Group) -> impl Iterator<Item = (&Group, Option<&str>, &ScalingFit)> {
    let models = group.scalability.models.value();
    models.into_iter().flat_map(move |models| {
        let chosen = models.chosen.value().map(String::as_str);
        models.fits.iter().map(move |fit| (group, chosen, fit))
    })
}
