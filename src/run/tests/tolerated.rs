//! What is taken although it is not written the way we write it: no meaning is lost.

use std::sync::Arc;

use arrow_array::{
    Array, BooleanArray, Decimal128Array, Float32Array, Float64Array, Int16Array, Int64Array,
    LargeStringArray, NullArray, StringViewArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray, UInt8Array, UInt64Array,
};

use super::*;

#[test]
fn one_row_is_a_run() {
    let folder = Folder::new();
    let run = read(&folder.write("one.parquet", requests(1))).unwrap();
    assert_eq!((run.report.rows_total, run.report.rows_used), (1, 1));
    assert_eq!(run.file.run_id(), "one");
    assert_eq!(run.column("duration_ms"), ["10.0"]);
}

#[test]
fn a_plain_run_is_read_value_for_value() {
    let folder = Folder::new();
    let run = read(&folder.write("a.parquet", requests(3))).unwrap();
    assert_eq!(run.column("ts"), [0, 1000, 2000].map(|offset| (T0 + offset).to_string()));
    assert_eq!(run.column("component"), ["request"; 3]);
    assert!(!run.file.has_column("outcome"));
    assert!(run.file.has_column("duration_ms"));
    assert_eq!(run.report.missing_columns.len(), 17);
    assert_eq!(run.report.integrity, "unverified");
    assert_eq!(run.report.notes, [""; 0]);
}

#[test]
fn timestamps_in_every_unit_with_and_without_zone_are_one_instant() {
    let folder = Folder::new();
    let us = [T0, T0 + 1_234_000, T0 - 1_000_000];
    let expected: Vec<String> = us.iter().map(i64::to_string).collect();
    let ms = TimestampMillisecondArray::from_iter_values(us.map(|us| us / 1000));
    let micros = TimestampMicrosecondArray::from_iter_values(us);
    let ns = TimestampNanosecondArray::from_iter_values(us.map(|us| us * 1000));
    let cases: [(ArrayRef, usize); 7] = [
        (Arc::new(ms.clone()), 0),
        (Arc::new(ms.with_timezone("UTC")), 0),
        (Arc::new(micros.clone()), 0),
        (Arc::new(micros.with_timezone("Europe/Berlin")), 0),
        (Arc::new(ns.clone()), 1),
        (Arc::new(ns.clone().with_timezone("UTC")), 1),
        (Arc::new(ns.with_timezone("+05:30")), 1),
    ];
    for (ts, notes) in cases {
        let path = folder.write("a.parquet", with(requests(3), "ts", ts.clone()));
        let run = read(&path).unwrap();
        assert_eq!(run.column("ts"), expected, "{}", ts.data_type());
        assert_eq!(run.report.notes, vec!["`ts` is in ns: cut to µs"; notes], "{}", ts.data_type());
    }
    let seconds = TimestampSecondArray::from_iter_values([T0 / 1_000_000, T0 / 1_000_000 + 1]);
    let run = read(&folder.write("a.parquet", with(requests(2), "ts", Arc::new(seconds)))).unwrap();
    assert_eq!(run.column("ts"), [T0.to_string(), (T0 + 1_000_000).to_string()]);
}

#[test]
fn nanoseconds_are_rounded_down_and_still_tell_rows_apart() {
    let folder = Folder::new();
    let ns = TimestampNanosecondArray::from_iter_values([T0 * 1000 + 1, T0 * 1000 + 999]);
    let columns = vec![("ts", Arc::new(ns) as ArrayRef), ("component", texts(&["request", "request"]))];
    let run = read(&folder.write("a.parquet", columns)).unwrap();
    assert_eq!(run.column("ts"), [T0.to_string(), T0.to_string()]);
}

#[test]
fn every_form_of_string_is_read_alike() {
    let folder = Folder::new();
    let words = ["request", "my own component", "größe", "", "request"];
    let forms: [ArrayRef; 5] = [
        texts(&words),
        dictionary(&words),
        Arc::new(LargeStringArray::from(words.to_vec())),
        Arc::new(StringViewArray::from(words.to_vec())),
        Arc::new(words.iter().copied().collect::<DictionaryArray<arrow_array::types::Int8Type>>()),
    ];
    for form in forms {
        let columns = with(with(requests(5), "component", form.clone()), "detail", form.clone());
        let run = read(&folder.write("a.parquet", columns)).unwrap();
        assert_eq!(run.column("component"), words, "{}", form.data_type());
        assert_eq!(run.column("detail"), words, "{}", form.data_type());
    }
}

#[test]
fn unknown_components_operations_and_outcomes_are_words_like_others() {
    let folder = Folder::new();
    let columns = with(
        with(
            with(requests(2), "component", texts(&["vector_db", "request"])),
            "operation",
            texts(&["α", "get"]),
        ),
        "outcome",
        texts(&["exploded", "ok"]),
    );
    let run = read(&folder.write("a.parquet", columns)).unwrap();
    assert!(run.file.has_column("outcome"));
    assert_eq!(run.column("component"), ["vector_db", "request"]);
    assert_eq!(run.column("operation"), ["α", "get"]);
    assert_eq!(run.column("outcome"), ["exploded", "ok"]);
}

#[test]
fn nulls_in_words_stay_nulls() {
    let folder = Folder::new();
    let outcome = StringArray::from(vec![Some("ok"), None, Some("timeout")]);
    let run = read(&folder.write("a.parquet", with(requests(3), "outcome", Arc::new(outcome)))).unwrap();
    assert_eq!(run.column("outcome"), ["ok", "null", "timeout"]);
}

