//! Inputs that are no run, each with the words that must tell the user what is wrong, where, and how to mend it.

use std::sync::Arc;

use arrow_array::Float64Array;

use super::Bench;
use super::files::{requests, texts, to_batch, with, with_copies, with_duration, without, without_instant};

/// An argument that means no usable run.
pub struct Unusable {
    pub name: &'static str,
    pub argument: &'static str,
    pub make: fn(&Bench),
    /// Fragments of the message: file, column and row where there is one, the fault.
    pub message: &'static [&'static str],
    pub remedy: &'static str,
}

const RUN: &str = "run.parquet";

fn write(bench: &Bench, columns: super::files::Columns) {
    bench.write_columns(RUN, columns);
}

fn write_metadata(bench: &Bench, metadata: &str) {
    bench.write_run(RUN, &to_batch(requests(300)), Some(metadata));
}

fn cut(bench: &Bench, keep: impl Fn(usize) -> usize) {
    write(bench, requests(300));
    let bytes = bench.read(RUN);
    std::fs::write(bench.path(RUN), &bytes[..keep(bytes.len())]).unwrap();
}

fn write_parts(bench: &Bench, second: super::files::Columns, metadata: [&str; 2]) {
    bench.write_run("parts/part-0.parquet", &to_batch(requests(300)), Some(metadata[0]));
    bench.write_run("parts/part-1.parquet", &to_batch(second), Some(metadata[1]));
}

/// One bit of one of our own files, in the middle of its rows.
fn flip_bit(bench: &Bench) {
    bench.simulate("healthy", "flipped", 5);
    let mut bytes = bench.read("data/flipped.parquet");
    let middle = bytes.len() / 3;
    bytes[middle] ^= 0b100;
    std::fs::write(bench.path(RUN), bytes).unwrap();
}

/// All of them.
#[rustfmt::skip]
pub const UNUSABLE: &[Unusable] = &[
    Unusable { name: "no such file", argument: RUN, make: |_| {},
        message: &["run.parquet: no such file or folder"], remedy: "check the spelling" },
    Unusable { name: "an empty folder", argument: "empty", make: |bench| bench.write("empty/notes.txt", "x"),
        message: &["empty: "], remedy: "put run files (*.parquet) into it" },
    Unusable { name: "not Parquet", argument: RUN, make: |bench| bench.write(RUN, &"ts,component\n".repeat(9)),
        message: &["run.parquet: ", "not a Parquet file"], remedy: "name a run file in Parquet" },
    Unusable { name: "no bytes", argument: RUN, make: |bench| bench.write(RUN, ""),
        message: &["run.parquet: "], remedy: "name a run file in Parquet" },
    Unusable { name: "the end is missing", argument: RUN, make: |bench| cut(bench, |bytes| bytes - 1),
        message: &["run.parquet: ", "cut off"], remedy: "copy or write the file again" },
    Unusable { name: "the second half is missing", argument: RUN, make: |bench| cut(bench, |bytes| bytes / 2),
        message: &["run.parquet: ", "cut off"], remedy: "copy or write the file again" },
    Unusable { name: "no rows", argument: RUN, make: |bench| write(bench, requests(0)),
        message: &["run.parquet: it has no rows"], remedy: "record the run again" },
    Unusable { name: "no ts", argument: RUN, make: |bench| write(bench, without(requests(300), "ts")),
        message: &["run.parquet: column `ts` is missing", "`component`, `outcome`, `duration_ms`"],
        remedy: "write a column `ts`" },
    Unusable { name: "no component", argument: RUN, make: |bench| write(bench, without(requests(300), "component")),
        message: &["run.parquet: column `component` is missing"], remedy: "write a column `component`" },
    Unusable { name: "ts is text", argument: RUN,
        make: |bench| write(bench, with(requests(2), "ts", texts(&["10:00", "10:01"]))),
        message: &["run.parquet: column `ts` is ", "wanted"], remedy: "convert `ts` to " },
    Unusable { name: "durations are text", argument: RUN,
        make: |bench| write(bench, with(requests(2), "duration_ms", texts(&["10 ms", "11 ms"]))),
        message: &["run.parquet: column `duration_ms` is ", "wanted"], remedy: "convert `duration_ms` to " },
    Unusable { name: "component is a number", argument: RUN,
        make: |bench| write(bench, with(requests(2), "component", Arc::new(Float64Array::from(vec![1.0, 2.0])))),
        message: &["run.parquet: column `component` is ", "wanted"], remedy: "convert `component` to " },
    Unusable { name: "ts is null too often", argument: RUN, make: |bench| write(bench, without_instant(300, &[7, 8, 9, 10])),
        message: &["run.parquet: 4 of 300 rows have faults", "4 null_ts in `ts` (first: run.parquet row 8)"],
        remedy: "mend these rows" },
    Unusable { name: "infinity too often", argument: RUN, make: |bench| write(bench, with_duration(300, &[2, 3, 4, 5], f64::INFINITY)),
        message: &["4 of 300 rows", "non_finite_duration in `duration_ms` (first: run.parquet row 3)"],
        remedy: "mend these rows" },
    Unusable { name: "infinite too often", argument: RUN,
        make: |bench| write(bench, with_duration(300, &[2, 3, 4, 5], f64::INFINITY)),
        message: &["4 of 300 rows", "non_finite_duration in `duration_ms` (first: run.parquet row 3)"],
        remedy: "mend these rows" },
    Unusable { name: "negative too often", argument: RUN, make: |bench| write(bench, with_duration(300, &[2, 3, 4, 5], -1.0)),
        message: &["4 of 300 rows", "negative_duration in `duration_ms` (first: run.parquet row 3)"],
        remedy: "mend these rows" },
    Unusable { name: "duplicates too often", argument: RUN, make: |bench| write(bench, with_copies(300, 4)),
        message: &["4 of 304 rows", "duplicate_row", "(first: run.parquet row 301)"], remedy: "mend these rows" },
    Unusable { name: "metadata is no JSON", argument: RUN, make: |bench| write_metadata(bench, "{users: 5}"),
        message: &["run.parquet: its metadata is not valid: not JSON"], remedy: "write a JSON object" },
    Unusable { name: "metadata is a list", argument: RUN, make: |bench| write_metadata(bench, "[]"),
        message: &["run.parquet: its metadata is not valid"], remedy: "write a JSON object" },
    Unusable { name: "a key of the metadata has another type", argument: RUN,
        make: |bench| write_metadata(bench, r#"{"users": "five"}"#),
        message: &["run.parquet: its metadata is not valid: `users`"], remedy: "write a JSON object" },
    Unusable { name: "newer metadata", argument: RUN, make: |bench| write_metadata(bench, r#"{"schema_version": 99}"#),
        message: &["run.parquet: its metadata has schema_version 99"], remedy: "use a newer cmo-metrics" },
    Unusable { name: "parts of different columns", argument: "parts",
        make: |bench| write_parts(bench, with(requests(2), "ts", texts(&["a", "b"])), ["{}", "{}"]),
        message: &["parts: its parts disagree: part-0.parquet and part-1.parquet differ in column `ts`"],
        remedy: "keep parts of one run only" },
    Unusable { name: "parts of different runs", argument: "parts",
        make: |bench| write_parts(bench, requests(2), [r#"{"run_id": "a"}"#, r#"{"run_id": "b"}"#]),
        message: &["parts: its parts disagree", "metadata: `run_id`"], remedy: "keep parts of one run only" },
    Unusable { name: "one bit is another", argument: RUN, make: flip_bit,
        message: &["run.parquet: ", "its checksum is "], remedy: "copy it again from its source" },
];
