//! Any bytes as lines of events: each line is taken or refused, and all are counted.
#![no_main]

use cmo_metrics::record::read_lines;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (events, counts) = read_lines(bytes, 10_000);
    assert_eq!(events.len() as u64, counts.events);
    assert_eq!(counts.lines, counts.events + counts.roles + counts.metadata + counts.malformed);
});
