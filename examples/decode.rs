//! How long arrow-rs takes to decode the columns of run files, and nothing else: the floor under `benches/compare.py`.
//!
//! `cargo run --release --example decode -- FILES…` prints rows and seconds of one pass, one file a thread.

#![allow(clippy::print_stdout, reason = "it prints what it measured")]

use std::fs::File;
use std::time::Instant;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rayon::prelude::*;

/// Rows decoded at a time, as `cmo-metrics` does.
const BATCH_ROWS: usize = 1 << 16;

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let started = Instant::now();
    let rows: usize = files.par_iter().map(|file| decode(file)).sum::<Result<usize, _>>()?;
    println!("{rows} {}", started.elapsed().as_secs_f64());
    Ok(())
}

/// Decodes all columns of a file; returns its rows.
fn decode(file: &str) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(File::open(file)?)?.with_batch_size(BATCH_ROWS).build()?;
    let mut rows = 0;
    for batch in reader {
        rows += std::hint::black_box(batch?).num_rows();
    }
    Ok(rows)
}
