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
    if ok < cut.min_ok as f64 || ok < cut.min_ok_share * starts {
        return Transient::Unknown(format!(
            "no warm-up is cut, since only {} of the requests of the second half succeed",
            if starts > 0.0 { Unit::Ratio.print(ok / starts) } else { "none".to_owned() }
        ));
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
