//! What a row is: a call, a sample or a marker. Decided here and nowhere else.

use rustc_hash::FxHashMap;

use super::rows::Rows;
use super::words::{Class, Kind};
use crate::run::Lexicon;

/// What a row of the run file stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A call with an outcome.
    Finished,
    /// A call that came to an end, nobody says how: it has a duration and no outcome, or the operation is one that
    /// caches report without an outcome (put, evict, promotion).
    OutcomeUnknown,
    /// A call with neither outcome nor duration: it never came to an end in the recording.
    Unfinished,
    /// A sampled value.
    Sample,
    /// A breaker's state or transition, a phase.
    Marker,
}

impl Shape {
    pub fn is_call(self) -> bool {
        matches!(self, Shape::Finished | Shape::OutcomeUnknown | Shape::Unfinished)
    }
}

/// What a cache row reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheOperation {
    Lookup,
    Put,
    Evict,
    Promote,
    Pressure,
}

impl CacheOperation {
    /// A row without operation is a look-up.
    pub fn of(operation: Option<&str>) -> Self {
        match operation {
            Some("put") => CacheOperation::Put,
            Some("evict") => CacheOperation::Evict,
            Some("pressure") => CacheOperation::Pressure,
            Some(word) if word.starts_with("promote") => CacheOperation::Promote,
            _ => CacheOperation::Lookup,
        }
    }
}

/// Is this breaker operation a state row or a transition, and not a call?
fn is_breaker_marker(operation: &str) -> bool {
    operation == "state" || operation.contains("->")
}

/// Reads codes as kinds and operations, asking the lexicon once per code.
pub struct Reader<'a> {
    lexicon: &'a Lexicon,
    kinds: FxHashMap<u32, Kind>,
    cache_operations: FxHashMap<u32, CacheOperation>,
    breaker_markers: FxHashMap<u32, bool>,
    classes: FxHashMap<u32, Class>,
}

impl<'a> Reader<'a> {
    pub fn new(lexicon: &'a Lexicon) -> Self {
        Self {
            lexicon,
            kinds: FxHashMap::default(),
            cache_operations: FxHashMap::default(),
            breaker_markers: FxHashMap::default(),
            classes: FxHashMap::default(),
        }
    }

    pub fn kind(&mut self, component: u32) -> Kind {
        *self.kinds.entry(component).or_insert_with(|| Kind::of(&self.lexicon.word(component)))
    }

    pub fn cache_operation(&mut self, operation: Option<u32>) -> CacheOperation {
        let Some(code) = operation else { return CacheOperation::of(None) };
        *self
            .cache_operations
            .entry(code)
            .or_insert_with(|| CacheOperation::of(Some(&self.lexicon.word(code))))
    }

    pub fn class(&mut self, outcome: Option<u32>) -> Option<Class> {
        let code = outcome?;
        Some(*self.classes.entry(code).or_insert_with(|| Class::of(&self.lexicon.word(code))))
    }

    fn is_breaker_marker(&mut self, operation: Option<u32>) -> bool {
        operation.is_some_and(|code| {
            *self.breaker_markers.entry(code).or_insert_with(|| is_breaker_marker(&self.lexicon.word(code)))
        })
    }

    /// What `row` of a component of `kind` stands for.
    pub fn shape(&mut self, rows: &Rows<'_>, row: usize, kind: Kind) -> Shape {
        match kind {
            Kind::Phase => return Shape::Marker,
            Kind::Process => return Shape::Sample,
            Kind::Breaker if self.is_breaker_marker(rows.operation.get(row)) => return Shape::Marker,
            _ => {}
        }
        if rows.outcome.get(row).is_some() {
            return Shape::Finished;
        }
        let has_duration = rows.duration_ms.get(row).is_some();
        if let Kind::CacheTier(_) = kind {
            match self.cache_operation(rows.operation.get(row)) {
                CacheOperation::Lookup => {}
                CacheOperation::Pressure => return Shape::Sample,
                CacheOperation::Put | CacheOperation::Evict | CacheOperation::Promote => {
                    return Shape::OutcomeUnknown;
                }
            }
        }
        if !has_duration && rows.value.get(row).is_some() {
            return Shape::Sample;
        }
        if has_duration { Shape::OutcomeUnknown } else { Shape::Unfinished }
    }
}
