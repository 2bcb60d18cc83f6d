//! Rows that are left out: counted by reason, with the first of each; too many refuse the run.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, FixedSizeBinaryArray, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray,
};

use super::*;

#[test]
fn null_ts_and_component_are_left_out_and_counted() {
    let folder = Folder::new();
    let ts = TimestampMicrosecondArray::from(vec![Some(T0), None, Some(T0 + 2), None, Some(T0 + 4)]);
    let component = StringArray::from(vec![Some("request"), None, Some("request"), Some("request"), None]);
    let path = folder.write("a.parquet", vec![("ts", Arc::new(ts)), ("component", Arc::new(component))]);
    let run = read_with(&path, &lenient()).unwrap();
    assert_eq!(run.faults(), [("null_ts", "ts", 2, 2), ("null_component", "component", 1, 5)]);
    assert_eq!((run.report.rows_total, run.report.rows_used), (5, 2));
    assert_eq!(run.column("ts"), [T0.to_string(), (T0 + 2).to_string()]);
}

#[test]
fn negative_and_non_finite_durations_and_values_are_left_out() {
    let folder = Folder::new();
    let durations = [1.0, -0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0];
    let columns = with(requests(7), "duration_ms", floats(&durations));
    let run = read_with(&folder.write("a.parquet", columns), &lenient()).unwrap();
    let expected = [("negative_duration", "duration_ms", 1, 2), ("non_finite_duration", "duration_ms", 2, 4)];
    assert_eq!(run.faults(), expected);
    assert_eq!(run.report.rows_used, 4, "NaN is nothing, as NumPy has it");
    let columns = with(requests(7), "value", floats(&durations));
    let run = read_with(&folder.write("a.parquet", columns), &lenient()).unwrap();
    assert_eq!(run.faults(), [("negative_value", "value", 1, 2), ("non_finite_value", "value", 2, 4)]);
}

#[test]
fn a_null_is_no_fault_whatever_lies_under_it() {
    let folder = Folder::new();
    let durations =
        Float64Array::new(vec![-1.0, f64::NAN, 3.0].into(), Some(vec![false, false, true].into()));
    let path = folder.write("a.parquet", with(requests(3), "duration_ms", Arc::new(durations)));
    let run = read(&path).unwrap();
    assert_eq!(run.faults(), []);
    assert_eq!(run.column("duration_ms"), ["null", "null", "3.0"]);
}

#[test]
fn other_floats_take_nan_as_null_and_leave_infinity_out() {
    let folder = Folder::new();
    let columns = with(requests(4), "cost_usd", floats(&[0.1, f64::NAN, f64::INFINITY, -0.2]));
    let run = read_with(&folder.write("a.parquet", columns), &lenient()).unwrap();
    assert_eq!(run.faults(), [("non_finite_cost_usd", "cost_usd", 1, 3)]);
    assert_eq!(run.column("cost_usd"), ["0.1", "null", "-0.2"]);
}

#[test]
fn times_outside_the_contract_are_left_out() {
    let folder = Folder::new();
    let (first, end) = (946_684_800_000_000, 4_102_444_800_000_000);
    let ts = vec![first - 1, first, end - 1, end, i64::MIN, i64::MAX];
    let columns = with(requests(6), "ts", Arc::new(TimestampMicrosecondArray::from(ts)));
    let run = read_with(&folder.write("a.parquet", columns), &lenient()).unwrap();
    assert_eq!(run.faults(), [("ts_out_of_range", "ts", 4, 1)]);
    assert_eq!(run.column("ts"), [first.to_string(), (end - 1).to_string()]);
}

#[test]
fn ids_of_any_type_are_told_apart() {
    let folder = Folder::new();
    let read =
        |ids: ArrayRef| read(&folder.write("a.parquet", with(requests(3), "request_id", ids))).unwrap();
    let run = read(texts(&["17", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "17"]));
    let ids = run.column("request_id");
    assert_eq!((ids[0].as_str(), &ids[0]), ("17", &ids[2]));
    assert_ne!(ids[0], ids[1]);
    assert!(run.report.notes.contains(&"`request_id` comes as string: hashed".to_owned()));
    let uuids = FixedSizeBinaryArray::try_from_iter([[1u8; 16], [2; 16], [1; 16]].into_iter()).unwrap();
    let ids = read(Arc::new(uuids)).column("request_id");
    assert!(ids[0] == ids[2] && ids[0] != ids[1], "{ids:?}");
}

#[test]
fn a_signed_hash_is_a_key_like_any_other() {
    let folder = Folder::new();
    let hashes = Arc::new(Int64Array::from(vec![-1, 7]));
    let run = read(&folder.write("a.parquet", with(requests(2), "key", hashes))).unwrap();
    assert_eq!(run.report.rows_used, 2);
    assert_eq!(run.column("key"), ["18446744073709551615", "7"]);
}

