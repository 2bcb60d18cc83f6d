//! What `report.json` shows of long lists: the most frequent entries, and of how many; the tables hold all.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::judge::{MetricChange, Regression, Trend};
use crate::metrics::REQUEST;
use crate::report::largest::largest;
use crate::run::RunMetadata;
use crate::summary::{Breaker, Component, ComponentCalls, Measured, RunSummary, SlowRequest};

/// Lists without an order by how much their entries say may have so many times the entries of the others: each is small.
const OF_ANY: usize = 5;
/// No text of a report is longer, characters: a page of HTML tells no more than its first lines.
const MOST_CHARS: usize = 4_000;
/// What one entry may take of the metadata, bytes, where all of it is too long.
const METADATA_BYTES_PER_ENTRY: usize = 1_000;

/// Shortens the parts of one report, and keeps what was left out.
#[derive(Debug)]
pub struct Shortener {
    most: usize,
    /// JSON pointer → `{"shown": 40, "of": 4000}`.
    shortened: Map<String, Value>,
}

impl Shortener {
    /// Lists show at most so many entries.
    pub fn new(most: usize) -> Self {
        Self { most, shortened: Map::new() }
    }

    pub fn into_shortened(self) -> Value {
        Value::Object(self.shortened)
    }

    fn say(&mut self, pointer: &str, shown: usize, of: usize) {
        if shown < of {
            self.shortened.insert(pointer.to_owned(), json!({ "shown": shown, "of": of }));
        }
    }

