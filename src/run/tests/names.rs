//! Names with ids in them, and cells with pages of text.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{DictionaryArray, Int32Array, StringArray};

use super::*;

fn few() -> RunLimits {
    RunLimits { max_components: 2, max_operations: 2, max_outcomes: 2, max_instances: 2, ..limits() }
}

/// Rows one ms apart with these words in one column.
fn words(column: &'static str, words: &[&str]) -> Columns {
    with(requests(words.len()), column, dictionary(words))
}

fn counts(words: Vec<String>) -> BTreeMap<String, usize> {
    words.into_iter().fold(BTreeMap::new(), |mut counts, word| {
        *counts.entry(word).or_default() += 1;
        counts
    })
}

fn counted(counts: &BTreeMap<String, usize>) -> Vec<(&str, usize)> {
    counts.iter().map(|(word, &count)| (word.as_str(), count)).collect()
}

#[test]
fn of_more_components_than_the_limit_the_most_frequent_are_kept_and_it_is_said() {
    let folder = Folder::new();
    let names = ["svc17", "db", "svc5", "db", "request", "model", "model", "phase", "svc9", "db", "svc17"];
    let file = folder.write("a.parquet", words("component", &names));
    let run = read_with(&file, &RunLimits { max_components: 2, ..limits() }).unwrap();
    let found = counts(run.column("component"));
    // `model` and `svc17` occur equally often: which of them is kept is always the same.
    let kept = if found.contains_key("model") { ("model", 2) } else { ("svc17", 2) };
    assert_eq!(found["db"], 3);
    assert_eq!(found[kept.0], kept.1);
    assert_eq!((found["(other)"], found["request"], found["phase"], found.len()), (4, 1, 1, 5));
    assert_eq!(
        run.report.notes,
        ["5 different components (such as `svc5`): the 2 most frequent are kept, the others are `(other)`; \
         give components without ids in them"]
    );
    assert_eq!(run.report.rows_used, 11);
}

#[test]
fn as_many_names_as_the_limits_allow_are_kept_without_a_word() {
    let folder = Folder::new();
    let file = folder.write("a.parquet", words("component", &["a", "b", "request", "a", "cache_l1"]));
    let run = read_with(&file, &few()).unwrap();
    assert_eq!(run.column("component"), ["a", "b", "request", "a", "cache_l1"]);
    assert!(run.report.notes.is_empty());
}

#[test]
fn each_component_has_its_own_operations() {
    let folder = Folder::new();
    let columns = with(
        with(
            requests(7),
            "component",
            dictionary(&["api", "api", "api", "api", "api", "db", "circuit_breaker"]),
        ),
        "operation",
        dictionary(&["/item/1", "list", "list", "/item/1", "/item/27", "/item/27", "closed->open"]),
    );
    let run = read_with(&folder.write("a.parquet", columns), &few()).unwrap();
    let expected = ["/item/1", "list", "list", "/item/1", "(other)", "/item/27", "closed->open"];
    assert_eq!(run.column("operation"), expected);
    assert_eq!(
        run.report.notes,
        [
            "3 different operations of `api` (such as `/item/27`): the 2 most frequent are kept, the others are \
         `(other)`; give operations without ids in them"
        ]
    );
}

#[test]
fn a_success_is_no_name_beyond_the_limit() {
    let folder = Folder::new();
    let names = ["no row 1", "no row 2", "no row 3", "timeout", "timeout", "SUCCESS", "miss", "blocked"];
    let run = read_with(&folder.write("a.parquet", words("outcome", &names)), &few()).unwrap();
    let found = counts(run.column("outcome"));
    for (word, count) in [("ok", 1), ("miss", 1), ("blocked", 1), ("timeout", 2), ("(other)", 2)] {
        assert_eq!(found.get(word), Some(&count), "{word}: {found:?}");
    }
    assert!(run.report.notes.iter().any(|note| note.starts_with("4 different outcomes (such as `no row ")));
}

#[test]
fn instances_beyond_the_limit_are_one() {
    let folder = Folder::new();
    let names = ["pod-1", "pod-1", "pod-2", "pod-2", "pod-3", "pod-44"];
    let run = read_with(&folder.write("a.parquet", words("instance", &names)), &few()).unwrap();
    assert_eq!(run.column("instance"), ["pod-1", "pod-1", "pod-2", "pod-2", "(other)", "(other)"]);
}

#[test]
fn all_operations_of_a_run_together_have_a_limit_too() {
    let folder = Folder::new();
    let columns = with(
        with(requests(6), "component", dictionary(&["a", "a", "b", "b", "b", "request"])),
        "operation",
        dictionary(&["x", "y", "x", "x", "y", "x"]),
    );
    let run =
        read_with(&folder.write("a.parquet", columns), &RunLimits { max_names: 1, ..limits() }).unwrap();
    assert_eq!(run.column("operation"), ["(other)", "(other)", "x", "x", "(other)", "(other)"]);
}

