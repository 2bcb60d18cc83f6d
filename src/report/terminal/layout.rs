//! Widths on a terminal: how wide a text is, how to cut it, how to break it.

use std::fmt::Write;

use anstyle::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::paper::Paper;

/// Columns that `text` takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// `text` in at most `room` columns: what is too much is cut from the middle, since names differ at both ends.
pub fn cut_middle(text: &str, room: usize, paper: Paper) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let Some(left) = room.checked_sub(width(paper.ellipsis())) else {
        return take_width(text.chars(), room);
    };
    let head = take_width(text.chars(), left - left / 2);
    let tail: String = take_width(text.chars().rev(), left / 2).chars().rev().collect();
    format!("{head}{}{tail}", paper.ellipsis())
}

/// The same of a sentence, which is cut at its end.
pub fn cut_end(text: &str, room: usize, paper: Paper) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    match room.checked_sub(width(paper.ellipsis())) {
        Some(left) => {
            take_width(text.chars(), left).trim_end_matches([' ', ',', ';', ':']).to_owned()
                + paper.ellipsis()
        }
        None => take_width(text.chars(), room),
    }
}

fn take_width(characters: impl Iterator<Item = char>, room: usize) -> String {
    let mut taken = String::new();
    let mut left = room;
    for character in characters {
        let wide = character.width().unwrap_or(0);
        if wide > left {
            break;
        }
        left -= wide;
        taken.push(character);
    }
    taken
}

/// `text` broken at spaces into lines of at most `room` columns; a longer word goes on in the next line.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words(text) {
        if !line.is_empty() {
            if width(&line) + 1 + width(&word) > room {
                lines.push(std::mem::take(&mut line));
            } else {
                line.push(' ');
            }
        }
        let mut rest = word.as_str();
        while width(rest) > room {
            let part = take_width(rest.chars(), room);
            if part.is_empty() {
                break;
            }
            rest = &rest[part.len()..];
            lines.push(part);
        }
        line.push_str(rest);
    }
    lines.push(line);
    lines
}

/// What stands between two words that belong together.
const SIGNS: [&str; 3] = ["=", "<", ">"];

/// The words of `text`; a number and what follows it (its unit) are one, and so are `n = 5` and `P95 < 2 s`.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let belongs = |last: &&mut String| {
            last.ends_with(|end: char| end.is_ascii_digit())
                || SIGNS.contains(&word)
                || SIGNS.iter().any(|sign| last.strip_suffix(sign).is_some_and(|rest| rest.ends_with(' ')))
        };
        match words.last_mut().filter(belongs) {
            Some(last) => {
                last.push(' ');
                last.push_str(word);
            }
            None => words.push(word.to_owned()),
        }
    }
    words
}

/// The first `most` of the lines; the last of them says that there are more.
pub fn first_lines(mut lines: Vec<String>, most: usize, room: usize, paper: Paper) -> Vec<String> {
    if most > 0 && lines.len() > most {
        let rest = lines.split_off(most - 1).join(" ");
        lines.push(cut_end(&rest, room, paper));
    }
    lines
}

/// A line that never grows beyond its room.
pub struct Line {
    text: String,
    left: usize,
    paper: Paper,
}

impl Line {
    pub fn new(indent: &str, paper: Paper) -> Self {
        Self { text: indent.to_owned(), left: paper.columns().saturating_sub(width(indent)), paper }
    }

    pub fn push(&mut self, part: &str, style: Style) {
        let part = cut_middle(part, self.left, self.paper);
        if part.is_empty() {
            return;
        }
        self.left -= width(&part);
        // Writing into a string cannot fail.
        let _ = write!(self.text, "{style}{part}{style:#}");
    }

    /// Without spaces at its end.
    pub fn finish(self) -> String {
        self.text.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_in_the_middle_by_their_width_on_the_screen() {
        let cut = |text, room| cut_middle(text, room, Paper::default());
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("abcdefghij", 7), "abc…hij");
        assert_eq!(cut("abcdefghij", 1), "…");
        assert_eq!(cut("abc", 0), "");
        let wide = cut("速い速い速い速い", 7);
        assert!(width(&wide) <= 7 && wide.contains('…'), "{wide}");
        let ascii = Paper::new(None, true);
        assert_eq!(cut_middle("abcdefghij", 7, ascii), "abc..ij");
        assert_eq!(cut_middle("abcdefghij", 1, ascii), "a");
    }

    #[test]
    fn sentences_are_cut_at_their_end() {
        let cut = |text, room| cut_end(text, room, Paper::default());
        assert_eq!(cut("it opened, often", 16), "it opened, often");
        assert_eq!(cut("it opened, often", 12), "it opened…");
        let lines = wrap("one two three four", 9);
        assert_eq!(first_lines(lines.clone(), 2, 9, Paper::default()), ["one two", "three fo…"]);
        assert_eq!(first_lines(lines, 3, 9, Paper::default()), ["one two", "three", "four"]);
    }

    #[test]
    fn lines_break_at_spaces_and_nothing_is_lost() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), [""]);
        assert_eq!(wrap("up to 12.5 % more", 10), ["up to", "12.5 %", "more"]);
        assert_eq!(wrap("fine, n = 290 s here", 9), ["fine,", "n = 290 s", "here"]);
        assert_eq!(wrap("a abcdefghijkl b", 7), ["a", "abcdefg", "hijkl b"]);
        assert_eq!(wrap("速い速", 1), ["速い速"], "what cannot be broken stays");
    }
}
