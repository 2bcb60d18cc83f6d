//! Names with a meaning of their own, which are always kept, and what stands for a name.

use xxhash_rust::xxh3::xxh3_64;

use crate::contract::{COMPONENTS, OutcomeClass};
use crate::run::columns::{ANSWERED_BY, COMPONENT, OPERATION, OUTCOME};

/// Operations with a meaning of their own, transitions of breakers aside.
const OPERATIONS: [&str; 11] = [
    "state",
    "put",
    "evict",
    "pressure",
    "promote",
    "promote_from_l2",
    "promote_from_l3",
    "memory_rss_mb",
    "memory_usage_mb",
    "cpu_percent",
    "cpu_usage_percent",
];
const STATES: [&str; 3] = ["closed", "open", "half_open"];

/// Stands for a name: names of one hash are one name.
pub fn hash(word: &str) -> u64 {
    xxh3_64(word.as_bytes())
}

/// Has `word` a meaning of its own in the column? Such words are few, and always kept.
pub fn is_known(column: usize, word: &str) -> bool {
    match column {
        COMPONENT | ANSWERED_BY => COMPONENTS.contains(&word),
        OUTCOME => OutcomeClass::of(word) != OutcomeClass::Failed,
        OPERATION => {
            let is_state = |state| STATES.contains(&state);
            let is_transition = |(before, after)| is_state(before) && is_state(after);
            OPERATIONS.contains(&word) || word.split_once("->").is_some_and(is_transition)
        }
        _ => false,
    }
}

/// Is it the hash of a component with a meaning of its own?
pub fn is_known_component(name: u64) -> bool {
    COMPONENTS.iter().any(|known| hash(known) == name)
}
