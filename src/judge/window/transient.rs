//! The initial transient: how much of the start of the load is unlike its second half, and fades.

use super::band::{Band, block_len};
use super::bins::{Bins, Series};
use super::fading::fades;
use super::overload::overload;
use crate::config::WindowSettings;
use crate::summary::{LoadSecond, LoadSeconds};
use crate::units::Unit;

/// What is to be cut off the start of the load.
#[derive(Debug, Clone, PartialEq)]
pub enum Transient {
    None,
    Cut {
        /// Steps of the load.
        steps: usize,
        /// The number that tells so, for people.
        by: &'static str,
    },
    /// Nothing can be told to be one: why.
    Unknown(String),
}

/// The transient at the start of the steps `first..until` of the load.
pub fn transient(load: &LoadSeconds, first: usize, until: usize, settings: &WindowSettings) -> Transient {
    let cut = &settings.cut;
    let bins = Bins::of(load, first, until, cut);
    if bins.len() < cut.min_bins {
        // Steadiness says that this is too little.
        return Transient::None;
    }
    let behind = &bins.sums[bins.len() / 2..];
    let total = |of: fn(&LoadSecond) -> u32| behind.iter().map(|bin| f64::from(of(bin))).sum::<f64>();
    let (starts, ok, not_ok) = (total(|bin| bin.starts), total(|bin| bin.ok), total(|bin| bin.not_ok));
    if ok < cut.min_ok as f64 {
        let said =
            format!("no warm-up is cut, since only {ok} requests of the second half are known to succeed");
        return Transient::Unknown(said);
    }
    if ok < cut.min_ok_share * starts {
        let share = Unit::Ratio.print(ok / starts);
        let said =
            format!("no warm-up is cut, since only {share} of the requests of the second half succeed");
        return Transient::Unknown(said);
    }
    if overload(load, (first + until) / 2, until, &settings.overload).is_some() {
        return Transient::Unknown("no warm-up is cut from an overloaded run".to_owned());
    }
    let most = (cut.max_share * bins.len() as f64) as usize;
    let limit = most.min(first_failing(&bins, not_ok / starts, settings).unwrap_or(most));
    let numbers = [Number::times(&bins, settings), Number::starts(&bins, settings)];
    let numbers: Vec<Number> = numbers.into_iter().flatten().collect();
    let ends = numbers.iter().map(|number| (number.end(limit, settings), number.name));
    let Some((end, by)) = ends.reduce(|a, b| if b.0 > a.0 { b } else { a }).filter(|&(end, _)| end > 0)
    else {
        return Transient::None;
    };
    match numbers.iter().find(|number| !fades(&number.series, end, cut)) {
        None => Transient::Cut { steps: end * bins.width, by },
        Some(drifting) => Transient::Unknown(format!(
            "no warm-up is cut, since {} do not fade to a level but drift to the end",
            drifting.name
        )),
    }
}

/// The first bin in which more requests fail than the second half, where the share `expected` of them does, lets expect.
fn first_failing(bins: &Bins, expected: f64, settings: &WindowSettings) -> Option<usize> {
    let cut = &settings.cut;
    bins.sums.iter().position(|bin| {
        let (starts, not_ok) = (f64::from(bin.starts), f64::from(bin.not_ok));
        let chance = cut.failing_z * (expected * (1.0 - expected) * starts).sqrt();
        u64::from(bin.not_ok) >= cut.failing_requests
            && not_ok > expected * starts + chance + cut.failing_share * starts
    })
}

/// A number by bin that tells a transient.
struct Number {
    name: &'static str,
    series: Series,
    tolerance: f64,
    /// More than in the second half is nothing that would have to settle: users that all begin at once.
    may_exceed: bool,
}

impl Number {
    fn times(bins: &Bins, settings: &WindowSettings) -> Option<Self> {
        let tolerance = settings.cut.time_tolerance.ln_1p();
        Some(Self { name: "response times", series: bins.times(), tolerance, may_exceed: false })
    }

    fn starts(bins: &Bins, settings: &WindowSettings) -> Option<Self> {
        let tolerance = settings.cut.starts_tolerance;
        Some(Self { name: "arrivals", series: bins.starts()?, tolerance, may_exceed: true })
    }

    /// The bin at which the transient ends: the latest that any length of blocks tells.
    fn end(&self, limit: usize, settings: &WindowSettings) -> usize {
        let bins = self.series.values.len();
        let band =
            |&blocks: &usize| Band::of(&self.series, block_len(bins, blocks), self.tolerance, &settings.cut);
        // Relapses are looked for in the shortest blocks.
        let Some(short) = settings.cut.blocks.iter().max().and_then(band) else { return 0 };
        let bands = settings.cut.blocks.iter().filter_map(band);
        bands.map(|band| self.end_by(&band, &short, limit, settings)).max().unwrap_or(0)
    }

    /// The first bin, at most `limit`, whose block is like those of the second half, unless an event comes before.
    fn end_by(&self, band: &Band, short: &Band, limit: usize, settings: &WindowSettings) -> usize {
        let is_like = |bin: &usize| {
            let mean = self.series.mean(*bin, band.len);
            mean.is_some_and(|mean| {
                mean >= band.middle - band.half_width
                    && (self.may_exceed || mean <= band.middle + band.half_width)
            })
        };
        let end = (0..=limit).find(is_like).unwrap_or(limit);
        let until = (end + band.len).min(self.series.values.len());
        self.relapse(short, until, settings).map_or(end, |closest| closest.min(end))
    }

