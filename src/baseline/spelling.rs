//! Is a JSON text spelt as ours? A flipped bit may change a digit or a letter without changing what it is read as.

/// Do the two JSON texts hold the same words, however they are set and in whatever order they come?
pub fn is_spelt_alike(a: &str, b: &str) -> bool {
    sorted_words(a) == sorted_words(b)
}

fn sorted_words(text: &str) -> Vec<&[u8]> {
    let mut words = Words(text.as_bytes()).collect::<Vec<_>>();
    words.sort_unstable();
    words
}

/// Strings with their quotes, numbers, `true`, `false` and `null` of a JSON text.
struct Words<'a>(&'a [u8]);

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.0.iter().position(|byte| !is_between(*byte))?;
        let rest = self.0.get(start..)?;
        let length = match rest.first() {
            Some(b'"') => string_length(rest),
            _ => rest.iter().position(|byte| is_between(*byte)).unwrap_or(rest.len()),
        };
        let (word, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(word)
    }
}

fn is_between(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"{}[],:".contains(&byte)
}

/// Of a string that begins with its quote, up to the quote that ends it.
fn string_length(text: &[u8]) -> usize {
    let mut is_escaped = false;
    let is_end = |byte: &u8| {
        let is_end = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        is_end
    };
    text.iter().skip(1).position(is_end).map_or(text.len(), |index| index + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_and_order_do_not_count_but_each_character_of_a_word_does() {
        let text = r#"{"a": [1.5, -2e-300], "b\"{ c": "x, y", "d": null}"#;
        for same in [
            "{\"a\":[1.5,-2e-300],\"b\\\"{ c\":\"x, y\",\"d\":null}",
            "{\"d\": null,\r\n\t\"b\\\"{ c\": \"x, y\", \"a\": [ -2e-300 , 1.5 ]}",
        ] {
            assert!(is_spelt_alike(text, same), "{same}");
        }
        for (old, new) in [("1.5", "1.50"), ("e-", "E-"), ("x, y", "x,  y"), ("null", "0"), ("b", "\\u0062")]
        {
            assert!(!is_spelt_alike(text, &text.replacen(old, new, 1)), "{new}");
        }
    }
}
