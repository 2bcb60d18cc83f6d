//! A batch of a run's rows as a Polars frame: what passes from reading to measuring.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, RwLock};

use polars_core::frame::DataFrame;

use crate::contract::COMPONENTS;
use crate::nearest::respelling;

/// Words of a run's text columns ↔ small codes. One lexicon serves a whole run, all its batches and columns.
///
/// Codes are given in order of arrival, which differs between two readings of one run: never sort or print
/// by code, always by word.
#[derive(Debug, Default)]
pub struct Lexicon {
    words: RwLock<Words>,
}

/// More words than this help nobody in a note.
const SHOWN: usize = 100;

#[derive(Debug, Default)]
struct Words {
    code_by_word: std::collections::HashMap<Arc<str>, u32>,
    word_by_code: Vec<Arc<str>>,
    /// (column, word of another tool, what it was read as).
    translated: BTreeSet<(&'static str, String, String)>,
    /// Columns in which words were cut, and behind how many bytes.
    cut: BTreeSet<(&'static str, usize)>,
    /// Names of components, with the known one that each looks like another spelling of.
    components: BTreeMap<String, Option<&'static str>>,
}

impl Lexicon {
    /// The code of `word`, given now if it is new.
    pub fn code(&self, word: &str) -> u32 {
        if let Some(&code) = self.read().code_by_word.get(word) {
            return code;
        }
        let mut words = self.words.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(&code) = words.code_by_word.get(word) {
            return code;
        }
        let code = words.word_by_code.len() as u32;
        let word: Arc<str> = word.into();
        words.word_by_code.push(word.clone());
        words.code_by_word.insert(word, code);
        code
    }

    /// The code of `meaning`, as which `word` in `column` is read.
    pub fn translated(&self, column: &'static str, word: &str, meaning: &str) -> u32 {
        let entry = (column, word.to_owned(), meaning.to_owned());
        if !self.read().translated.contains(&entry) {
            let mut words = self.words.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            words.translated.insert(entry);
        }
        self.code(meaning)
    }

    /// Notes that a word in `column` was longer than `most_bytes`.
    pub fn note_cut(&self, column: &'static str, most_bytes: usize) {
        if !self.read().cut.contains(&(column, most_bytes)) {
            self.words
                .write()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .cut
                .insert((column, most_bytes));
        }
    }

    /// Notes the name of a component: one that looks like a misspelling of a known one is said.
    pub fn note_component(&self, name: &str) {
        if !self.read().components.contains_key(name) {
            let meant = respelling(name, COMPONENTS).filter(|_| !COMPONENTS.contains(&name));
            let mut words = self.words.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            words.components.insert(name.to_owned(), meant);
        }
    }

    /// What is said of components whose names look like misspellings.
    pub fn misspelt_components(&self) -> Vec<String> {
        let words = self.read();
        let meant = words.components.iter().filter_map(|(name, meant)| Some((name, (*meant)?)));
        meant
            .map(|(name, meant)| {
                format!("component `{name}` is taken as one of its own: did you mean `{meant}`?")
            })
            .collect()
    }

    /// What was read as something else, by column: `outcome: OK, success read as ok`.
    pub fn translations(&self) -> Vec<String> {
        let words = self.read();
        let mut by_meaning: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for (column, word, meaning) in &words.translated {
            by_meaning.entry((column, meaning)).or_default().push(word);
        }
        let note = |((column, meaning), words): ((&str, &str), Vec<&str>)| {
            let shown: Vec<String> = words.iter().take(SHOWN).map(|word| format!("`{word}`")).collect();
            let more = words.len().saturating_sub(SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{column}: {}{more} read as `{meaning}`", shown.join(", "))
        };
        let cut = words
            .cut
            .iter()
            .map(|(column, most)| format!("{column}: names longer than {most} bytes are cut"));
        by_meaning.into_iter().map(note).chain(cut).collect()
    }

    /// The code of `word` if it has one.
    pub fn find(&self, word: &str) -> Option<u32> {
        self.read().code_by_word.get(word).copied()
    }

    /// The word behind `code`.
    ///
    /// # Panics
    /// When the code was not given by this lexicon: a bug, not an input.
    pub fn word(&self, code: u32) -> Arc<str> {
        self.read().word_by_code[code as usize].clone()
    }

    /// All words, each at the index of its code.
    pub fn words(&self) -> Vec<Arc<str>> {
        self.read().word_by_code.clone()
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Words> {
        self.words.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Rows of one run that passed the row checks, in any order.
///
/// Columns of `frame`, each in one chunk: all of the contract, under their names, in the types that their kinds
/// (`columns/kinds.rs`) say; words as codes of the run's lexicon. `ts` and `component` have no nulls. A column that
/// holds nothing in the rows of a frame may be absent from it.
#[derive(Debug, Clone)]
pub struct Batch {
    pub frame: DataFrame,
}
