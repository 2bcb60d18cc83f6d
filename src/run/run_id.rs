//! The name of a run: checked, because it comes from outside and names folders.

use std::fmt;

/// Longest id, characters.
const MAX_LENGTH: usize = 128;

/// An id that matches `[A-Za-z0-9._-]{1,128}` and is not `.` or `..`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(String);

impl RunId {
    /// `text` as an id, or none when it is not a valid one.
    pub fn new(text: &str) -> Option<RunId> {
        let is_valid = (1..=MAX_LENGTH).contains(&text.len())
            && text.bytes().all(is_allowed)
            && text != "."
            && text != "..";
        is_valid.then(|| RunId(text.to_owned()))
    }

    /// An id made from a file name: what is not allowed becomes `_`, what is too long is cut off.
    pub fn from_file_name(stem: &str) -> RunId {
        let replaced =
            stem.chars().map(|c| if c.is_ascii() && is_allowed(c as u8) { c } else { '_' }).take(MAX_LENGTH);
        RunId::new(&replaced.collect::<String>()).unwrap_or_else(|| RunId("run".to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_one_folder_and_no_other() {
        for valid in ["load_50", "a", "2026-01-31T10.00", "...", &"x".repeat(128)] {
            assert_eq!(RunId::new(valid).map(|id| id.to_string()).as_deref(), Some(valid));
        }
        for invalid in ["", ".", "..", "a/b", "../x", "a b", "a\\b", "ä", "a\0", "a\n", &"x".repeat(129)] {
            assert_eq!(RunId::new(invalid), None, "{invalid:?}");
        }
    }

    #[test]
    fn a_file_name_always_gives_a_valid_id() {
        for (stem, id) in [("load 50 (2)", "load_50__2_"), ("größe", "gr__e"), ("..", "run"), ("", "run")] {
            assert_eq!(RunId::from_file_name(stem).as_str(), id);
        }
        assert_eq!(RunId::from_file_name(&"y".repeat(300)).as_str().len(), 128);
    }
}
