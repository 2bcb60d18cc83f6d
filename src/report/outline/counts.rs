//! How often each word occurs, as far as it does.

use crate::units;

/// `3 high`, `1 low`: in the order given, without what does not occur.
pub fn counts(words: &[(u64, &str)]) -> Vec<String> {
    let there = words.iter().filter(|(count, _)| *count > 0);
    there.map(|(count, word)| format!("{} {word}", units::count(*count))).collect()
}