    /// Those that `count` says the most of, in their own order.
    pub fn most<'a, T>(&mut self, pointer: &str, all: &'a [T], count: impl Fn(&T) -> u64) -> Vec<&'a T> {
        let chosen = largest(all.iter().map(count), self.most);
        self.say(pointer, chosen.len(), all.len());
        chosen.into_iter().map(|index| &all[index]).collect()
    }

    /// The components with the most calls, and of all their operations those with the most, each of which is as long as a
    /// component: together twice as many as in other lists. `request` is always among them.
    pub fn components(&mut self, all: &[Component]) -> Vec<Component> {
        let calls = |component: &Component| match component.component.as_str() {
            REQUEST => u64::MAX,
            _ => component.calls.counts.sent(),
        };
        let kept = self.most("/components", all, calls);
        let of_all: Vec<(usize, usize, u64)> = kept
            .iter()
            .enumerate()
            .flat_map(|(index, component)| {
                let sent = component.operations.iter().map(|found| found.calls.counts.sent());
                sent.enumerate().map(move |(operation, sent)| (index, operation, sent))
            })
            .collect();
        let operations: BTreeSet<(usize, usize)> =
            largest(of_all.iter().map(|of| of.2), 2 * self.most - kept.len())
                .into_iter()
                .map(|index| (of_all[index].0, of_all[index].1))
                .collect();
        let mut shown = Vec::with_capacity(kept.len());
        for (index, component) in kept.into_iter().enumerate() {
            let own = component.operations.iter().enumerate();
            let own = own.filter(|(operation, _)| operations.contains(&(index, *operation)));
            let own: Vec<_> = own.map(|(_, operation)| operation.clone()).collect();
            self.say(&format!("/components/{index}/operations"), own.len(), component.operations.len());
            let (name, calls) = (component.component.clone(), component.calls.clone());
            shown.push(Component { component: name, calls, operations: own });
        }
        self.shorten_categories(&mut shown);
        shown
    }

    /// Times by category: of all that there are in these components, those with the most calls.
    fn shorten_categories(&mut self, components: &mut [Component]) {
        let mut calls: Vec<(String, &mut ComponentCalls)> = Vec::new();
        for (index, component) in components.iter_mut().enumerate() {
            calls.push((format!("/components/{index}/calls"), &mut component.calls));
            let operations = component.operations.iter_mut().enumerate();
            calls.extend(operations.map(|(operation, found)| {
                (format!("/components/{index}/operations/{operation}/calls"), &mut found.calls)
            }));
        }
        let categories: Vec<(usize, String, u64)> = calls
            .iter()
            .enumerate()
            .flat_map(|(index, (_, calls))| {
                calls.by_category.iter().map(move |(word, found)| (index, word.clone(), found.n))
            })
            .collect();
        let kept: BTreeSet<(usize, &str)> = largest(categories.iter().map(|of| of.2), 2 * self.most)
            .into_iter()
            .map(|index| (categories[index].0, categories[index].1.as_str()))
            .collect();
        let words = self.most;
        for (index, (pointer, calls)) in calls.into_iter().enumerate() {
            let of = calls.by_category.len();
            calls.by_category.retain(|word, _| kept.contains(&(index, word.as_str())));
            self.say(&format!("{pointer}/by_category"), calls.by_category.len(), of);
            let counts = &mut calls.counts.by_outcome;
            let chosen = largest(counts.values().copied(), words);
            self.say(&format!("{pointer}/counts/by_outcome"), chosen.len(), counts.len());
            let mut index = 0;
            counts.retain(|_, _| {
                index += 1;
                chosen.contains(&(index - 1))
            });
        }
    }

    /// The breakers with the most openings and calls; each with fewer of its changes the more there are.
    pub fn breaker(&mut self, found: &Breaker) -> Breaker {
        const POINTER: &str = "/cmo_specific_analysis/circuit_breaker_analysis/breakers";
        let kept = self.most(POINTER, &found.breakers, |one| {
            (one.openings.len() as u64).saturating_mul(1 << 32).saturating_add(one.requests)
        });
        let changes = self.most.div_ceil(kept.len().max(1));
        let mut breakers = Vec::with_capacity(kept.len());
        for (index, one) in kept.into_iter().enumerate() {
            let mut shown = one.clone();
            for (name, list) in [("openings", &mut shown.openings), ("closings", &mut shown.closings)] {
                self.say(&format!("{POINTER}/{index}/{name}"), changes.min(list.len()), list.len());
                list.truncate(changes);
            }
            breakers.push(shown);
        }
        Breaker { breakers, ..found.clone() }
    }

    /// All that are no sampled metric, and of these those with the most points.
    pub fn trends(&mut self, all: &[Trend], is_named: impl Fn(&str) -> bool) -> Vec<Trend> {
        let points = |trend: &Trend| {
            let points = || trend.evidence.value().map_or(0, |found| found.points);
            if is_named(&trend.metric) { u64::MAX } else { points() }
        };
        self.most("/trend_analysis", all, points).into_iter().cloned().collect()
    }

    /// The comparison with the gravest of its changes: those of the gate first.
    pub fn regression(&mut self, found: &Measured<Regression>) -> Value {
        const POINTER: &str = "/regression_analysis/comparison/changes";
        let mut shown = json!(found);
        if let Some(comparison) = found.value().and_then(|found| found.comparison.value()) {
            let kept = gravest(&comparison.changes, self.most);
            self.say(POINTER, kept.len(), comparison.changes.len());
            shown["comparison"]["changes"] = json!(kept);
        }
        shown
    }

    /// The slowest requests, each with the first calls of its chain.
    pub fn slowest(&mut self, all: &[SlowRequest]) -> Vec<SlowRequest> {
        let mut shown: Vec<SlowRequest> =
            self.most("/slowest_requests", all, |_| 0).into_iter().cloned().collect();
        for (index, request) in shown.iter_mut().enumerate() {
            let of = request.chain.len();
            request.chain.truncate(self.most);
            self.say(&format!("/slowest_requests/{index}/chain"), request.chain.len(), of);
        }
        shown
    }

    /// The summary's failures by cause, most frequent first.
    pub fn error_causes(&mut self, summary: &RunSummary) -> Value {
        json!(self.most("/error_causes", &summary.error_causes, |cause| cause.count))
    }

    /// Cuts what is still long in `tree`, which stands at `pointer`, the first entries kept.
    pub fn cut(&mut self, tree: &mut Value, pointer: &mut String) {
        let (length, most) = (pointer.len(), self.most * OF_ANY);
        match tree {
            Value::Array(values) => {
                self.say(pointer, most.min(values.len()), values.len());
                values.truncate(most);
                for (index, value) in values.iter_mut().enumerate() {
                    pointer.push_str(&format!("/{index}"));
                    self.cut(value, pointer);
                    pointer.truncate(length);
                }
            }
            Value::Object(entries) => {
                self.say(pointer, most.min(entries.len()), entries.len());
                if entries.len() > most {
                    *entries = std::mem::take(entries).into_iter().take(most).collect();
                }
                for (key, value) in entries.iter_mut() {
                    super::undefined::push_key(pointer, key);
                    self.cut(value, pointer);
                    pointer.truncate(length);
                }
            }
            Value::String(text) => {
                if let Some((end, _)) = text.char_indices().nth(MOST_CHARS) {
                    text.truncate(end);
                    text.push('…');
                }
            }
            _ => {}
        }
    }

    /// The metadata as it came, or without what is too long in it.
    pub fn metadata(&mut self, metadata: &RunMetadata) -> Value {
        let mut value = json!(metadata);
        let limit = self.most * METADATA_BYTES_PER_ENTRY;
        if value.to_string().len() <= limit {
            return value;
        }
        self.cut(&mut value, &mut "/run/metadata".to_owned());
        let entries = value.as_object_mut().into_iter().flatten();
        for (_, entry) in entries {
            let bytes = entry.to_string().len();
            if bytes > METADATA_BYTES_PER_ENTRY {
                *entry = Value::from(format!("(left out of the report: {bytes} bytes)"));
            }
        }
        value
    }
}

