//! Which load level would tell most if it were tested next.

use crate::config::ScalabilitySettings;
use crate::judge::verdicts::{Capacity, CapacityBound, Knee, LoadLevel, NextLevel, NextLevelKind};
use crate::summary::Measured;

/// In this order: what the capacity needs, then what the knee needs.
pub fn next_level(
    levels: &[LoadLevel],
    capacity: &Measured<Capacity>,
    knee: &Measured<Knee>,
    settings: &ScalabilitySettings,
) -> Measured<NextLevel> {
    let Some(capacity) = capacity.value() else {
        let reason = capacity.reason().unwrap_or_default();
        return Measured::undefined(format!("without a capacity there is nothing to narrow down: {reason}"));
    };
    let found = for_capacity(levels, capacity, settings).or_else(|| for_knee(levels, knee, settings));
    Measured::or(found, "the capacity is known well enough, and there is no gap beside the knee")
}

fn for_capacity(
    levels: &[LoadLevel],
    capacity: &Capacity,
    settings: &ScalabilitySettings,
) -> Option<NextLevel> {
    let noisy = noisy_level(levels, capacity);
    match (capacity.bound, capacity.last_that_holds, capacity.first_that_fails) {
        (CapacityBound::AtLeast, Some(largest), _) => Some(NextLevel {
            users: beyond(largest, settings.extend_factor),
            kind: NextLevelKind::Extend,
            reason: format!(
                "{largest} users, the most that were tested, still hold: the capacity lies beyond"
            ),
        }),
        (CapacityBound::FewerThan, _, Some(1)) => None,
        (CapacityBound::FewerThan, _, Some(smallest)) => Some(NextLevel {
            users: (f64::from(smallest) / settings.extend_factor.max(2.0)).floor().max(1.0) as u32,
            kind: NextLevelKind::Lower,
            reason: format!(
                "{smallest} users, the fewest that were tested, fail already: the capacity lies below"
            ),
        }),
        (CapacityBound::Between, Some(low), Some(high)) => {
            let is_wide = f64::from(high - low) > settings.bracket_share * f64::from(low) && high - low > 1;
            if is_wide { Some(bisect(low, high, capacity)) } else { noisy }
        }
        _ => noisy,
    }
}

/// The expected capacity halves the doubt fastest; where it lies at an end, the middle does.
fn bisect(low: u32, high: u32, capacity: &Capacity) -> NextLevel {
    let (middle, margin) = (low + (high - low) / 2, (high - low) / 4);
    let users =
        if (low + margin..=high - margin).contains(&capacity.users) { capacity.users } else { middle };
    NextLevel {
        users: users.clamp(low + 1, high - 1),
        kind: NextLevelKind::Bisect,
        reason: format!("the capacity lies between {low} users, which hold, and {high}, which do not"),
    }
}

/// The first level beside the capacity that might as well have come out the other way.
fn noisy_level(levels: &[LoadLevel], capacity: &Capacity) -> Option<NextLevel> {
    let is_doubtful = |level: &&LoadLevel| {
        let p95 = level.p95_interval_ms.value().zip(capacity.p95_below_ms);
        let success = level.success_interval.value().zip(capacity.success_above);
        p95.is_some_and(|(interval, limit)| interval.contains(limit))
            || success.is_some_and(|(interval, limit)| interval.contains(limit))
    };
    let beside = |level: &&LoadLevel| {
        Some(level.users) == capacity.last_that_holds || Some(level.users) == capacity.first_that_fails
    };
    let level = levels.iter().filter(beside).find(is_doubtful)?;
    Some(NextLevel {
        users: level.users,
        kind: NextLevelKind::Repeat,
        reason: format!(
            "{} users decide the capacity and may by their noise hold as well as fail: one more run tells",
            level.users
        ),
    })
}

fn for_knee(
    levels: &[LoadLevel],
    knee: &Measured<Knee>,
    settings: &ScalabilitySettings,
) -> Option<NextLevel> {
    let users = knee.value()?.users.number()?;
    let beside = levels
        .windows(2)
        .find(|pair| f64::from(pair[0].users) <= users && users <= f64::from(pair[1].users))?;
    let (low, high) = (beside[0].users, beside[1].users);
    let is_gap = f64::from(high) > settings.gap_factor * f64::from(low) && high - low > 1;
    is_gap.then(|| NextLevel {
        users: low + (high - low) / 2,
        kind: NextLevelKind::FillGap,
        reason: format!("throughput stops to follow the users at about {users:.0}, and no level between {low} and {high} was tested"),
    })
}

fn beyond(users: u32, factor: f64) -> u32 {
    // A float that does not fit becomes the largest number of users.
    ((f64::from(users) * factor).round() as u32).max(users.saturating_add(1))
}
