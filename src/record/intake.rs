//! Takes lines in: events into a batch, roles and metadata aside, faults counted with the first example.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::line::{Announcement, Line, parse};
use crate::run::Event;

/// Distinct unknown keys that are named; further ones are counted under `…`.
const NAMED_UNKNOWN_KEYS: usize = 50;
/// How much of a malformed line is shown, characters.
const EXAMPLE_CHARS: usize = 200;

/// How many lines came, and what became of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct IntakeCounts {
    /// Lines that are not blank.
    pub lines: u64,
    pub events: u64,
    pub roles: u64,
    pub metadata: u64,
    pub malformed: u64,
    /// Ignored keys: name → how often.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown_keys: BTreeMap<String, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_malformed: Option<Malformed>,
}

/// The first line that was not understood.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Malformed {
    /// Where it came from: `client 3` (in order of connection) or the file.
    pub source: String,
    /// Counted from 1 in its source.
    pub line: u64,
    pub error: String,
    /// Its beginning.
    pub text: String,
}

/// What came in so far.
#[derive(Debug, Default)]
pub struct Intake {
    pub counts: IntakeCounts,
    pub announcements: Vec<Announcement>,
    /// The metadata of all `meta` lines, merged in order of arrival.
    pub metadata: Map<String, Value>,
    /// Events that nobody fetched yet.
    events: Vec<Event>,
}

impl Intake {
    /// Takes one line of `source`; `arrival_us` is its time of arrival in µs since 1970 (none for a file).
    pub fn take(&mut self, text: &[u8], arrival_us: Option<i64>, source: &str, line: u64) {
        if text.trim_ascii().is_empty() {
            return;
        }
        match parse(text, arrival_us) {
            Ok(parsed) => {
                self.counts.lines += 1;
                self.count_unknown(parsed.unknown_keys);
                self.sort_in(parsed.line);
            }
            Err(error) => self.refuse(text, error, source, line),
        }
    }

    /// Counts a line as malformed and keeps the first as example.
    pub fn refuse(&mut self, text: &[u8], error: String, source: &str, line: u64) {
        self.counts.lines += 1;
        self.counts.malformed += 1;
        if self.counts.first_malformed.is_none() {
            let text = String::from_utf8_lossy(text).chars().take(EXAMPLE_CHARS).collect();
            self.counts.first_malformed = Some(Malformed { source: source.to_owned(), line, error, text });
        }
    }

    /// The events since the last call.
    pub fn fetch_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Number of events that wait to be fetched.
    pub fn waiting(&self) -> usize {
        self.events.len()
    }

    fn sort_in(&mut self, line: Line) {
        match line {
            Line::Event(event) => {
                self.counts.events += 1;
                self.events.push(*event);
            }
            Line::Role(announcement) => {
                self.counts.roles += 1;
                self.announcements.push(announcement);
            }
            Line::Metadata(keys) => {
                self.counts.metadata += 1;
                merge(&mut self.metadata, keys);
            }
        }
    }

    fn count_unknown(&mut self, keys: Vec<String>) {
        let known = &mut self.counts.unknown_keys;
        for key in keys {
            let name = if known.contains_key(&key) || known.len() < NAMED_UNKNOWN_KEYS {
                key
            } else {
                "…".to_owned()
            };
            *known.entry(name).or_default() += 1;
        }
    }
}

/// Merges `upper` over `lower`: objects key by key, everything else is replaced.
pub fn merge(lower: &mut Map<String, Value>, upper: Map<String, Value>) {
    for (key, value) in upper {
        match (lower.get_mut(&key), value) {
            (Some(Value::Object(below)), Value::Object(above)) => merge(below, above),
            (_, value) => {
                lower.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn malformed_lines_are_counted_and_the_first_is_shown() {
        let mut intake = Intake::default();
        for (number, text) in ["{\"component\":\"a\"}", "", "oops", "again"].iter().enumerate() {
            intake.take(text.as_bytes(), Some(1_700_000_000_000_000), "client 1", number as u64 + 1);
        }
        let counts = &intake.counts;
        assert_eq!((counts.lines, counts.events, counts.malformed), (3, 1, 2));
        let first = counts.first_malformed.as_ref().expect("an example");
        assert_eq!((first.line, first.text.as_str(), first.source.as_str()), (3, "oops", "client 1"));
    }

    #[test]
    fn unknown_keys_are_counted_by_name_up_to_a_bound() {
        let mut intake = Intake::default();
        for number in 0..200 {
            let line = format!(r#"{{"component":"a","same":1,"other_{number}":2}}"#);
            intake.take(line.as_bytes(), Some(1_700_000_000_000_000), "client 1", 1);
        }
        let unknown = &intake.counts.unknown_keys;
        assert_eq!(unknown["same"], 200);
        assert_eq!(unknown.len(), NAMED_UNKNOWN_KEYS + 1);
        assert_eq!(unknown.values().sum::<u64>(), 400);
    }

    #[test]
    fn metadata_is_merged_deeply_in_order() {
        let mut lower = object(json!({"tags": {"a": "1", "b": "2"}, "users": 3}));
        merge(&mut lower, object(json!({"tags": {"b": "4"}, "users": {"x": 1}})));
        assert_eq!(Value::Object(lower), json!({"tags": {"a": "1", "b": "4"}, "users": {"x": 1}}));
    }
}
