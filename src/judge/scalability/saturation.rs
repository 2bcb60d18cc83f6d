//! Where the completions of an open loop stop to follow the rate that is offered.

use super::levels::{Level, Noises, log_throughput};
use crate::config::ScalabilitySettings;
use crate::judge::verdicts::{Load, LoadAxis, LoadLevel, Saturation};
use crate::stats::interval::Interval;
use crate::stats::moments::mean;
use crate::summary::Measured;

/// From the overloaded levels: what succeeds there is what the service does; time-outs and refusals are no work done.
pub fn judge(
    levels: &[LoadLevel],
    grouped: &[Level<'_>],
    axis: LoadAxis,
    noises: &Noises,
    settings: &ScalabilitySettings,
) -> Measured<Saturation> {
    if axis == LoadAxis::Users {
        return Measured::undefined("the levels are of users, not of rates");
    }
    let is_overloaded = |level: &LoadLevel| level.is_overloaded.value() == Some(&true);
    let Some(first) = levels.iter().position(is_overloaded) else {
        let reason = levels.iter().find_map(|level| level.is_overloaded.reason());
        let last = levels.last().map(|level| axis.print(level.load)).unwrap_or_default();
        let all_follow =
            format!("completions follow the offered rate up to {last}, the highest that was tested");
        return Measured::undefined(reason.map_or(all_follow, str::to_owned));
    };
    let overloaded: Vec<Load> =
        levels.iter().filter(|level| is_overloaded(level)).map(|level| level.load).collect();
    let runs = grouped.iter().filter(|(load, _)| overloaded.contains(load)).flat_map(|(_, runs)| runs.iter());
    let succeeded: Vec<_> = runs.filter_map(|run| log_throughput(run)).collect();
    let logs: Vec<f64> = succeeded.iter().map(|sample| sample.value).collect();
    let Some(centre) = mean(&logs) else {
        return Measured::undefined("nothing succeeded under overload");
    };
    let reach = noises.throughput.reach(&succeeded, settings.confidence).filter(|reach| *reach > 0.0);
    Measured::Value(Saturation {
        last_that_follows: first.checked_sub(1).map(|last| levels[last].load),
        first_overloaded: levels[first].load,
        ceiling_per_s: centre.exp(),
        interval: Measured::or(
            reach.map(|reach| Interval::around(centre, reach).map(f64::exp)),
            "no run has an uncertainty of its throughput",
        ),
        overloaded,
    })
}