#[test]
fn ids_and_counts_that_do_not_fit_are_left_out() {
    let folder = Folder::new();
    let exact = 9_007_199_254_740_992.0;
    let ids = floats(&[1.0, f64::NAN, 1.5, -1.0, exact, exact - 1.0, f64::INFINITY]);
    let run =
        read_with(&folder.write("a.parquet", with(requests(7), "request_id", ids)), &lenient()).unwrap();
    assert_eq!(run.faults(), [("invalid_id", "request_id", 3, 3), ("negative_id", "request_id", 1, 4)]);
    assert_eq!(run.column("request_id"), ["1", "null", "9007199254740991"]);
    let wide = Arc::new(Int64Array::from(vec![0, -3, i64::from(u32::MAX), i64::from(u32::MAX) + 1]));
    let run = read_with(&folder.write("a.parquet", with(requests(4), "user_id", wide)), &lenient()).unwrap();
    assert_eq!(run.faults(), [], "of 64 bits, they are hashed");
    let attempts = Arc::new(Int64Array::from(vec![1, 255, 256, -1]));
    let run =
        read_with(&folder.write("a.parquet", with(requests(4), "attempt", attempts)), &lenient()).unwrap();
    assert_eq!(run.faults(), [("invalid_count", "attempt", 1, 3), ("negative_count", "attempt", 1, 4)]);
}

#[test]
fn a_row_counts_once_with_the_first_of_its_faults() {
    let folder = Folder::new();
    let columns = with(with(requests(2), "duration_ms", floats(&[-1.0, 1.0])), "value", floats(&[-1.0, 1.0]));
    let run = read_with(&folder.write("a.parquet", columns), &lenient()).unwrap();
    assert_eq!(run.faults(), [("negative_duration", "duration_ms", 1, 1)]);
}

#[test]
fn the_limit_is_inclusive_and_above_it_the_run_is_refused_with_all_reasons() {
    let folder = Folder::new();
    let durations = |faulty: usize| -> Vec<f64> {
        (0..200).map(|row| if (50..50 + faulty).contains(&row) { -1.0 } else { 1.0 }).collect()
    };
    let at_limit = folder.write("a.parquet", with(requests(200), "duration_ms", floats(&durations(2))));
    assert_eq!(read(&at_limit).unwrap().report.rows_used, 198);
    let above = folder.write("b.parquet", with(requests(200), "duration_ms", floats(&durations(3))));
    let error = read(&above).err().unwrap();
    assert_eq!((error.column(), error.row()), (Some("duration_ms"), Some(51)));
    let (reason, remedy) = refusal(&above);
    assert_eq!(
        reason,
        "3 of 200 rows have faults, more than `run.max_faulty_row_share` = 0.01 allows: 3 negative_duration in \
         `duration_ms` (first: b.parquet row 51)"
    );
    assert!(remedy.starts_with("mend these rows where the file is written"));
}

#[test]
fn a_run_of_nothing_but_faults_is_refused_whatever_the_limit() {
    let folder = Folder::new();
    let path = folder.write("a.parquet", with(requests(1), "duration_ms", floats(&[-1.0])));
    let error = read_with(&path, &lenient()).err().unwrap();
    assert!(error.to_string().contains("none of its 1 rows can be used: 1 negative_duration"), "{error}");
}

#[test]
fn two_samplers_in_one_file_are_no_clock_step() {
    let folder = Folder::new();
    let columns = vec![
        ("ts", us(&[10, 20, 30, 10, 20, 15])),
        ("component", texts(&["process"; 6])),
        ("instance", texts(&["a", "a", "a", "b", "b", "b"])),
    ];
    for group_rows in [100, 2] {
        let path = folder.write_with("a.parquet", columns.clone(), group_rows, None);
        assert_eq!(read(&path).unwrap().report.clock_steps, 1, "{group_rows} rows a row group");
    }
}

#[test]
fn clock_steps_are_looked_for_in_process_rows_only() {
    let folder = Folder::new();
    let ts = us(&[10, 5, 100, 50, 200, 150, 160]);
    let components = texts(&["request", "request", "process", "process", "process", "request", "process"]);
    let columns = vec![("ts", ts), ("component", components)];
    for group_rows in [100, 3, 1] {
        let path = folder.write_with("a.parquet", columns.clone(), group_rows, None);
        let run = read(&path).unwrap();
        assert_eq!(run.report.clock_steps, 2, "{group_rows} rows a row group");
        assert_eq!(run.report.rows_used, 7);
    }
}
