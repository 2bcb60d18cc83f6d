//! Failures of one component that have one cause.

use serde::Serialize;

/// Failed calls with one outcome word, operation and text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ErrorCause {
    pub component: String,
    pub category: String,
    /// None where the calls name none, or where causes are pooled.
    pub operation: Option<String>,
    /// What the calls said; `(other)` where texts or causes are pooled.
    pub detail: Option<String>,
    pub count: u64,
    /// Share of the component's finished calls, 0..1.
    pub share: f64,
    /// Start of the first and of the last such call, µs since 1970.
    pub first_us: i64,
    pub last_us: i64,
    /// True for the configured words that mean "cut off while waiting".
    #[serde(skip)]
    pub durations_are_lower_bounds: bool,
}

/// Stands for a word that differs from call to call.
const ID: char = '#';

/// A text in which each word with a digit in it is a sign: `no slot for 7f3a in 12.5 s` is `no slot for # in #.# s`. The status of
/// an answer stays, since it says what is wrong: `HTTP 503`.
pub fn without_ids(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut word = String::new();
    for letter in text.chars().map(Some).chain([None]) {
        if let Some(letter) = letter.filter(|letter| letter.is_alphanumeric()) {
            word.push(letter);
            continue;
        }
        let is_id = word.chars().any(|letter| letter.is_ascii_digit()) && !is_status(&word);
        if is_id {
            shown.push(ID);
        } else {
            shown.push_str(&word);
        }
        word.clear();
        shown.extend(letter);
    }
    shown
}

/// Is it the number of an error of HTTP?
fn is_status(word: &str) -> bool {
    word.len() == 3 && word.parse().is_ok_and(|number: u32| (400..600).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_times_go_and_the_status_of_an_answer_stays() {
        for (text, wanted) in [
            ("no slot for 7f3a in 12.5 s", "no slot for # in #.# s"),
            ("HTTP 503 from shard 4", "HTTP 503 from shard #"),
            ("order 11: refused", "order #: refused"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(without_ids(text), wanted);
            assert_eq!(without_ids(wanted), wanted, "twice is once");
        }
    }
}
