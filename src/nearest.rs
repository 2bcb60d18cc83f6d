//! The known word that an unknown one is most like, for messages.

/// Below this two words are not alike (0..1, Damerau–Levenshtein).
const SIMILAR: f64 = 0.5;
/// Shorter words differ in one letter and are others: `get` and `set`.
const LEAST_LETTERS: usize = 5;

/// The one of `known` that `word` is most like, if it is like it at all.
pub fn nearest<K: AsRef<str>>(word: &str, known: impl IntoIterator<Item = K>) -> Option<K> {
    nearest_above(SIMILAR, word, known)
}

/// The same for words that must be at least so much alike.
pub fn nearest_above<K: AsRef<str>>(least: f64, word: &str, known: impl IntoIterator<Item = K>) -> Option<K> {
    let alike = |known: K| (strsim::normalized_damerau_levenshtein(word, known.as_ref()), known);
    let best = known.into_iter().map(alike).max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(alike, _)| *alike >= least).map(|(_, known)| known)
}

/// The one of `known` that `word` is another spelling of: other capitals and punctuation (`LightRAG`), or one letter that
/// is wrong. Digits tell things apart: `cache_l4` is no spelling of `cache_l3`.
pub fn respelling<K: AsRef<str>>(word: &str, known: impl IntoIterator<Item = K>) -> Option<K> {
    let letters = letters(word);
    known.into_iter().find(|known| known.as_ref() != word && is_spelling(&letters, known.as_ref()))
}

fn is_spelling(letters_of_word: &str, known: &str) -> bool {
    let known = letters(known);
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    letters_of_word == known
        || known.len() >= LEAST_LETTERS
            && letters_of_word.len().abs_diff(known.len()) <= 1
            && digits(letters_of_word) == digits(&known)
            && strsim::osa_distance(letters_of_word, &known) <= 1
}

fn letters(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_alike_is_named_and_nothing_where_none_is_alike() {
        let known = ["users", "run_id", "think_time_ms"];
        assert_eq!(nearest("user", known), Some("users"));
        assert_eq!(nearest("thinktime_ms", known), Some("think_time_ms"));
        assert_eq!(nearest("colour", known), None);
    }

    #[test]
    fn another_spelling_is_told_from_another_word() {
        let known = ["lightrag", "cache_l3", "request", "circuit_breaker", "get"];
        for (word, meant) in [
            ("LightRAG", "lightrag"),
            ("light-rag", "lightrag"),
            ("Cache L3", "cache_l3"),
            ("requests", "request"),
            ("CircuitBreaker", "circuit_breaker"),
            ("cirucit_breaker", "circuit_breaker"),
        ] {
            assert_eq!(respelling(word, known), Some(meant), "{word}");
        }
        for word in
            ["lightrag", "cache_l4", "cache_l", "reranker", "set", "request_log", "request2", "größe", ""]
        {
            assert_eq!(respelling(word, known), None, "{word}");
        }
    }
}
