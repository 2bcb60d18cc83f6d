//! Any bytes as settings: refused with a reason, or settings under which the defaults still hold together.
#![no_main]

use std::path::Path;

use cmo_metrics::config::Layers;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cmo-metrics.toml");
    std::fs::write(&path, bytes).unwrap();
    if let Ok(layers) = Layers::load(Some(&path), Path::new(".")) {
        assert!(!layers.settings.is_empty());
    }
});
