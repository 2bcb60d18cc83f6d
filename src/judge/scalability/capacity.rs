//! How much load the build carries at its response-time and success targets.

use super::crossing::{Curve, crossing};
use crate::config::Config;
use crate::judge::verdicts::{Capacity, CapacityBound, Load, LoadAxis, LoadLevel, OptimalUsers};
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

    /// Does a level with this P95 and success keep them? A missed one decides even where the other is unknown, and what piles up
    /// is not carried, however short it took while it was measured.
    pub fn hold(&self, level: &LoadLevel) -> Measured<bool> {
        let p95 = self.p95_below_ms.map(|limit| level.p95_ms.clone().map(|ms| ms < limit));
        let success = self.success_above.map(|limit| level.success_rate.clone().map(|rate| rate > limit));
        let verdicts: Vec<Measured<bool>> = [p95, success].into_iter().flatten().collect();
        if verdicts.is_empty() {
            return Measured::undefined("no target for the P95 nor for success");
        }
        if is_overloaded(level) || verdicts.iter().any(|verdict| verdict.value() == Some(&false)) {
            return Measured::Value(false);
        }
        let unknown = verdicts.into_iter().find(|verdict| verdict.value().is_none());
        unknown.unwrap_or(Measured::Value(true))
    }
}

fn is_overloaded(level: &LoadLevel) -> bool {
    level.is_overloaded.value() == Some(&true)
}

/// Which end of a level's intervals is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    Measured,
    Worst,
    Best,
}

/// The capacity between the last level that holds and the first that fails.
pub fn judge(levels: &[LoadLevel], axis: LoadAxis, limits: Limits) -> Measured<Capacity> {
    let known: Vec<&LoadLevel> = levels.iter().filter(|level| level.holds.value().is_some()).collect();
    let Some((smallest, largest)) = known.first().zip(known.last()) else {
        let reason =
            levels.first().and_then(|level| level.holds.reason()).unwrap_or("no run names its users");
        return Measured::undefined(reason.to_owned());
    };
    let first_failing = known.iter().position(|level| level.holds.value() == Some(&false));
    let last_holding =
        first_failing.map_or(known.len(), |index| index).checked_sub(1).map(|index| known[index].load);
    let (bound, load) = match (first_failing, last_holding) {
        (None, _) => (CapacityBound::AtLeast, largest.load),
        (Some(_), None) => (CapacityBound::FewerThan, smallest.load),
        (Some(index), Some(last)) => {
            let crossed = crossing(&curve(&known, View::Measured, limits), index);
            // At most what is carried: never rounded up, and never below what was seen to hold.
            let at = crossed.map_or(last, |found| Load(axis.round_down(found.at)));
            (CapacityBound::Between, at.max(last))
        }
    };
    let (low, high) = match without_noise(&known, limits) {
        Some(reason) => (Measured::undefined(reason), Measured::undefined(reason)),
        None => ends(&known, axis, limits, (bound, load)),
    };
    let beyond = first_failing.map(|index| &known[index..]).unwrap_or_default();
    Measured::Value(Capacity {
        p95_below_ms: limits.p95_below_ms,
        success_above: limits.success_above,
        bound,
        load,
        low,
        high,
        last_that_holds: last_holding,
        first_that_fails: first_failing.map(|index| known[index].load),
        limited_by: first_failing.map(|index| limited_by(known[index], limits)).unwrap_or_default(),
        is_monotone: beyond.iter().all(|level| level.holds.value() == Some(&false)),
        caveats: caveats(levels, axis, beyond),
    })
}

/// Why the levels do not tell how far the capacity may be off: without noise there is no interval.
fn without_noise(known: &[&LoadLevel], limits: Limits) -> Option<&'static str> {
    let p95 = limits.p95_below_ms.is_some()
        && known
            .iter()
            .any(|level| level.p95_ms.value().is_some() && level.p95_interval_ms.value().is_none());
    let success = limits.success_above.is_some()
        && known
            .iter()
            .any(|level| level.success_rate.value().is_some() && level.success_interval.value().is_none());
    (p95 || success).then_some("not every level has an uncertainty")
}

