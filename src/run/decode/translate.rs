//! Words of other tools for what the contract has a word for.

use crate::run::columns::{OPERATION, OUTCOME};

/// Words of outcomes, whatever their case.
const OUTCOMES: [&str; 4] = ["ok", "hit", "miss", "blocked"];
/// What other tools write between the states of a transition.
const ARROWS: [&str; 5] = ["->", "=>", "\u{2192}", " to ", "_to_"];

/// The contract's word for `word` in a column, where it is another one; `ok_words` mean ok.
pub fn translate(column: usize, word: &str, ok_words: &[String]) -> Option<String> {
    let found = match column {
        OUTCOME => outcome(word, ok_words)?.to_owned(),
        OPERATION => transition(word)?,
        _ => return None,
    };
    (found != word).then_some(found)
}

fn outcome(word: &str, ok_words: &[String]) -> Option<&'static str> {
    let word = word.trim();
    let known = OUTCOMES.into_iter().find(|known| known.eq_ignore_ascii_case(word));
    let is_ok = || ok_words.iter().any(|ok| means(ok, word));
    known.or_else(|| is_ok().then_some("ok"))
}

/// Does the pattern mean this word? `2xx` means every status of three digits that begins with 2.
fn means(pattern: &str, word: &str) -> bool {
    let is_status = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    match pattern.strip_suffix("xx") {
        Some(class) if class.len() == 1 => is_status && word.starts_with(class),
        _ => pattern.eq_ignore_ascii_case(word),
    }
}

/// `OPEN => HALF-OPEN` is `open->half_open`.
fn transition(word: &str) -> Option<String> {
    let (before, after) = ARROWS.iter().find_map(|arrow| word.split_once(arrow))?;
    Some(format!("{}->{}", state(before)?, state(after)?))
}

/// The state of a breaker, as enums of other libraries spell it, too: `STATE_HALF_OPEN`, `BreakerState.OPEN`, `half-opened`.
fn state(word: &str) -> Option<&'static str> {
    let last = word.trim().rsplit(['.', ':']).next().unwrap_or_default();
    let letters: String = last.chars().filter(char::is_ascii_alphanumeric).collect();
    match letters.to_ascii_lowercase().trim_start_matches("state") {
        "closed" | "close" => Some("closed"),
        "open" | "opened" => Some("open"),
        "halfopen" | "halfopened" => Some("half_open"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn translated(column: usize, word: &str) -> Option<String> {
        translate(column, word, &Config::defaults().run.ok_words)
    }

    #[test]
    fn what_other_tools_call_a_success_is_ok() {
        for word in ["OK", "Ok", "success", "SUCCESS", "passed", "pass", "true", "True", "200", "204", "302"]
        {
            assert_eq!(translated(OUTCOME, word).as_deref(), Some("ok"), "{word}");
        }
        assert_eq!(translated(OUTCOME, "HIT").as_deref(), Some("hit"));
        for word in ["ok", "timeout", "500", "429", "2", "2000", "20x", "false", "error", "unsuccessful"] {
            assert_eq!(translated(OUTCOME, word), None, "{word}");
        }
    }

    #[test]
    fn transitions_of_breakers_are_understood_in_other_spellings() {
        for (word, meaning) in [
            ("open->half-open", "open->half_open"),
            ("CLOSED -> OPEN", "closed->open"),
            ("half-open=>closed", "half_open->closed"),
            ("CircuitBreakerState.HALF_OPEN -> CircuitBreakerState.OPEN", "half_open->open"),
            ("opened_to_half-opened", "open->half_open"),
            ("STATE_CLOSED \u{2192} STATE_OPEN", "closed->open"),
        ] {
            assert_eq!(translated(OPERATION, word).as_deref(), Some(meaning), "{word}");
        }
        for word in ["closed->open", "get", "call", "a->b", "reply to all", "user_to_user"] {
            assert_eq!(translated(OPERATION, word), None, "{word}");
        }
    }
}
