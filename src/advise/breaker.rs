//! Circuit breakers: flapping, opening and closing at the wrong moment, availability, recovery.

use super::Facts;
use super::finding::{Cause, Finding};
use super::missed::{
    Missed, is_proven_below, miss_above, miss_below, miss_of_share, missed, severity_by_health,
};
use super::words::{counted, since_start};
use crate::config::Config;
use crate::contract::BreakerRule;
use crate::metrics::BREAKER;
use crate::summary::{Breaker, BreakerChange, BreakerInstance, Measured, RunSummary};
use crate::units::{Unit, count, duration_s, usd};

const OPENING: &str = "closed->open";

/// `circuit_breaker`, with the breaker's name where there are several.
fn subject(instance: &BreakerInstance, breaker: &Breaker) -> String {
    if breaker.breakers.len() == 1 { BREAKER.to_owned() } else { format!("{BREAKER}[{}]", instance.name) }
}

fn label(instance: &BreakerInstance, breaker: &Breaker) -> String {
    if breaker.breakers.len() == 1 {
        "Circuit breaker".to_owned()
    } else {
        format!("Circuit breaker `{}`", instance.name)
    }
}

fn for_each(facts: &Facts<'_>, find: impl Fn(&BreakerInstance, &Breaker) -> Option<Finding>) -> Vec<Finding> {
    let Some(breaker) = facts.summary.breaker.value() else { return Vec::new() };
    breaker.breakers.iter().filter_map(|instance| find(instance, breaker)).collect()
}

/// Opens again and again.
pub fn flaps(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let limit = config.advice.flaps_per_min;
    for_each(facts, |instance, breaker| {
        let openings = *instance.transitions.get(OPENING)?;
        let duration_min = facts.summary.window.duration_s.number().filter(|s| *s > 0.0)? / 60.0;
        let per_min = openings as f64 / duration_min;
        if openings < config.advice.flap_openings || per_min <= limit {
            return None;
        }
        let headline = format!(
            "{} flaps: it opened {} times in {} ({} per minute, limit {}).",
            label(instance, breaker),
            count(openings),
            duration_s(duration_min * 60.0),
            Unit::Number.print(per_min),
            Unit::Number.print(limit),
        );
        let finding = Finding::new(
            &subject(instance, breaker),
            Cause::Flaps,
            (per_min, Unit::Number),
            headline,
        )
        .missing(limit, miss_below(per_min, limit), &config.advice)
        .because(closed_stretches(instance))
        .because(time_open(instance))
        .because(settings(instance, facts.summary))
        .act(
            "Let it recover for longer: a longer cooldown that doubles with each opening, more half-open \
                     probes, and traffic that rises slowly after it closes; then mend what fails behind it.",
        );
        Some(finding)
    })
}

/// How long it stayed closed before it opened again.
fn closed_stretches(instance: &BreakerInstance) -> Option<String> {
    let mut stretches_s: Vec<f64> = instance
        .closings
        .iter()
        .filter_map(|closing| {
            let next_us =
                instance.openings.iter().map(|opening| opening.at_us).filter(|&at_us| at_us > closing.at_us);
            next_us.min().map(|next_us| (next_us - closing.at_us) as f64 / 1e6)
        })
        .collect();
    stretches_s.sort_by(f64::total_cmp);
    let median_s = *stretches_s.get(stretches_s.len() / 2)?;
    let stretches = counted(stretches_s.len() as u64, "time");
    Some(format!(
        "It opened again {stretches} after it had closed, in the median after {}.",
        duration_s(median_s)
    ))
}

fn time_open(instance: &BreakerInstance) -> Option<String> {
    let time_s = instance.time_in_state_s.value()?;
    let all_s: f64 = time_s.values().sum();
    let open_s = *time_s.get("open")?;
    let share = Unit::Ratio.print(Measured::ratio(open_s, all_s, "no time").number()?);
    Some(format!("It was open for {} ({share} of the time).", duration_s(open_s)))
}

