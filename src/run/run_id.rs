//! The name of a run: checked, because it comes from outside and names folders.

use std::fmt;

use xxhash_rust::xxh3::xxh3_64;

/// Longest id, characters.
const MAX_LENGTH: usize = 128;

/// A hyphen and eight digits.
const HASH_LENGTH: usize = 9;
const LATIN: [(&str, &str); 40] = [
    ("àáâãåāăąаα", "a"),
    ("бβ", "b"),
    ("çćčцχ", "c"),
    ("ďđдδ", "d"),
    ("èéêëēėęěеэёεη", "e"),
    ("фφ", "f"),
    ("ğгγ", "g"),
    ("х", "h"),
    ("ìíîïīįıиιі", "i"),
    ("й", "j"),
    ("кκ", "k"),
    ("łлλ", "l"),
    ("мμ", "m"),
    ("ñńňнν", "n"),
    ("òóôõøōőоοω", "o"),
    ("пπ", "p"),
    ("řрρ", "r"),
    ("śšşсσς", "s"),
    ("ťţтτ", "t"),
    ("ùúûūůűуυ", "u"),
    ("в", "v"),
    ("ýÿы", "y"),
    ("žźżзζ", "z"),
    ("ä", "ae"),
    ("ö", "oe"),
    ("ü", "ue"),
    ("ß", "ss"),
    ("æ", "ae"),
    ("œ", "oe"),
    ("ж", "zh"),
    ("ч", "ch"),
    ("ш", "sh"),
    ("щ", "shch"),
    ("ю", "yu"),
    ("я", "ya"),
    ("θ", "th"),
    ("ξ", "x"),
    ("ψ", "ps"),
    ("þ", "th"),
    ("ъь", ""),
];

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

    /// An id made from a file name: what is not allowed becomes `_`, letters of other scripts those of ours, and what is too
    /// long is cut off. A hash keeps names apart that differ in such letters, or behind the cut.
    pub fn from_file_name(stem: &str) -> RunId {
        let mut id = String::new();
        for letter in stem.chars() {
            match latin(letter) {
                Some(letters) => id.push_str(letters),
                None if letter.is_ascii() && is_allowed(letter as u8) => id.push(letter),
                None => id.push('_'),
            }
        }
        if !stem.is_ascii() || id.len() > MAX_LENGTH {
            id.truncate(MAX_LENGTH - HASH_LENGTH);
            id.push_str(&format!("-{:08x}", xxh3_64(stem.as_bytes()) as u32));
        }
        RunId::new(&id).unwrap_or_else(|| RunId("run".to_owned()))
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

/// Letters that are commonly written in these of ours.
fn latin(letter: char) -> Option<&'static str> {
    let lower = letter.to_lowercase().next()?;
    LATIN.iter().find(|(letters, _)| letters.contains(lower)).map(|(_, latin)| *latin)
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
        for (stem, id) in [("load 50 (2)", "load_50__2_"), ("..", "run"), ("", "run")] {
            assert_eq!(RunId::from_file_name(stem).as_str(), id);
        }
        assert_eq!(RunId::from_file_name(&"y".repeat(300)).as_str().len(), 128);
    }

    #[test]
    fn names_in_other_scripts_stay_different_and_can_be_read() {
        for (stem, begin) in [
            ("тест", "test-"),
            ("план", "plan-"),
            ("größe 50", "groesse_50-"),
            ("Ночь", "noch-"),
            ("負荷", "__-"),
            ("試験", "__-"),
        ] {
            let id = RunId::from_file_name(stem).to_string();
            assert!(id.starts_with(begin) && id.len() == begin.len() + 8, "{stem}: {id}");
        }
        let long = |end: &str| RunId::from_file_name(&format!("{}{end}", "y".repeat(300)));
        for (one, other) in [("負荷", "試験"), ("тест", "test"), ("größe", "grösse")] {
            assert_ne!(RunId::from_file_name(one), RunId::from_file_name(other));
        }
        assert_ne!(long("1"), long("2"));
    }
}
