//! Room that one run took and the next one takes again: memory that is touched for the first time costs more than what is
//! done with it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::calls::CallLog;
use super::recording::Recording;
use super::spending::Spent;

/// The rooms that nobody is in; as many as runs were under way at once.
#[derive(Debug, Default)]
pub struct Rooms {
    rooms: Mutex<Free>,
}

#[derive(Debug, Default)]
struct Free {
    free: Vec<Room>,
    /// Runs that will be read.
    to_come: usize,
}

/// Empty columns by the name of the component that they were of: in the next run it has about as many calls.
#[derive(Debug, Default)]
pub struct Room {
    calls: FxHashMap<Arc<str>, CallLog>,
    spending: FxHashMap<Arc<str>, Vec<Spent>>,
}

impl Free {
    /// Will more runs be read than there are rooms for?
    fn is_one_wanted(&self) -> bool {
        self.to_come > self.free.len()
    }
}

impl Rooms {
    /// Announces `runs` that will be read: without any, no room is kept.
    pub fn expect(&self, runs: usize) {
        self.lock().to_come += runs;
    }

    pub fn take(&self) -> Room {
        let mut rooms = self.lock();
        rooms.to_come = rooms.to_come.saturating_sub(1);
        rooms.free.pop().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Free> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the room of a recording that nobody asks any more, where another run may want it.
    pub fn take_back(&self, recording: Recording<'_>) {
        if !self.lock().is_one_wanted() {
            return;
        }
        let words = &recording.words;
        let mut room = Room::default();
        for (component, calls) in recording.calls {
            room.calls.insert(words.word(component).into(), calls.emptied());
        }
        for (component, mut spent) in recording.spending.into_components() {
            spent.clear();
            room.spending.insert(words.word(component).into(), spent);
        }
        self.lock().free.push(room);
    }
}

impl Room {
    /// Empty columns for the calls of a component.
    pub fn calls(&mut self, component: &str) -> CallLog {
        self.calls.remove(component).unwrap_or_default()
    }

    pub fn spending(&mut self, component: &str) -> Vec<Spent> {
        self.spending.remove(component).unwrap_or_default()
    }
}
