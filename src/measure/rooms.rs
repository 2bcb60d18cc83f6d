//! Room that one run took and the next one takes again: memory that is touched for the first time costs more than what is
//! done with it.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::calls::CallLog;
use super::recording::Recording;
use super::spending::Spent;

/// The rooms that nobody is in; as many as runs were under way at once.
#[derive(Debug, Default)]
pub struct Rooms {
    free: Mutex<Vec<Room>>,
}

/// Empty columns by the name of the component that they were of: in the next run it has about as many calls.
#[derive(Debug, Default)]
pub(super) struct Room {
    calls: FxHashMap<Arc<str>, CallLog>,
    spending: FxHashMap<Arc<str>, Vec<Spent>>,
}

impl Rooms {
    pub(super) fn take(&self) -> Room {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Takes the room of a recording that nobody asks any more.
    pub fn take_back(&self, recording: Recording<'_>) {
        let words = &recording.words;
        let mut room = Room::default();
        for (component, calls) in recording.calls {
            room.calls.insert(words.word(component).into(), calls.emptied());
        }
        for (component, mut spent) in recording.spending.into_components() {
            spent.clear();
            room.spending.insert(words.word(component).into(), spent);
        }
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(room);
    }
}

impl Room {
    /// Empty columns for the calls of a component.
    pub(super) fn calls(&mut self, component: &str) -> CallLog {
        self.calls.remove(component).unwrap_or_default()
    }

    pub(super) fn spending(&mut self, component: &str) -> Vec<Spent> {
        self.spending.remove(component).unwrap_or_default()
    }
}
