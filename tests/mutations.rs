//! Structured mutations of everything that comes from outside: nothing panics, and damage to what is ours is never accepted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use cmo_metrics::baseline::Baseline;
use cmo_metrics::config::{Config, DEFAULT_TOML, Layers};
use cmo_metrics::record::read_lines;
use cmo_metrics::run::{CheckReport, Event, RunMetadata, RunWriter, check, locate};
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;

const T0: i64 = 1_767_225_600_000_000;
const ROWS: i64 = 60;

/// One thing that happens to bytes; places are shares of their length.
#[derive(Debug, Clone)]
enum Mutation {
    Flip(f64, u8),
    Set(f64, u8),
    /// A number of four bytes, as lengths and counts are.
    Number(f64, u32),
    Zero(f64, usize),
    Remove(f64, usize),
    Repeat(f64, usize),
    /// A piece of it, over another.
    Copy(f64, f64, usize),
    Cut(f64),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    // Half of all hits the end: footers are there.
    let place = || prop_oneof![0.0..1.0, 0.9..1.0f64];
    let edge = prop_oneof![Just(0u32), Just(1), Just(u32::MAX), Just(i32::MAX as u32), any::<u32>()];
    prop_oneof![
        (place(), 0u8..8).prop_map(|(at, bit)| Mutation::Flip(at, bit)),
        (place(), any::<u8>()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        (place(), edge).prop_map(|(at, number)| Mutation::Number(at, number)),
        (place(), 1usize..600).prop_map(|(at, length)| Mutation::Zero(at, length)),
        (place(), 1usize..40).prop_map(|(at, length)| Mutation::Remove(at, length)),
        (place(), 1usize..40).prop_map(|(at, length)| Mutation::Repeat(at, length)),
        (place(), place(), 1usize..200).prop_map(|(from, to, length)| Mutation::Copy(from, to, length)),
        place().prop_map(Mutation::Cut),
    ]
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        if length == 0 {
            return;
        }
        let index = |place: f64| ((place * length as f64) as usize).min(length - 1);
        let range = |place: f64, wanted: usize| index(place)..length.min(index(place) + wanted);
        match *self {
            Mutation::Flip(at, bit) => bytes[index(at)] ^= 1 << bit,
            Mutation::Set(at, byte) => bytes[index(at)] = byte,
            Mutation::Number(at, number) => {
                let range = range(at, 4);
                let count = range.len();
                bytes[range].copy_from_slice(&number.to_le_bytes()[..count]);
            }
            Mutation::Zero(at, wanted) => bytes[range(at, wanted)].fill(0),
            Mutation::Remove(at, wanted) => drop(bytes.drain(range(at, wanted))),
            Mutation::Repeat(at, wanted) => {
                let piece = bytes[range(at, wanted)].to_vec();
                bytes.splice(index(at)..index(at), piece);
            }
            Mutation::Copy(from, to, wanted) => {
                let piece = bytes[range(from, wanted)].to_vec();
                let end = length.min(index(to) + piece.len());
                let count = end - index(to);
                bytes[index(to)..end].copy_from_slice(&piece[..count]);
            }
            Mutation::Cut(at) => bytes.truncate(index(at)),
        }
    }
}

fn mutated(original: &[u8], mutations: &[Mutation]) -> Vec<u8> {
    let mut bytes = original.to_vec();
    mutations.iter().for_each(|mutation| mutation.apply(&mut bytes));
    bytes
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    prop::collection::vec(mutation(), 1..4)
}

static OURS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    let mut writer = RunWriter::create(&path).unwrap();
    for row in 0..ROWS {
        let event = Event {
            ts: T0 + row * 1000,
            component: "request".to_owned(),
            outcome: Some("ok".to_owned()),
            duration_ms: Some(row as f64),
            detail: Some("plain".to_owned()),
            ..Event::default()
        };
        writer.push(&event).unwrap();
    }
    writer.finish(&RunMetadata::default()).unwrap();
    fs::read(path).unwrap()
});

/// As another tool writes it.
static FOREIGN: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let rows = ROWS as usize;
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("ts", Arc::new(TimestampMicrosecondArray::from_iter_values((0..ROWS).map(|row| T0 + row * 1000)))),
        ("component", Arc::new(StringArray::from(vec!["request"; rows]))),
        ("outcome", Arc::new(StringArray::from(vec!["OK"; rows]))),
        ("duration_ms", Arc::new(Float64Array::from_iter_values((0..ROWS).map(|row| row as f64)))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
});

