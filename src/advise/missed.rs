//! Targets that the run missed, by how much, and how grave the component's health makes it.

use super::Facts;
use super::finding::{Cause, Finding};
use crate::config::Config;
use crate::judge::{self, Health, LimitDirection, LimitOrigin, Severity, TargetOutcome, TargetVerdict};
use crate::units::Unit;

/// A target that applies and was missed beyond doubt: by enough samples, or by few that prove it.
#[derive(Debug, Clone, Copy)]
pub struct Missed<'a> {
    pub verdict: &'a TargetVerdict,
    pub actual: f64,
    pub unit: Unit,
    /// Part of the allowance that is exceeded.
    pub miss: f64,
}

impl<'a> Missed<'a> {
    pub fn of(verdict: &'a TargetVerdict) -> Option<Self> {
        let counts = verdict.applies && verdict.outcome == TargetOutcome::Fail && verdict.is_proven;
        let actual = verdict.actual.number().filter(|actual| counts && actual.is_finite())?;
        let unit = verdict.unit;
        let miss = if verdict.direction == LimitDirection::Below {
            miss_below(actual, verdict.limit)
        } else if unit == Unit::Ratio {
            miss_of_share(actual, verdict.limit)
        } else {
            miss_above(actual, verdict.limit)
        };
        Some(Self { verdict, actual, unit, miss })
    }

    /// That `what` missed its target, to be completed.
    pub fn finding(&self, subject: &str, cause: Cause, what: &str, config: &Config) -> Finding {
        Finding::new(subject, cause, (self.actual, self.unit), self.sentence(what))
            .missing(self.verdict.limit, self.miss, &config.advice)
            .in_brief(self.in_brief(what))
    }

    /// "L1 cache hit rate 78.00 % < 80.00 %".
    fn in_brief(&self, what: &str) -> String {
        let (actual, limit) = (self.unit.print(self.actual), self.unit.print(self.verdict.limit));
        let side = match (self.verdict.direction, actual == limit) {
            (LimitDirection::Below, false) => " >",
            (LimitDirection::Below, true) => ", not <",
            (LimitDirection::Above, false) => " <",
            (LimitDirection::Above, true) => ", not >",
        };
        format!("{what} {actual}{side} {limit}")
    }

    /// "L1 cache hit rate (78.00 %) below its 80.00 % target."
    pub fn sentence(&self, what: &str) -> String {
        let (actual, limit) = (self.unit.print(self.actual), self.unit.print(self.verdict.limit));
        let side = match (self.verdict.direction, actual == limit) {
            (LimitDirection::Below, false) => "above",
            (LimitDirection::Below, true) => "not below",
            (_, false) => "below",
            (_, true) => "not above",
        };
        let source = if self.verdict.limit_from == LimitOrigin::Run { " (set by the run)" } else { "" };
        format!("{what} ({actual}) {side} its {limit} target{source}.")
    }
}

/// The missed target of that name.
pub fn missed<'a>(facts: &Facts<'a>, name: &str) -> Option<Missed<'a>> {
    facts.targets.iter().find(|target| target.name == name).and_then(Missed::of)
}

/// By how much a number that should stay below `limit` exceeds it.
pub fn miss_below(actual: f64, limit: f64) -> f64 {
    if limit > 0.0 { actual / limit - 1.0 } else { 1.0 }
}

/// By how much a number that should stay above `limit` falls short of it.
pub fn miss_above(actual: f64, limit: f64) -> f64 {
    if limit > 0.0 { (limit - actual) / limit } else { 1.0 }
}

/// By how much a share 0..1 that should be above `limit` lets too many through: 90 % where 95 % are asked is twice
/// the 5 % that may fail.
pub fn miss_of_share(actual: f64, limit: f64) -> f64 {
    if limit < 1.0 { (1.0 - actual) / (1.0 - limit) - 1.0 } else { miss_above(actual, limit) }
}

/// What the health of a component says of a finding about it.
pub fn severity_by_health(facts: &Facts<'_>, component: &str) -> Option<Severity> {
    let found = facts.health.iter().find(|health| health.component == component)?;
    match found.health.value()? {
        Health::Healthy => None,
        Health::Warning => Some(Severity::Medium),
        Health::Critical => Some(Severity::High),
        Health::Failing => Some(Severity::Critical),
    }
}

/// Does a share of `of` independent calls fall short of `limit` by more than chance? Of few calls by far more.
pub fn is_surely_below(share: f64, of: u64, limit: f64, config: &Config) -> bool {
    let error = (share * (1.0 - share) / of.max(1) as f64).max(0.0).sqrt();
    let is_short = limit - share > config.advice.sure_from_errors * error;
    if of >= config.advice.min_calls { is_short } else { is_proven_below(share, of, limit, config) }
}

/// Do so few calls prove that a share is below a limit?
pub fn is_proven_below(share: f64, of: u64, limit: f64, config: &Config) -> bool {
    judge::is_surely_below(share, of, limit, config.target_conditions.proof_alpha)
}
