//! Folds the row groups of a run, in parallel, to one result that does not depend on who read what first.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::batch::Batch;
use super::clock::Clock;
use super::decode::Tally;
use super::error::RunError;
use super::group::{Group, GroupOutcome, Reading};

/// What reading all row groups found, besides their rows.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) tally: Tally,
    pub(super) incomparable: BTreeSet<String>,
    /// With place in the run and in which part.
    clocks: Vec<(usize, usize, Clock)>,
}

impl Outcome {
    fn add(&mut self, group: Group<'_>, found: GroupOutcome) {
        self.tally.merge(found.tally);
        self.incomparable.extend(found.incomparable);
        self.clocks.push((group.place, group.part_place, found.clock));
    }

    fn merge(&mut self, other: Outcome) {
        self.tally.merge(other.tally);
        self.incomparable.extend(other.incomparable);
        self.clocks.extend(other.clocks);
    }

    /// How often time ran backwards in the `process` rows of a file, over all files.
    pub(super) fn clock_steps(&self) -> u64 {
        let mut clocks: Vec<&(usize, usize, Clock)> = self.clocks.iter().collect();
        clocks.sort_by_key(|(place, ..)| *place);
        let parts = clocks.chunk_by(|(_, one, _), (_, other, _)| one == other);
        let of_part = |part: &[&(usize, usize, Clock)]| {
            let mut whole = Clock::default();
            part.iter().for_each(|(_, _, clock)| whole.append(clock.clone()));
            whole.steps()
        };
        parts.map(of_part).sum()
    }
}

/// The three parts of a fold; `start` is told about how many rows will come, those merged into it among them.
pub(super) struct Steps<S, U, M> {
    pub(super) start: S,
    pub(super) update: U,
    pub(super) merge: M,
}

/// Folds `groups`. With `stop_at_duplicate`, none as soon as two rows were found equal.
///
/// # Errors
/// Of the row groups that cannot be read, the error of the first.
pub(super) fn fold<T, S, U, M>(
    groups: &[Group<'_>],
    reading: &Reading<'_>,
    steps: &Steps<S, U, M>,
    stop_at_duplicate: bool,
) -> Result<Option<(T, Outcome)>, RunError>
where
    T: Send,
    S: Fn(u64) -> T + Sync,
    U: Fn(&mut T, &Batch) + Sync,
    M: Fn(&mut T, T) + Sync,
{
    let failure = Failure::default();
    let stopped = AtomicBool::new(false);
    let read = |mut state: (T, Outcome), group: &Group<'_>| {
        if failure.is_before(group.place) || stopped.load(Ordering::Relaxed) {
            return state;
        }
        match reading.read(*group, |batch| (steps.update)(&mut state.0, batch)) {
            Ok(found) => {
                if stop_at_duplicate && found.tally.duplicates() > 0 {
                    stopped.store(true, Ordering::Relaxed);
                }
                state.1.add(*group, found);
            }
            Err(error) => failure.record(group.place, error),
        }
        state
    };
    let rows = |groups: &[Group<'_>]| groups.iter().map(Group::rows).sum();
    let pieces = pieces(groups);
    let of_piece = |(place, piece): (usize, &&[Group<'_>])| {
        // The first piece takes in the others.
        let rows = rows(if place == 0 { groups } else { piece });
        piece.iter().fold(((steps.start)(rows), Outcome::default()), read)
    };
    // In the order of the file, so that what is sorted there need not be sorted again.
    let pieces: Vec<(T, Outcome)> = pieces.par_iter().enumerate().map(of_piece).collect();
    let merge = |mut one: (T, Outcome), other: (T, Outcome)| {
        (steps.merge)(&mut one.0, other.0);
        one.1.merge(other.1);
        one
    };
    let merged = pieces.into_iter().reduce(merge);
    let (value, outcome) = merged.unwrap_or_else(|| ((steps.start)(0), Outcome::default()));
    failure.into_result()?;
    Ok((!stopped.into_inner()).then_some((value, outcome)))
}

/// Neighbours that are read by one thread. Alone, there is nothing to split and nothing to merge; with others, a thread
/// that comes late finds something left to do.
fn pieces<'g, 'p>(groups: &'g [Group<'p>]) -> Vec<&'g [Group<'p>]> {
    const PIECES_PER_THREAD: usize = 2;
    let pieces = match rayon::current_num_threads() {
        1 => 1,
        threads => threads * PIECES_PER_THREAD,
    };
    groups.chunks(groups.len().div_ceil(pieces).max(1)).collect()
}

/// The first failure in the order of the row groups: those before it are read to the end, those behind are not.
#[derive(Debug)]
struct Failure {
    first: AtomicUsize,
    error: Mutex<Option<(usize, RunError)>>,
}

impl Default for Failure {
    fn default() -> Self {
        Failure { first: AtomicUsize::new(usize::MAX), error: Mutex::new(None) }
    }
}

impl Failure {
    fn is_before(&self, place: usize) -> bool {
        self.first.load(Ordering::Relaxed) < place
    }

    fn record(&self, place: usize, error: RunError) {
        self.first.fetch_min(place, Ordering::Relaxed);
        let mut first = self.error.lock().unwrap_or_else(PoisonError::into_inner);
        if first.as_ref().is_none_or(|(before, _)| place < *before) {
            *first = Some((place, error));
        }
    }

    fn into_result(self) -> Result<(), RunError> {
        match self.error.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some((_, error)) => Err(error),
            None => Ok(()),
        }
    }
}
