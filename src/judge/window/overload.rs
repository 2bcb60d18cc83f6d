//! Is more asked of the service than it completes? Then requests pile up, and nothing is steady.

use crate::config::OverloadSettings;
use crate::judge::Overload;
use crate::stats::moments::mean;
use crate::summary::{LoadSecond, LoadSeconds};

/// What piles up in the steps `first..until` of the load, as long as requests arrive: afterwards it only drains.
pub fn overload(
    load: &LoadSeconds,
    first: usize,
    until: usize,
    settings: &OverloadSettings,
) -> Option<Overload> {
    let last = load.steps.iter().rposition(|step| step.starts > 0)?;
    let steps = load.steps.get(first..until.min(last + 1))?;
    let total = |of: fn(&LoadSecond) -> u32| steps.iter().map(|step| f64::from(of(step))).sum::<f64>();
    let (starts, ends) = (total(|step| step.starts), total(|step| step.ends));
    let excess = (starts - ends) / starts;
    let quarter = |number: usize| {
        let bound = |number: usize| steps.len() * number / 4;
        let quarter = &steps[bound(number)..bound(number + 1)];
        mean(&quarter.iter().map(|step| step.in_flight).collect::<Vec<f64>>())
    };
    let (begin, second, end) = (quarter(0)?, quarter(1)?, quarter(3)?);
    let grows = end > settings.growth * begin && end > settings.late_growth * second;
    (excess > settings.min_excess && grows).then_some(Overload { excess, in_flight: end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    /// So many arrivals and completions in each second, for 80 s, and nothing but completions afterwards.
    fn found(arrivals: u32, completions: u32) -> Option<Overload> {
        let mut load = LoadSeconds::empty(0, 200_000_000);
        let mut in_flight = 0;
        for (second, step) in load.steps.iter_mut().enumerate() {
            step.starts = if second < 80 { arrivals } else { 0 };
            step.ends = completions.min(in_flight + step.starts);
            step.in_flight = f64::from(in_flight);
            in_flight = in_flight + step.starts - step.ends;
        }
        overload(&load, 0, 200, &Config::defaults().window.overload)
    }

    #[test]
    fn arrivals_beyond_completions_pile_up_until_the_last_of_them() {
        let overload = found(15, 5).unwrap();
        assert_eq!((overload.excess, overload.in_flight), (10.0 / 15.0, 695.0));
        assert!(found(100, 97).is_some());
    }

    #[test]
    fn what_is_completed_as_it_arrives_is_no_overload() {
        assert_eq!((found(5, 5), found(100, 99), found(0, 0)), (None, None, None));
    }

    #[test]
    fn many_in_flight_that_become_no_more_are_no_overload() {
        let mut load = LoadSeconds::empty(0, 80_000_000);
        for (second, step) in load.steps.iter_mut().enumerate() {
            (step.starts, step.ends, step.in_flight) = (10, if second < 10 { 0 } else { 10 }, 100.0);
        }
        assert_eq!(overload(&load, 0, 80, &Config::defaults().window.overload), None);
        assert_eq!(overload(&load, 90, 80, &Config::defaults().window.overload), None);
    }
}
