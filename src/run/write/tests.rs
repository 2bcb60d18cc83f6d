//! What a written run file holds, and what an unfinished one leaves behind.

use std::fs::{self, File};
use std::path::Path;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::read_back::{read_events, read_metadata};
use super::{ROW_GROUP_ROWS, RunWriter, WriteError};
use crate::run::{Event, Integrity, RunMetadata, verify};

fn full_event() -> Event {
    Event {
        ts: 1_767_225_600_000_123,
        component: "lightrag".into(),
        operation: Some("hybrid".into()),
        outcome: Some("api_error".into()),
        duration_ms: Some(812.345),
        value: Some(-0.5),
        instance: Some("replica-1".into()),
        request_id: Some(u64::MAX),
        user_id: Some(u32::MAX),
        answered_by: Some("perplexity".into()),
        attempt: Some(2),
        scheduled_ts: Some(1_767_225_600_000_001),
        queue_ms: Some(12.25),
        tokens_in: Some(1500),
        tokens_out: Some(320),
        ttft_ms: Some(210.5),
        cost_usd: Some(0.0123),
        quality: Some(0.93),
        key: Some(0x8000_0000_0000_0001),
        detail: Some("upstream said 502 – später nochmal".into()),
    }
}

fn sample(ts: i64, component: &str) -> Event {
    Event { ts, component: component.into(), ..Event::default() }
}

fn write(path: &Path, events: &[Event]) -> super::Written {
    let mut writer = RunWriter::create(path).unwrap();
    for event in events {
        writer.push(event).unwrap();
    }
    let metadata = RunMetadata { run_id: Some("r".into()), users: Some(7), ..RunMetadata::default() };
    writer.finish(&metadata).unwrap()
}

#[test]
fn every_column_comes_back_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    let events = [full_event(), sample(1_767_225_600_000_200, "lightrag")];
    let written = write(&path, &events);
    assert_eq!(read_events(&path), events);
    assert_eq!((written.rows, written.bytes), (2, fs::metadata(&path).unwrap().len()));
    assert_eq!(read_metadata(&path).users, Some(7));
    assert_eq!(read_metadata(&path).schema_version, Some(1));
    assert_eq!(verify(&path).unwrap(), Integrity::Verified);
}

#[test]
fn columns_have_the_names_types_and_order_of_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    write(&path, &[full_event()]);
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
    let columns: Vec<String> =
        builder.schema().fields().iter().map(|f| format!("{} {}", f.name(), f.data_type())).collect();
    insta::assert_snapshot!(columns.join("\n"), @r#"
    ts Timestamp(µs, "UTC")
    component Dictionary(Int32, Utf8)
    operation Dictionary(Int32, Utf8)
    outcome Dictionary(Int32, Utf8)
    duration_ms Float64
    value Float64
    instance Dictionary(Int32, Utf8)
    request_id UInt64
    user_id UInt32
    answered_by Dictionary(Int32, Utf8)
    attempt UInt8
    scheduled_ts Timestamp(µs, "UTC")
    queue_ms Float64
    tokens_in UInt32
    tokens_out UInt32
    ttft_ms Float64
    cost_usd Float64
    quality Float64
    key UInt64
    detail Utf8
    "#);
}

#[test]
fn rows_are_clustered_by_component_and_sorted_by_time_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    write(
        &path,
        &[sample(30, "request"), sample(20, "cache_l1"), sample(10, "request"), sample(5, "request")],
    );
    let order: Vec<_> = read_events(&path).into_iter().map(|e| (e.component, e.ts)).collect();
    let expected = [("cache_l1", 20), ("request", 5), ("request", 10), ("request", 30)];
    assert_eq!(order, expected.map(|(component, ts)| (component.to_owned(), ts)));
}

#[test]
fn samples_keep_their_order_so_that_a_clock_set_back_stays_visible() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    write(&path, &[sample(300, "process"), sample(100, "process"), sample(200, "process")]);
    let order: Vec<_> = read_events(&path).into_iter().map(|e| e.ts).collect();
    assert_eq!(order, [300, 100, 200]);
}

#[test]
fn values_stay_in_their_row_when_row_groups_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    let rows = ROW_GROUP_ROWS as i64 + 1000;
    let mut writer = RunWriter::create(&path).unwrap();
    for ts in 0..rows {
        let component = if ts % 3 == 0 { "process" } else { "request" };
        let value = (ts % 5 == 0).then_some(ts as f64);
        let detail = (ts % 100_000 == 7).then(|| ts.to_string());
        writer.push(&Event { value, detail, key: Some(ts as u64), ..sample(ts, component) }).unwrap();
    }
    writer.finish(&RunMetadata::default()).unwrap();
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
    let groups: Vec<i64> = builder.metadata().row_groups().iter().map(|g| g.num_rows()).collect();
    assert_eq!(groups, [ROW_GROUP_ROWS as i64, 1000]);
    let events = read_events(&path);
    assert_eq!(events.len() as i64, rows);
    for event in events {
        assert_eq!(event.key, Some(event.ts as u64));
        assert_eq!(event.value, (event.ts % 5 == 0).then_some(event.ts as f64));
        assert_eq!(event.detail, (event.ts % 100_000 == 7).then(|| event.ts.to_string()));
        assert_eq!(event.component == "process", event.ts % 3 == 0);
    }
}

#[test]
fn the_same_events_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["a.parquet", "b.parquet"].map(|name| folder.path().join(name));
    for path in &paths {
        write(path, &[full_event(), sample(1, "request"), sample(2, "process")]);
    }
    assert_eq!(fs::read(&paths[0]).unwrap(), fs::read(&paths[1]).unwrap());
}

#[test]
fn an_interrupted_writer_leaves_nothing_behind_and_an_older_file_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    let mut writer = RunWriter::create(&path).unwrap();
    writer.push(&full_event()).unwrap();
    assert!(!path.exists());
    drop(writer);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    write(&path, &[full_event()]);
    let before = fs::read(&path).unwrap();
    let mut writer = RunWriter::create(&path).unwrap();
    writer.push(&sample(1, "request")).unwrap();
    drop(writer);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_run_without_events_is_a_valid_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    assert_eq!(write(&path, &[]).rows, 0);
    assert_eq!(read_events(&path), []);
    assert_eq!(verify(&path).unwrap(), Integrity::Verified);
}

#[cfg(unix)]
#[test]
fn a_run_file_is_readable_by_others_as_the_umask_allows() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let [run, other] = ["run.parquet", "other"].map(|name| folder.path().join(name));
    write(&run, &[]);
    fs::write(&other, "").unwrap();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&run), mode(&other));
}

#[test]
fn a_missing_folder_and_a_missing_name_are_errors_that_name_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("nowhere");
    let error = RunWriter::create(&missing.join("run.parquet")).err().unwrap();
    assert!(matches!(&error, WriteError::Create { path, .. } if *path == missing), "{error}");
    assert!(matches!(RunWriter::create("..".as_ref()), Err(WriteError::NoFileName { .. })));
}
