//! Any bytes as the metadata beside a small run, which is then judged.
#![no_main]

use cmo_metrics::config::Config;
use cmo_metrics::run::{Event, RunMetadata, RunWriter, check, locate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    std::fs::create_dir(&run).unwrap();
    std::fs::write(run.join("_run.json"), bytes).unwrap();
    let part = run.join("part-0.parquet");
    let mut writer = RunWriter::create(&part).unwrap();
    for number in 0..50 {
        let event = Event {
            ts: 1_767_225_600_000_000 + number * 100_000,
            component: "request".to_owned(),
            outcome: Some("ok".to_owned()),
            duration_ms: Some(number as f64),
            ..Event::default()
        };
        writer.push(&event).unwrap();
    }
    writer.finish(&RunMetadata::default()).unwrap();
    for source in locate(&[run.display().to_string()], folder.path()).into_iter().flatten() {
        check(&source, &Config::defaults().run);
    }
    let _ = cmo_metrics::analyze(&run, &Config::defaults());
});
