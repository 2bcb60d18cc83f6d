//! Any bytes as a run file, of ours or of another writer: refused, or read from end to end. A file of ours is never accepted
//! with another checksum than its own, so that this mostly exercises footers, pages and foreign layouts.
#![no_main]

use cmo_metrics::config::Config;
use cmo_metrics::run::{check, locate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    std::fs::write(&path, bytes).unwrap();
    for source in locate(&[path.display().to_string()], folder.path()).into_iter().flatten() {
        let report = check(&source, &Config::defaults().run);
        assert_eq!(report.ok, report.kind.is_none());
    }
});
