//! A batch of a run's rows as a Polars frame: what passes from reading to measuring.

use std::sync::{Arc, RwLock};

use polars_core::frame::DataFrame;

/// Words of a run's text columns ↔ small codes. One lexicon serves a whole run, all its batches and columns.
///
/// Codes are given in order of arrival, which differs between two readings of one run: never sort or print
/// by code, always by word.
#[derive(Debug, Default)]
pub struct Lexicon {
    words: RwLock<Words>,
}

#[derive(Debug, Default)]
struct Words {
    code_by_word: std::collections::HashMap<Arc<str>, u32>,
    word_by_code: Vec<Arc<str>>,
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