    /// Where the start had come closest to the second half before it moves away again, as an event does, in a block that
    /// begins before `until`.
    fn relapse(&self, short: &Band, until: usize, settings: &WindowSettings) -> Option<usize> {
        let excess = |bin: usize| self.series.mean(bin, short.len).map(|mean| mean - short.middle);
        let first = excess(0).unwrap_or(0.0);
        let sign = if first < 0.0 { -1.0 } else { 1.0 };
        let least = short.half_width.max(settings.cut.relapse_share * first.abs());
        let mut closest: Option<(usize, f64)> = None;
        for (bin, excess) in (0..until).filter_map(|bin| Some((bin, sign * excess(bin)?))) {
            match closest {
                Some((at, nearest)) if excess - nearest > least => return Some(at),
                Some((_, nearest)) if excess >= nearest => {}
                _ => closest = Some((bin, excess)),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    /// A load of 20 requests a second whose times have these logarithms, with a little noise, and of which so many fail.
    fn found(seconds: usize, ln_ms: impl Fn(usize) -> f64, not_ok: impl Fn(usize) -> u32) -> Transient {
        let mut load = LoadSeconds::empty(0, seconds as i64 * 1_000_000);
        for (second, step) in load.steps.iter_mut().enumerate() {
            let noise = [0.004, -0.004, -0.003, 0.003, 0.0][second % 5];
            step.starts = 20;
            step.ends = 20;
            step.in_flight = 2.0;
            step.not_ok = not_ok(second).min(20);
            step.ok = 20 - step.not_ok;
            step.timed_ok = step.ok;
            step.ln_ok_ms = f64::from(step.ok) * (ln_ms(second) + noise);
        }
        transient(&load, 0, seconds, &Config::defaults().window)
    }

    fn cut(steps: usize) -> Transient {
        Transient::Cut { steps, by: "response times" }
    }

    /// Slower for so many seconds.
    fn slow_until(until: usize) -> impl Fn(usize) -> f64 {
        move |second| if second < until { 2.0 } else { 0.0 }
    }

    #[test]
    fn the_cut_ends_where_the_start_has_become_like_the_second_half() {
        assert_eq!(found(300, slow_until(40), |_| 0), cut(40));
        assert_eq!(found(300, |second| -slow_until(40)(second), |_| 0), cut(40), "faster at the start");
        assert_eq!(found(300, slow_until(0), |_| 0), Transient::None);
    }

    #[test]
    fn differences_that_do_not_matter_are_no_transient() {
        assert_eq!(found(300, |second| 0.015 * slow_until(40)(second) / 2.0, |_| 0), Transient::None);
    }

    #[test]
    fn at_most_half_is_cut() {
        assert_eq!(found(300, slow_until(149), |_| 0), cut(149));
        assert_eq!(found(300, slow_until(170), |_| 0), cut(150));
    }

    #[test]
    fn with_too_few_bins_nothing_is_cut() {
        assert_eq!(found(50, slow_until(10), |_| 0), cut(10));
        assert_eq!(found(49, slow_until(10), |_| 0), Transient::None);
    }

    #[test]
    fn the_first_second_in_which_more_fail_than_later_ends_the_cut() {
        let failing = |from: usize, not_ok: u32| move |second: usize| if second == from { not_ok } else { 0 };
        assert_eq!(found(300, slow_until(40), failing(25, 3)), cut(25));
        assert_eq!(
            found(300, slow_until(40), failing(25, 2)),
            cut(40),
            "two of twenty are a tenth, not more"
        );
        assert_eq!(found(300, slow_until(40), failing(0, 10)), Transient::None);
        // Where a fifth fails all along, five of twenty are chance, and eleven are not.
        let fifth = |at: usize, not_ok: u32| move |second: usize| if second == at { not_ok } else { 4 };
        assert_eq!(found(300, slow_until(40), fifth(25, 8)), cut(40));
        assert_eq!(found(300, slow_until(40), fifth(25, 11)), cut(25));
    }

    #[test]
    fn what_moves_away_again_is_an_event_and_stays() {
        let fading = |second: usize| 2.0 * (-(second as f64) / 8.0).exp();
        let event = |second: usize| if (20..60).contains(&second) { 1.9 } else { 0.0 };
        let Transient::Cut { steps, .. } = found(300, |second| fading(second) + event(second), |_| 0) else {
            panic!("the transient is cut")
        };
        assert!((10..=20).contains(&steps), "{steps}");
        assert_eq!(found(300, event, |_| 0), Transient::None, "an event behind a normal stretch");
    }

    #[test]
    fn a_second_half_that_fails_or_has_few_requests_is_no_example() {
        let fails = |share: u32| move |second: usize| if second >= 150 { share } else { 0 };
        assert_eq!(found(300, slow_until(40), fails(10)), cut(40));
        let said = "no warm-up is cut, since only 45.00 % of the requests of the second half succeed";
        assert_eq!(found(300, slow_until(40), fails(11)), Transient::Unknown(said.to_owned()));
        let said = "no warm-up is cut, since only 0 requests of the second half are known to succeed";
        assert_eq!(found(300, slow_until(40), fails(20)), Transient::Unknown(said.to_owned()));
    }

    #[test]
    fn a_drift_is_no_transient() {
        let said = "no warm-up is cut, since response times do not fade to a level but drift to the end";
        let drift = |second: usize| second as f64 / 300.0;
        assert_eq!(found(300, drift, |_| 0), Transient::Unknown(said.to_owned()));
        assert_eq!(found(300, |second| -drift(second), |_| 0), Transient::Unknown(said.to_owned()));
    }
}
