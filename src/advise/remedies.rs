//! What helps against failures, by what they said and by the word for them.

use crate::metrics::LIGHTRAG;

/// One kind of failure: words of its texts, and what helps.
struct Kind {
    /// Any of these in a text, in small letters …
    words: &'static [&'static str],
    /// … or one of these numbers as a word of it.
    codes: &'static [&'static str],
    remedy: &'static str,
}

const RATE_LIMIT: &str = "Raise the provider's rate limit or spread the calls over more keys, and retry with exponential \
                          backoff and jitter within a retry budget.";
const BUDGET: &str = "Raise the budget per minute, or route simple questions to a cheaper mode.";
const PARSING: &str = "Ask the model for structured output (JSON schema) and repair or ask again once.";

/// The first that fits counts.
const KINDS: [Kind; 8] = [
    Kind {
        words: &["rate limit", "too many requests", "too many calls", "quota", "throttl"],
        codes: &["429"],
        remedy: RATE_LIMIT,
    },
    Kind { words: &["budget", "cost limit", "payment required"], codes: &["402"], remedy: BUDGET },
    Kind {
        words: &["no result", "no document", "no match", "nothing found", "no answer found", "empty result"],
        codes: &[],
        remedy: "Look at what was asked, check that the index holds it (ingest, filters, thresholds), and route such questions \
                 elsewhere: these calls find nothing, and a retry finds nothing either.",
    },
    Kind {
        words: &["unauthorized", "unauthorised", "forbidden", "api key", "permission", "credential"],
        codes: &["401", "403"],
        remedy: "Check the credentials and the rights of the caller: no retry helps.",
    },
    Kind {
        words: &[
            "connection refused",
            "connection reset",
            "unreachable",
            "name resolution",
            "broken pipe",
            "dns",
        ],
        codes: &[],
        remedy: "Check that what is called is up and can be reached (address, port, pool of connections), and keep \
                 connections open.",
    },
    Kind {
        words: &["internal error", "internal server error", "unavailable", "bad gateway", "overload"],
        codes: &["500", "502", "503", "504"],
        remedy: "Look into the log of what is called at these times, give it more capacity, and retry once with backoff: it \
                 fails by itself.",
    },
    Kind {
        words: &["bad request", "invalid request", "context length", "too long", "validation"],
        codes: &["400", "413", "422"],
        remedy: "Log one of the refused calls whole and mend what it asks.",
    },
    Kind {
        words: &["parse", "parsing", "json", "decode", "not valid", "schema"],
        codes: &[],
        remedy: PARSING,
    },
];

/// What helps against failures of a component with this word and text, as a sentence.
pub fn remedy(component: &str, category: &str, detail: Option<&str>, are_cut_off: bool) -> String {
    if are_cut_off {
        return against_waiting(component).to_owned();
    }
    let text = detail.unwrap_or_default().to_lowercase();
    let has_code = |codes: &[&str]| {
        text.split(|letter: char| !letter.is_alphanumeric()).any(|word| codes.contains(&word))
    };
    let found =
        KINDS.iter().find(|kind| kind.words.iter().any(|word| text.contains(word)) || has_code(kind.codes));
    match (found, category) {
        (Some(kind), _) => kind.remedy.to_owned(),
        // What a provider's interface refuses without a word is its limit as often as not.
        (None, "api_error") => RATE_LIMIT.to_owned(),
        (None, "parsing_error") => PARSING.to_owned(),
        (None, "cost_limit") => BUDGET.to_owned(),
        (None, "unanswered") => {
            "Find out where the requests hang: a deadline at each call ends the wait and says which."
                .to_owned()
        }
        (None, other) => format!("Look at the messages of `{other}` and mend the first of its causes."),
    }
}

fn against_waiting(component: &str) -> &'static str {
    if component == LIGHTRAG {
        "Find out what the calls wait for: give the model more slots (`MAX_ASYNC`, workers), lower `top_k` and \
         `max_total_tokens`, and raise the deadline only if answers would still be wanted then."
    } else {
        "Find out what the calls wait for (slots, connections, what they call in turn), and raise the deadline only if answers \
         would still be wanted then."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_decides_before_the_word() {
        let of = |detail: &str| remedy("lightrag", "api_error", Some(detail), false);
        assert!(of("Query returned no results").starts_with("Look at what was asked"));
        assert!(of("HTTP 503 from the model").starts_with("Look into the log of what is called"));
        assert!(of("HTTP 429: too many calls are waiting").starts_with("Raise the provider's rate limit"));
        // 4290 is no code.
        assert_eq!(of("took 4290 ms"), RATE_LIMIT);
        assert!(remedy("vector_db", "boom", None, false).contains("`boom`"));
        assert!(!remedy("vector_db", "timeout", None, true).contains("MAX_ASYNC"));
    }
}
