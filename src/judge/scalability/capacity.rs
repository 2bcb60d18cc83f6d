//! How many users the build carries at its response-time and success targets.

use super::crossing::{Curve, crossing};
use crate::config::Config;
use crate::judge::verdicts::{Capacity, CapacityBound, LoadLevel, OptimalUsers};
use crate::summary::Measured;

/// The targets that a level must keep, both exclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    pub p95_below_ms: Option<f64>,
    pub success_above: Option<f64>,
}

impl Limits {
    pub fn of(config: &Config) -> Self {
        let target = |name: &str| config.targets.get(name);
        Self {
            p95_below_ms: target("p95_response_time_ms").and_then(|target| target.below),
            success_above: target("success_rate").and_then(|target| target.above),
        }
    }

    /// Does a level with this P95 and success keep them? A missed one decides even where the other is unknown.
    pub fn hold(&self, level: &LoadLevel) -> Measured<bool> {
        let p95 = self.p95_below_ms.map(|limit| level.p95_ms.clone().map(|ms| ms < limit));
        let success = self.success_above.map(|limit| level.success_rate.clone().map(|rate| rate > limit));
        let verdicts: Vec<Measured<bool>> = [p95, success].into_iter().flatten().collect();
        if verdicts.is_empty() {
            return Measured::undefined("no target for the P95 nor for success");
        }
        if verdicts.iter().any(|verdict| verdict.value() == Some(&false)) {
            return Measured::Value(false);
        }
        let unknown = verdicts.into_iter().find(|verdict| verdict.value().is_none());
        unknown.unwrap_or(Measured::Value(true))
    }
}

/// Which end of a level's intervals is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    Measured,
    Worst,
    Best,
}

/// The capacity between the last level that holds and the first that fails.
pub fn judge(levels: &[LoadLevel], limits: Limits) -> Measured<Capacity> {
    let known: Vec<&LoadLevel> = levels.iter().filter(|level| level.holds.value().is_some()).collect();
    let Some((smallest, largest)) = known.first().zip(known.last()) else {
        let reason =
            levels.first().and_then(|level| level.holds.reason()).unwrap_or("no run names its users");
        return Measured::undefined(reason.to_owned());
    };
    let first_failing = known.iter().position(|level| level.holds.value() == Some(&false));
    let last_holding =
        first_failing.map_or(known.len(), |index| index).checked_sub(1).map(|index| known[index].users);
    let (bound, users) = match (first_failing, last_holding) {
        (None, _) => (CapacityBound::AtLeast, largest.users),
        (Some(_), None) => (CapacityBound::FewerThan, smallest.users),
        (Some(index), Some(last)) => {
            let crossed = crossing(&curve(&known, View::Measured, limits), index);
            // At most the users that are carried: never rounded up, and never below what was seen to hold.
            (CapacityBound::Between, crossed.map_or(last, |found| (found.at.floor() as u32).max(last)))
        }
    };
    let (low, high) = ends(&known, limits, users);
    let beyond = first_failing.map(|index| &known[index..]).unwrap_or_default();
    Measured::Value(Capacity {
        p95_below_ms: limits.p95_below_ms,
        success_above: limits.success_above,
        bound,
        users,
        low,
        high,
        last_that_holds: last_holding,
        first_that_fails: first_failing.map(|index| known[index].users),
        limited_by: first_failing.map(|index| limited_by(known[index], limits)).unwrap_or_default(),
        is_monotone: beyond.iter().all(|level| level.holds.value() == Some(&false)),
        caveats: caveats(levels, &known, beyond),
    })
}

/// The capacity if every level were as bad, and as good, as its intervals allow.
fn ends(known: &[&LoadLevel], limits: Limits, users: u32) -> (Measured<u32>, Measured<u32>) {
    let first_failing = |curve: &[Curve]| {
        (0..known.len()).find(|index| curve.iter().any(|quantity| quantity.excess[*index] >= 0.0))
    };
    let (worst, best) = (curve(known, View::Worst, limits), curve(known, View::Best, limits));
    let low = match first_failing(&worst) {
        Some(0) => Measured::undefined("the smallest level may fail, too"),
        Some(index) => {
            Measured::or(crossing(&worst, index), "no crossing").map(|found| found.from.floor() as u32)
        }
        None => Measured::Value(known.last().map_or(users, |level| level.users)),
    };
    let high = match first_failing(&best) {
        None => Measured::undefined("the largest level may hold, too"),
        Some(0) => Measured::Value(known.first().map_or(users, |level| level.users)),
        Some(index) => {
            Measured::or(crossing(&best, index), "no crossing").map(|found| found.to.ceil() as u32)
        }
    };
    (low.map(|low| low.min(users)), high.map(|high| high.max(users)))
}

