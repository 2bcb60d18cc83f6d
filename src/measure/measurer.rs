//! A run being read: a fold over its batches that ends in a recording.

use std::ops::Range;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::cache::TierSample;
use super::calls::{CallKind, CallLog};
use super::calls_in_a_row::{CallsInARow, FEW_ROWS};
use super::memo::{Look, Memo, Read};
use super::messages::MessageLog;
use super::recording::{Identity, Recording};
use super::room::ToCome;
use super::rooms::Room;
use super::rows::Rows;
use super::shape::{CacheOperation, Reader, Shape};
use super::spending::{Spending, Spent};
use super::unanswered::{UNANSWERED, end_of_load, settle_unanswered};
use super::words::{Class, Kind, NO_WORD, Words};
use super::{breaker, cache, coverage, samples};
use crate::config::Config;
use crate::run::{Batch, Lexicon, LoadReport};
use crate::summary::Phase;

/// What is known of one component so far.
struct OfComponent {
    calls: CallLog,
    /// What its rows meant; indices in `calls`.
    memo: Memo,
}

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
    spending: Spending,
    messages: MessageLog,
    samples: samples::SampleLog,
    tier_samples: cache::TierSamples,
    breakers: breaker::BreakerLog,
    phases: Vec<(i64, u32)>,
    coverage: coverage::Coverage,
}

impl<'a> Measurer<'a> {
    /// An empty measurer.
    pub fn new(lexicon: &'a Lexicon) -> Self {
        Self {
            lexicon,
            reader: Reader::new(lexicon),
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

    /// The same where about so many rows will come, those of measurers that are merged into it among them, into `room`.
    pub fn expecting(self, expected_rows: u64, room: Room) -> Self {
        Self { expected_rows, room, ..self }
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
        self.coverage.extend(rows.spans_us(range.clone()));
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
            kinds.push(index_of_kind(calls, read, kind == Kind::Request));
            let class = read.class;
            if spends && let Some(spent) = Spent::of(rows, row, class) {
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
                kinds.push(index_of_kind(calls, read, kind == Kind::Request));
                // What an unfinished call used and gave is not known.
                if shape != Shape::Unfinished {
                    let spent = spends.then(|| Spent::of(rows, row, class));
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
            let operation = rows.operation.get(row).unwrap_or(NO_WORD);
            self.messages.add(component, (outcome, operation), rows.ts.values()[row], detail);
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

    /// Is any call without an end?
    fn is_waited_for(&self) -> bool {
        self.components.values().any(|own| own.calls.all().are_finished().contains(&false))
    }

    /// The recording of all rows seen.
    pub fn finish(self, identity: Identity<'a>, load: LoadReport, config: &Config) -> Recording<'a> {
        let unanswered = self.is_waited_for().then(|| self.lexicon.code(UNANSWERED));
        let words = Words::of(self.lexicon);
        let mut breakers = self.breakers;
        let samples = self.samples;
        let (mut calls, (samples, ())) = rayon::join(
            || sorted_calls(self.components, &words),
            || rayon::join(|| samples.finish(&words, identity.metadata), || breakers.sort()),
        );
        let coverage = self.coverage.finish();
        let end_of_load_us = {
            let mut requests = calls.iter().filter(|(component, _)| words.kind(*component) == Kind::Request);
            let requests = requests.next().map(|(_, log)| log.all());
            end_of_load(requests.as_ref(), &samples, &coverage, identity.metadata, config)
        };
        let mut lost_users = None;
        if let Some(outcome) = unanswered {
            let is_closed = identity.metadata.load_model.as_deref() == Some("closed");
            let declared = identity.metadata.users;
            for (component, log) in &mut calls {
                let is_request = words.kind(*component) == Kind::Request;
                // Rows of a component that never ends a call are no calls that hang.
                if is_request || log.all().are_any_finished() {
                    let users = (is_closed && is_request, declared);
                    let lost = settle_unanswered(log, end_of_load_us, users, outcome);
                    lost_users = lost.or(lost_users);
                }
            }
        }
        Recording {
            calls,
            end_of_load_us,
            lost_users,
            samples,
            phases: phases(self.phases, &words),
            spending: self.spending,
            messages: self.messages,
            tier_samples: self.tier_samples,
            breakers,
            coverage,
            identity,
            load,
            config: config.clone(),
            words,
        }
    }
}

type Components = FxHashMap<u32, Box<OfComponent>>;

/// The index among the component's kinds of calls of what was read.
#[inline]
fn index_of_kind(calls: &mut CallLog, read: &mut Read, is_request: bool) -> u32 {
    let look = read.look;
    let is_unfinished = read.shape == Shape::Unfinished;
    let ids = (look.has_request_id, look.has_key);
    *read.kind.get_or_insert_with(|| {
        let kind = CallKind::new(look.operation, look.outcome, is_unfinished, ids);
        calls.index_of(kind.of_request(is_request))
    })
}

fn sorted_calls(components: Components, words: &Words) -> Vec<(u32, CallLog)> {
    let mut calls: Vec<(u32, CallLog)> = components
        .into_iter()
        .map(|(component, own)| (component, own.calls))
        .filter(|(_, calls)| !calls.all().is_empty())
        .collect();
    calls.sort_unstable_by_key(|(component, _)| words.rank(*component));
    calls.par_iter_mut().for_each(|(_, log)| log.sort(words));
    calls
}

fn phases(markers: Vec<(i64, u32)>, words: &Words) -> Vec<Phase> {
    let mut phases: Vec<Phase> =
        markers.into_iter().map(|(at_us, name)| Phase { at_us, name: words.word(name).to_owned() }).collect();
    phases.sort_unstable_by(|a, b| (a.at_us, &a.name).cmp(&(b.at_us, &b.name)));
    phases
}
