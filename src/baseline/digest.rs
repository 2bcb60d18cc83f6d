//! Digests of structures, as hex digits.

use serde::Serialize;
use xxhash_rust::xxh3::xxh3_128;

/// xxh3-128 over the compact JSON of `value`. Structs have a fixed order of fields and maps are sorted, so that equal
/// values have equal digests.
pub fn digest(value: &impl Serialize) -> String {
    #[expect(clippy::expect_used, reason = "numbers, texts, and maps with text keys always become JSON")]
    let json = serde_json::to_vec(value).expect("plain data");
    format!("{:032x}", xxh3_128(&json))
}
