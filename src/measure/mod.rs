//! 2 Measuring: batches of rows → `RunSummary`. A fold: `update`, `merge`, `finish`; one file a question.
//!
//! Merging in any order gives the same summary: what is collected has no order, what has an order is sorted by
//! content at the end, and sums are exact.

use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::config::Config;
use crate::run::{Batch, Lexicon, RunError, RunFile};

mod breaker;
mod by_request;
mod cache;
mod call_kind;
mod calls;
mod comparable;
mod components;
mod context;
mod counts;
mod coverage;
mod data_quality;
mod distribution;
mod durations;
mod errors;
mod fallback;
mod ids;
mod lightrag;
mod memo;
mod part;
mod prepared;
mod recording;
mod request_spans;
mod request_sums;
mod requests;
mod resources;
mod retries;
mod room;
mod rooms;
mod rows;
mod samples;
mod shape;
mod slow_traces;
mod sorting;
mod sparse;
mod spending;
mod throughput;
mod time_spent;
mod timed_flag;
mod timeline;
mod usage;
mod words;

#[cfg(test)]
mod tests;

use cache::TierSample;
use calls::{CallKind, CallLog};
use memo::{Look, Memo};
pub use part::WindowSpan;
pub use prepared::Prepared;
pub use recording::{Identity, Recording};
use room::ToCome;
use rooms::Room;
pub use rooms::Rooms;
use rows::{Even, Rows};
use shape::{CacheOperation, Reader, Shape};
use spending::Spent;
use words::{Class, Kind};

/// Reads all of a run, row groups in parallel, into one of the rooms. Numbers of the whole and of parts of it come from the
/// [`Recording`].
///
/// # Errors
/// When the run cannot be read, or has more faulty rows than the settings allow.
pub fn read<'a>(run: &'a RunFile, config: &Config, rooms: &Rooms) -> Result<Recording<'a>, RunError> {
    let (measurer, load) = run.fold(
        |rows| Measurer {
            expected_rows: rows,
            // What is merged into another one stays small.
            room: if rows > 0 { rooms.take() } else { Room::default() },
            ..Measurer::new(run.lexicon(), run.has_outcome())
        },
        |measurer, batch| measurer.update(batch),
        |measurer, other| measurer.merge(other),
    )?;
    let identity =
        Identity { run_id: run.run_id(), metadata: run.metadata(), metadata_origin: run.metadata_origin() };
    Ok(measurer.finish(identity, load, config))
}

/// What is known of one component so far.
struct OfComponent {
    calls: CallLog,
    /// What its rows meant; indices in `calls`.
    memo: Memo,
}

/// Fewer rows than this are not looked through for a column that has values.
const FEW_ROWS: usize = 64;

/// A run being read: takes batches, combines with another of the same run, ends in a recording.
pub struct Measurer<'a> {
    lexicon: &'a Lexicon,
    reader: Reader<'a>,
    /// About how many rows will come, those of measurers that are merged into it among them; 0 where nobody knows.
    expected_rows: u64,
    seen_rows: u64,
    room: Room,
    components: Components,
    /// Room for the kinds of calls that stand in a row, used again and again.
    kinds: Vec<u32>,
    spending: spending::Spending,
    messages: errors::MessageLog,
    samples: samples::SampleLog,
    tier_samples: cache::TierSamples,
    breakers: breaker::BreakerLog,
    phases: Vec<(i64, u32)>,
    coverage: coverage::Coverage,
}

impl<'a> Measurer<'a> {
    /// An empty measurer; `has_outcome` tells whether the run has an outcome column at all.
    pub fn new(lexicon: &'a Lexicon, has_outcome: bool) -> Self {
        Self {
            lexicon,
            reader: Reader::new(lexicon, has_outcome),
            expected_rows: 0,
            seen_rows: 0,
            room: Room::default(),
            components: FxHashMap::default(),
            kinds: Vec::new(),
            spending: Default::default(),
            messages: Default::default(),
            samples: Default::default(),
            tier_samples: Default::default(),
            breakers: Default::default(),
            phases: Vec::new(),
            coverage: Default::default(),
        }
    }