/// The settings that the recording names.
fn settings(instance: &BreakerInstance, summary: &RunSummary) -> Option<String> {
    let known = summary.identity.metadata.breakers.get(&instance.name)?;
    let parts = [
        known.open_above.map(|rate| format!("opens above {}", Unit::Ratio.print(rate))),
        known.close_below.map(|rate| format!("closes below {}", Unit::Ratio.print(rate))),
        known.min_calls.map(|calls| format!("judges from {calls} calls on")),
        known.failures.map(|failures| format!("opens after {failures} failures in a row")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("As configured it {}.", parts.join(", ")))
}

/// Had seen far more failures than it should tolerate when it opened.
pub fn opens_too_late(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let target = facts.targets.iter().find(|target| target.name == "breaker_opens_above");
    for_each(facts, |instance, breaker| {
        if instance.rule != BreakerRule::Rate {
            return None;
        }
        let configured = facts.summary.identity.metadata.breakers.get(&instance.name);
        let opens_above =
            configured.and_then(|known| known.open_above).or(target.map(|target| target.limit))?;
        let limit = opens_above * config.advice.late_opening_factor;
        // A rate of a few calls is far from its limit by chance.
        let needed = config.measure.min_samples_beyond_quantile as f64;
        let worst = instance
            .openings
            .iter()
            .filter(|opening| opening.calls as f64 * opens_above >= needed)
            .filter_map(|opening| Some((opening.measured_failure_rate.number()?, opening)))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let (rate, opening) = worst.filter(|(rate, _)| *rate > limit && opens_above > 0.0)?;
        let headline = format!(
            "{} opens late: {} of the calls failed before it opened, it should open above {}.",
            label(instance, breaker),
            Unit::Ratio.print(rate),
            Unit::Ratio.print(opens_above),
        );
        let evidence = format!(
            "The opening after {}: {} of failures among the {} before it.",
            since_start(opening.at_us, facts.summary),
            Unit::Ratio.print(rate),
            counted(opening.calls, "call"),
        );
        let finding = Finding::new(
            &subject(instance, breaker),
            Cause::OpensLate,
            (rate, Unit::Ratio),
            headline,
        )
        .missing(opens_above, miss_below(rate, limit), &config.advice)
        .because([evidence])
        .because(settings(instance, facts.summary))
        .act(
            "Shorten its window and lower its minimum of calls, so that it sees failures sooner, and let slow calls count as \
             failures before they time out.",
        );
        Some(finding)
    })
}

/// Opened at a failure rate that it should tolerate.
pub fn opens_too_early(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(missed) = missed(facts, "breaker_opens_above") else { return Vec::new() };
    let missed = Missed { miss: miss_above(missed.actual, missed.verdict.limit), ..missed };
    let action = "Review the failure thresholds: raise its failure rate (`open_above`), its minimum of calls or its \
                  window, so that a few failures in a row don't shut off what it guards.";
    let what = "Circuit breaker opened at a failure rate";
    let finding = missed.finding(BREAKER, Cause::OpensEarly, what, config).act(action);
    vec![finding.because(looked_at(facts, |instance| &instance.openings))]
}

/// Closed while too many calls still failed.
pub fn closes_too_early(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(missed) = missed(facts, "breaker_closes_below") else { return Vec::new() };
    let action = "Lower the failure rate at which it closes (`close_below`), ask for more half-open probes, and \
                  lengthen the cooldown.";
    let what = "Circuit breaker closed at a failure rate";
    let finding = missed.finding(BREAKER, Cause::ClosesEarly, what, config).act(action);
    vec![finding.because(looked_at(facts, |instance| &instance.closings))]
}

/// How many changes of each breaker were looked at, and its settings.
fn looked_at(facts: &Facts<'_>, changes: fn(&BreakerInstance) -> &Vec<BreakerChange>) -> Vec<String> {
    let Some(breaker) = facts.summary.breaker.value() else { return Vec::new() };
    let breakers = || breaker.breakers.iter();
    let told = breakers().filter(|instance| !changes(instance).is_empty()).map(|instance| {
        let changes = counted(changes(instance).len() as u64, "change");
        format!("Breaker `{}`: {changes} looked at.", instance.name)
    });
    told.chain(breakers().filter_map(|instance| settings(instance, facts.summary))).collect()
}

/// Blocked too many calls.
pub fn availability_low(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let limit = config.health.circuit_breaker.healthy.availability_at_least * 100.0;
    for_each(facts, |instance, breaker| {
        let percent = instance.availability_percent.number()?;
        let is_told = instance.requests >= config.advice.min_calls
            || is_proven_below(percent / 100.0, instance.requests, limit / 100.0, config);
        if !is_told || percent >= limit {
            return None;
        }
        let subject = subject(instance, breaker);
        let headline = format!(
            "{} availability ({}) below its {} target.",
            label(instance, breaker),
            Unit::Percent.print(percent),
            Unit::Percent.print(limit),
        );
        let blocked =
            format!("It blocked {} of {}.", count(instance.blocked), counted(instance.requests, "call"));
        let spared = instance
            .cost_blocked_usd
            .number()
            .map(|cost_usd| format!("The calls that it blocked would have cost {}.", usd(cost_usd)));
        let finding = Finding::new(&subject, Cause::Availability, (percent, Unit::Percent), headline)
            .missing(limit, miss_of_share(percent / 100.0, limit / 100.0), &config.advice)
            .at_least(severity_by_health(facts, BREAKER))
            .joining(&subject, Cause::Flaps)
            .because([blocked])
            .because(spared)
            .because(time_open(instance))
            .act(
                "Mend what fails behind it first; then review the failure thresholds, the cooldown and the number \
                 of half-open probes.",
            );
        Some(finding)
    })
}

/// Falls back to open when it tries to recover.
pub fn recovery_low(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(limit) = config.health.circuit_breaker.healthy.recovery_at_least else { return Vec::new() };
    for_each(facts, |instance, breaker| {
        let rate = instance.recovery_success_rate.number()?;
        let tried = instance.recoveries_succeeded + instance.recoveries_failed;
        let is_told = tried >= config.advice.min_recoveries || is_proven_below(rate, tried, limit, config);
        if !is_told || rate >= limit {
            return None;
        }
        let subject = subject(instance, breaker);
        let headline = format!(
            "{} recovery success rate ({}) below the {} of a healthy one.",
            label(instance, breaker),
            Unit::Ratio.print(rate),
            Unit::Ratio.print(limit),
        );
        let finding = Finding::new(&subject, Cause::Recovery, (rate, Unit::Ratio), headline)
            .missing(limit, miss_of_share(rate, limit), &config.advice)
            .joining(&subject, Cause::Flaps)
            .because([format!(
                "{} of {} fell back to open.",
                instance.recoveries_failed,
                counted(tried, "recovery attempt")
            )])
            .act("Lengthen the cooldown, so that it probes when the service behind it has recovered.");
        Some(finding)
    })
}
