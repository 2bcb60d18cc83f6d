//! One field of two runs: what each side has, and in which ways they differ.

use std::collections::{BTreeMap, BTreeSet};

use super::Field;
use crate::baseline::{Conditions, MEMORY_MB};
use crate::config::RegressionSettings;
use crate::judge::verdicts::FieldWord;
use crate::units::Unit;

/// Stands for what a run does not say of itself.
pub const UNKNOWN: &str = "unknown";

/// How much of the digest of the settings is shown.
const DIGITS_SHOWN: usize = 8;

/// A run of the baseline and the current run, in one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    pub baseline: Option<String>,
    pub word: FieldWord,
    /// `50 vs 25`: the baseline's value first. Empty where nothing differs.
    pub differences: Vec<String>,
}

impl Pair {
    pub fn of(
        field: Field,
        baseline: &Conditions,
        current: &Conditions,
        settings: &RegressionSettings,
    ) -> Self {
        let (word, differences) = match field {
            Field::Environment => compare_machines(baseline, current, settings.environment_memory_tolerance),
            Field::Config => compare_settings(baseline, current),
            _ => {
                let (a, b) = (text(field, baseline), text(field, current));
                let word = word_for(a.as_deref(), b.as_deref(), a == b);
                (word, difference("", a.as_deref(), b.as_deref(), word))
            }
        };
        Self { baseline: text(field, baseline), word, differences }
    }
}

/// What a run has in a field. No two values have the same text, but for settings, of which it shows the beginning of
/// the digest.
pub fn text(field: Field, conditions: &Conditions) -> Option<String> {
    match field {
        Field::Scenario => conditions.scenario.clone(),
        Field::Users => conditions.users.map(|users| users.to_string()),
        Field::LoadModel => conditions.load_model.clone(),
        Field::Rate => conditions.target_rate_per_s.map(|rate| format!("{rate} /s")),
        Field::Environment => {
            (!conditions.environment.is_empty()).then(|| environment_text(&conditions.environment))
        }
        Field::Config => {
            known(&conditions.config_digest).map(|text| text.chars().take(DIGITS_SHOWN).collect())
        }
        // It is known of a run, not of its conditions.
        Field::Length => None,
    }
}

/// `cpus 2, memory 25,277 MB, os linux`.
pub fn environment_text(environment: &BTreeMap<String, String>) -> String {
    let parts =
        environment.iter().map(|(key, value)| format!("{} {}", part_name(key), part_value(key, value)));
    parts.collect::<Vec<_>>().join(", ")
}

fn part_name(key: &str) -> String {
    if key == MEMORY_MB { "memory".to_owned() } else { key.replace('_', " ") }
}

fn part_value(key: &str, value: &str) -> String {
    match value.parse::<f64>() {
        Ok(number) if key == MEMORY_MB => Unit::Megabytes.print(number),
        _ => value.to_owned(),
    }
}

fn known(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn word_for(baseline: Option<&str>, current: Option<&str>, is_same: bool) -> FieldWord {
    match (baseline, current) {
        (None, None) => FieldWord::UnknownInBoth,
        (None, Some(_)) => FieldWord::UnknownInBaseline,
        (Some(_), None) => FieldWord::UnknownInCurrent,
        (Some(_), Some(_)) if is_same => FieldWord::Same,
        (Some(_), Some(_)) => FieldWord::Different,
    }
}

/// `name 50 vs 25`, or nothing where there is no difference.
fn difference(name: &str, baseline: Option<&str>, current: Option<&str>, word: FieldWord) -> Vec<String> {
    match word {
        FieldWord::Same | FieldWord::UnknownInBoth => Vec::new(),
        _ => {
            let (baseline, current) = (baseline.unwrap_or(UNKNOWN), current.unwrap_or(UNKNOWN));
            vec![format!("{name} {baseline} vs {current}").trim_start().to_owned()]
        }
    }
}

/// Part by part: what only one side knows is unknown on the other.
fn compare_machines(baseline: &Conditions, current: &Conditions, tolerance: f64) -> (FieldWord, Vec<String>) {
    let (baseline, current) = (&baseline.environment, &current.environment);
    let keys: BTreeSet<&String> = baseline.keys().chain(current.keys()).collect();
    let mut words = Vec::new();
    let mut differences = Vec::new();
    for key in keys {
        let (a, b) = (baseline.get(key), current.get(key));
        let is_same = a.zip(b).is_some_and(|(a, b)| is_same_part(key, a, b, tolerance));
        let word = word_for(a.map(String::as_str), b.map(String::as_str), is_same);
        let (a, b) = (a.map(|a| part_value(key, a)), b.map(|b| part_value(key, b)));
        differences.extend(difference(&part_name(key), a.as_deref(), b.as_deref(), word));
        if word != FieldWord::Same && !words.contains(&word) {
            words.push(word);
        }
    }
    let word = match words[..] {
        [] if baseline.is_empty() => FieldWord::UnknownInBoth,
        [] => FieldWord::Same,
        [word] => word,
        // Each side knows what the other does not.
        _ => FieldWord::Different,
    };
    (word, differences)
}

/// Two machines of one class do not report their memory to the byte.
fn is_same_part(key: &str, a: &str, b: &str, tolerance: f64) -> bool {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) if key == MEMORY_MB => (a - b).abs() <= tolerance * a.abs().max(b.abs()),
        _ => a == b,
    }
}

/// The digest decides; the sections say where to look.
fn compare_settings(baseline: &Conditions, current: &Conditions) -> (FieldWord, Vec<String>) {
    let (a, b) = (known(&baseline.config_digest), known(&current.config_digest));
    let word = word_for(a, b, a == b);
    if word != FieldWord::Different {
        return (word, difference("settings", a.map(|_| "known"), b.map(|_| "known"), word));
    }
    let (a, b) = (&baseline.config_sections, &current.config_sections);
    let sections: BTreeSet<&String> =
        a.keys().chain(b.keys()).filter(|&name| a.get(name) != b.get(name)).collect();
    let named: Vec<String> = sections.into_iter().map(|section| format!("[{section}] differs")).collect();
    (word, if named.is_empty() { vec!["settings differ".to_owned()] } else { named })
}