/// The excess over its limit of each quantity that has one, level by level.
fn curve(known: &[&LoadLevel], view: View, limits: Limits) -> Vec<Curve> {
    let users: Vec<f64> = known.iter().map(|level| f64::from(level.users)).collect();
    let p95 = limits.p95_below_ms.map(|limit_ms| {
        let excess = |level: &&LoadLevel| {
            let interval = level.p95_interval_ms.value();
            let ms = match view {
                View::Measured => None,
                View::Worst => interval.map(|interval| interval.high),
                View::Best => interval.map(|interval| interval.low),
            };
            (ms.or(level.p95_ms.number()).unwrap_or(limit_ms) / limit_ms).ln()
        };
        Curve { users: users.clone(), excess: known.iter().map(excess).collect(), is_logarithm: true }
    });
    let success = limits.success_above.map(|limit| {
        let excess = |level: &&LoadLevel| {
            let interval = level.success_interval.value();
            let rate = match view {
                View::Measured => None,
                View::Worst => interval.map(|interval| interval.low),
                View::Best => interval.map(|interval| interval.high),
            };
            limit - rate.or(level.success_rate.number()).unwrap_or(limit)
        };
        Curve { users: users.clone(), excess: known.iter().map(excess).collect(), is_logarithm: false }
    });
    [p95, success].into_iter().flatten().collect()
}

fn limited_by(level: &LoadLevel, limits: Limits) -> Vec<String> {
    let p95 = limits.p95_below_ms.zip(level.p95_ms.number()).is_some_and(|(limit, ms)| ms >= limit);
    let success =
        limits.success_above.zip(level.success_rate.number()).is_some_and(|(limit, rate)| rate <= limit);
    [("p95", p95), ("success", success)]
        .into_iter()
        .filter(|(_, is_missed)| *is_missed)
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn caveats(levels: &[LoadLevel], known: &[&LoadLevel], beyond: &[&LoadLevel]) -> Vec<String> {
    let mut caveats = Vec::new();
    let again: Vec<String> = beyond
        .iter()
        .filter(|level| level.holds.value() == Some(&true))
        .map(|level| level.users.to_string())
        .collect();
    if !again.is_empty() {
        caveats.push(format!("not monotone: {} users hold again", again.join(", ")));
    }
    let unknown: Vec<String> = levels
        .iter()
        .filter(|level| level.holds.value().is_none())
        .map(|level| format!("{} users: {}", level.users, level.holds.reason().unwrap_or_default()))
        .collect();
    if !unknown.is_empty() {
        caveats.push(format!("not judged: {}", unknown.join("; ")));
    }
    if known
        .iter()
        .any(|level| level.p95_interval_ms.value().is_none() && level.success_interval.value().is_none())
    {
        caveats
            .push("some levels do not tell how uncertain they are: the interval leaves that out".to_owned());
    }
    caveats
}

/// The seed's optimal user count: the largest level with enough success and a mean short enough.
pub fn optimal_users(levels: &[LoadLevel], config: &Config) -> Measured<OptimalUsers> {
    let settings = &config.scalability;
    let known = levels
        .iter()
        .filter_map(|level| Some((level.users, level.success_rate.number()?, level.mean_ms.number()?)));
    let known: Vec<(u32, f64, f64)> = known.collect();
    if known.is_empty() {
        return Measured::undefined("no level has a success rate and a mean response time");
    }
    let keeps = |(_, success, mean_ms): &&(u32, f64, f64)| {
        *success >= settings.optimal_success_at_least && *mean_ms <= settings.optimal_mean_at_most_ms
    };
    let found = known.iter().rev().find(keeps).map(|(users, ..)| OptimalUsers {
        users: *users,
        success_at_least: settings.optimal_success_at_least,
        mean_at_most_ms: settings.optimal_mean_at_most_ms,
        is_largest_tested: known.last().is_some_and(|(largest, ..)| largest == users),
    });
    Measured::or(found, "no level that was tested has enough success and a mean short enough")
}
