//! Which operations the breaker and the caches have: theirs mean something, and one that nobody knows is said.

use std::collections::BTreeMap;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;

use super::batch::Lexicon;
use super::columns::{COMPONENT, OPERATION};
use super::decode::Rows;
use super::names::{OTHER, is_known};
use crate::nearest::nearest;

const BREAKER: &str = "circuit_breaker";
/// Components whose operations have a meaning.
const COMPONENTS: [&str; 4] = [BREAKER, "cache_l1", "cache_l2", "cache_l3"];
const OF_BREAKER: [&str; 6] =
    ["call", "state", "closed->open", "open->half_open", "half_open->closed", "half_open->open"];
const OF_CACHE: [&str; 6] = ["get", "put", "evict", "pressure", "promote_from_l2", "promote_from_l3"];
/// What others call them.
const ALSO: [(&str, &str); 9] = [
    ("state_change", "state"),
    ("status", "state"),
    ("set", "put"),
    ("store", "put"),
    ("write", "put"),
    ("eviction", "evict"),
    ("expire", "evict"),
    ("delete", "evict"),
    ("fill", "pressure"),
];

/// Of each of these components, by code of the operation whether it has it.
#[derive(Debug, Default)]
pub struct Operations {
    seen: BTreeMap<&'static str, Vec<bool>>,
}

impl Operations {
    pub fn follow(&mut self, rows: &Rows, lexicon: &Lexicon) {
        let words = |index| rows.column(index).map(|words| words.as_primitive::<UInt32Type>());
        let (Some(components), Some(operations)) = (words(COMPONENT), words(OPERATION)) else { return };
        for name in COMPONENTS {
            let Some(code) = lexicon.find(name) else { continue };
            let seen = self.seen.entry(name).or_default();
            let own = components.values().iter().enumerate().filter(|(_, component)| **component == code);
            for (row, _) in own {
                if operations.is_valid(row) {
                    mark(seen, operations.value(row) as usize);
                }
            }
        }
    }

    pub fn merge(&mut self, other: Operations) {
        for (name, theirs) in other.seen {
            let seen = self.seen.entry(name).or_default();
            theirs.iter().enumerate().filter(|(_, has)| **has).for_each(|(code, _)| mark(seen, code));
        }
    }

    /// What is said of those that nobody knows.
    pub fn notes(&self, lexicon: &Lexicon) -> Vec<String> {
        let mut notes = Vec::new();
        for (component, seen) in &self.seen {
            let codes = seen.iter().enumerate().filter(|(_, has)| **has).map(|(code, _)| code as u32);
            let words = codes.map(|code| lexicon.word(code)).filter(|word| !has_meaning(component, word));
            notes.extend(words.map(|word| note(component, &word)));
        }
        notes.sort();
        notes
    }
}

fn mark(seen: &mut Vec<bool>, code: usize) {
    if seen.len() <= code {
        seen.resize(code + 1, false);
    }
    seen[code] = true;
}

fn has_meaning(component: &str, word: &str) -> bool {
    let is_known_here = if component == BREAKER {
        OF_BREAKER.contains(&word) || word.contains("->") && is_known(OPERATION, word)
    } else {
        OF_CACHE.contains(&word) || word.starts_with("promote")
    };
    is_known_here || word == OTHER
}

fn note(component: &str, word: &str) -> String {
    let (known, taken) = match component {
        BREAKER if word.contains("->") => (OF_BREAKER, "is left out"),
        BREAKER => (OF_BREAKER, "counts as a call"),
        _ => (OF_CACHE, "counts as a look-up"),
    };
    let also = ALSO.iter().find(|(other, meant)| *other == word && known.contains(meant));
    let meant = also.map(|(_, meant)| *meant).or_else(|| nearest(word, known));
    let hint = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known are {}", known.map(|word| format!("`{word}`")).join(", ")),
    };
    format!("{component}: operation `{word}` is not known and {taken}; {hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_that_nobody_knows_is_named_with_the_nearest_one() {
        for (component, word, end) in [
            (BREAKER, "State", "is not known and counts as a call; did you mean `state`?"),
            (BREAKER, "closed->tripped", "is not known and is left out; did you mean `closed->open`?"),
            (
                BREAKER,
                "xyzzy",
                "known are `call`, `state`, `closed->open`, `open->half_open`, `half_open->closed`, \
                                `half_open->open`",
            ),
            ("cache_l1", "set", "is not known and counts as a look-up; did you mean `put`?"),
            ("cache_l2", "evicted", "did you mean `evict`?"),
        ] {
            assert!(!has_meaning(component, word));
            assert!(note(component, word).ends_with(end), "{}", note(component, word));
        }
        for (component, word) in [
            (BREAKER, "open->half_open"),
            (BREAKER, "call"),
            ("cache_l3", "promote"),
            ("cache_l1", "(other)"),
        ] {
            assert!(has_meaning(component, word), "{word}");
        }
    }
}
