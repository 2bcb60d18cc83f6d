//! Damaged and malicious files: an error that names the file, never a panic, never much memory or time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::UInt64Array;

use super::*;
use crate::run::{Event, RunMetadata, RunWriter};

fn ours(folder: &Folder, name: &str) -> PathBuf {
    let path = folder.path(name);
    let mut writer = RunWriter::create(&path).unwrap();
    for row in 0..500 {
        let event = Event {
            ts: T0 + row * 1000,
            component: "request".to_owned(),
            outcome: Some("ok".to_owned()),
            duration_ms: Some(row as f64),
            ..Event::default()
        };
        writer.push(&event).unwrap();
    }
    writer.finish(&RunMetadata::default()).unwrap();
    path
}

#[test]
fn a_file_of_ours_is_verified_and_one_flipped_bit_refuses_it() {
    let folder = Folder::new();
    let path = ours(&folder, "a.parquet");
    let run = read(&path).unwrap();
    assert_eq!((run.report.integrity.as_str(), run.report.rows_used), ("verified", 500));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[200] ^= 4;
    std::fs::write(&path, bytes).unwrap();
    let (reason, remedy) = refusal(&path);
    assert!(reason.starts_with("damaged: its checksum is "), "{reason}");
    assert!(remedy.starts_with("copy it again from its source"));
}

#[test]
fn neither_a_flipped_bit_at_the_end_nor_a_zeroed_block_is_read() {
    let folder = Folder::new();
    let path = ours(&folder, "a.parquet");
    let whole = std::fs::read(&path).unwrap();
    // Metadata, checksum, writer, and where they stand.
    let end = whole.len();
    for at in end - 150..end {
        for bit in if at < end - 40 { at % 8..at % 8 + 1 } else { 0..8 } {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            std::fs::write(&path, bytes).unwrap();
            assert!(read(&path).is_err(), "bit {bit} of byte {at}");
        }
    }
    for at in (0..whole.len()).step_by(512) {
        let mut bytes = whole.clone();
        let end = whole.len().min(at + 512);
        bytes[at..end].fill(0);
        std::fs::write(&path, bytes).unwrap();
        assert!(read(&path).is_err(), "block from byte {at}");
    }
}

#[test]
fn a_panic_of_the_reader_becomes_an_error_that_names_the_file() {
    let folder = Folder::new();
    let path = folder.write("panics.parquet", requests(10));
    let fine = folder.write("fine.parquet", requests(10));
    PANIC_AT.lock().unwrap().push(path.clone());
    let (reason, remedy) = refusal(&path);
    assert_eq!(reason, "the Parquet reader gave up on it: asked to panic");
    assert!(remedy.starts_with("the file is damaged"));
    assert!(read(&fine).is_ok(), "other runs go on");
}

