//! Counts of verdicts over many comparisons.

use std::collections::BTreeMap;

use cmo_metrics::judge::{ChangeWord, Regression};

/// What many comparisons said.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) comparisons: u64,
    /// Comparisons with at least one metric regressed.
    pub(crate) any_regressed: u64,
    /// Exit code → comparisons.
    pub(crate) exits: BTreeMap<u8, u64>,
    pub(crate) regressed: BTreeMap<String, u64>,
    pub(crate) suspected: BTreeMap<String, u64>,
    /// Metric of the gate → comparisons in which it kept the gate from passing.
    pub(crate) open: BTreeMap<String, u64>,
    /// Metric → smallest detectable changes that were announced.
    pub(crate) announced: BTreeMap<String, Vec<f64>>,
}

impl Tally {
    pub(crate) fn add(&mut self, regression: &Regression) {
        self.comparisons += 1;
        *self.exits.entry(regression.gate.code.code()).or_default() += 1;
        for check in regression.gate.checks.iter().filter(|check| check.code.code() == 3) {
            *self.open.entry(check.metric.clone()).or_default() += 1;
        }
        let changes = &regression.comparison.value().expect("runs of one kind are comparable").changes;
        let mut has_regressed = false;
        for change in changes {
            let key = format!("{}/{}", change.component, change.metric);
            match change.word.value() {
                Some(ChangeWord::Regressed) => {
                    has_regressed = true;
                    *self.regressed.entry(key.clone()).or_default() += 1;
                }
                Some(ChangeWord::Suspected) => *self.suspected.entry(key.clone()).or_default() += 1,
                _ => {}
            }
            if let Some(smallest) = change.smallest_detectable_change.number() {
                self.announced.entry(key).or_default().push(smallest);
            }
        }
        self.any_regressed += u64::from(has_regressed);
    }

    pub(crate) fn exit(&self, code: u8) -> String {
        share(self.exits.get(&code).copied().unwrap_or(0), self.comparisons)
    }

    pub(crate) fn regressed(&self, metric: &str) -> String {
        share(self.regressed.get(metric).copied().unwrap_or(0), self.comparisons)
    }

    /// Median of what was announced for a metric.
    pub(crate) fn announced(&self, metric: &str) -> Option<f64> {
        let mut values = self.announced.get(metric)?.clone();
        values.sort_by(f64::total_cmp);
        Some(values[values.len() / 2])
    }

    /// The metrics most often in `counts`, with their shares.
    pub(crate) fn most(&self, counts: &BTreeMap<String, u64>, how_many: usize) -> String {
        let mut sorted: Vec<(&String, &u64)> = counts.iter().collect();
        sorted.sort_by_key(|&(metric, count)| (std::cmp::Reverse(count), metric));
        let words: Vec<String> = sorted
            .into_iter()
            .take(how_many)
            .map(|(metric, count)| format!("{metric} {}", share(*count, self.comparisons)))
            .collect();
        if words.is_empty() { "–".to_owned() } else { words.join(", ") }
    }
}

pub(crate) fn share(count: u64, of: u64) -> String {
    format!("{:.1} %", 100.0 * count as f64 / of.max(1) as f64)
}
