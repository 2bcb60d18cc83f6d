//! A damaged file never counts as verified, whichever bit it is.

use std::fs;
use std::io::ErrorKind;
use std::panic::catch_unwind;
use std::path::Path;

use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;

use super::{Integrity, verify};
use crate::run::{Event, RunMetadata, RunWriter};

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

fn footer_is_readable(path: &Path) -> bool {
    let open = || ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).is_ok();
    catch_unwind(open).unwrap_or(false)
}

#[test]
fn one_flipped_bit_anywhere_is_damage_or_an_unreadable_footer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    write_run(&path);
    assert_eq!(verify(&path).unwrap(), Integrity::Verified);
    let whole = fs::read(&path).unwrap();
    let mut damaged = 0;
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&path, &bytes).unwrap();
        match verify(&path) {
            Ok(Integrity::Damaged { expected, found }) => {
                assert_ne!(expected, found);
                damaged += 1;
            }
            Ok(Integrity::Verified) => panic!("byte {at} was flipped and nobody noticed"),
            Ok(Integrity::Unverified) => {
                assert!(!footer_is_readable(&path), "byte {at} reads as a foreign file")
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidData, "byte {at}"),
        }
    }
    assert!(damaged > whole.len() / 2, "only {damaged} of {} were told to be damage", whole.len());
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
