//! What the words of a run mean: kinds of components, classes of outcomes.

use std::sync::Arc;

use crate::run::Lexicon;
pub use crate::run::OutcomeClass as Class;

/// Stands for "no word" where codes are stored in plain arrays.
pub const NO_WORD: u32 = u32::MAX;

/// How a component's rows are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Request,
    Lightrag,
    /// L1, L2, L3 as 0, 1, 2.
    CacheTier(usize),
    Perplexity,
    CacheFallback,
    Breaker,
    Process,
    Phase,
    Custom,
}

impl Kind {
    pub fn of(component: &str) -> Self {
        match component {
            "request" => Kind::Request,
            "lightrag" => Kind::Lightrag,
            "perplexity" => Kind::Perplexity,
            "cache_l1" => Kind::CacheTier(0),
            "cache_l2" => Kind::CacheTier(1),
            "cache_l3" => Kind::CacheTier(2),
            "cache_fallback" => Kind::CacheFallback,
            "circuit_breaker" => Kind::Breaker,
            "process" => Kind::Process,
            "phase" => Kind::Phase,
            _ => Kind::Custom,
        }
    }

    /// Index in the fallback chain LightRAG → Perplexity → cached answer.
    pub fn fallback_level(self) -> Option<usize> {
        match self {
            Kind::Lightrag => Some(0),
            Kind::Perplexity => Some(1),
            Kind::CacheFallback => Some(2),
            _ => None,
        }
    }
}

/// A run's words at the end of reading, with their order and meaning.
///
/// Codes come in order of arrival; `rank` is the order of the words themselves, the same however they arrived.
pub struct Words {
    words: Vec<Arc<str>>,
    ranks: Vec<u32>,
    classes: Vec<Class>,
}

impl Words {
    pub fn of(lexicon: &Lexicon) -> Self {
        let words = lexicon.words();
        let mut order: Vec<usize> = (0..words.len()).collect();
        order.sort_unstable_by(|&a, &b| words[a].cmp(&words[b]));
        let mut ranks = vec![0; words.len()];
        for (rank, &code) in order.iter().enumerate() {
            ranks[code] = rank as u32;
        }
        let classes = words.iter().map(|word| Class::of(word)).collect();
        Self { words, ranks, classes }
    }

    /// The word of a code of this run's lexicon.
    pub fn word(&self, code: u32) -> &str {
        &self.words[code as usize]
    }

    /// The word, or `None` for `NO_WORD`.
    pub fn some_word(&self, code: u32) -> Option<&str> {
        (code != NO_WORD).then(|| self.word(code))
    }

    /// Index of the word in alphabetical order; `NO_WORD` comes before all.
    pub fn rank(&self, code: u32) -> Option<u32> {
        (code != NO_WORD).then(|| self.ranks[code as usize])
    }

    pub fn class(&self, code: u32) -> Class {
        self.classes[code as usize]
    }

    pub fn kind(&self, code: u32) -> Kind {
        Kind::of(self.word(code))
    }
}