/// Finds `from` as it stands once in the footer and writes `to` over it.
fn patch_footer(path: &Path, from: &[u8], to: &[u8]) {
    let mut bytes = std::fs::read(path).unwrap();
    let indices: Vec<usize> =
        (0..bytes.len() - from.len()).filter(|&at| &bytes[at..at + from.len()] == from).collect();
    assert_eq!(indices.len(), 1, "{from:?} stands at {indices:?}");
    bytes[indices[0]..indices[0] + to.len()].copy_from_slice(to);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_footer_longer_than_the_file_is_refused() {
    let folder = Folder::new();
    let path = folder.write("a.parquet", requests(10));
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.len() - 8;
    bytes[at..at + 4].copy_from_slice(&0x7fff_ffffu32.to_le_bytes());
    std::fs::write(&path, &bytes).unwrap();
    let (reason, _) = refusal(&path);
    let expected = format!("a footer of 2147483647 bytes in a file of {}", bytes.len());
    assert_eq!(reason, format!("its footer promises what the file does not hold: {expected}"));
}

#[test]
fn a_footer_that_promises_more_rows_than_there_are_is_refused() {
    let folder = Folder::new();
    let path = folder.write("a.parquet", requests(5000));
    // Field 3 of FileMetaData, an i64 behind the schema: the number of rows of the file, 5000 as a zigzag varint.
    patch_footer(&path, &[0x16, 0x90, 0x4e, 0x19, 0x1c], &[0x16, 0x92, 0x4e, 0x19, 0x1c]);
    let (reason, _) = refusal(&path);
    assert_eq!(reason, "its footer promises what the file does not hold: 5001 rows, its row groups 5000");
}

#[test]
fn a_footer_above_a_limit_is_refused_and_names_the_limit() {
    let folder = Folder::new();
    let path = folder.write("a.parquet", requests(5000));
    let cases = [
        RunLimits { max_rows_per_file: 4999, ..limits() },
        RunLimits { max_rows_per_byte: 0, ..limits() },
        RunLimits { max_column_chunk_mb: 0, ..limits() },
        RunLimits { max_uncompressed_mb_per_file: 0, ..limits() },
    ];
    let names =
        ["max_rows_per_file", "max_rows_per_byte", "max_column_chunk_mb", "max_uncompressed_mb_per_file"];
    for (limits, name) in cases.iter().zip(names) {
        let error = read_with(&path, limits).err().unwrap();
        assert!(error.to_string().ends_with(&format!("more than `run.{name}` allows")), "{error}");
        assert!(error.remedy().contains(&format!("raise `run.{name}`")));
    }
    assert!(read_with(&path, &RunLimits { max_rows_per_file: 5000, ..limits() }).is_ok());
}

#[test]
fn a_page_that_promises_more_than_its_chunk_is_refused() {
    let folder = Folder::new();
    let path = folder.write("a.parquet", requests(10));
    // The first page header: type, unpacked size, packed size; its packed size made huge.
    let mut bytes = std::fs::read(&path).unwrap();
    assert_eq!(bytes[4], 0x15, "a page header begins behind the magic word");
    let packed = (5..40).filter(|&at| bytes[at] == 0x15).nth(1).unwrap();
    bytes[packed + 1] = 0xfe;
    bytes[packed + 2] = 0x7f;
    std::fs::write(&path, bytes).unwrap();
    let error = read(&path).err().unwrap();
    assert!(
        matches!(&error, RunError::FalseFooter { column: Some(column), .. } if column == "ts"),
        "{error}"
    );
}

#[test]
fn pages_that_hold_fewer_values_than_the_footer_says_are_refused() {
    let folder = Folder::new();
    let path = folder.write("a.parquet", vec![("ts", us(&[0, 5])), ("component", texts(&["a", "b"]))]);
    // Behind the sizes in the header of the data page of `ts` (the second page) comes its number of values: 2.
    let mut bytes = std::fs::read(&path).unwrap();
    let at = (4..bytes.len()).find(|&at| bytes[at..at + 3] == [0x2c, 0x15, 0x04]).unwrap();
    bytes[at + 2] = 0x02;
    std::fs::write(&path, bytes).unwrap();
    let (reason, _) = refusal(&path);
    let expected = "column `ts`: 2 values, its pages hold 1";
    assert_eq!(reason, format!("its footer promises what the file does not hold: {expected}"));
}

/// A generator of the test's own, so that the damage is the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

fn fuzz(original: &[u8], tries: usize, seed: u64) {
    let folder = Folder::new();
    let path = folder.path("damaged.parquet");
    let mut random = Random(seed);
    let (mut refused, mut read_anyway) = (0, 0);
    for attempt in 0..tries {
        let mut bytes = original.to_vec();
        for _ in 0..1 + random.below(4) {
            let at = random.below(bytes.len());
            bytes[at] = match random.below(3) {
                0 => bytes[at] ^ (1 << random.below(8)),
                1 => random.below(256) as u8,
                _ => 0xff,
            };
        }
        std::fs::write(&path, &bytes).unwrap();
        let begun = Instant::now();
        match read(&path) {
            Ok(_) => read_anyway += 1,
            Err(error) => {
                refused += 1;
                assert!(!error.remedy().is_empty());
            }
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "attempt {attempt} with seed {seed} hangs");
    }
    assert!(refused > 0 && refused + read_anyway == tries);
}

#[test]
fn random_damage_never_panics_nor_hangs() {
    let folder = Folder::new();
    let ids = Arc::new(UInt64Array::from((0..300).collect::<Vec<u64>>()));
    let columns = with(with(requests(300), "request_id", ids), "detail", texts(&["some text"; 300]));
    let path = folder.write_with("a.parquet", columns, 100, Some("{\"users\": 5}"));
    fuzz(&std::fs::read(path).unwrap(), 1500, 7);
}

#[test]
fn random_damage_of_a_footer_never_panics_nor_hangs() {
    let folder = Folder::new();
    let path = folder.write("a.parquet", requests(1));
    fuzz(&std::fs::read(path).unwrap(), 1500, 11);
}
