//! Files and columns that refuse the run: each message names file, column, what was found and what is wanted.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{BooleanArray, Int64Array, ListArray, NullArray};

use super::*;

#[test]
fn a_file_that_is_not_there_is_named_with_the_data_folder() {
    let error = source(Path::new("no_such_run")).unwrap_err();
    assert_eq!(error.to_string(), "no_such_run: no such file or folder, and no run of this id in nowhere");
    assert_eq!(error.remedy(), "check the spelling; RUNS are files, folders, globs or run ids");
}

#[test]
fn a_file_that_is_not_parquet_is_refused() {
    let folder = Folder::new();
    let path = folder.path("a.parquet");
    std::fs::write(&path, "ts,component\n1,request\n").unwrap();
    assert_eq!(refusal(&path).0, "not a Parquet file: it does not begin with the magic word PAR1");
    std::fs::write(&path, "").unwrap();
    assert_eq!(refusal(&path).0, "not a Parquet file: it is empty");
    std::fs::write(&path, "PAR1").unwrap();
    assert_eq!(refusal(&path).0, "not a Parquet file: it is too short");
    assert!(refusal(&path).1.contains("name a run file in Parquet"));
}

#[test]
fn a_truncated_file_is_refused_wherever_it_was_cut() {
    let folder = Folder::new();
    let whole = std::fs::read(folder.write("a.parquet", requests(100))).unwrap();
    for length in 12..whole.len() {
        let path = folder.path("b.parquet");
        std::fs::write(&path, &whole[..length]).unwrap();
        let (reason, remedy) = refusal(&path);
        assert!(
            reason.starts_with("cut off or damaged: it begins like Parquet but does not end"),
            "{reason}"
        );
        assert!(remedy.starts_with("copy or write the file again"));
    }
}

#[test]
fn a_run_without_rows_is_refused() {
    let folder = Folder::new();
    let (reason, remedy) = refusal(&folder.write("a.parquet", requests(0)));
    assert_eq!(reason, "it has no rows");
    assert_eq!(remedy, "record the run again, or leave the file out");
}

#[test]
fn a_run_without_ts_or_component_is_refused_with_the_columns_it_has() {
    let folder = Folder::new();
    let without = |name| requests(2).into_iter().filter(|(column, _)| *column != name).collect();
    let (reason, remedy) = refusal(&folder.write("a.parquet", without("ts")));
    assert_eq!(reason, "column `ts` is missing; the file has `component`, `duration_ms`");
    assert_eq!(remedy, "write a column `ts`: rename the one that holds it, or add it");
    let (reason, _) = refusal(&folder.write("a.parquet", without("component")));
    assert_eq!(reason, "column `component` is missing; the file has `ts`, `duration_ms`");
    let nulls = with(requests(2), "component", Arc::new(NullArray::new(2)));
    assert!(refusal(&folder.write("a.parquet", nulls)).0.starts_with("column `component` is missing"));
}

#[test]
fn a_column_of_another_kind_is_refused_with_both_types() {
    let folder = Folder::new();
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1)]), None]);
    let cases: [(&'static str, ArrayRef, &str, &str); 6] = [
        ("ts", Arc::new(Int64Array::from(vec![T0, T0])), "int64", "a timestamp (µs, UTC)"),
        ("component", Arc::new(Int64Array::from(vec![1, 2])), "int64", "a string"),
        ("duration_ms", texts(&["10", "20"]), "string", "a number (float64)"),
        (
            "request_id",
            Arc::new(BooleanArray::from(vec![true, false])),
            "boolean",
            "an integer (uint64) or a text",
        ),
        ("outcome", floats(&[200.0, 500.0]), "float64", "a string"),
        ("value", Arc::new(list), "a list", "a number (float64)"),
    ];
    for (column, values, found, wanted) in cases {
        let path = folder.write("a.parquet", with(requests(2), column, values));
        let error = read(&path).err().unwrap();
        assert_eq!(error.column(), Some(column));
        let (reason, remedy) = refusal(&path);
        assert_eq!(reason, format!("column `{column}` is {found}, wanted {wanted}"));
        assert_eq!(remedy, format!("convert `{column}` to {wanted} before writing the file"));
    }
}

#[test]
fn a_column_that_stands_twice_is_refused() {
    let folder = Folder::new();
    let mut columns = requests(2);
    columns.push(("component", texts(&["request", "request"])));
    let (reason, remedy) = refusal(&folder.write("a.parquet", columns));
    assert_eq!(reason, "column `component` stands in it more than once");
    assert_eq!(remedy, "keep one column `component`");
}
