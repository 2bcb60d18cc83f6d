//! Settings of the comparison with a baseline: confidence, assumed noise, and the rule of each metric.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::severity::Severity;
use crate::metrics::{Better, Scale};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegressionSettings {
    pub alpha: f64,
    pub confidence: f64,
    pub power: f64,
    pub must_exclude: Severity,
    pub batches: usize,
    pub min_batches: usize,
    pub min_beyond_per_batch: u64,
    pub quantiles: Vec<f64>,
    pub run_noise: f64,
    pub run_noise_points: f64,
    pub run_noise_amount: f64,
    pub run_noise_weight: f64,
    pub run_noise_doubted_at: f64,
    pub run_noise_weight_doubted: f64,
    pub varies_more_from: f64,
    pub starved_below: f64,
    pub max_length_ratio: f64,
    pub days_together: usize,
    pub environment_memory_tolerance: f64,
    /// `component/metric` (with `*`) → how it is compared.
    pub metrics: BTreeMap<String, MetricRule>,
}

/// How one metric is compared with a baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricRule {
    /// Which way it is worse; follows from the catalogue, but for sampled metrics of the user's own.
    pub worse: Worse,
    /// The scale on which it changes, likewise.
    pub change: Scale,
    /// A change up to this does not matter; on that scale.
    pub margin: f64,
    /// A regression from this size on is of medium severity …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medium: Option<f64>,
    /// … high …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// … or critical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<f64>,
    /// Part of the gate.
    #[serde(default)]
    pub gate: bool,
}

/// Which way a metric is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Worse {
    Higher,
    Lower,
}

impl Worse {
    /// The other way than better; none where neither is.
    pub fn than(better: Better) -> Option<Self> {
        match better {
            Better::Lower => Some(Worse::Higher),
            Better::Higher => Some(Worse::Lower),
            Better::Neither => None,
        }
    }

    /// As it stands in settings and tables.
    pub fn word(self) -> &'static str {
        match self {
            Worse::Higher => "higher",
            Worse::Lower => "lower",
        }
    }
}

impl RegressionSettings {
    /// The rule for `component/metric` and its name in the settings: the exact name, else the pattern with the most
    /// letters besides `*` that fits.
    pub fn rule(&self, key: &str) -> Option<(&str, &MetricRule)> {
        let letters = |pattern: &str| pattern.chars().filter(|&letter| letter != '*').count();
        self.metrics
            .iter()
            .filter(|(pattern, _)| fits(pattern, key))
            .max_by_key(|(pattern, _)| (pattern.as_str() == key, letters(pattern)))
            .map(|(pattern, rule)| (pattern.as_str(), rule))
    }
}

/// Does `text` fit `pattern`, in which `*` stands for any letters but `/`?
pub fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            let end = rest.find('/').unwrap_or(rest.len());
            (0..=end).filter(|&at| rest.is_char_boundary(at)).any(|at| fits(after, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;

    #[test]
    fn the_most_exact_rule_wins() {
        let settings = Config::defaults().regression;
        let name = |key: &str| settings.rule(key).map(|(name, _)| name);
        assert_eq!(name("request/ok_p95_ms"), Some("request/ok_p95_ms"));
        assert_eq!(name("vector_db/ok_p95_ms"), Some("*/ok_p95_ms"));
        assert_eq!(name("lightrag/error_rate.timeout"), Some("*/error_rate.*"));
        assert_eq!(name("cache_l1/hit_rate"), Some("*/hit_rate"));
        assert_eq!(name("cache/lookup_hit_rate"), Some("cache/lookup_hit_rate"));
        assert_eq!(name("cache/unknown"), None);
        assert_eq!(name("a/b/ok_p95_ms"), None);
    }

    #[test]
    fn the_default_gate_is_the_one_of_the_documents() {
        let settings = Config::defaults().regression;
        let gate: Vec<&str> =
            settings.metrics.iter().filter(|(_, rule)| rule.gate).map(|(name, _)| name.as_str()).collect();
        let wanted = [
            "lightrag/success_rate",
            "request/ok_p95_ms",
            "request/ok_per_s",
            "request/success_rate",
            "resources/memory_growth_mb",
        ];
        assert_eq!(gate, wanted);
    }
}
