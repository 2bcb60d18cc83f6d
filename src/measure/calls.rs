//! The calls of one component in columns, by time: what counts, times, rates and series are made of.

use std::ops::Range;

use rustc_hash::FxHashMap;

mod order;

pub use super::call_kind::{CallKind, Ending};
use super::ids::Ids;
use super::room::ToCome;
use super::rows::Rows;
use super::span::WindowSpan;
use super::sparse::Sparse;
use super::words::NO_WORD;

/// One call as it is added.
#[derive(Debug, Clone, Copy)]
pub struct NewCall {
    pub start_us: i64,
    pub duration_ms: Option<f64>,
    /// The index of its kind.
    pub kind: u32,
    pub request_id: Option<u64>,
    pub key: Option<u64>,
}

/// Fewer calls in a row are added one by one.
const FEW_IN_A_ROW: usize = 8;

/// Stands for no user id: the ids have 32 bits.
const NO_USER: u64 = u64::MAX;
/// Stands for no time: times of a run lie in the years 2000 to 2100.
const NO_TIME: i64 = i64::MIN;

/// Calls in columns. Merging appends; once sorted, nothing depends on the order in which they came.
#[derive(Debug)]
pub struct CallLog {
    kinds: Vec<CallKind>,
    indices: FxHashMap<CallKind, u32>,
    /// µs since 1970.
    start_us: Vec<i64>,
    /// NaN where the call has none; never negative.
    duration_ms: Vec<f64>,
    /// Indices in `kinds`.
    kind: Vec<u32>,
    request_id: Ids,
    key: Sparse<u64>,
    /// While rows come in: when a request was meant to be sent. Once sorted: when it was sent, where it was meant to be
    /// sent earlier, which is then its start.
    scheduled_us: Sparse<i64>,
    user_id: Sparse<u64>,
    answered_by: Sparse<u32>,
}

impl Default for CallLog {
    fn default() -> Self {
        Self {
            kinds: Vec::new(),
            indices: FxHashMap::default(),
            start_us: Vec::new(),
            duration_ms: Vec::new(),
            kind: Vec::new(),
            request_id: Ids::default(),
            key: Sparse::new(0),
            scheduled_us: Sparse::new(NO_TIME),
            user_id: Sparse::new(NO_USER),
            answered_by: Sparse::new(NO_WORD),
        }
    }
}

impl CallLog {
    /// Without calls and kinds; its room stays.
    pub fn emptied(mut self) -> Self {
        self.kinds.clear();
        self.indices.clear();
        self.start_us.clear();
        self.duration_ms.clear();
        self.kind.clear();
        self.request_id.clear();
        self.key.clear();
        self.scheduled_us.clear();
        self.user_id.clear();
        self.answered_by.clear();
        self
    }

    /// Makes room for `more` calls, and for those to come.
    pub fn make_room(&mut self, more: usize, to_come: ToCome) {
        to_come.make_room(&mut self.start_us, more);
        to_come.make_room(&mut self.duration_ms, more);
        to_come.make_room(&mut self.kind, more);
        self.request_id.make_room(more, to_come);
        self.key.make_room(more, to_come);
        self.scheduled_us.make_room(more, to_come);
        self.user_id.make_room(more, to_come);
        self.answered_by.make_room(more, to_come);
    }

    /// Adds the calls in `range` of the rows; `kinds` are the indices of their kinds. What only requests carry is taken
    /// over from these.
    pub fn extend(&mut self, rows: &Rows<'_>, range: Range<usize>, kinds: &[u32], are_requests: bool) {
        if kinds.len() < FEW_IN_A_ROW {
            return kinds
                .iter()
                .zip(range)
                .for_each(|(&kind, row)| self.push_row(rows, row, kind, are_requests));
        }
        let before = self.start_us.len();
        self.start_us.extend_from_slice(&rows.ts.values()[range.clone()]);
        match rows.duration_ms.all_of(range.clone()) {
            Some(all) => self.duration_ms.extend(all.iter().map(|&duration_ms| stored_ms(Some(duration_ms)))),
            None => self.duration_ms.extend(rows.duration_ms.part(range.clone()).map(stored_ms)),
        }
        self.kind.extend_from_slice(kinds);
        self.request_id.extend(before, rows.request_id, range.clone());
        self.key.extend(before, rows.key, range.clone(), |key| key);
        if are_requests {
            self.scheduled_us.extend(before, rows.scheduled_ts, range.clone(), |at_us| at_us);
            self.user_id.extend(before, rows.user_id, range.clone(), u64::from);
            self.answered_by.extend(before, rows.answered_by, range, |code| code);
        }
    }

