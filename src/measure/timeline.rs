//! The series over time: the calls of each component per tick of 100 ms and per second.

use rayon::prelude::*;

use super::calls::Calls;
use super::words::Words;
use crate::summary::{CallTicks, PackedTicks, SecondOfRequests};

mod piece;
mod seconds;
mod stretch;
#[cfg(test)]
mod tests;
mod times;
mod walk;

pub use piece::second_of;
use piece::{Fate, Piece};
use seconds::{RESOLUTIONS_TICKS, Seconds};
use walk::{CALLS_PER_STRETCH, Walk};

/// Milliseconds of a tick.
const TICK_MS: u32 = 100;

/// Each thread finds so many pieces of work that none waits long for another at the end.
const PIECES_PER_THREAD: usize = 6;
/// A piece with fewer calls is not worth beginning with it in the middle of a component.
const LEAST_CALLS_PER_PIECE: usize = 100_000;

/// The series of a run.
pub struct Timeline {
    /// Sorted by resolution, component and tick.
    pub calls: Vec<CallTicks>,
    pub request_seconds: Vec<SecondOfRequests>,
}

/// The series of all components: `calls` by component in the order of the summary's, `requests` the index of the
/// requests among them; `first_tick` is the run's.
pub fn measure(
    calls: &[(u32, Calls<'_>)],
    requests: Option<usize>,
    words: &Words,
    first_tick: i64,
) -> Timeline {
    let most_calls = most_calls_per_piece(calls);
    let pieces: Vec<Piece<'_>> = calls
        .par_iter()
        .enumerate()
        .flat_map_iter(|(index, (component, calls))| {
            piece::cut(index, calls, most_calls, &Fate::of_kinds(*component, calls, words))
        })
        .collect();
    // Each is a piece of work of its own; they come out in the order in which they go in.
    let made: Vec<(usize, Seconds)> = pieces
        .into_par_iter()
        .with_max_len(1)
        .map(|piece| {
            let component = piece.component;
            (component, seconds_of(piece, CALLS_PER_STRETCH, requests == Some(component)))
        })
        .collect();
    put_together(made, first_tick)
}

/// Alone, a thread takes each component as it is.
fn most_calls_per_piece(calls: &[(u32, Calls<'_>)]) -> usize {
    let all: usize = calls.iter().map(|(_, calls)| calls.len()).sum();
    match rayon::current_num_threads() {
        1 => usize::MAX,
        threads => (all / (threads * PIECES_PER_THREAD)).max(LEAST_CALLS_PER_PIECE),
    }
}

fn seconds_of(piece: Piece<'_>, calls_per_stretch: usize, is_requests: bool) -> Seconds {
    let mut seconds = Seconds::new(piece.in_flight(), is_requests);
    let mut walk = Walk::new(piece, calls_per_stretch, is_requests);
    while let Some(stretch) = walk.next_stretch() {
        seconds.add(stretch);
    }
    seconds
}

/// The pieces of each component one after the other.
fn put_together(made: Vec<(usize, Seconds)>, first_tick: i64) -> Timeline {
    let mut by_resolution: [Vec<(usize, Vec<PackedTicks>)>; 2] = [Vec::new(), Vec::new()];
    let mut request_seconds = Vec::new();
    for (component, seconds) in made {
        for (all, ticks) in by_resolution.iter_mut().zip(seconds.by_resolution) {
            match all.last_mut() {
                Some((last, pieces)) if *last == component => pieces.push(ticks),
                _ => all.push((component, vec![ticks])),
            }
        }
        request_seconds.extend(seconds.of_requests.unwrap_or_default());
    }
    let resolutions = RESOLUTIONS_TICKS.iter().zip(by_resolution);
    let calls = resolutions.flat_map(|(&width_ticks, components)| {
        let resolution_ms = width_ticks as u32 * TICK_MS;
        let first = first_tick.div_euclid(width_ticks);
        let components = components
            .into_iter()
            .map(move |(component, pieces)| CallTicks::new(resolution_ms, component, first, pieces));
        components.filter(|calls| !calls.is_empty())
    });
    Timeline { calls: calls.collect(), request_seconds }
}
