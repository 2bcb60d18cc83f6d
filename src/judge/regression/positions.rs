//! Where the runs of both sides lie on the inner scale.

use super::limits::Scale;
use super::pairing::Side;
use crate::config::Worse;
use crate::stats::moments::{mean, variance};
use crate::summary::Measured;
use crate::units;

/// The positions of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Positions {
    /// Mean of the judged runs; −∞ where one fell to nothing.
    pub judged: f64,
    /// Variance among the judged runs; `None` for a single one.
    pub among_judged: Option<f64>,
    /// Of the judged runs that were recorded last, where they were recorded on several days.
    pub last_day: Option<f64>,
    /// One for each baseline run, or for each day where they were recorded on several: what a day does to its runs, it does
    /// to all of them.
    pub baseline: Vec<f64>,
    /// Mean of those.
    pub centre: f64,
}

impl Positions {
    pub fn of(judged: &[Side], baseline: &[Side], scale: Scale) -> Measured<Positions> {
        let theirs: Option<Vec<f64>> = baseline.iter().map(|side| scale.position(side.value)).collect();
        let mine: Option<Vec<f64>> =
            judged.iter().map(|side| position_of_judged(side.value, scale)).collect();
        let found = mine.zip(theirs).and_then(|(mine, theirs)| {
            let baseline = by_day(baseline, &theirs);
            let last_day = days(judged).and_then(|days| {
                let last = days.iter().max()?;
                let of_last = days.iter().zip(&mine).filter(|(day, _)| *day == last);
                mean(&of_last.map(|(_, position)| *position).collect::<Vec<f64>>())
            });
            let judged = mean_or_nothing(&mine)?;
            let among_judged = if judged.is_finite() { variance(&mine) } else { spread_of_nothing(&mine) };
            Some(Positions { judged, among_judged, last_day, centre: mean(&baseline)?, baseline })
        });
        Measured::or(found, "a value of 0 or below has no ratio")
    }
}

/// Nothing at all is infinitely less than something, where less is worse.
fn position_of_judged(value: f64, scale: Scale) -> Option<f64> {
    let is_nothing = value == 0.0 && scale.change == units::Scale::Relative && scale.worse == Worse::Lower;
    if is_nothing { Some(f64::NEG_INFINITY) } else { scale.position(value) }
}

fn mean_or_nothing(positions: &[f64]) -> Option<f64> {
    if positions.contains(&f64::NEG_INFINITY) { Some(f64::NEG_INFINITY) } else { mean(positions) }
}

/// One that fell to nothing is infinitely far from those that did not.
fn spread_of_nothing(positions: &[f64]) -> Option<f64> {
    let all_fell = positions.iter().all(|position| position.is_infinite());
    (!all_fell).then_some(f64::INFINITY)
}

/// The day of each run, where all are known and not all the same.
fn days(sides: &[Side]) -> Option<Vec<&str>> {
    let days: Vec<&str> = sides.iter().map(|side| side.day.as_deref()).collect::<Option<_>>()?;
    days.iter().any(|day| *day != days[0]).then_some(days)
}

/// The mean position of each day.
fn by_day(sides: &[Side], positions: &[f64]) -> Vec<f64> {
    let Some(days) = days(sides) else { return positions.to_vec() };
    let mut distinct = days.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let of_day = |wanted: &&str| {
        let of_day = days.iter().zip(positions).filter(|(day, _)| *day == wanted);
        mean(&of_day.map(|(_, position)| *position).collect::<Vec<f64>>())
    };
    distinct.iter().filter_map(of_day).collect()
}
