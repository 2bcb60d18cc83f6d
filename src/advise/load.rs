//! The load generator: too busy to measure, or behind the rate that it was asked for.

use super::Facts;
use super::finding::{Cause, Finding};
use super::missed::{miss_above, miss_below};
use crate::config::Config;
use crate::summary::Measured;
use crate::units::Unit;

/// The load generator used so much of its core that it measured itself.
pub fn load_generator_saturated(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let limit = config.resources.load_generator_saturated_percent;
    let is_saturated = facts.summary.data_quality.load_generator_saturated.value() == Some(&true);
    let percent = facts.summary.resources.load_generator_cpu_percent.number().filter(|_| is_saturated);
    let Some(percent) = percent else { return Vec::new() };
    let headline = format!(
        "The load generator is saturated: {} of a core, limit {}.",
        Unit::Percent.print(percent),
        Unit::Percent.print(limit),
    );
    let mut finding = Finding::new("load_generator", Cause::Cpu, (percent, Unit::Percent), headline)
        .missing(limit, miss_below(percent, limit), &config.advice)
        .because(["Response times and throughput are its own as much as the service's: one core is 100 %."
            .to_owned()])
        .act("Spread the users over several processes or machines (Locust workers), and measure again.");
    // However little beyond: no other number of the run can be trusted.
    finding.severity = crate::judge::Severity::High;
    vec![finding]
}

/// An open loop that did not reach its target rate.
pub fn rate_below_target(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let throughput = &facts.summary.throughput;
    let rates = (throughput.target_per_s.number(), throughput.mean_per_s.number());
    let (Some(target), Some(mean)) = rates else { return Vec::new() };
    let limit = target * (1.0 - config.advice.rate_shortfall_below);
    // What should have been finished, not what was: an outage finishes nothing.
    let wanted = facts.summary.window.duration_s.number().map(|duration_s| target * duration_s);
    if wanted.is_none_or(|wanted| wanted < config.advice.min_calls as f64) || mean >= limit {
        return Vec::new();
    }
    let print = |value| Unit::PerSecond.print(value);
    let headline = format!("Throughput ({}) below the target rate of {}.", print(mean), print(target));
    let offered = throughput.offered_per_s.number();
    let is_generator = offered.is_some_and(|offered| offered < limit);
    let action = if is_generator {
        "Give the load generator more workers or connections, and measure again: it sent too little."
    } else {
        "Find the component whose calls queue and give it more slots, or scale the service out: the requests were sent, \
         and the service did not finish them."
    };
    vec![
        Finding::new("request", Cause::Throughput, (mean, Unit::PerSecond), headline)
            .missing(target, miss_above(mean, target), &config.advice)
            .because(
                offered.map(|offered| format!("Sent were {}, finished {}.", print(offered), print(mean))),
            )
            .act(action)
            .gaining(Measured::undefined("what the service can do beyond this rate was not measured")),
    ]
}
