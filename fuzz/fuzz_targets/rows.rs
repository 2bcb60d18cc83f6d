//! Any events in the layout of our writer, judged from end to end: every number and word that a file may hold.
#![no_main]

use cmo_metrics::config::Config;
use cmo_metrics::run::{Event, RunMetadata, RunWriter};
use libfuzzer_sys::fuzz_target;

const COMPONENTS: [&str; 8] =
    ["request", "lightrag", "cache_l1", "cache_l3", "circuit_breaker", "process", "phase", "vector_db"];
const OPERATIONS: [&str; 8] =
    ["", "hybrid", "get", "put", "state", "closed->open", "open->half_open", "memory_rss_mb"];
const OUTCOMES: [&str; 8] = ["", "ok", "hit", "miss", "blocked", "timeout", "503", "OK"];

/// Twenty bytes are an event; what is left is none.
const EVENT_BYTES: usize = 20;

fn event(bytes: &[u8; EVENT_BYTES]) -> Event {
    let word = |words: &[&str], byte: u8| {
        Some(words[usize::from(byte % 8)].to_owned()).filter(|word| !word.is_empty())
    };
    let number = |at: usize| {
        let raw = f64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
        (bytes[0] & 0x80 == 0).then_some(raw)
    };
    let offset_us = i64::from(u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]));
    Event {
        ts: 1_767_225_600_000_000 + offset_us * i64::from(bytes[3]),
        component: COMPONENTS[usize::from(bytes[0] % 8)].to_owned(),
        operation: word(&OPERATIONS, bytes[1]),
        outcome: word(&OUTCOMES, bytes[2]),
        duration_ms: number(8),
        value: number(12),
        request_id: (bytes[3] & 1 == 1).then_some(u64::from(bytes[16])),
        user_id: (bytes[3] & 2 == 2).then_some(u32::from(bytes[17])),
        instance: word(&OPERATIONS, bytes[18]),
        key: (bytes[3] & 4 == 4).then_some(u64::from(bytes[19])),
        ..Event::default()
    }
}

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    let mut writer = RunWriter::create(&path).unwrap();
    let (events, _) = bytes.as_chunks::<EVENT_BYTES>();
    for bytes in events {
        writer.push(&event(bytes)).unwrap();
    }
    writer.finish(&RunMetadata::default()).unwrap();
    let _ = cmo_metrics::analyze(&path, &Config::defaults());
});
