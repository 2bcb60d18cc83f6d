//! Any bytes as a baseline: refused, or the very text that it would be saved as, but for layout and order.
#![no_main]

use std::path::Path;

use cmo_metrics::baseline::Baseline;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(baseline) = Baseline::parse(bytes, Path::new("fuzz.json")) {
        let text = baseline.to_text().unwrap();
        assert_eq!(Baseline::parse(text.as_bytes(), Path::new("fuzz.json")).unwrap(), baseline);
    }
});