    /// Takes in the rows of `batch`.
    pub fn update(&mut self, batch: &Batch) {
        let rows = Rows::new(batch);
        self.seen_rows += batch.frame.height() as u64;
        // The contract of a batch: `component` has no nulls.
        let components = rows.component.values();
        let mut from = 0;
        // Files are clustered by component as often as not.
        for same in components.chunk_by(|a, b| a == b) {
            self.update_component(&rows, from..from + same.len(), same[0]);
            from += same.len();
        }
    }

    fn to_come(&self) -> ToCome {
        ToCome::after(self.seen_rows, self.expected_rows)
    }

    /// The index of a component of which nothing is known.
    fn empty(&mut self, component: u32) -> Box<OfComponent> {
        let calls = self.room.calls(&self.lexicon.word(component));
        Box::new(OfComponent { calls, memo: Memo::default() })
    }

    fn spent_of(&mut self, component: u32) -> &mut Vec<Spent> {
        let Self { spending, room, lexicon, .. } = self;
        spending.entry(component, || room.spending(&lexicon.word(component)))
    }

    /// Takes in rows of one component.
    fn update_component(&mut self, rows: &Rows<'_>, range: Range<usize>, component: u32) {
        let kind = self.reader.kind(component);
        self.coverage.extend(rows.spans_us(range.clone()), kind == Kind::Request);
        let mut own = self.components.remove(&component).unwrap_or_else(|| self.empty(component));
        own.calls.make_room(range.len(), self.to_come());
        let mut kinds = std::mem::take(&mut self.kinds);
        match CallsInARow::of(rows, range.clone(), kind) {
            Some(calls) => self.update_calls(rows, &calls, (component, kind), &mut own, &mut kinds),
            None => self.update_rows(rows, range, (component, kind), &mut own, &mut kinds),
        }
        kinds.clear();
        self.kinds = kinds;
        self.components.insert(component, own);
    }

    /// Takes in finished calls that stand in a row.
    fn update_calls(
        &mut self,
        rows: &Rows<'_>,
        in_a_row: &CallsInARow<'_>,
        (component, kind): (u32, Kind),
        OfComponent { calls, memo }: &mut OfComponent,
        kinds: &mut Vec<u32>,
    ) {
        let range = in_a_row.range.clone();
        let spends = rows.has_usage(range.clone());
        let to_come = self.to_come();
        if spends {
            to_come.make_room(self.spent_of(component), range.len());
        }
        for (row, look) in range.clone().zip(in_a_row.looks()) {
            let read = memo.read(look, || {
                (self.reader.shape(rows, row, kind), self.reader.class(rows.outcome.get(row)))
            });
            kinds.push(index_of_kind(calls, read));
            let class = read.class;
            if spends && let Some(spent) = Spent::of(rows, row, class != Some(Class::Blocked)) {
                self.spent_of(component).push(spent);
            }
            if class == Some(Class::Failed) {
                self.update_message(rows, row, component, class);
            }
        }
        calls.extend(rows, range, kinds, kind == Kind::Request);
    }

    /// Takes in rows of any shape.
    fn update_rows(
        &mut self,
        rows: &Rows<'_>,
        range: Range<usize>,
        (component, kind): (u32, Kind),
        OfComponent { calls, memo }: &mut OfComponent,
        kinds: &mut Vec<u32>,
    ) {
        let spends = range.len() < FEW_ROWS || rows.has_usage(range.clone());
        if kind == Kind::Breaker {
            self.breakers.make_room(range.len(), self.to_come());
        }
        for row in range.clone() {
            let read = memo.read(Look::at(rows, row), || {
                (self.reader.shape(rows, row, kind), self.reader.class(rows.outcome.get(row)))
            });
            let (shape, class) = (read.shape, read.class);
            match kind {
                Kind::Phase => {
                    self.phases.extend(rows.operation.get(row).map(|name| (rows.ts.values()[row], name)));
                }
                Kind::Breaker => {
                    let operation = || rows.operation.get(row).map(|code| self.lexicon.word(code));
                    self.breakers.update(rows, row, (shape, class), operation);
                }
                _ => {}
            }
            if shape.is_call() {
                kinds.push(index_of_kind(calls, read));
                // What an unfinished call used and gave is not known.
                if shape != Shape::Unfinished {
                    let spent = spends.then(|| Spent::of(rows, row, class != Some(Class::Blocked)));
                    if let Some(spent) = spent.flatten() {
                        self.spent_of(component).push(spent);
                    }
                    self.update_message(rows, row, component, class);
                }
                continue;
            }
            // The calls before it, which stand in a row.
            calls.extend(rows, row - kinds.len()..row, kinds, kind == Kind::Request);
            kinds.clear();
            if shape == Shape::Sample {
                self.update_sample(rows, row, component, kind);
            }
        }
        calls.extend(rows, range.end - kinds.len()..range.end, kinds, kind == Kind::Request);
    }