fn checked(bytes: &[u8]) -> CheckReport {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    fs::write(&path, bytes).unwrap();
    let source = locate(&[path.display().to_string()], folder.path()).remove(0).unwrap();
    check(&source, &Config::defaults().run)
}

const LINES: &str = r#"{"component": "request", "ts": 1767225600000000, "outcome": "ok", "duration_ms": 12.5, "user_id": 1}
{"component": "process", "ts": "2026-01-01T00:00:00Z", "operation": "memory_rss_mb", "value": 100.5, "instance": "a"}
{"role": "service", "instance": "a", "pid": 5}
{"meta": {"users": 3, "tags": {"a": "b"}, "breakers": {"b": {"rule": "rate"}}}}
"#;

const METADATA: &str = r#"{"schema_version": 1, "run_id": "run", "users": 5, "target_rate_per_s": 3.5,
"started_at": "2026-01-01T00:00:00Z", "ended_at": "2026-01-01T00:01:00Z", "instances": {"a": "service"},
"breakers": {"b": {"rule": "rate", "window": "60s"}}, "totals": {"requests": 5, "ok": 4}, "targets": {"success_rate": 0.9}}"#;

#[test]
fn what_is_mutated_is_whole_before() {
    let ours = checked(&OURS);
    assert_eq!((ours.ok, ours.integrity.as_deref()), (true, Some("verified")), "{ours:?}");
    let foreign = checked(&FOREIGN);
    assert_eq!((foreign.ok, foreign.integrity.as_deref()), (true, Some("unverified")), "{foreign:?}");
    assert_eq!(read_lines(LINES.as_bytes(), 10_000).1.malformed, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_of_ours_is_never_accepted(mutations in mutations()) {
        let bytes = mutated(&OURS, &mutations);
        prop_assume!(bytes != *OURS);
        let report = checked(&bytes);
        prop_assert!(!report.ok, "{:?}", report);
    }

    #[test]
    fn a_damaged_foreign_file_is_refused_or_read(mutations in mutations()) {
        let report = checked(&mutated(&FOREIGN, &mutations));
        prop_assert!(report.kind != Some("internal_error"));
        prop_assert!(report.ok != report.kind.is_some());
    }

    #[test]
    fn a_damaged_baseline_is_never_read_as_another(mutations in mutations()) {
        static SAVED: LazyLock<Vec<u8>> = LazyLock::new(|| {
            let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("baselines/testbed.json"));
            text.unwrap().into_bytes()
        });
        static BASELINE: LazyLock<Baseline> =
            LazyLock::new(|| Baseline::parse(&SAVED, Path::new("testbed.json")).unwrap());
        if let Ok(read) = Baseline::parse(&mutated(&SAVED, &mutations), Path::new("testbed.json")) {
            prop_assert_eq!(&read, &*BASELINE);
        }
    }

    #[test]
    fn damaged_lines_are_taken_or_refused_and_all_counted(mutations in mutations()) {
        let (events, counts) = read_lines(&mutated(LINES.as_bytes(), &mutations), 10_000);
        prop_assert_eq!(events.len() as u64, counts.events);
        prop_assert_eq!(counts.lines, counts.events + counts.roles + counts.metadata + counts.malformed);
    }

    #[test]
    fn damaged_metadata_beside_a_run_are_refused_or_taken(mutations in mutations()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.parquet");
        fs::write(&path, &*FOREIGN).unwrap();
        fs::write(folder.path().join("run.run.json"), mutated(METADATA.as_bytes(), &mutations)).unwrap();
        for source in locate(&[path.display().to_string()], folder.path()).into_iter().flatten() {
            let report = check(&source, &Config::defaults().run);
            prop_assert!(report.ok || report.kind.is_some());
        }
    }

    #[test]
    fn damaged_settings_are_refused_with_the_file_or_taken(mutations in mutations()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cmo-metrics.toml");
        fs::write(&path, mutated(DEFAULT_TOML.as_bytes(), &mutations)).unwrap();
        if let Err(error) = Layers::load(Some(&path), Path::new(".")) {
            prop_assert!(error.to_string().contains("cmo-metrics.toml"), "{}", error);
        }
    }
}