#[test]
fn what_is_kept_depends_on_no_order_of_rows_and_parts() {
    let folder = Folder::new();
    let name = |at: usize| format!("svc{}", at * 7 % 50);
    let write = |path: &str, rows: std::ops::Range<usize>| {
        let names: Vec<String> = rows.clone().map(name).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let offsets: Vec<i64> = rows.map(|row| row as i64 * 1000).collect();
        let columns = with(with(requests(names.len()), "component", dictionary(&names)), "ts", us(&offsets));
        folder.write_with(path, columns, 16, None)
    };
    write("one/part-1.parquet", 0..60);
    write("one/part-2.parquet", 60..120);
    write("two/part-1.parquet", 60..120);
    write("two/part-2.parquet", 0..60);
    let read = |run: &str| {
        let run = read_with(&folder.path(run), &RunLimits { max_components: 7, ..limits() }).unwrap();
        (counts(run.column("component")), run.report.notes)
    };
    let (found, notes) = read("one");
    assert_eq!((found.len(), found["(other)"], &notes), (8, 120 - 7 * 3, &read("two").1));
    assert_eq!(found, read("two").0);
}

#[test]
fn rows_that_differ_in_a_name_beyond_the_limit_alone_are_no_duplicates() {
    let folder = Folder::new();
    let columns = with(with(requests(5), "ts", us(&[0; 5])), "duration_ms", floats(&[1.0; 5]));
    let names = ["/item/1", "/item/2", "/item/3", "/item/4", "/item/4"];
    let file = folder.write("a.parquet", with(columns, "operation", dictionary(&names)));
    let run =
        read_with(&file, &RunLimits { max_operations: 1, max_faulty_row_share: 1.0, ..limits() }).unwrap();
    assert_eq!(run.faults(), [("duplicate_row", "all", 1, 5)]);
    assert_eq!(counted(&counts(run.column("operation"))), [("(other)", 3), ("/item/4", 1)]);
}

#[test]
fn an_error_page_is_cut_and_stands_in_memory_once_however_many_rows_have_it() {
    let folder = Folder::new();
    let page = format!("<html>ä{}", "ö".repeat(20_000));
    let rows = 70_000;
    let keys = Int32Array::from_iter((0..rows).map(|row| (row % 10 > 0).then_some(0)));
    let pages: DictionaryArray<Int32Type> =
        DictionaryArray::try_new(keys, Arc::new(StringArray::from(vec![page.as_str()]))).unwrap();
    // 2.8 GB of text where each row has its own.
    let run = read(&folder.write("a.parquet", with(requests(rows), "detail", Arc::new(pages)))).unwrap();
    let details = run.column("detail");
    assert_eq!((details.len(), details[0].as_str()), (rows, "null"));
    assert!(page.starts_with(&details[1]) && (999..=1000).contains(&details[1].len()));
}

#[test]
fn a_page_of_text_as_outcome_is_a_name_that_is_cut() {
    let folder = Folder::new();
    let page = "x".repeat(40_000);
    let run = read(&folder.write("a.parquet", words("outcome", &[&page, "ok", &page]))).unwrap();
    let cut = format!("{}…", "x".repeat(200));
    assert_eq!(run.column("outcome"), [cut.as_str(), "ok", cut.as_str()]);
    assert_eq!(run.report.notes, ["outcome: names longer than 200 bytes are cut"]);
}

#[test]
fn of_too_many_sampled_streams_the_most_frequent_metrics_are_kept_and_all_instances() {
    let folder = Folder::new();
    let (mut metrics, mut instances) = (Vec::new(), Vec::new());
    for instance in 0..4 {
        for metric in ["memory_rss_mb", "a", "b", "c", "d"] {
            // The more so, the nearer to the front of the alphabet.
            for _ in 0..if metric == "a" { 3 } else { 1 } {
                metrics.push(metric.to_owned());
                instances.push(format!("pod{instance}"));
            }
        }
    }
    let offsets: Vec<i64> = (0..metrics.len() as i64).map(|row| row * 1000).collect();
    let of = |words: &[String]| texts(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let columns = vec![
        ("ts", us(&offsets)),
        ("component", texts(&vec!["process"; offsets.len()])),
        ("operation", of(&metrics)),
        ("instance", of(&instances)),
        ("value", floats(&vec![1.0; offsets.len()])),
    ];
    let file = folder.write("a.parquet", columns);
    let run = read_with(&file, &RunLimits { max_streams: 12, ..limits() }).unwrap();
    let found = counts(run.column("operation"));
    assert_eq!(found.values().sum::<usize>(), offsets.len());
    assert_eq!(
        (found["a"], found["memory_rss_mb"], found.contains_key("(other)")),
        (12, 4, true),
        "{found:?}"
    );
    assert_eq!(counts(run.column("instance")).len(), 4);
    assert!(run.report.notes[0].contains("different operations of `process`"), "{:?}", run.report.notes);
    assert!(read_with(&file, &RunLimits { max_streams: 20, ..limits() }).unwrap().report.notes.is_empty());
}
