//! Rows equal in every column: found over row groups and parts, the same whoever reads first.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{Int64Array, ListArray, UInt64Array};
use arrow_select::concat::concat;
use rayon::ThreadPoolBuilder;

use super::*;

/// The columns with their rows so many times over.
fn repeated(columns: Columns, times: usize) -> Columns {
    let repeat = |(name, values): (&'static str, ArrayRef)| {
        let copies: Vec<&dyn arrow_array::Array> = (0..times).map(|_| values.as_ref()).collect();
        (name, concat(&copies).unwrap())
    };
    columns.into_iter().map(repeat).collect()
}

#[test]
fn rows_written_twice_count_once() {
    let folder = Folder::new();
    for group_rows in [1000, 64, 7] {
        let path = folder.write_with("a.parquet", repeated(requests(100), 2), group_rows, None);
        let run = read_with(&path, &lenient()).unwrap();
        assert_eq!(run.faults(), [("duplicate_row", "all", 100, 101)], "{group_rows} rows a row group");
        assert_eq!(run.report.rows_used, 100);
        let mut ts = run.column("ts");
        ts.sort();
        assert_eq!(ts, (0..100).map(|row| (T0 + row * 1000).to_string()).collect::<Vec<_>>());
    }
    assert!(
        refusal(&folder.path("a.parquet"))
            .0
            .contains("100 duplicate_row in `all` (first: a.parquet row 101)")
    );
}

#[test]
fn equal_rows_are_found_where_the_order_of_a_row_group_breaks_behind_its_first_batch() {
    let folder = Folder::new();
    // A batch holds 65,536 rows: the order breaks in the second one, or in the third.
    for rows in [70_000, 140_000] {
        let path = folder.write_with("a.parquet", repeated(requests(rows), 2), 1 << 20, None);
        let run = read_with(&path, &lenient()).unwrap();
        assert_eq!(run.faults(), [("duplicate_row", "all", rows as u64, rows as u64 + 1)]);
        assert_eq!(run.report.rows_used, rows as u64);
    }
}

#[test]
fn pieces_come_in_the_order_of_the_file_whoever_is_done_first() {
    let folder = Folder::new();
    // Pieces of some 80,000 rows, the last one smaller; the second row group holds what the first one does.
    let offsets: Vec<i64> =
        (0..290_000).map(|row| if row < 80_000 { row % 40_000 } else { row } * 1000).collect();
    let columns = vec![("ts", us(&offsets)), ("component", dictionary(&vec!["request"; offsets.len()]))];
    let path = folder.write_with("a.parquet", columns, 40_000, None);
    let read = |threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| read_with(&path, &lenient()).unwrap())
    };
    let alone = read(1);
    assert_eq!(alone.faults(), [("duplicate_row", "all", 40_000, 40_001)]);
    for threads in [2, 4] {
        let several = read(threads);
        assert_eq!(several.report, alone.report);
        let (mut ts, mut expected) = (several.column("ts"), alone.column("ts"));
        // Which of two equal rows stays, depends on who was first.
        let equal = 80_000 - 40_000;
        assert_eq!((ts.len(), &ts[equal..]), (250_000, &expected[equal..]));
        ts.sort();
        expected.sort();
        assert!(ts == expected);
    }
}

#[test]
fn the_report_is_the_same_for_one_thread_and_for_many() {
    let folder = Folder::new();
    let mut columns = repeated(requests(5000), 3);
    let durations: Vec<f64> = (0..15_000).map(|row| if row % 4999 == 17 { -1.0 } else { 1.0 }).collect();
    columns = with(columns, "duration_ms", floats(&durations));
    let path = folder.write_with("a.parquet", columns, 512, None);
    let report = |threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| read_with(&path, &lenient()).unwrap().report)
    };
    let alone = report(1);
    for _ in 0..20 {
        assert_eq!(report(4), alone);
    }
    assert_eq!(alone.faults[0].reason, "negative_duration");
    assert_eq!(alone.rows_used + alone.faults.iter().map(|fault| fault.count).sum::<u64>(), 15_000);
}

#[test]
fn one_column_that_differs_makes_another_row() {
    let folder = Folder::new();
    let base = repeated(requests(1), 2);
    let differing: [(&'static str, ArrayRef); 6] = [
        ("operation", Arc::new(StringArray::from(vec![None, Some("")]))),
        ("duration_ms", Arc::new(Float64Array::from(vec![None, Some(0.0)]))),
        ("request_id", Arc::new(UInt64Array::from(vec![1, 2]))),
        ("detail", texts(&["a", "b"])),
        ("extra", Arc::new(Int64Array::from(vec![1, 2]))),
        ("nested", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1)]), None]))),
    ];
    for (column, values) in differing {
        let run = read(&folder.write("a.parquet", with(base.clone(), column, values))).unwrap();
        assert_eq!(run.report.rows_used, 2, "{column}");
    }
}

#[test]
fn rows_equal_in_extra_columns_too_are_duplicates() {
    let folder = Folder::new();
    let columns = with(repeated(requests(3), 2), "host", texts(&["a", "b", "c", "a", "B", "c"]));
    let run = read_with(&folder.write("a.parquet", columns), &lenient()).unwrap();
    assert_eq!(run.faults(), [("duplicate_row", "all", 2, 4)]);
    assert_eq!(run.report.rows_used, 4);
}

#[test]
fn equal_rows_are_kept_where_the_settings_say_so() {
    let folder = Folder::new();
    let path = folder.write("a.parquet", repeated(requests(100), 2));
    let limits = RunLimits { drop_duplicate_rows: false, ..limits() };
    assert_eq!(read_with(&path, &limits).unwrap().report.rows_used, 200);
}

#[test]
fn rows_at_fault_are_counted_by_their_fault_not_as_duplicates() {
    let folder = Folder::new();
    let columns = with(repeated(requests(1), 2), "duration_ms", floats(&[-1.0, -1.0]));
    let columns = with(columns, "ts", us(&[0, 0]));
    let error = read_with(&folder.write("a.parquet", columns), &lenient()).err().unwrap();
    assert_eq!(error.faults().len(), 1);
    assert_eq!((error.faults()[0].reason.as_str(), error.faults()[0].count), ("negative_duration", 2));
}

#[test]
fn a_part_written_twice_is_found_and_named() {
    let folder = Folder::new();
    folder.write("run/part-0.parquet", requests(10));
    folder.write("run/part-1.parquet", requests(10));
    let run = read_with(&folder.path("run"), &lenient()).unwrap();
    let fault = &run.report.faults[0];
    assert_eq!((&*fault.first_file, fault.first_row, fault.count), ("part-1.parquet", 1, 10));
    assert_eq!(run.report.rows_used, 10);
}
