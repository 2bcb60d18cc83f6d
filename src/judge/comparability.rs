//! May a run be compared with a baseline, and with which of its runs: same load, same machine, same settings.

use std::collections::BTreeMap;

use super::verdicts::{Comparability, FieldComparison, FieldWord};
use crate::baseline::{Conditions, RunRecord};
use crate::config::RegressionSettings;
use crate::units::some_of;

mod choice;
mod field;
mod length;
mod sides;
#[cfg(test)]
mod tests;

pub use choice::{GroupChoice, select_group};
pub use field::Field;
pub use length::keep_of_like_length;
pub use sides::environment_text;

use sides::Pair;

/// Runs that are named with what differs; the others are counted.
const MOST_NAMED: usize = 4;

/// Compares `current` with each run of `group`, field by field. Unknown on one side blocks like a difference; unknown
/// on both sides is only named; a field in `allowed` never blocks. An empty group is comparable with nothing.
pub fn compare_conditions(
    current: &Conditions,
    group: &[&RunRecord],
    allowed: &[Field],
    settings: &RegressionSettings,
) -> Comparability {
    let fields: Vec<FieldComparison> = Field::OF_CONDITIONS
        .iter()
        .map(|&field| compare_field(field, current, group, allowed, settings))
        .collect();
    Comparability { comparable: !group.is_empty() && fields.iter().all(|field| !field.blocks), fields }
}

impl Comparability {
    /// The fields that stand in the way.
    pub fn obstacles(&self) -> impl Iterator<Item = &FieldComparison> {
        self.fields.iter().filter(|field| field.blocks)
    }
}

fn compare_field(
    field: Field,
    current: &Conditions,
    group: &[&RunRecord],
    allowed: &[Field],
    settings: &RegressionSettings,
) -> FieldComparison {
    let pairs: Vec<(&str, Pair)> = group
        .iter()
        .map(|run| (run.run_id.as_str(), Pair::of(field, &run.conditions, current, settings)))
        .collect();
    let word = overall(pairs.iter().map(|(_, pair)| pair.word));
    let is_obstacle = !matches!(word, FieldWord::Same | FieldWord::UnknownInBoth);
    let is_allowed = allowed.contains(&field);
    FieldComparison {
        field: field.name().to_owned(),
        baseline: baseline_text(&pairs),
        current: sides::text(field, current),
        word: if is_obstacle && is_allowed { FieldWord::Allowed } else { word },
        blocks: is_obstacle && !is_allowed,
        differences: differences(&pairs),
        remedy: None,
    }
}

/// The word for a group of which single runs may differ: the gravest.
fn overall(words: impl Iterator<Item = FieldWord>) -> FieldWord {
    let gravity = |word: &FieldWord| match word {
        FieldWord::Same | FieldWord::Allowed => 0,
        FieldWord::UnknownInBoth => 1,
        FieldWord::UnknownInBaseline => 2,
        FieldWord::UnknownInCurrent => 3,
        FieldWord::Different => 4,
    };
    words.max_by_key(gravity).unwrap_or(FieldWord::UnknownInBaseline)
}

/// What the baseline's runs have, with their ids where they do not agree.
fn baseline_text(pairs: &[(&str, Pair)]) -> Option<String> {
    let mut runs_by_value: BTreeMap<Option<&str>, Vec<&str>> = BTreeMap::new();
    for (run_id, pair) in pairs {
        runs_by_value.entry(pair.baseline.as_deref()).or_default().push(run_id);
    }
    if runs_by_value.len() <= 1 {
        return runs_by_value.into_keys().next().flatten().map(str::to_owned);
    }
    let parts = runs_by_value
        .iter()
        .map(|(value, runs)| format!("{} ({})", value.unwrap_or(sides::UNKNOWN), some_of(runs, MOST_NAMED)));
    Some(parts.collect::<Vec<_>>().join("; "))
}

/// Each difference once, with the runs that show it unless all do.
fn differences(pairs: &[(&str, Pair)]) -> Vec<String> {
    let mut seen: Vec<(&str, Vec<&str>)> = Vec::new();
    for (run_id, pair) in pairs {
        for difference in &pair.differences {
            match seen.iter_mut().find(|(text, _)| text == difference) {
                Some((_, runs)) => runs.push(run_id),
                None => seen.push((difference, vec![run_id])),
            }
        }
    }
    seen.into_iter()
        .map(|(text, runs)| {
            if runs.len() == pairs.len() {
                text.to_owned()
            } else {
                format!("{text} ({})", some_of(&runs, MOST_NAMED))
            }
        })
        .collect()
}
