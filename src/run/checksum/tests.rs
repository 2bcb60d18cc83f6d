//! A damaged file never counts as verified, whichever bit it is.

use std::fs;
use std::io::{Cursor, ErrorKind};
use std::path::Path;

use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;

use super::footer::Footer;
use super::{Integrity, verify, verify_in};
use crate::config::Config;
use crate::run::guard::guard;
use crate::run::{Event, RunFile, RunMetadata, RunWriter, footer, locate};

fn write_run(path: &Path) {
    let mut writer = RunWriter::create(path).unwrap();
    for number in 0..20 {
        let event = Event {
            ts: 1_767_225_600_000_000 + number,
            component: "request".into(),
            duration_ms: Some(number as f64),
            // The key as text in the events must not be taken for the footer's.
            detail: Some("cmo.checksum 00000000000000000000000000000000".into()),
            ..Event::default()
        };
        writer.push(&event).unwrap();
    }
    writer.finish(&RunMetadata::default()).unwrap();
}

/// What is said of damaged bytes: never that they are whole, never that they are somebody else's.
fn assert_refused(path: &Path, bytes: &[u8], what: &str) {
    match verify_in(&mut Cursor::new(bytes)) {
        Ok(Integrity::Damaged { expected, found }) => assert_ne!(expected, found),
        Ok(Integrity::Verified) => panic!("{what}: nobody noticed"),
        Ok(Integrity::Unverified) => {
            fs::write(path, bytes).unwrap();
            let is_read = guard(path, || footer::read(path)).is_ok();
            assert!(!is_read, "{what}: it reads as a foreign file");
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidData, "{what}"),
    }
}

fn footer_bytes(file: &[u8]) -> usize {
    let at = file.len() - 8;
    u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize
}

#[test]
fn one_flipped_bit_anywhere_is_damage_or_an_unreadable_footer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    write_run(&path);
    assert_eq!(verify(&path).unwrap(), Integrity::Verified);
    let whole = fs::read(&path).unwrap();
    let footer = whole.len() - 8 - footer_bytes(&whole);
    for at in 0..whole.len() {
        let bits = if at < footer { at % 8..at % 8 + 1 } else { 0..8 };
        for bit in bits {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            assert_refused(&path, &bytes, &format!("bit {bit} of byte {at}"));
        }
    }
}

#[test]
fn zeros_over_any_stretch_are_damage_or_an_unreadable_footer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    write_run(&path);
    let whole = fs::read(&path).unwrap();
    let footer = whole.len() - 8 - footer_bytes(&whole);
    for length in [16, 64, 512, 4096] {
        for at in (0..footer).step_by(length).chain((footer..whole.len()).step_by(3)) {
            let mut bytes = whole.clone();
            let end = whole.len().min(at + length);
            bytes[at..end].fill(0);
            if bytes != whole {
                assert_refused(&path, &bytes, &format!("{length} bytes from {at}"));
            }
        }
    }
}

/// Of each flip in a footer of a shipped run: the footer is none, or still ours, and then the digits tell.
fn assert_footer_stays_ours(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name);
    assert_eq!(verify(&path).unwrap(), Integrity::Verified);
    let whole = fs::read(&path).unwrap();
    let end = whole.len() - 8;
    let mut footer = whole[end - footer_bytes(&whole)..end].to_vec();
    for at in 0..footer.len() {
        for bit in 0..8 {
            footer[at] ^= 1 << bit;
            let read = Footer::of(&footer, whole.len() as u64);
            assert!(read.is_none_or(|footer| footer.is_ours), "bit {bit} of byte {at} of {name}");
            footer[at] ^= 1 << bit;
        }
    }
    for length in [64, 512, 4096] {
        for at in (0..footer.len()).step_by(length / 4) {
            let mut zeroed = footer.clone();
            let end = footer.len().min(at + length);
            zeroed[at..end].fill(0);
            let read = Footer::of(&zeroed, whole.len() as u64);
            assert!(read.is_none_or(|footer| footer.is_ours), "{length} bytes from {at} of {name}");
        }
    }
}

#[test]
fn no_damage_makes_the_footer_of_a_shipped_run_somebody_elses() {
    assert_footer_stays_ours("load_10.parquet");
}

#[test]
#[ignore = "half a minute: all shipped runs"]
fn no_damage_makes_the_footer_of_any_shipped_run_somebody_elses() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    for entry in fs::read_dir(data).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".parquet") {
            assert_footer_stays_ours(&name);
        }
    }
}

/// A flipped bit that ended the footer before its last byte: the walk gave up, the parser did not, and the file counted
/// as somebody else's.
#[test]
fn a_footer_that_ends_early_is_refused() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/load_10.parquet");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("load_10.parquet");
    let mut bytes = fs::read(data).unwrap();
    assert_eq!(bytes[471_828], 0o26);
    bytes[471_828] = 0o6;
    assert_refused(&path, &bytes, "byte 471828");
    fs::write(&path, bytes).unwrap();
    let found = locate(&[path.display().to_string()], folder.path()).remove(0).unwrap();
    let error = RunFile::open(&found, &Config::defaults().run).unwrap_err();
    assert_eq!(error.kind(), "damaged", "{error}");
}

#[test]
fn a_file_cut_anywhere_is_not_verified() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    write_run(&path);
    let whole = fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(7) {
        fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(verify(&path).unwrap_err().kind(), ErrorKind::InvalidData, "cut to {length} bytes");
    }
}

#[test]
fn bytes_added_inside_are_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    write_run(&path);
    let mut bytes = fs::read(&path).unwrap();
    bytes.splice(100..100, [0u8; 3]);
    fs::write(&path, bytes).unwrap();
    assert!(matches!(verify(&path).unwrap(), Integrity::Damaged { .. }));
}

#[test]
fn a_file_of_another_writer_is_unverified_even_when_it_carries_our_metadata_along() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (folder.path().join("ours.parquet"), folder.path().join("theirs.parquet"));
    write_run(&ours);
    for keeps_metadata in [false, true] {
        rewrite_as_another_tool(&ours, &theirs, keeps_metadata);
        assert_eq!(verify(&theirs).unwrap(), Integrity::Unverified);
    }
}

fn rewrite_as_another_tool(from: &Path, to: &Path, keeps_metadata: bool) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(from).unwrap()).unwrap();
    let pairs = reader.metadata().file_metadata().key_value_metadata().cloned();
    let properties = WriterProperties::builder()
        .set_created_by("parquet-cpp-arrow version 21.0.0".to_owned())
        .set_key_value_metadata(pairs.filter(|_| keeps_metadata))
        .build();
    let file = fs::File::create(to).unwrap();
    let mut writer = ArrowWriter::try_new(file, reader.schema().clone(), Some(properties)).unwrap();
    for batch in reader.build().unwrap() {
        writer.write(&batch.unwrap()).unwrap();
    }
    writer.close().unwrap();
}

#[test]
fn what_is_no_parquet_file_is_invalid_data() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    for bytes in
        [&b""[..], b"PAR1", b"PAR1\xff\xff\xff\xffPAR1", b"PAR1....\x04\0\0\0PAR1", b"no parquet at all"]
    {
        fs::write(&path, bytes).unwrap();
        assert_eq!(verify(&path).unwrap_err().kind(), ErrorKind::InvalidData, "{bytes:?}");
    }
}