/// Of the changes, in their order, those of the gate and then the gravest, where lists show `most` entries.
pub fn gravest(changes: &[MetricChange], most: usize) -> Vec<&MetricChange> {
    let gravity = |change: &MetricChange| u64::from(change.gate) << 8 | u64::from(u8::MAX - change.rank());
    largest(changes.iter().map(gravity), most * OF_ANY).into_iter().map(|index| &changes[index]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::fixture;

    #[test]
    fn the_most_frequent_are_shown_in_their_order_and_the_number_of_all_is_said() {
        let mut shortener = Shortener::new(2);
        assert_eq!(shortener.most("/a", &[1u64, 9, 3, 9], |n| *n), [&9, &9]);
        assert_eq!(shortener.most("/b", &[1u64, 2], |n| *n), [&1, &2]);
        assert_eq!(shortener.into_shortened(), json!({ "/a": { "shown": 2, "of": 4 } }));
    }

    #[test]
    fn requests_stay_however_few_they_are() {
        let mut components = fixture::run_summary().components;
        let rare = Component {
            component: "rare".to_owned(),
            calls: components[0].calls.clone(),
            operations: components[0].operations.clone(),
        };
        let mut request = rare.clone();
        request.component = "request".to_owned();
        request.calls.counts = Default::default();
        components = vec![rare.clone(), rare, request];
        let shown = Shortener::new(1).components(&components);
        assert_eq!(shown.iter().map(|found| found.component.as_str()).collect::<Vec<_>>(), ["request"]);
    }

    #[test]
    fn long_lists_objects_and_texts_are_cut_wherever_they_stand() {
        let mut shortener = Shortener::new(1);
        let mut tree = json!({ "a": [vec![0; 9], "x".repeat(5_000)], "b": 1 });
        shortener.cut(&mut tree, &mut String::new());
        assert_eq!(tree["a"][0], json!(vec![0; 5]));
        assert_eq!(tree["a"][1].as_str().unwrap().chars().count(), MOST_CHARS + 1);
        assert_eq!(shortener.into_shortened(), json!({ "/a/0": { "shown": 5, "of": 9 } }));
    }

    #[test]
    fn of_many_changes_those_of_the_gate_and_the_gravest_are_shown() {
        let analysis = crate::report::fixture::judged();
        let comparison = analysis.regression.value().unwrap().comparison.value().unwrap();
        let is_grave = |change: &MetricChange| change.gate || change.rank() < 5;
        let grave: Vec<&MetricChange> = comparison.changes.iter().filter(|change| is_grave(change)).collect();
        assert!(!grave.is_empty() && grave.len() < comparison.changes.len());
        // Where there is room for those alone, wherever they stand among thousands of others.
        let other = comparison.changes.iter().find(|change| !is_grave(change)).unwrap();
        let mut all = vec![other.clone(); 2_000];
        all.extend(grave.iter().copied().cloned());
        let shown = gravest(&all, grave.len().div_ceil(OF_ANY));
        assert!(grave.iter().all(|change| shown.contains(change)));
        assert!(shown.len() < grave.len() + OF_ANY);
    }

    #[test]
    fn metadata_of_ordinary_length_stand_as_they_came() {
        let mut metadata = RunMetadata { scenario: Some("x".to_owned()), ..RunMetadata::default() };
        metadata.other.insert("list".to_owned(), json!(vec![1; 400]));
        assert_eq!(Shortener::new(40).metadata(&metadata), json!(metadata));
        metadata.other.insert("long".to_owned(), json!(vec!["x".repeat(90); 2_000]));
        let shown = Shortener::new(40).metadata(&metadata);
        assert_eq!((&shown["scenario"], shown["list"].as_array().unwrap().len()), (&json!("x"), 200));
        assert!(shown["long"].as_str().unwrap().starts_with("(left out of the report: "));
    }
}
