//! Which load level would tell most if it were tested next.

use crate::config::ScalabilitySettings;
use crate::judge::verdicts::{
    Capacity, CapacityBound, Knee, Load, LoadAxis, LoadLevel, NextLevel, NextLevelKind,
};
use crate::summary::Measured;

/// In this order: what the capacity needs, then what the knee needs.
pub fn next_level(
    levels: &[LoadLevel],
    axis: LoadAxis,
    capacity: &Measured<Capacity>,
    knee: &Measured<Knee>,
    settings: &ScalabilitySettings,
) -> Measured<NextLevel> {
    let Some(capacity) = capacity.value() else {
        let reason = capacity.reason().unwrap_or_default();
        return Measured::undefined(format!("without a capacity there is nothing to narrow down: {reason}"));
    };
    let found =
        for_capacity(levels, axis, capacity, settings).or_else(|| for_knee(levels, axis, knee, settings));
    Measured::or(found, "the capacity is known well enough, and there is no gap beside the knee")
}

fn for_capacity(
    levels: &[LoadLevel],
    axis: LoadAxis,
    capacity: &Capacity,
    settings: &ScalabilitySettings,
) -> Option<NextLevel> {
    let noisy = noisy_level(levels, axis, capacity);
    match (capacity.bound, capacity.last_that_holds, capacity.first_that_fails) {
        (CapacityBound::AtLeast, Some(largest), _) => Some(NextLevel {
            load: beyond(largest, axis, settings.extend_factor),
            kind: NextLevelKind::Extend,
            reason: format!(
                "targets are still met at {}, the most tested: the capacity lies beyond",
                axis.print(largest)
            ),
        }),
        (CapacityBound::FewerThan, _, Some(smallest)) => {
            let below = below(smallest, axis, settings.extend_factor)?;
            Some(NextLevel {
                load: below,
                kind: NextLevelKind::Lower,
                reason: format!(
                    "targets are missed already at {}, the fewest tested: the capacity lies below",
                    axis.print(smallest)
                ),
            })
        }
        (CapacityBound::Between, Some(low), Some(high)) => {
            let is_wide = high.0 - low.0 > settings.bracket_share * low.0 && is_room(low, high, axis);
            if is_wide { Some(bisect(low, high, axis, capacity)) } else { noisy }
        }
        _ => noisy,
    }
}

/// Is there a load between the two?
fn is_room(low: Load, high: Load, axis: LoadAxis) -> bool {
    axis == LoadAxis::OfferedPerS || high.0 - low.0 > 1.0
}

/// The expected capacity halves the doubt fastest; where it lies at an end, the middle does.
fn bisect(low: Load, high: Load, axis: LoadAxis, capacity: &Capacity) -> NextLevel {
    let width = high.0 - low.0;
    let (middle, margin) = (low.0 + axis.round_down(width / 2.0), axis.round_down(width / 4.0));
    let is_within = (low.0 + margin..=high.0 - margin).contains(&capacity.load.0);
    let load = Load(if is_within { capacity.load.0 } else { middle });
    let load = match axis {
        LoadAxis::Users => Load(load.0.clamp(low.0 + 1.0, high.0 - 1.0)),
        // Rounding must not leave a narrow bracket.
        LoadAxis::OfferedPerS => Some(handy(load)).filter(|at| low < *at && *at < high).unwrap_or(load),
    };
    NextLevel {
        load,
        kind: NextLevelKind::Bisect,
        reason: format!(
            "the capacity lies between {} (targets met) and {} (missed)",
            axis.print(low),
            axis.number(high)
        ),
    }
}

/// The first level beside the capacity that might as well have come out the other way.
fn noisy_level(levels: &[LoadLevel], axis: LoadAxis, capacity: &Capacity) -> Option<NextLevel> {
    let is_doubtful = |level: &&LoadLevel| {
        let p95 = level.p95_interval_ms.value().zip(capacity.p95_below_ms);
        let success = level.success_interval.value().zip(capacity.success_above);
        p95.is_some_and(|(interval, limit)| interval.contains(limit))
            || success.is_some_and(|(interval, limit)| interval.contains(limit))
    };
    let beside = |level: &&LoadLevel| {
        Some(level.load) == capacity.last_that_holds || Some(level.load) == capacity.first_that_fails
    };
    let level = levels.iter().filter(beside).find(is_doubtful)?;
    Some(NextLevel {
        load: level.load,
        kind: NextLevelKind::Repeat,
        reason: format!(
            "{} decide the capacity, and noise leaves open whether their targets are met: one more run settles it",
            axis.print(level.load)
        ),
    })
}

fn for_knee(
    levels: &[LoadLevel],
    axis: LoadAxis,
    knee: &Measured<Knee>,
    settings: &ScalabilitySettings,
) -> Option<NextLevel> {
    let at = knee.value()?.load.number()?;
    let beside = levels.windows(2).find(|pair| pair[0].load.0 <= at && at <= pair[1].load.0)?;
    let (low, high) = (beside[0].load, beside[1].load);
    let is_gap = high.0 > settings.gap_factor * low.0 && is_room(low, high, axis);
    is_gap.then(|| NextLevel {
        load: Load(low.0 + axis.round_down((high.0 - low.0) / 2.0)),
        kind: NextLevelKind::FillGap,
        reason: format!(
            "throughput stops to follow the load at about {}, and no level between {} and {} was tested",
            axis.print(Load(at)),
            axis.number(low),
            axis.number(high)
        ),
    })
}

fn beyond(load: Load, axis: LoadAxis, factor: f64) -> Load {
    match axis {
        LoadAxis::Users => Load((load.0 * factor).round().max(load.0 + 1.0).min(f64::from(u32::MAX))),
        LoadAxis::OfferedPerS => handy(Load(load.0 * factor)),
    }
}

/// None below one user.
fn below(load: Load, axis: LoadAxis, factor: f64) -> Option<Load> {
    match axis {
        LoadAxis::Users if load.0 <= 1.0 => None,
        LoadAxis::Users => Some(Load((load.0 / factor.max(2.0)).floor().max(1.0))),
        LoadAxis::OfferedPerS => Some(handy(Load(load.0 / factor.max(2.0)))),
    }
}

/// A rate with two digits that matter.
fn handy(load: Load) -> Load {
    Load(format!("{:.1e}", load.0).parse().unwrap_or(load.0))
}
