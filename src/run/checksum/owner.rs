//! Whose file is it? Damage must not turn a file of ours into somebody else's, which nothing protects.

/// The Parquet key under which the checksum stands.
pub const CHECKSUM_KEY: &str = "cmo.checksum";
/// What our files give as their writer. Fixed, so that the same events give the same bytes.
pub const CREATED_BY: &str = "cmo-metrics run file version 1";

/// Metadata, checksum and writer stand at the end of a footer of ours, in fewer bytes: of a longer one no more is looked at.
const LOOKED_AT_BYTES: usize = 64 << 10;

/// Is a footer, which names `writer`, one of ours? Our writer's name counts wherever it stands: what says that it is the
/// name may be damaged as well. A tool that rewrites the rows may copy our metadata, but then gives its own name.
pub fn is_ours(footer: &[u8], writer: Option<&[u8]>) -> bool {
    let is_named =
        |writer: &[u8]| !writer.is_empty() && writer.iter().all(|byte| (b' '..=b'~').contains(byte));
    let footer = &footer[footer.len().saturating_sub(LOOKED_AT_BYTES)..];
    writer == Some(CREATED_BY.as_bytes())
        || holds(footer, CREATED_BY.as_bytes())
        || !writer.is_some_and(is_named) && holds(footer, CHECKSUM_KEY.as_bytes())
}

/// Does `text` stand in `bytes`, with at most half of its characters damaged?
fn holds(bytes: &[u8], text: &[u8]) -> bool {
    let resembles = |part: &[u8]| part.iter().zip(text).filter(|(a, b)| a != b).nth(text.len() / 2).is_none();
    bytes.windows(text.len()).any(resembles)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHER: &str = "parquet-cpp-arrow version 21.0.0";

    fn footer(key: &str, writer: &str) -> Vec<u8> {
        format!("..\u{18}{key}\u{18} 0123..{writer}..").into_bytes()
    }

    #[test]
    fn another_writer_owns_its_file_also_with_our_metadata_in_it() {
        for key in [CHECKSUM_KEY, "pandas"] {
            assert!(!is_ours(&footer(key, OTHER), Some(OTHER.as_bytes())));
        }
        assert!(!is_ours(&footer("pandas", ""), None), "nothing at all tells of us");
    }

    #[test]
    fn our_name_counts_damaged_and_misplaced() {
        for damaged in
            [CREATED_BY, "cmo-metrics run fxxx xxxxion 1", "\0\0\0\0\0\0\0\0\0\0\0\0run file version 1"]
        {
            assert!(is_ours(&footer("x", damaged), Some(damaged.as_bytes())), "{damaged}");
            assert!(is_ours(&footer("x", damaged), None), "{damaged}");
        }
    }

    #[test]
    fn our_checksum_in_a_file_of_nobody_is_ours() {
        assert!(is_ours(&footer(CHECKSUM_KEY, ""), None));
        assert!(is_ours(&footer("cmo.chacksum", ""), Some(b"")));
        let blank = "\0".repeat(CREATED_BY.len());
        assert!(is_ours(&footer(CHECKSUM_KEY, &blank), Some(blank.as_bytes())));
    }
}
