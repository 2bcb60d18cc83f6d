//! A piece of a component's time, which can be gone through beside the others.

use std::ops::Range;

use crate::measure::cache::are_lookups;
use crate::measure::calls::{Calls, Ending, end_or_start_us};
use crate::measure::coverage::TICK_US;
use crate::measure::words::{Class, Kind, Words};

/// Ticks of a second.
pub const TICKS_PER_S: i64 = 10;
const SECOND_US: i64 = TICKS_PER_S * TICK_US;

/// How a call ended, as far as the series ask: a one in each of the lanes that count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate(u128);

impl Fate {
    pub const UNFINISHED: Self = Self(u128::MAX);

    /// By the kinds of `calls`.
    pub fn of_kinds(component: u32, calls: &Calls<'_>, words: &Words) -> Vec<Self> {
        let is_tier = matches!(words.kind(component), Kind::CacheTier(_));
        let kinds = calls.kinds().iter().zip(are_lookups(calls, words));
        kinds.map(|(kind, is_lookup)| Self::of(kind.ending(words), is_tier && is_lookup)).collect()
    }

    fn of(ending: Ending, is_lookup: bool) -> Self {
        let (lane, lane_of_lookups) = match ending {
            Ending::Finished(Class::Ok) => (Tally::OK, Tally::HITS),
            Ending::Finished(Class::Miss) => (0, Tally::MISSES),
            Ending::Finished(Class::Failed) => (Tally::FAILED, 0),
            // Neither, or the run does not say.
            Ending::Finished(_) | Ending::Unknown => (0, 0),
            Ending::Unanswered | Ending::Unfinished => return Self::UNFINISHED,
        };
        Self(lane | if is_lookup { lane_of_lookups } else { 0 })
    }

    pub fn is_ok(self) -> bool {
        self.0 & Tally::OK != 0
    }

    pub fn is_failed(self) -> bool {
        self.0 & Tally::FAILED != 0
    }
}

/// Numbers of calls by how they ended, side by side in lanes of 32 bits, so that one sum counts all of them up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally(u128);

impl Tally {
    const OK: u128 = 1;
    const FAILED: u128 = 1 << 32;
    const HITS: u128 = 1 << 64;
    const MISSES: u128 = 1 << 96;

    /// Adds a call that ended.
    pub fn add(&mut self, fate: Fate) {
        self.0 += fate.0;
    }

    pub fn ok(self) -> u32 {
        self.lane(Self::OK)
    }

    pub fn failed(self) -> u32 {
        self.lane(Self::FAILED)
    }

    pub fn hits(self) -> u32 {
        self.lane(Self::HITS)
    }

    pub fn misses(self) -> u32 {
        self.lane(Self::MISSES)
    }

    /// The lane in which `one` is one.
    fn lane(self, one: u128) -> u32 {
        (self.0 / one) as u32
    }
}

/// A call that ended.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    pub end_us: i64,
    /// NaN where the call has none.
    pub duration_ms: f64,
    pub fate: Fate,
}

/// Calls in the order of their starts, in columns.
#[derive(Debug, Clone, Copy)]
pub struct Starts<'a> {
    pub start_us: &'a [i64],
    /// NaN where a call has none.
    pub duration_ms: &'a [f64],
    pub kind: &'a [u32],
    /// By kind.
    pub fates: &'a [Fate],
}

impl Starts<'_> {
    /// Those that ended, with their starts.
    pub fn ended(&self) -> impl Iterator<Item = (i64, Ended)> {
        let columns = self.start_us.iter().zip(self.duration_ms).zip(self.kind);
        columns.filter_map(|((&start_us, &duration_ms), &kind)| {
            let fate = self.fates[kind as usize];
            let end_us = end_or_start_us(start_us, duration_ms);
            (fate != Fate::UNFINISHED).then_some((start_us, Ended { end_us, duration_ms, fate }))
        })
    }
}

/// The calls of a component that end in a piece of time: from one full second to another.
pub struct Piece<'a> {
    pub component: usize,
    pub calls: Calls<'a>,
    /// By the calls' kinds.
    pub fates: Vec<Fate>,
    /// Indices of the calls that start in it.
    pub starts: Range<usize>,
    /// Those that started before it and did not end before it.
    pub running: Vec<Ended>,
    /// The tick before which it ends, counted since 1970.
    pub until: i64,
}

impl Piece<'_> {
    /// Calls in flight where it begins.
    pub fn in_flight(&self) -> i64 {
        self.running.len() as i64
    }

    /// The calls at these indices.
    pub fn starts_at(&self, indices: Range<usize>) -> Starts<'_> {
        Starts {
            start_us: &self.calls.start_us()[indices.clone()],
            duration_ms: &self.calls.duration_ms()[indices.clone()],
            kind: &self.calls.kind()[indices],
            fates: &self.fates,
        }
    }
}

/// Cuts the time of a component into pieces in which about as many calls start, `most_calls` or fewer unless more start
/// in one second. `fates` are those of the calls' kinds.
pub fn cut<'a>(component: usize, calls: &Calls<'a>, most_calls: usize, fates: &[Fate]) -> Vec<Piece<'a>> {
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    let mut begin = 0;
    for (end, end_us) in edges(calls.start_us(), calls.len().div_ceil(most_calls)) {
        let until = end_us.map_or(i64::MAX, |end_us| end_us.div_euclid(TICK_US));
        let (calls, fates) = (*calls, fates.to_vec());
        pieces.push(Piece { component, calls, fates, starts: begin..end, running: Vec::new(), until });
        begin = end;
    }
    find_running(&mut pieces);
    pieces
}

/// Where pieces end: indices of starts, and the full seconds, µs since 1970, before which they lie. The last piece has no
/// end in time.
fn edges(start_us: &[i64], pieces: usize) -> Vec<(usize, Option<i64>)> {
    let wanted = (1..pieces).map(|piece| (start_us.len() as u128 * piece as u128 / pieces as u128) as usize);
    let mut edges: Vec<(usize, Option<i64>)> = wanted
        .filter_map(|index| {
            let end_us = second_behind(*start_us.get(index)?);
            Some((start_us.partition_point(|&start_us| start_us < end_us), Some(end_us)))
        })
        .collect();
    edges.dedup();
    edges.push((start_us.len(), None));
    edges
}

/// Start of the second in which an instant lies, µs since 1970.
pub fn second_of(at_us: i64) -> i64 {
    at_us.div_euclid(SECOND_US).saturating_mul(SECOND_US)
}

/// Start of the second behind it.
pub fn second_behind(at_us: i64) -> i64 {
    second_of(at_us).saturating_add(SECOND_US)
}

/// Finds what still runs at the beginning of each piece, in one walk over the calls.
fn find_running(pieces: &mut [Piece<'_>]) {
    let mut running: Vec<Vec<Ended>> = vec![Vec::new(); pieces.len()];
    for (index, piece) in pieces.iter().enumerate().take(pieces.len().saturating_sub(1)) {
        for (_, ended) in piece.starts_at(piece.starts.clone()).ended() {
            let tick = ended.end_us.div_euclid(TICK_US);
            // Each piece begins where the one before it ends.
            let behind = pieces[index..].iter().take_while(|before| before.until <= tick).count();
            running[index + 1..].iter_mut().take(behind).for_each(|running| running.push(ended));
        }
    }
    for (piece, running) in pieces.iter_mut().zip(running) {
        piece.running = running;
    }
}
