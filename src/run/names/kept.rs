//! The names of a run that are kept apart, the most frequent ones, and what is said of the others.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::known::{hash, is_known};
use crate::run::columns::{ANSWERED_BY, COMPONENT, INSTANCE, OPERATION, OUTCOME};

/// Components of which it is said that names of theirs are not kept; of more, how many.
const SAID: usize = 3;

/// The names of one column, of the run or of one of its components, by how often they occur.
#[derive(Debug, Default)]
pub struct Ranking {
    /// All that there are; `None` where they are more than are counted.
    distinct: Option<usize>,
    kept: FxHashSet<u64>,
}

impl Ranking {
    /// The `most` most frequent of `names`, which are (hash, rows).
    pub fn of(mut names: Vec<(u64, u64)>, most: usize) -> Self {
        let distinct = Some(names.len());
        names.sort_unstable_by_key(|&(hash, rows)| (std::cmp::Reverse(rows), hash));
        names.truncate(most);
        Self { distinct, kept: names.into_iter().map(|(hash, _)| hash).collect() }
    }

    pub fn kept(&self) -> impl Iterator<Item = u64> + '_ {
        self.kept.iter().copied()
    }

    pub fn holds(&self, hash: u64) -> bool {
        self.kept.contains(&hash)
    }

    pub fn retain(&mut self, holds: impl Fn(u64) -> bool) {
        self.kept.retain(|&hash| holds(hash));
    }
}

/// Whose names: a column, and the component's hash where each has names of its own.
type Scope = (usize, Option<u64>);

/// The names that are kept apart.
#[derive(Debug, Default)]
pub struct Kept {
    rankings: FxHashMap<Scope, Ranking>,
    /// Of names that are not kept, the shortest, and the first by alphabet of these.
    examples: Mutex<BTreeMap<Scope, String>>,
}

/// `answered_by` names components.
fn scope(column: usize, component: Option<u64>) -> Scope {
    match column {
        ANSWERED_BY => (COMPONENT, None),
        OPERATION | INSTANCE => (column, component),
        _ => (column, None),
    }
}

impl Kept {
    pub fn insert(&mut self, column: usize, component: Option<u64>, ranking: Ranking) {
        self.rankings.insert((column, component), ranking);
    }

    /// Is `word` kept apart in the column, among the names of the component?
    pub fn holds(&self, column: usize, component: Option<u64>, word: &str) -> bool {
        let scope = scope(column, component);
        let is_kept = |ranking: &Ranking| ranking.kept.contains(&hash(word));
        if is_known(column, word) || self.rankings.get(&scope).is_some_and(is_kept) {
            return true;
        }
        let mut examples = self.examples.lock().unwrap_or_else(PoisonError::into_inner);
        let example = examples.entry(scope).or_insert_with(|| word.to_owned());
        if (word.len(), word) < (example.len(), example.as_str()) {
            *example = word.to_owned();
        }
        false
    }

    /// What is said of the names that were not kept; `component` finds the word of a hash.
    pub fn notes(&self, component: impl Fn(u64) -> Option<String>) -> Vec<String> {
        let examples = self.examples.lock().unwrap_or_else(PoisonError::into_inner);
        let mut notes = Vec::new();
        for (column, one, many) in [
            (COMPONENT, "component", "components"),
            (OPERATION, "operation", "operations"),
            (OUTCOME, "outcome", "outcomes"),
            (INSTANCE, "instance", "instances"),
        ] {
            let mut of_column: Vec<(usize, &Scope, &String)> = examples
                .iter()
                .filter(|((index, _), _)| *index == column)
                .map(|(scope, example)| (self.distinct(scope).unwrap_or(usize::MAX), scope, example))
                .collect();
            of_column.sort_by_key(|(distinct, _, example)| (std::cmp::Reverse(*distinct), *example));
            for (distinct, scope, example) in of_column.iter().take(SAID) {
                let whose =
                    scope.1.and_then(&component).map(|name| format!(" of `{name}`")).unwrap_or_default();
                notes.push(self.note(*distinct, scope, &format!("{many}{whose}"), (one, example)));
            }
            if let Some(more @ 1..) = of_column.len().checked_sub(SAID) {
                notes.push(format!(
                    "{many} of {more} more components: of these, too, the most frequent are kept"
                ));
            }
        }
        notes
    }

    fn distinct(&self, scope: &Scope) -> Option<usize> {
        self.rankings.get(scope).and_then(|ranking| ranking.distinct)
    }

    /// `distinct` names, `many` says of what.
    fn note(&self, distinct: usize, scope: &Scope, many: &str, (one, example): (&str, &str)) -> String {
        let remedy = format!("give {one}s without ids in them");
        let count = if distinct == usize::MAX { "Too many".to_owned() } else { grouped(distinct) };
        let of_others = match self.rankings.get(scope).map_or(0, |ranking| ranking.kept.len()) {
            0 => "all are `(other)`".to_owned(),
            kept => format!("the {} most frequent are kept, the others are `(other)`", grouped(kept)),
        };
        format!("{count} different {many} (such as `{example}`): {of_others}; {remedy}")
    }
}

/// With commas between the thousands.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let first = digits.len() % 3;
    let mut text = digits[..first].to_owned();
    for at in (first..digits.len()).step_by(3) {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&digits[at..at + 3]);
    }
    text
}
