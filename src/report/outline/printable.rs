//! Text of a run file that is shown to people: it may hold anything.

/// Shown in the place of a character that would steer the terminal or hide text.
const REPLACEMENT: char = '·';

/// `text` on one line, without control characters (escape sequences!) and without marks that turn the direction
/// of writing or have no width.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\r' | '\t' => ' ',
            control if control.is_control() => REPLACEMENT,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
                REPLACEMENT
            }
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_or_hides_text_is_replaced() {
        assert_eq!(printable("red\u{1b}[31m\u{202e}x\0"), "red·[31m·x·");
        assert_eq!(printable("two\nlines\t."), "two lines .");
        assert_eq!(printable("schnell · 速い 🚀"), "schnell · 速い 🚀");
    }
}
