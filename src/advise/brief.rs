//! A finding in some ten words: the first clause of what is the matter, and that of what to do.

use super::finding::Finding;

/// What ends a clause.
const ENDS: [&str; 3] = [". ", ": ", "; "];

/// `Circuit breaker flaps: let it recover for longer`.
pub fn brief(finding: &Finding) -> String {
    let what = finding.brief.clone().unwrap_or_else(|| clause(&finding.headline));
    format!("{what}: {}", small(&action(&finding.action)))
}

/// The core of an action: that against the most frequent cause, where there are several.
fn action(text: &str) -> String {
    let first = match text.strip_prefix("Against ") {
        Some(several) => several.split_once("): ").map_or(several, |(_, action)| action),
        None => text,
    };
    clause(first).replace("Consider increasing ", "Increase ")
}

/// Letters of a number with its unit.
const SHORT: usize = 12;

/// The first clause, without what stands in brackets, unless it is a number.
fn clause(text: &str) -> String {
    let text = without_brackets(text);
    let end = ENDS.iter().filter_map(|end| text.find(end)).min().unwrap_or(text.len());
    text[..end].trim_end_matches('.').to_owned()
}

fn without_brackets(text: &str) -> String {
    let mut rest = text;
    let mut plain = String::with_capacity(text.len());
    while let Some((before, inside)) = rest.split_once(" (") {
        let Some((_, after)) = inside.split_once(')') else { break };
        plain.push_str(before);
        let inside = &inside[..inside.len() - after.len() - 1];
        if inside.len() <= SHORT && inside.starts_with(|first: char| first.is_ascii_digit()) {
            plain.push(' ');
            plain.push_str(inside);
        }
        rest = after;
    }
    plain + rest
}

/// With a small first letter, unless the word is a name.
fn small(text: &str) -> String {
    let mut letters = text.chars();
    let is_name = text.chars().skip(1).take_while(|letter| letter.is_alphabetic()).any(char::is_uppercase);
    match letters.next() {
        Some(first) if !is_name => first.to_lowercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advise::finding::Cause;
    use crate::units::Unit;

    fn of(headline: &str, action: &str) -> String {
        brief(&Finding::new("x", Cause::Other, (1.0, Unit::Number), headline.to_owned()).act(action))
    }

    #[test]
    fn a_finding_in_brief_is_its_first_clause_and_the_first_of_its_action() {
        assert_eq!(
            of(
                "Circuit breaker flaps: it opened 14 times (3.00 per minute, limit 1.00).",
                "Let it recover for longer: a longer cooldown."
            ),
            "Circuit breaker flaps: let it recover for longer"
        );
        assert_eq!(
            of(
                "The fallback costs 0.06 of the quality.",
                "Give it more slots (`MAX_ASYNC`) or refuse calls. More."
            ),
            "The fallback costs 0.06 of the quality: give it more slots or refuse calls"
        );
        assert_eq!(
            of("X fails.", "Against 9 of 9 failures (api_error \"a: b\"): Raise the limit. Against 1: Mend."),
            "X fails: raise the limit"
        );
        assert_eq!(of("Rate (44.73 %) below 95 %. Y.", "Mend."), "Rate 44.73 % below 95 %: mend");
        assert_eq!(of("X (a fails.", "LightRAG waits"), "X (a fails: LightRAG waits");
    }
}