    #[inline]
    fn push_row(&mut self, rows: &Rows<'_>, row: usize, kind: u32, is_request: bool) {
        let before = self.start_us.len();
        self.push(NewCall {
            start_us: rows.ts.values()[row],
            duration_ms: rows.duration_ms.get(row),
            kind,
            request_id: rows.request_id.get(row),
            key: rows.key.get(row),
        });
        if is_request {
            self.scheduled_us.push(before, rows.scheduled_ts.get(row));
            self.user_id.push(before, rows.user_id.get(row).map(u64::from));
            self.answered_by.push(before, rows.answered_by.get(row));
        }
    }

    #[inline]
    pub fn push(&mut self, call: NewCall) {
        let before = self.start_us.len();
        self.start_us.push(call.start_us);
        self.duration_ms.push(stored_ms(call.duration_ms));
        self.kind.push(call.kind);
        self.request_id.push(before, call.request_id);
        self.key.push(before, call.key);
    }

    /// The index of a kind of call.
    pub fn index_of(&mut self, kind: CallKind) -> u32 {
        let kinds = &mut self.kinds;
        *self.indices.entry(kind).or_insert_with(|| {
            kinds.push(kind);
            kinds.len() as u32 - 1
        })
    }

    /// Takes the calls out of `other`, which keeps its kinds.
    pub fn merge(&mut self, other: &mut CallLog, to_come: ToCome) {
        let (before, more) = (self.start_us.len(), other.start_us.len());
        self.make_room(more, to_come);
        let indices: Vec<u32> = other.kinds.iter().map(|&kind| self.index_of(kind)).collect();
        self.start_us.append(&mut other.start_us);
        self.duration_ms.append(&mut other.duration_ms);
        self.kind.extend(other.kind.drain(..).map(|kind| indices[kind as usize]));
        self.request_id.append(&mut other.request_id, before, more);
        self.key.append(&mut other.key, before, more);
        self.scheduled_us.append(&mut other.scheduled_us, before, more);
        self.user_id.append(&mut other.user_id, before, more);
        self.answered_by.append(&mut other.answered_by, before, more);
    }

    /// Calls of these kinds become calls of others.
    pub fn change_kinds(&mut self, changes: impl Iterator<Item = usize>, to: impl Fn(CallKind) -> CallKind) {
        for call in changes {
            let kind = self.kinds[self.kind[call] as usize];
            self.kind[call] = self.index_of(to(kind));
        }
    }

    /// All calls, by time. The log is sorted by then.
    pub fn all(&self) -> Calls<'_> {
        Calls { log: self, range: (0, self.start_us.len()) }
    }

    /// The calls that start in `span`; all without one.
    pub fn within(&self, span: Option<&WindowSpan>) -> Calls<'_> {
        let Some(span) = span else { return self.all() };
        let index = |at_us: i64| self.start_us.partition_point(|&start_us| start_us < at_us);
        let from = index(span.start_us);
        Calls { log: self, range: (from, index(span.end_us).max(from)) }
    }
}

/// A duration as it is stored: NaN for none. Adding +0 turns −0 into +0, which total orders keep apart.
#[inline]
fn stored_ms(duration_ms: Option<f64>) -> f64 {
    duration_ms.map_or(f64::NAN, |duration_ms| duration_ms + 0.0)
}

/// Calls of a component, by time. Indices count from 0 within them.
#[derive(Debug, Clone, Copy)]
pub struct Calls<'a> {
    log: &'a CallLog,
    range: (usize, usize),
}

impl<'a> Calls<'a> {
    pub fn len(&self) -> usize {
        self.range.1 - self.range.0
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Their indices among all calls of the log.
    pub fn indices(&self) -> Range<usize> {
        self.range.0..self.range.1
    }

    /// The kinds that `kind` names by their indices.
    pub fn kinds(&self) -> &'a [CallKind] {
        &self.log.kinds
    }

