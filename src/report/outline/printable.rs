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
            hidden if is_hidden(hidden) => REPLACEMENT,
            other => other,
        })
        .collect()
}

/// Turns the direction of writing, has no width (soft hyphen, marks and fillers of scripts, tags), or is no character at all,
/// which XML refuses.
fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{fffe}'..='\u{ffff}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_or_hides_text_is_replaced() {
        assert_eq!(printable("red\u{1b}[31m\u{202e}x\0"), "red·[31m·x·");
        for hidden in
            "\u{61c}\u{ad}\u{180e}\u{115f}\u{e0041}\u{e007f}\u{85}\u{9b}\u{2066}\u{3164}\u{7f}".chars()
        {
            assert_eq!(printable(&format!("a{hidden}b")), "a·b", "U+{:04X}", hidden as u32);
        }
        assert_eq!(printable("two\nlines\t."), "two lines .");
        assert_eq!(printable("schnell · 速い 🚀"), "schnell · 速い 🚀");
    }
}
