//! What terminals and logs show that have no letters but ASCII: the one place where marks are spelt in it.

/// What stands for a letter that has no other.
const UNKNOWN: char = '?';

/// `text` in ASCII alone.
pub fn spelt(text: &str) -> String {
    let mut spelt = String::with_capacity(text.len());
    for letter in text.chars() {
        match mark(letter) {
            _ if letter.is_ascii() => spelt.push(letter),
            Some(mark) => spelt.push_str(mark),
            None => spelt.push(UNKNOWN),
        }
    }
    spelt
}

/// The marks that reports have, and what comes near them.
fn mark(letter: char) -> Option<&'static str> {
    Some(match letter {
        '–' | '—' | '−' | '‑' => "-",
        '…' => "...",
        '≥' => ">=",
        '≤' => "<=",
        '≈' => "~",
        '±' => "+-",
        '×' => "x",
        '·' => ".",
        '→' => "->",
        'µ' | 'μ' => "u",
        '\u{a0}' | '\u{202f}' => " ",
        '“' | '”' => "\"",
        '‘' | '’' => "'",
        'α' => "alpha",
        'β' => "beta",
        'γ' => "gamma",
        'ρ' => "rho",
        'φ' => "phi",
        '²' => "^2",
        '⁰' => "^0",
        '¹' => "^1",
        '³' => "^3",
        '⁴' => "^4",
        '⁵' => "^5",
        '⁶' => "^6",
        '⁷' => "^7",
        '⁸' => "^8",
        '⁹' => "^9",
        '│' => "|",
        '┊' => ":",
        '▁' => "_",
        '▂' => ",",
        '▃' => "-",
        '▄' => "=",
        '▅' => "+",
        '▆' => "*",
        '▇' => "%",
        '█' => "#",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_spelt_and_other_letters_are_counted_as_unknown() {
        assert_eq!(spelt("≥6,020 ms … ±3 % – p95¹ 速い é"), ">=6,020 ms ... +-3 % - p95^1 ?? ?");
        assert_eq!(spelt("▁▂▃▄▅▆▇█"), "_,-=+*%#");
    }
}