    pub fn kind(&self) -> &'a [u32] {
        &self.log.kind[self.range.0..self.range.1]
    }

    /// µs since 1970, ascending.
    pub fn start_us(&self) -> &'a [i64] {
        &self.log.start_us[self.range.0..self.range.1]
    }

    /// NaN where a call has none.
    pub fn duration_ms(&self) -> &'a [f64] {
        &self.log.duration_ms[self.range.0..self.range.1]
    }

    pub fn kind_of(&self, call: usize) -> &'a CallKind {
        &self.log.kinds[self.log.kind[self.range.0 + call] as usize]
    }

    /// Whether calls of each kind came to an end.
    pub fn are_finished(&self) -> Vec<bool> {
        self.kinds().iter().map(CallKind::is_finished).collect()
    }

    /// Did any come to an end?
    pub fn are_any_finished(&self) -> bool {
        self.are_finished().contains(&true)
    }

    /// How many came to an end.
    pub fn finished(&self) -> u64 {
        let are_finished = self.are_finished();
        self.kind().iter().filter(|kind| are_finished[**kind as usize]).count() as u64
    }

    /// How many calls of each kind ended in [from, to), µs since 1970, wherever they started. To be asked of the calls that
    /// start there.
    pub fn ended_in(&self, (from_us, to_us): (i64, i64)) -> Vec<u64> {
        let mut ended = vec![0; self.log.kinds.len()];
        let before = 0..self.range.1;
        let columns = self.log.start_us[before.clone()].iter().zip(&self.log.duration_ms[before.clone()]);
        for ((&start_us, &duration_ms), &kind) in columns.zip(&self.log.kind[before]) {
            let end_us = end_or_start_us(start_us, duration_ms);
            ended[kind as usize] += u64::from((from_us..to_us).contains(&end_us));
        }
        ended
    }

    /// Did the call come to an end after a known time?
    pub fn is_timed(&self, call: usize) -> bool {
        self.kind_of(call).is_finished() && !self.duration_ms()[call].is_nan()
    }

    /// End of the call, µs since 1970; its start where it has no duration.
    pub fn end_us(&self, call: usize) -> i64 {
        end_or_start_us(self.start_us()[call], self.duration_ms()[call])
    }

    pub fn request_id(&self, call: usize) -> Option<u64> {
        self.log.request_id.get(self.range.0 + call).filter(|_| self.kind_of(call).has_request_id)
    }

    pub fn key(&self, call: usize) -> Option<u64> {
        self.log.key.get(self.range.0 + call).filter(|_| self.kind_of(call).has_key)
    }

    /// When a request was sent, µs since 1970: its start, unless it was meant to be sent earlier.
    #[inline]
    pub fn sent_us(&self, call: usize) -> i64 {
        self.log.scheduled_us.some(self.range.0 + call).unwrap_or(self.log.start_us[self.range.0 + call])
    }

    /// Was any request sent later than it was meant to be?
    pub fn are_late(&self) -> bool {
        !self.log.scheduled_us.is_empty()
    }

    pub fn user_id(&self, call: usize) -> Option<u64> {
        self.log.user_id.some(self.range.0 + call)
    }

    /// Code of the component that answered a request.
    pub fn answered_by(&self, call: usize) -> Option<u32> {
        self.log.answered_by.some(self.range.0 + call)
    }

    /// The calls of all of the log that are not among these: those before and those after them.
    pub fn others(&self) -> [Calls<'a>; 2] {
        let all = self.log.start_us.len();
        [(0, self.range.0), (self.range.1, all)].map(|range| Calls { log: self.log, range })
    }
}

/// Columns of some calls as slices, for loops over many: one value of each column for each call.
#[derive(Debug, Clone, Copy)]
pub struct Columns<'a> {
    pub start_us: &'a [i64],
    pub duration_ms: &'a [f64],
    pub kind: &'a [u32],
}

impl<'a> Calls<'a> {
    pub fn columns(&self) -> Columns<'a> {
        Columns { start_us: self.start_us(), duration_ms: self.duration_ms(), kind: self.kind() }
    }
}

/// End of a call, µs since 1970; its start where its duration is NaN.
#[inline]
pub fn end_or_start_us(start_us: i64, duration_ms: f64) -> i64 {
    if duration_ms.is_nan() { start_us } else { super::rows::end_us(start_us, duration_ms) }
}