#[test]
fn numbers_of_every_width_are_taken() {
    let folder = Folder::new();
    let decimal = Decimal128Array::from(vec![125, 250]).with_precision_and_scale(10, 2).unwrap();
    let durations: [(ArrayRef, [&str; 2]); 5] = [
        (Arc::new(Int16Array::from(vec![1, 2])), ["1.0", "2.0"]),
        (Arc::new(Int64Array::from(vec![1, 2])), ["1.0", "2.0"]),
        (Arc::new(UInt64Array::from(vec![1, 2])), ["1.0", "2.0"]),
        (Arc::new(Float32Array::from(vec![1.5, 2.5])), ["1.5", "2.5"]),
        (Arc::new(decimal), ["1.25", "2.5"]),
    ];
    for (values, expected) in durations {
        let run = read(&folder.write("a.parquet", with(requests(2), "duration_ms", values.clone()))).unwrap();
        assert_eq!(run.column("duration_ms"), expected, "{}", values.data_type());
    }
    let big = UInt64Array::from(vec![u64::MAX, 0]);
    let run = read(&folder.write("a.parquet", with(requests(2), "key", Arc::new(big)))).unwrap();
    assert_eq!(run.column("key"), [u64::MAX.to_string(), "0".to_owned()]);
    let small = UInt8Array::from(vec![3, 255]);
    let run = read(&folder.write("a.parquet", with(requests(2), "request_id", Arc::new(small)))).unwrap();
    assert_eq!(run.column("request_id"), ["3", "255"]);
}

#[test]
fn a_run_as_pandas_writes_it_is_taken() {
    let folder = Folder::new();
    let columns: Columns = vec![
        ("ts", Arc::new(TimestampNanosecondArray::from_iter_values([T0 * 1000, T0 * 1000 + 5000]))),
        ("component", Arc::new(LargeStringArray::from(vec!["request", "lightrag"]))),
        ("request_id", floats(&[7.0, f64::NAN])),
        ("user_id", Arc::new(Float64Array::from(vec![Some(3.0), None]))),
        ("tokens_in", floats(&[120.0, f64::NAN])),
        ("operation", Arc::new(NullArray::new(2))),
        ("answered_by", floats(&[f64::NAN, f64::NAN])),
        ("instance", Arc::new(Float64Array::from(vec![None, None]))),
        ("__index_level_0__", Arc::new(Int64Array::from(vec![0, 1]))),
    ];
    let run = read(&folder.write("a.parquet", columns)).unwrap();
    assert_eq!(run.column("request_id"), ["7", "null"]);
    assert_eq!(run.column("user_id"), ["3", "null"]);
    assert_eq!(run.column("tokens_in"), ["120", "null"]);
    for absent in ["operation", "answered_by", "instance", "outcome"] {
        assert!(!run.file.has_column(absent), "{absent}");
        assert!(run.batches[0].frame.column(absent).is_err(), "{absent}");
        assert!(run.report.missing_columns.iter().any(|missing| missing == absent));
    }
    assert_eq!(run.report.extra_columns, ["__index_level_0__"]);
    assert!(
        run.report.notes.contains(&"`answered_by` is float64 and holds nothing: taken as missing".to_owned())
    );
    assert!(run.report.notes.contains(&"`request_id` comes as float64: NaN taken as null".to_owned()));
}

#[test]
fn outcomes_may_be_statuses_or_booleans() {
    let folder = Folder::new();
    let outcomes = |values: ArrayRef| {
        let run = read(&folder.write("a.parquet", with(requests(2), "outcome", values))).unwrap();
        run.column("outcome")
    };
    assert_eq!(outcomes(Arc::new(Int64Array::from(vec![200, 503]))), ["ok", "503"]);
    assert_eq!(outcomes(Arc::new(BooleanArray::from(vec![true, false]))), ["ok", "false"]);
}

#[test]
fn extra_columns_are_named_and_not_decoded() {
    let folder = Folder::new();
    let columns = with(with(requests(2), "zone", texts(&["a", "b"])), "host", texts(&["x", "y"]));
    let run = read(&folder.write("a.parquet", columns)).unwrap();
    assert_eq!(run.report.extra_columns, ["host", "zone"]);
    assert_eq!(run.batches[0].frame.width(), 3);
}

#[test]
fn more_rows_than_one_batch_holds_are_all_read() {
    let folder = Folder::new();
    let run = read(&folder.write_with("a.parquet", requests(200_000), 150_000, None)).unwrap();
    assert_eq!(run.report.rows_used, 200_000);
    let ts = run.column("ts");
    assert_eq!(ts.len(), 200_000);
    assert!(ts.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn what_nobody_knows_is_named_with_the_nearest_known_one() {
    let folder = Folder::new();
    let columns = vec![
        ("ts", us(&[0, 1000, 2000, 3000])),
        ("component", texts(&["LightRAG", "circuit_breaker", "circuit_breaker", "cache_l1"])),
        ("operation", texts(&["hybrid", "State", "CLOSED => OPEN", "set"])),
        ("latency_ms", floats(&[1.0, 2.0, 3.0, 4.0])),
        ("shard", floats(&[1.0; 4])),
    ];
    let run = read(&folder.write("a.parquet", columns)).unwrap();
    let expected = [
        "column `latency_ms` is not used: did you mean `duration_ms`?",
        "operation: `CLOSED => OPEN` read as `closed->open`",
        "component `LightRAG` is taken as one of its own: did you mean `lightrag`?",
        "cache_l1: operation `set` is not known and counts as a look-up; did you mean `put`?",
        "circuit_breaker: operation `State` is not known and counts as a call; did you mean `state`?",
    ];
    assert_eq!(run.report.notes, expected);
}
