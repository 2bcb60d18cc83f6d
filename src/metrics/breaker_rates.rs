//! The failure rates at which breakers opened and closed.

use crate::contract::BreakerRule;
use crate::summary::{Breaker, BreakerChange, BreakerInstance, Measured};

/// The smallest failure rate (0..1) that made a breaker open: it must be above the target.
///
/// Openings for cost say nothing about the failure rate and are left out.
pub fn lowest_opening_rate(breaker: &Breaker) -> Measured<f64> {
    let openings = match changes(breaker, |one| &one.openings) {
        Ok(openings) if openings.is_empty() => return Measured::undefined("the breaker never opened"),
        Ok(openings) => openings,
        Err(reason) => return Measured::undefined(reason),
    };
    let for_failures: Vec<&BreakerChange> =
        openings.iter().copied().filter(|change| !is_for_cost(change)).collect();
    if for_failures.is_empty() {
        return Measured::undefined("the breaker opened for cost only");
    }
    extreme(&for_failures, f64::min, "opening")
}

/// The largest failure rate (0..1) at which a breaker closed: it must be below the target.
pub fn highest_closing_rate(breaker: &Breaker) -> Measured<f64> {
    let closings = match changes(breaker, |one| &one.closings) {
        Ok(closings) => closings,
        Err(reason) => return Measured::undefined(reason),
    };
    if closings.is_empty() {
        let opened = breaker.breakers.iter().any(|one| !one.openings.is_empty());
        let reason = if opened { "the breaker never closed again" } else { "the breaker never opened" };
        return Measured::undefined(reason);
    }
    extreme(&closings, f64::max, "closing")
}

/// The changes of all breakers that decide by a rate of failures; otherwise why there are none such.
fn changes<'a>(
    breaker: &'a Breaker,
    of: impl Fn(&'a BreakerInstance) -> &'a Vec<BreakerChange>,
) -> Result<Vec<&'a BreakerChange>, String> {
    let changed = || breaker.breakers.iter().filter(|one| !of(one).is_empty());
    let of_rule = |rule| changed().filter(move |one| one.rule == rule);
    if let Some(one) = of_rule(BreakerRule::Unknown).next() {
        let name = &one.name;
        return Err(format!(
            "nobody knows what breaker `{name}` decides by: `breakers.{name}.rule` in the metadata says `rate` or \
             `consecutive`"
        ));
    }
    let by_rate: Vec<&BreakerChange> = of_rule(BreakerRule::Rate).flat_map(&of).collect();
    if by_rate.is_empty() && changed().next().is_some() {
        return Err("the breaker counts failures in a row: it has no failure rate to decide by".to_owned());
    }
    Ok(by_rate)
}

/// The recorder's word for an opening that the cost limit caused begins so.
fn is_for_cost(change: &BreakerChange) -> bool {
    change.cause.as_deref().is_some_and(|cause| cause.starts_with("cost"))
}

/// The extreme of the failure rates: measured from the calls where that is possible, else as reported. One
/// change without either leaves the question open: it could be the extreme one.
fn extreme(changes: &[&BreakerChange], pick: fn(f64, f64) -> f64, word: &str) -> Measured<f64> {
    let rates: Vec<f64> = changes
        .iter()
        .filter_map(|change| change.measured_failure_rate.number().or(change.reported_failure_rate))
        .collect();
    let unknown = changes.len() - rates.len();
    if unknown > 0 {
        return Measured::undefined(format!(
            "{unknown} of {} {word}s without calls or a reported failure rate before",
            changes.len()
        ));
    }
    Measured::or(rates.into_iter().reduce(pick), "no failure rate")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::fixture;

    fn change(measured: Option<f64>, reported: Option<f64>, cause: Option<&str>) -> BreakerChange {
        BreakerChange {
            at_us: 0,
            reported_failure_rate: reported,
            measured_failure_rate: Measured::or(measured, "no calls in the window"),
            calls: 10,
            cause: cause.map(str::to_owned),
        }
    }

    fn breaker(openings: Vec<BreakerChange>, closings: Vec<BreakerChange>) -> Breaker {
        let mut breaker = fixture::run_summary().breaker.value().cloned().expect("the fixture has one");
        breaker.breakers.truncate(1);
        breaker.breakers[0].openings = openings;
        breaker.breakers[0].closings = closings;
        breaker
    }

    #[test]
    fn the_lowest_opening_and_the_highest_closing_rate_are_judged_measured_before_reported() {
        let openings =
            vec![change(Some(0.4), Some(0.1), None), change(None, Some(0.25), Some("failure_rate"))];
        let closings = vec![change(Some(0.01), None, None), change(Some(0.04), Some(0.9), None)];
        let breaker = breaker(openings, closings);
        assert_eq!(lowest_opening_rate(&breaker), Measured::Value(0.25));
        assert_eq!(highest_closing_rate(&breaker), Measured::Value(0.04));
    }

    #[test]
    fn openings_for_cost_are_left_out() {
        let cost = || change(Some(0.0), None, Some("cost_limit"));
        let both = breaker(vec![cost(), change(Some(0.3), None, None)], vec![]);
        assert_eq!(lowest_opening_rate(&both), Measured::Value(0.3));
        assert_eq!(highest_closing_rate(&both).reason(), Some("the breaker never closed again"));
        let only = breaker(vec![cost()], vec![]);
        assert_eq!(lowest_opening_rate(&only).reason(), Some("the breaker opened for cost only"));
    }

    #[test]
    fn only_a_breaker_that_decides_by_a_rate_has_one() {
        let mut both = breaker(vec![change(Some(1.0), None, None)], vec![change(Some(0.5), None, None)]);
        let mut by_rate = both.breakers[0].clone();
        by_rate.openings = vec![change(Some(0.3), None, None)];
        both.breakers[0].rule = BreakerRule::Consecutive;
        assert!(lowest_opening_rate(&both).reason().unwrap().contains("failures in a row"));
        assert!(highest_closing_rate(&both).reason().unwrap().contains("failures in a row"));
        both.breakers.push(by_rate);
        assert_eq!(lowest_opening_rate(&both), Measured::Value(0.3));
        both.breakers[0].rule = BreakerRule::Unknown;
        assert!(lowest_opening_rate(&both).reason().unwrap().contains("`breakers.lightrag.rule`"));
    }

    #[test]
    fn never_opened_and_unknown_rates_cannot_be_told() {
        let quiet = breaker(vec![], vec![]);
        assert_eq!(lowest_opening_rate(&quiet).reason(), Some("the breaker never opened"));
        assert_eq!(highest_closing_rate(&quiet).reason(), Some("the breaker never opened"));
        let unknown = breaker(vec![change(Some(0.5), None, None), change(None, None, None)], vec![]);
        assert!(lowest_opening_rate(&unknown).reason().unwrap().starts_with("1 of 2 openings"));
    }
}
