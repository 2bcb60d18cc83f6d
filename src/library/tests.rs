//! The shipped runs, as a program would use them.

use std::path::Path;

use polars_core::prelude::AnyValue;

use super::*;
use crate::config::Config;
use crate::judge::WindowChoice;
use crate::report::TABLES;
use crate::run::{Event, RunMetadata, RunWriter};

const RUN: &str = "data/load_10.parquet";

fn events() -> Vec<Event> {
    let event = |ts, component: &str, outcome: Option<&str>| Event {
        ts,
        component: component.into(),
        outcome: outcome.map(str::to_owned),
        ..Event::default()
    };
    vec![
        Event {
            duration_ms: Some(2.5),
            key: Some(u64::MAX),
            ..event(1_767_225_600_000_000, "cache_l1", Some("hit"))
        },
        Event { duration_ms: Some(-1.0), ..event(1_767_225_600_000_001, "request", Some("ok")) },
        Event { detail: Some("slow".into()), ..event(1_767_225_600_000_002, "request", None) },
    ]
}

fn write(path: &Path) {
    let mut writer = RunWriter::create(path).unwrap();
    events().iter().for_each(|event| writer.push(event).unwrap());
    writer.finish(&RunMetadata::default()).unwrap();
}

#[test]
fn the_frame_of_a_run_has_its_usable_events_with_words_and_instants() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    write(&path);
    let mut config = Config::defaults();
    config.run.max_faulty_row_share = 0.5;
    let events = open(&path, &config).unwrap().frame().unwrap();
    assert_eq!(events.get_column_names(), ["ts", "component", "outcome", "duration_ms", "key", "detail"]);
    let value = |column: &str, row| events.column(column).unwrap().get(row).unwrap().into_static();
    let column = |name| [value(name, 0), value(name, 1)];
    assert_eq!(events.height(), 2, "the one with a negative duration is left out");
    assert_eq!(events.column("ts").unwrap().dtype().to_string(), "datetime[μs]");
    assert_eq!(column("component"), [AnyValue::from("cache_l1"), AnyValue::from("request")]);
    assert_eq!(column("outcome"), [AnyValue::from("hit"), AnyValue::Null]);
    assert_eq!(column("duration_ms"), [AnyValue::from(2.5), AnyValue::Null]);
    assert_eq!(column("key"), [AnyValue::from(u64::MAX), AnyValue::Null]);
    assert_eq!(column("detail"), [AnyValue::Null, AnyValue::from("slow")]);
}

#[test]
fn the_frame_of_a_shipped_run_has_all_its_rows() {
    let run = open(RUN, &Config::defaults()).unwrap();
    assert_eq!(run.frame().unwrap().height() as u64, run.rows_total());
}

#[test]
fn tables_have_the_rows_and_names_of_the_parquet_files() {
    let analysis = analyze(RUN, &Config::defaults()).unwrap();
    let tables = analysis.tables().unwrap();
    for table in TABLES {
        let rows = table.rows(&[&analysis]).unwrap();
        let frame = &tables[table.file_name.trim_end_matches(".parquet")];
        assert_eq!(frame.height(), rows.num_rows(), "{}", table.file_name);
        let names: Vec<String> = rows.schema().fields().iter().map(|field| field.name().clone()).collect();
        let found: Vec<&str> = frame.get_column_names().into_iter().map(|name| name.as_str()).collect();
        assert_eq!(found, names);
        for (column, values) in frame.columns().iter().zip(rows.columns()) {
            assert_eq!(column.null_count(), values.null_count(), "{}", column.name());
        }
    }
    let grade = tables["runs"].column("grade").unwrap().get(0).unwrap().into_static();
    assert_eq!(grade, AnyValue::from(analysis.grade.value().unwrap().grade.as_str()));
}

#[test]
fn what_keeps_a_run_from_being_analysed_is_told_with_its_path() {
    let config = Config::defaults();
    let missing = analyze("data/none.parquet", &config).unwrap_err();
    assert_eq!(
        (missing.failure().path.as_str(), missing.failure().kind),
        ("data/none.parquet", "no_such_run")
    );
    let several = analyze("data", &config).unwrap_err();
    assert!(several.to_string().starts_with("data: "), "{several}");
    let beyond = WindowChoice { from_s: Some(1e6), ..WindowChoice::default() };
    let options = Options { window: beyond, ..Options::default() };
    let refused = analyze_with(RUN, &options, &config).unwrap_err().failure();
    assert_eq!(
        (refused.run.as_str(), refused.path.as_str(), refused.kind),
        ("load_10", RUN, "no_such_window")
    );
}

#[test]
fn a_run_that_cannot_be_judged_is_quarantined_and_the_others_are_compared() {
    let comparison = compare(&[RUN, "data/none.parquet"], &Config::defaults());
    let runs: Vec<&str> = comparison.runs.iter().map(|run| run.run_id.as_str()).collect();
    assert_eq!((runs, comparison.quarantined.len()), (vec!["load_10"], 1));
    assert_eq!(comparison.tables().unwrap()["comparison"].height(), 1);
}
