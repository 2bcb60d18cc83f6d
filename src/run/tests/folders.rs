//! RUNS arguments, folders and parts.

use std::sync::Arc;

use arrow_array::{TimestampMillisecondArray, UInt8Array};

use super::*;

fn ids(arguments: &[&str], folder: &Folder) -> Vec<String> {
    let arguments: Vec<String> =
        arguments.iter().map(|argument| folder.path(argument).to_str().unwrap().to_owned()).collect();
    described(&arguments, folder)
}

fn described(arguments: &[String], folder: &Folder) -> Vec<String> {
    let root = format!("{}/", folder.0.path().display());
    let describe = |found: Result<RunSource, RunError>| match found {
        Ok(source) => source.run_id,
        Err(error) => error.to_string().replace(&root, ""),
    };
    locate(arguments, &folder.path("data")).into_iter().map(describe).collect()
}

#[test]
fn a_folder_of_files_is_many_runs_sorted_by_id_other_files_ignored() {
    let folder = Folder::new();
    for name in [
        "b.parquet",
        "a.parquet",
        ".hidden.parquet",
        "_tmp.parquet",
        "sub/part-0.parquet",
        "deep/x/part-0.parquet",
    ] {
        folder.write(&format!("data/{name}"), requests(1));
    }
    std::fs::write(folder.path("data/README.md"), "words").unwrap();
    std::fs::write(folder.path("data/c.parquet.tmp"), "unfinished").unwrap();
    assert_eq!(ids(&["data"], &folder), ["a", "b", "sub"]);
}

#[test]
fn a_folder_is_one_run_when_all_its_files_are_parts_or_it_says_so() {
    let folder = Folder::new();
    folder.write("one/part-0.parquet", requests(1));
    folder.write("one/part-1.parquet", requests(1));
    assert_eq!(ids(&["one"], &folder), ["one"]);
    folder.write("one/other.parquet", requests(1));
    assert_eq!(ids(&["one"], &folder), ["other", "part-0", "part-1"]);
    std::fs::write(folder.path("one/_run.json"), "{}").unwrap();
    assert_eq!(ids(&["one"], &folder), ["one"]);
}

#[test]
fn globs_files_and_ids_mean_runs_and_each_run_comes_once() {
    let folder = Folder::new();
    for name in ["load_10", "load_20", "spike"] {
        folder.write(&format!("data/{name}.parquet"), requests(1));
    }
    folder.write("data/parts/part-0.parquet", requests(1));
    assert_eq!(ids(&["data/load_*"], &folder), ["load_10", "load_20"]);
    assert_eq!(ids(&["data/*"], &folder), ["load_10", "load_20", "parts", "spike"]);
    assert_eq!(described(&["spike".to_owned(), "parts".to_owned()], &folder), ["parts", "spike"]);
    assert_eq!(ids(&["data/spike.parquet", "data", "data/../data/spike.parquet"], &folder).len(), 4);
}

#[test]
fn an_argument_that_means_nothing_is_an_error_and_the_others_go_on() {
    let folder = Folder::new();
    folder.write("data/a.parquet", requests(1));
    std::fs::create_dir(folder.path("empty")).unwrap();
    let found = ids(&["none", "data/x*", "data/a.parquet", "empty", "data/[a"], &folder);
    assert_eq!(found[0], "a");
    assert!(found[1].starts_with("none: no such file or folder, and no run of this id in data"), "{found:?}");
    assert_eq!(found[2], "data/x*: no file or folder matches");
    assert_eq!(found[3], "empty: no run in this folder");
    assert!(found[4].starts_with("data/[a: not a valid pattern: "), "{found:?}");
    assert_eq!(found.len(), 5);
}

#[test]
fn two_runs_of_one_id_are_both_refused() {
    let folder = Folder::new();
    folder.write_with("a.parquet", requests(1), 100, Some(r#"{"run_id": "same"}"#));
    folder.write_with("b.parquet", requests(1), 100, Some(r#"{"run_id": "same"}"#));
    folder.write("c.parquet", requests(1));
    let found = ids(&["a.parquet", "b.parquet", "c.parquet"], &folder);
    let expected = [
        "c",
        "a.parquet: its run id `same` is also that of b.parquet",
        "b.parquet: its run id `same` is also that of a.parquet",
    ];
    assert_eq!(found, expected);
}

#[test]
fn parts_may_differ_in_optional_columns_and_in_types_that_mean_the_same() {
    let folder = Folder::new();
    let first = with(requests(2), "attempt", Arc::new(UInt8Array::from(vec![1, 2])));
    folder.write("run/part-0.parquet", first);
    let ms = TimestampMillisecondArray::from_iter_values([T0 / 1000 + 60_000, T0 / 1000 + 60_001]);
    folder.write("run/part-1.parquet", with(requests(2), "ts", Arc::new(ms)));
    let run = read(&folder.path("run")).unwrap();
    assert_eq!(run.column("attempt"), ["1", "2", "null", "null"]);
    assert_eq!(run.column("ts")[2], (T0 + 60_000_000).to_string());
    assert_eq!(run.report.notes, ["part-1.parquet: no `attempt`: taken as null"]);
    assert!(!run.report.missing_columns.contains(&"attempt".to_owned()));
}

#[test]
fn what_holds_for_many_parts_is_noted_once() {
    let folder = Folder::new();
    let as_float = with(requests(1), "request_id", floats(&[1.0]));
    for (part, ts) in [0, 10, 20].into_iter().enumerate() {
        let columns = if part == 1 { requests(1) } else { as_float.clone() };
        folder.write(&format!("run/part-{part}.parquet"), with(columns, "ts", us(&[ts])));
    }
    let expected = [
        "part-0.parquet and 1 more parts: `request_id` comes as float64: NaN taken as null",
        "part-1.parquet: no `request_id`: taken as null",
    ];
    assert_eq!(read(&folder.path("run")).unwrap().report.notes, expected);
}

#[test]
fn parts_that_disagree_are_refused_with_both_names_and_the_difference() {
    let folder = Folder::new();
    folder.write("run/part-0.parquet", requests(2));
    folder.write("run/part-1.parquet", with(requests(2), "duration_ms", texts(&["1", "2"])));
    let (reason, remedy) = refusal(&folder.path("run"));
    let expected = "part-0.parquet and part-1.parquet differ in column `duration_ms`: float64 and string";
    assert_eq!(reason, format!("its parts disagree: {expected}"));
    assert!(remedy.starts_with("keep parts of one run only in the folder"));
    let bare = requests(2).into_iter().filter(|(name, _)| *name != "ts").collect();
    folder.write("run/part-1.parquet", bare);
    assert!(refusal(&folder.path("run")).0.ends_with("differ in column `ts`, which the second lacks"));
    folder.write_with("run/part-0.parquet", requests(2), 9, Some(r#"{"users": 5, "test_name": "x"}"#));
    folder.write_with("run/part-1.parquet", requests(2), 9, Some(r#"{"users": 6, "test_name": "x"}"#));
    assert!(refusal(&folder.path("run")).0.ends_with("differ in metadata: `users`"));
}