    fn update_sample(&mut self, rows: &Rows<'_>, row: usize, component: u32, kind: Kind) {
        if let Kind::CacheTier(tier) = kind {
            let operation = self.reader.cache_operation(rows.operation.get(row));
            let is_pressure = operation == CacheOperation::Pressure;
            let sample =
                TierSample { start_us: rows.ts.values()[row], is_pressure, value: rows.value.get(row) };
            self.tier_samples.push(tier, sample);
        }
        self.samples.update(rows, row, component);
    }

    /// Only failures are asked what they said.
    fn update_message(&mut self, rows: &Rows<'_>, row: usize, component: u32, class: Option<Class>) {
        if class == Some(Class::Failed)
            && let (Some(outcome), Some(detail)) = (rows.outcome.get(row), rows.detail(row))
        {
            self.messages.add(component, outcome, rows.ts.values()[row], detail);
        }
    }

    /// Takes in what another measurer of the same run has seen, and leaves it empty, its room for more.
    pub fn merge(&mut self, other: &mut Measurer<'a>) {
        self.seen_rows += std::mem::take(&mut other.seen_rows);
        let to_come = self.to_come();
        for (&component, theirs) in &mut other.components {
            let mut own = self.components.remove(&component).unwrap_or_else(|| self.empty(component));
            own.calls.merge(&mut theirs.calls, to_come);
            self.components.insert(component, own);
        }
        for (component, theirs) in other.spending.by_component_mut() {
            let mine = self.spent_of(component);
            to_come.make_room(mine, theirs.len());
            mine.append(theirs);
        }
        self.messages.merge(std::mem::take(&mut other.messages));
        self.samples.merge(std::mem::take(&mut other.samples));
        self.tier_samples.merge(std::mem::take(&mut other.tier_samples));
        self.breakers.merge(&mut other.breakers, to_come);
        self.phases.append(&mut other.phases);
        self.coverage.merge(std::mem::take(&mut other.coverage));
    }
}

type Components = FxHashMap<u32, Box<OfComponent>>;

/// Rows of a component that are finished calls, one after the other, each with an outcome; the other words and ids are
/// in all of them or in none.
struct CallsInARow<'a> {
    range: Range<usize>,
    operations: Even<'a, u32>,
    outcomes: &'a [u32],
    has_ids: (bool, bool),
}

impl<'a> CallsInARow<'a> {
    /// `None` where rows have to be looked at one by one.
    fn of(rows: &Rows<'a>, range: Range<usize>, kind: Kind) -> Option<Self> {
        // Of these, rows with an outcome may be no calls.
        if range.len() < FEW_ROWS || matches!(kind, Kind::Phase | Kind::Process | Kind::Breaker) {
            return None;
        }
        let has_ids =
            (rows.request_id.evenly(range.clone())?.has_each(), rows.key.evenly(range.clone())?.has_each());
        let operations = rows.operation.evenly(range.clone())?;
        let outcomes = rows.outcome.all_of(range.clone())?;
        Some(Self { range, operations, outcomes, has_ids })
    }

    fn looks(&self) -> impl Iterator<Item = Look> {
        let call = |(index, &outcome)| Look::of_call(self.operations.get(index), outcome, self.has_ids);
        self.outcomes.iter().enumerate().map(call)
    }
}

/// The index among the component's kinds of calls of what was read.
#[inline]
fn index_of_kind(calls: &mut CallLog, read: &mut memo::Read) -> u32 {
    let look = read.look;
    let is_unfinished = read.shape == Shape::Unfinished;
    let ids = (look.has_request_id, look.has_key);
    *read.kind.get_or_insert_with(|| {
        calls.index_of(CallKind::new(look.operation, look.outcome, is_unfinished, ids))
    })
}
