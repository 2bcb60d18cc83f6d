//! Folds the row groups of a run, in parallel, to one result that does not depend on who read what first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::batch::Batch;
use super::clock::Clock;
use super::decode::Tally;
use super::error::RunError;
use super::group::{Group, GroupOutcome, Reading};
use super::operations::Operations;

/// What reading all row groups found, besides their rows.
#[derive(Debug, Default)]
pub struct Outcome {
    pub tally: Tally,
    pub incomparable: BTreeSet<String>,
    pub operations: Operations,
    /// With index in the run and in which part.
    clocks: Vec<(usize, usize, Clock)>,
}

impl Outcome {
    fn add(&mut self, group: Group<'_>, found: GroupOutcome) {
        self.tally.merge(found.tally);
        self.incomparable.extend(found.incomparable);
        self.operations.merge(found.operations);
        self.clocks.push((group.index, group.part_index, found.clock));
    }

    fn merge(&mut self, other: Outcome) {
        self.tally.merge(other.tally);
        self.incomparable.extend(other.incomparable);
        self.operations.merge(other.operations);
        self.clocks.extend(other.clocks);
    }

    /// How often time ran backwards in the `process` rows of a file, over all files.
    pub fn clock_steps(&self) -> u64 {
        let mut clocks: Vec<&(usize, usize, Clock)> = self.clocks.iter().collect();
        clocks.sort_by_key(|(index, ..)| *index);
        let parts = clocks.chunk_by(|(_, one, _), (_, other, _)| one == other);
        let of_part = |part: &[&(usize, usize, Clock)]| {
            let mut whole = Clock::default();
            part.iter().for_each(|(_, _, clock)| whole.append(clock.clone()));
            whole.steps()
        };
        parts.map(of_part).sum()
    }
}

/// The three parts of a fold; `start` is told how many rows will come, 0 where nobody knows; `merge` empties the second.
pub struct Steps<S, U, M> {
    pub start: S,
    pub update: U,
    pub merge: M,
}

/// Folds `groups`. None as soon as there are more names than the limits allow, or, with `stop_at_duplicate`, two rows were
/// found equal.
///
/// # Errors
/// Of the row groups that cannot be read, the error of the first.
pub fn fold<T, S, U, M>(
    groups: &[Group<'_>],
    reading: &Reading<'_>,
    steps: &Steps<S, U, M>,
    stop_at_duplicate: bool,
) -> Result<Option<(T, Outcome)>, RunError>
where
    T: Send,
    S: Fn(u64) -> T + Sync,
    U: Fn(&mut T, &Batch) + Sync,
    M: Fn(&mut T, &mut T) + Sync,
{
    let failure = Failure::default();
    let stopped = AtomicBool::new(false);
    let read = |state: &mut (T, Outcome), group: &Group<'_>| {
        if failure.is_before(group.index) || stopped.load(Ordering::Relaxed) {
            return;
        }
        match reading.read(*group, |batch| (steps.update)(&mut state.0, batch)) {
            Ok(found) => {
                let is_repeated = stop_at_duplicate && found.tally.duplicates() > 0;
                if is_repeated || reading.reader.names.are_too_many() {
                    stopped.store(true, Ordering::Relaxed);
                }
                state.1.add(*group, found);
            }
            Err(error) => failure.record(group.index, error),
        }
    };
    let all_rows = groups.iter().map(Group::rows).sum();
    let mut whole = ((steps.start)(all_rows), Outcome::default());
    let (pieces, threads) = (pieces(groups), rayon::current_num_threads());
    if threads == 1 || pieces.len() <= 1 {
        groups.iter().for_each(|group| read(&mut whole, group));
    } else {
        let in_order = InOrder::new(whole, steps);
        let next = AtomicUsize::new(0);
        (0..threads.min(pieces.len())).into_par_iter().for_each(|_| {
            let mut own = in_order.empty();
            while let Some((index, piece)) = take(&next, &pieces) {
                piece.iter().for_each(|group| read(&mut own, group));
                own = in_order.put(index, own);
            }
        });
        whole = in_order.into_whole();
    }
    failure.into_result()?;
    Ok((!stopped.into_inner()).then_some(whole))
}

/// The next piece that nobody has taken, with its place.
fn take<'p, P>(next: &AtomicUsize, pieces: &'p [P]) -> Option<(usize, &'p P)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    pieces.get(index).map(|piece| (index, piece))
}

/// Neighbours that are read at a time: few rows, so that what is made of them is still in the caches when it is merged.
fn pieces<'g, 'p>(groups: &'g [Group<'p>]) -> Vec<&'g [Group<'p>]> {
    const LEAST_ROWS: u64 = 1 << 16;
    let mut pieces = Vec::new();
    let (mut from, mut rows) = (0, 0);
    for (index, group) in groups.iter().enumerate() {
        rows += group.rows();
        if rows >= LEAST_ROWS || index + 1 == groups.len() {
            pieces.push(&groups[from..=index]);
            (from, rows) = (index + 1, 0);
        }
    }
    pieces
}

/// Merges pieces in the order of the file, whoever is done first: what is sorted there need not be sorted again. Emptied
/// states are filled again.
struct InOrder<'s, T, S, U, M> {
    steps: &'s Steps<S, U, M>,
    states: Mutex<States<T>>,
}

struct States<T> {
    whole: (T, Outcome),
    /// The index of the piece that comes next into the whole.
    next: usize,
    waiting: BTreeMap<usize, (T, Outcome)>,
    empty: Vec<(T, Outcome)>,
}

impl<'s, T, S, U, M> InOrder<'s, T, S, U, M>
where
    S: Fn(u64) -> T,
    M: Fn(&mut T, &mut T),
{
    fn new(whole: (T, Outcome), steps: &'s Steps<S, U, M>) -> Self {
        let states = States { whole, next: 0, waiting: BTreeMap::new(), empty: Vec::new() };
        Self { steps, states: Mutex::new(states) }
    }

    fn empty(&self) -> (T, Outcome) {
        ((self.steps.start)(0), Outcome::default())
    }

    /// Takes the state of a piece; returns an empty one.
    fn put(&self, index: usize, state: (T, Outcome)) -> (T, Outcome) {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.waiting.insert(index, state);
        let States { whole, next, waiting, empty } = &mut *states;
        while let Some(mut state) = waiting.remove(next) {
            (self.steps.merge)(&mut whole.0, &mut state.0);
            whole.1.merge(std::mem::take(&mut state.1));
            empty.push(state);
            *next += 1;
        }
        empty.pop().unwrap_or_else(|| self.empty())
    }

    fn into_whole(self) -> (T, Outcome) {
        self.states.into_inner().unwrap_or_else(PoisonError::into_inner).whole
    }
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
    fn is_before(&self, index: usize) -> bool {
        self.first.load(Ordering::Relaxed) < index
    }

    fn record(&self, index: usize, error: RunError) {
        self.first.fetch_min(index, Ordering::Relaxed);
        let mut first = self.error.lock().unwrap_or_else(PoisonError::into_inner);
        if first.as_ref().is_none_or(|(before, _)| index < *before) {
            *first = Some((index, error));
        }
    }

    fn into_result(self) -> Result<(), RunError> {
        match self.error.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some((_, error)) => Err(error),
            None => Ok(()),
        }
    }
}
