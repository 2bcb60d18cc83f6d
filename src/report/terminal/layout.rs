//! Widths on a terminal: how wide a text is, how to cut it, how to break it, how to share the room.

use std::fmt::Write;

use anstyle::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::report::outline::{Cell, Column, ColumnKind};

const ELLIPSIS: char = '…';
/// A name is never cut below this many columns, unless the table would not fit otherwise.
const NARROWEST_NAME: usize = 8;

/// Columns that `text` takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// `text` in at most `room` columns: what is too much is cut from the middle, since names differ at both ends.
pub fn truncate_middle(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    if room == 0 {
        return String::new();
    }
    let tail_room = (room - 1) / 2;
    let head = take_width(text.chars(), room - 1 - tail_room);
    let tail: String = take_width(text.chars().rev(), tail_room).chars().rev().collect();
    format!("{head}{ELLIPSIS}{tail}")
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

/// `text` broken at spaces into lines of at most `room` columns; a longer word is cut.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words(text) {
        let word = truncate_middle(&word, room);
        let line = lines.last().map_or(0, |line| width(line));
        let needs = width(&word) + usize::from(line > 0);
        if line > 0 && line + needs > room {
            lines.push(word);
        } else if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
    }
    lines
}

/// The words of `text`; a number and what follows it (its unit) are one.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match words.last_mut().filter(|last| last.ends_with(|end: char| end.is_ascii_digit())) {
            Some(number) => {
                number.push(' ');
                number.push_str(word);
            }
            None => words.push(word.to_owned()),
        }
    }
    words
}

/// The width of each column, so that all together with `gap` between them take at most `room`: names give way,
/// the widest first.
pub fn fit_widths(columns: &[Column], rows: &[Vec<Cell>], gap: usize, room: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let cells = rows.iter().filter_map(|row| row.get(index)).map(|cell| width(&cell.text));
            cells.chain([width(column.name)]).max().unwrap_or(0)
        })
        .collect();
    let gaps = gap * columns.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > room {
        let names = (0..columns.len()).filter(|&index| columns[index].kind == ColumnKind::Name);
        let widest = names.filter(|&index| widths[index] > NARROWEST_NAME).max_by_key(|&index| widths[index]);
        match widest {
            Some(index) => widths[index] -= 1,
            None => break,
        }
    }
    widths
}

/// A line that never grows beyond its room.
pub struct Line {
    text: String,
    left: usize,
}

impl Line {
    pub fn new(indent: &str, room: usize) -> Self {
        Self { text: indent.to_owned(), left: room.saturating_sub(width(indent)) }
    }

    pub fn push(&mut self, part: &str, style: Style) {
        let part = truncate_middle(part, self.left);
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
        assert_eq!(truncate_middle("short", 5), "short");
        assert_eq!(truncate_middle("abcdefghij", 7), "abc…hij");
        assert_eq!(truncate_middle("abcdefghij", 1), "…");
        assert_eq!(truncate_middle("abc", 0), "");
        let wide = truncate_middle("速い速い速い速い", 7);
        assert!(width(&wide) <= 7 && wide.contains('…'), "{wide}");
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), [""]);
        assert_eq!(wrap("up to 12.5 % more", 10), ["up to", "12.5 %", "more"]);
        assert_eq!(wrap("a abcdefghijkl b", 7), ["a", "abc…jkl", "b"]);
    }
}