/// The capacity if every level were as bad, and as good, as its intervals allow: of an estimate strictly about it, since a whole
/// number of users stands for all up to the next one.
fn ends(
    known: &[&LoadLevel],
    axis: LoadAxis,
    limits: Limits,
    (bound, load): (CapacityBound, Load),
) -> (Measured<Load>, Measured<Load>) {
    let overloaded = known.iter().position(|level| is_overloaded(level));
    let first_failing = |curve: &[Curve]| {
        (0..known.len()).find(|index| {
            overloaded == Some(*index) || curve.iter().any(|quantity| quantity.excess[*index] >= 0.0)
        })
    };
    let (worst, best) = (curve(known, View::Worst, limits), curve(known, View::Best, limits));
    let low = match first_failing(&worst) {
        Some(0) => Measured::undefined("the smallest level may fail, too"),
        Some(index) => {
            let crossed = crossing(&worst, index).map(|found| Load(axis.round_down(found.from)));
            Measured::Value(crossed.unwrap_or(known[index - 1].load))
        }
        None => Measured::Value(known.last().map_or(load, |level| level.load)),
    };
    let high = match first_failing(&best) {
        None => Measured::undefined("the largest level may hold, too"),
        Some(0) => Measured::Value(known.first().map_or(load, |level| level.load)),
        Some(index) => {
            let crossed = crossing(&best, index).map(|found| Load(axis.round_up(found.to)));
            Measured::Value(crossed.unwrap_or(known[index].load))
        }
    };
    if bound != CapacityBound::Between {
        return (low.map(|low| low.min(load)), high.map(|high| high.max(load)));
    }
    let step = if axis == LoadAxis::Users { 1.0 } else { 0.0 };
    let (below, above) = (Load(load.0 - step), Load(load.0 + step));
    let strictly = |end: Measured<Load>, is_outside: &dyn Fn(Load) -> bool| {
        end.and_then(|end| {
            Measured::or(is_outside(end).then_some(end), "the levels' noise moves the capacity by nothing")
        })
    };
    (
        strictly(low.map(|low| low.min(below)), &|low| low < load),
        strictly(high.map(|high| high.max(above)), &|high| high > load),
    )
}

/// The excess over its limit of each quantity that has one, level by level.
fn curve(known: &[&LoadLevel], view: View, limits: Limits) -> Vec<Curve> {
    let load: Vec<f64> = known.iter().map(|level| level.load.0).collect();
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
        Curve { load: load.clone(), excess: known.iter().map(excess).collect(), is_logarithm: true }
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
        Curve { load: load.clone(), excess: known.iter().map(excess).collect(), is_logarithm: false }
    });
    [p95, success].into_iter().flatten().collect()
}

fn limited_by(level: &LoadLevel, limits: Limits) -> Vec<String> {
    let p95 = limits.p95_below_ms.zip(level.p95_ms.number()).is_some_and(|(limit, ms)| ms >= limit);
    let success =
        limits.success_above.zip(level.success_rate.number()).is_some_and(|(limit, rate)| rate <= limit);
    [("p95", p95), ("success", success), ("overload", is_overloaded(level))]
        .into_iter()
        .filter(|(_, is_missed)| *is_missed)
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn caveats(levels: &[LoadLevel], axis: LoadAxis, beyond: &[&LoadLevel]) -> Vec<String> {
    let mut caveats = Vec::new();
    let again: Vec<String> = beyond
        .iter()
        .filter(|level| level.holds.value() == Some(&true))
        .map(|level| axis.print(level.load))
        .collect();
    if !again.is_empty() {
        caveats.push(format!("not monotone: {} hold again", again.join(", ")));
    }
    let unknown: Vec<String> = levels
        .iter()
        .filter(|level| level.holds.value().is_none())
        .map(|level| format!("{}: {}", axis.print(level.load), level.holds.reason().unwrap_or_default()))
        .collect();
    if !unknown.is_empty() {
        caveats.push(format!("not judged: {}", unknown.join("; ")));
    }
    caveats
}

/// The seed's optimal user count: the largest level with enough success and a mean short enough.
pub fn optimal_users(levels: &[LoadLevel], axis: LoadAxis, config: &Config) -> Measured<OptimalUsers> {
    let settings = &config.scalability;
    let known: Vec<(u32, f64, f64)> = levels
        .iter()
        .filter_map(|level| {
            Some((level.load.users(axis)?, level.success_rate.number()?, level.mean_ms.number()?))
        })
        .collect();
    if known.is_empty() {
        return Measured::undefined("no level of users has a success rate and a mean response time");
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
