//! Names with ids in them: how many of a column are kept apart, which, and what is said of the others.

mod kept;
mod known;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use arrow_array::StringArray;
use rustc_hash::FxHashSet;

use super::columns::{ANSWERED_BY, COMPONENT, INSTANCE, OPERATION, OUTCOME};
use crate::config::RunLimits;
use crate::contract::COMPONENTS;
pub use kept::{Kept, Ranking};
pub use known::{OTHER, hash, is_known, is_known_component};

/// The names of a run while it is read: watched, until they are more than the limits allow; then only some are kept.
#[derive(Debug, Default)]
pub struct Names {
    limits: Limits,
    seen: Mutex<Seen>,
    are_too_many: AtomicBool,
    kept: Option<Kept>,
}

/// How many names of each column are kept apart.
#[derive(Debug, Clone, Copy)]
struct Limits {
    components: usize,
    operations: usize,
    outcomes: usize,
    instances: usize,
    names: usize,
    streams: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let none = usize::MAX;
        Self {
            components: none,
            operations: none,
            outcomes: none,
            instances: none,
            names: none,
            streams: none,
        }
    }
}

/// The hashes of the words of each column.
#[derive(Debug, Default)]
struct Seen {
    components: FxHashSet<u64>,
    operations: FxHashSet<u64>,
    outcomes: FxHashSet<u64>,
    instances: FxHashSet<u64>,
}

impl Names {
    /// Any names, as long as they are no more than the limits allow; `has_samples` where some may name sampled streams.
    pub fn watched(limits: &RunLimits, has_samples: bool) -> Self {
        let limits = Limits {
            components: limits.max_components,
            operations: limits.max_operations,
            outcomes: limits.max_outcomes,
            instances: limits.max_instances,
            names: limits.max_names,
            streams: if has_samples { limits.max_streams } else { usize::MAX },
        };
        Self { limits, ..Self::default() }
    }

    pub fn of(kept: Kept) -> Self {
        Self { kept: Some(kept), ..Self::default() }
    }

    pub fn kept(&self) -> Option<&Kept> {
        self.kept.as_ref()
    }

    /// May there be more than the limits allow? They must be counted.
    pub fn are_too_many(&self) -> bool {
        self.are_too_many.load(Ordering::Relaxed)
    }

    /// Takes in the distinct words of a column; whether there is room for them.
    pub fn have_room<'w>(
        &self,
        column: usize,
        words: &'w StringArray,
        spelling: impl Fn(&'w str) -> std::borrow::Cow<'w, str>,
    ) -> bool {
        if self.are_too_many() {
            return false;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for word in words.iter().flatten() {
            let word = spelling(word);
            if !is_known(column, &word) && seen.insert(column, &word) && !seen.keeps(self.limits) {
                self.are_too_many.store(true, Ordering::Relaxed);
                return false;
            }
        }
        true
    }
}

impl Seen {
    /// Whether the word is new.
    fn insert(&mut self, column: usize, word: &str) -> bool {
        let words = match column {
            COMPONENT | ANSWERED_BY => &mut self.components,
            OPERATION => &mut self.operations,
            OUTCOME => &mut self.outcomes,
            INSTANCE => &mut self.instances,
            _ => return false,
        };
        words.insert(hash(word))
    }

    /// Are the limits kept, whatever component has which names?
    fn keeps(&self, limits: Limits) -> bool {
        let components = COMPONENTS.len() + self.components.len();
        self.components.len() <= limits.components
            && self.operations.len() <= limits.operations
            && self.outcomes.len() <= limits.outcomes
            && self.instances.len() <= limits.instances
            && components.saturating_mul(self.operations.len()) <= limits.names
            && self.operations.len().saturating_mul(self.instances.len()) <= limits.streams
    }
}
