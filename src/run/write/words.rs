//! The words of one file and their codes.

use std::collections::HashMap;

/// A word of a text column, as [`super::RunWriter::code`] gave it; valid for that writer only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Code(pub i32);

/// Words ↔ codes of one file, in order of arrival.
#[derive(Debug, Default)]
pub struct Words {
    code_by_word: HashMap<String, Code>,
    word_by_code: Vec<String>,
}

impl Words {
    pub fn code(&mut self, word: &str) -> Code {
        if let Some(code) = self.find(word) {
            return code;
        }
        let code = Code(self.word_by_code.len() as i32);
        self.word_by_code.push(word.to_owned());
        self.code_by_word.insert(word.to_owned(), code);
        code
    }

    /// The code of `word` if it has one.
    pub fn find(&self, word: &str) -> Option<Code> {
        self.code_by_word.get(word).copied()
    }

    /// All words, each at the index of its code.
    pub fn all(&self) -> &[String] {
        &self.word_by_code
    }

    /// Rank of each code when the words are sorted.
    pub fn ranks(&self) -> Vec<usize> {
        let mut codes: Vec<usize> = (0..self.word_by_code.len()).collect();
        codes.sort_by_key(|&code| &self.word_by_code[code]);
        let mut ranks = vec![0; codes.len()];
        for (rank, code) in codes.into_iter().enumerate() {
            ranks[code] = rank;
        }
        ranks
    }
}
